#include "plumb.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define LARGEST_ANSWER    (256u << 20)
#define TRIES             5
#define CONNECT_TIMEOUT_S 5L
#define ANSWER_TIMEOUT_S  180L
#define LONGEST_WAIT_S    30

/* First line of a file, without its end; NULL if there is none. */
static const char *
first_line(const char *path, struct pl_arena *arena)
{
    char line[4096];
    FILE *file = fopen(path, "re");
    bool got;

    if (file == NULL)
        return NULL;
    got = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    if (!got)
        return NULL;
    line[strcspn(line, "\r\n")] = '\0';
    return *line ? pl_arena_strdup(arena, line) : NULL;
}

static const char *
look_up(const char *variable, const char *config_name, const char *run_name, struct pl_arena *arena)
{
    const char *value = getenv(variable), *home = getenv("HOME");
    const char *run = getenv("PLUMB_RUN_DIR");

    if (value && *value)
        return value;
    value = NULL;
    if (home)
        value = first_line(pl_arena_printf(arena, "%s/.config/plumb/%s", home, config_name), arena);
    if (value == NULL)
        value = first_line(pl_arena_printf(arena, "%s/%s", run ? run : ".run", run_name), arena);
    return value;
}

const char *
server_url(struct pl_arena *arena)
{
    return look_up("PLUMB_URL", "url", "url", arena);
}

const char *
server_token(struct pl_arena *arena)
{
    return look_up("PLUMB_TOKEN", "token", "admin-token", arena);
}

char *
url_escape(struct pl_arena *arena, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    struct pl_buf out = { .arena = arena };

    for (; *text; text++)
        if (strchr(plain, *text))
            pl_buf_char(&out, *text);
        else
            pl_buf_printf(&out, "%%%02X", (unsigned char)*text);
    return pl_arena_strdup(arena, pl_buf_text(&out));
}

/* What one attempt brings back. */
struct received {
    struct pl_buf body;
    struct answer *answer;
    struct pl_arena *arena;
    int retry_after; // seconds, 0 if not said
};

static size_t
take_body(char *bytes, size_t one, size_t count, void *arg)
{
    struct received *received = arg;

    if (received->body.length + one * count > LARGEST_ANSWER)
        return 0;
    pl_buf_add(&received->body, bytes, one * count);
    return one * count;
}

static bool
header_value(const char *line, size_t length, const char *name, struct pl_arena *arena, char **out)
{
    size_t n = strlen(name);

    if (length <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
        return false;
    line += n + 1;
    length -= n + 1;
    while (length && strchr(" \t", *line))
        line++, length--;
    while (length && strchr("\r\n \t", line[length - 1]))
        length--;
    *out = pl_arena_memdup(arena, line, length);
    return true;
}

static size_t
take_header(char *bytes, size_t one, size_t count, void *arg)
{
    struct received *received = arg;
    size_t length = one * count;
    char *text;

    header_value(bytes, length, "content-type", received->arena, &received->answer->content_type);
    header_value(bytes, length, "etag", received->arena, &received->answer->etag);
    if (header_value(bytes, length, "retry-after", received->arena, &text))
        received->retry_after = atoi(text);
    return length;
}

static struct curl_slist *
add_header(struct curl_slist *list, struct pl_arena *arena, const char *name, const char *value)
{
    return curl_slist_append(list, pl_arena_printf(arena, "%s: %s", name, value));
}

static struct curl_slist *
make_headers(const struct request *request, struct pl_arena *arena)
{
    struct curl_slist *list = NULL;
    const char *token = request->token ? request->token : server_token(arena);

    if (request->if_none_match)
        list = add_header(list, arena, "If-None-Match", request->if_none_match);
    if (token && *token)
        list = add_header(list, arena, "Authorization", pl_arena_printf(arena, "Bearer %s", token));
    if (request->content_type)
        list = add_header(list, arena, "Content-Type", request->content_type);
    if (request->content_encoding)
        list = add_header(list, arena, "Content-Encoding", request->content_encoding);
    return curl_slist_append(list, "Expect:");
}

static CURLcode
ask_once(CURL *curl, const struct request *request, struct received *received, const char *url)
{
    struct curl_slist *headers = make_headers(request, received->arena);
    CURLcode code;

    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, ANSWER_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "plumb/" PL_VERSION);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, received);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, received);
    if (request->body || strcmp(request->method, "GET") != 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body ? request->body : "");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    }
    code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &received->answer->status);
    curl_slist_free_all(headers);
    return code;
}

static bool
worth_a_retry(CURLcode code, long status)
{
    if (code != CURLE_OK)
        return code != CURLE_URL_MALFORMAT && code != CURLE_UNSUPPORTED_PROTOCOL;
    return status == 429 || status == 502 || status == 503 || status == 504;
}

/* Retry-After is the least that the server asks for (RFC 9110 10.2.3); one second each time would
 * give up before a database has started again. */
static void
wait_before(int try, int retry_after)
{
    int own = 1 << (try - 1), seconds = retry_after > own ? retry_after : own;
    struct timespec wait = { .tv_sec = seconds > LONGEST_WAIT_S ? LONGEST_WAIT_S : seconds };

    nanosleep(&wait, NULL);
}

/* Up to 15 seconds of silence look like a hang. */
static void
say_retry(const char *server, CURLcode code, long status)
{
    if (code != CURLE_OK)
        fprintf(stderr, "plumb: no answer from %s yet (%s), trying again\n", server,
                curl_easy_strerror(code));
    else
        fprintf(stderr, "plumb: %s answers %ld, trying again\n", server, status);
}

static void
parse_answer(struct answer *out, struct pl_arena *arena)
{
    struct pl_err ignored = { 0 }; // an answer that says JSON and is not is shown as it is

    if (strstr(out->content_type, "json") && !strstr(out->content_type, "jsonl"))
        out->json = pl_json_parse(arena, out->bytes, out->length, NULL, &ignored);
}

int
http_ask(const struct request *request, struct pl_arena *arena, struct answer *out,
         struct pl_err *err)
{
    static CURL *curl; // kept for its connection; ends with the process
    const char *server = request->base ? request->base : server_url(arena), *url;
    struct received received = { .arena = arena, .answer = out };
    CURLcode code = CURLE_OK;

    if (server == NULL)
        return pl_fail(err, INVALID,
                       "no server is known: set PLUMB_URL, write it to ~/.config/plumb/url, or "
                       "start one here with ./run");
    if (curl == NULL && (curl = curl_easy_init()) == NULL)
        return pl_fail(err, INTERNAL, "out of memory");
    url = pl_arena_printf(arena, "%.*s%s",
                          (int)(strlen(server) - (server[strlen(server) - 1] == '/')), server,
                          request->path);
    for (int try = 1; try <= (request->retry ? TRIES : 1); try++) {
        if (try == 2)
            say_retry(server, code, out->status);
        if (try > 1)
            wait_before(try - 1, received.retry_after);
        *out = (struct answer){ .content_type = (char *)"", .etag = (char *)"" };
        received.body = (struct pl_buf){ .arena = arena };
        code = ask_once(curl, request, &received, url);
        if (!worth_a_retry(code, out->status))
            break;
    }
    if (code != CURLE_OK)
        return pl_fail(err, UNAVAILABLE,
                       "could not reach %s: %s (is it running? PLUMB_URL names another)", server,
                       curl_easy_strerror(code));
    out->bytes = pl_arena_memdup(arena, pl_buf_text(&received.body), received.body.length);
    out->length = received.body.length;
    parse_answer(out, arena);
    return 0;
}

static void
print_violation(const struct pl_node *violation, const char *detail)
{
    const char *pointer = pl_node_text(pl_node_get(violation, "pointer"), "");
    const char *text = pl_node_text(pl_node_get(violation, "text"), "");
    int64_t line = pl_node_int(pl_node_get(violation, "line"), 0);

    if (*text && strstr(detail, text)) { // said already; the place may not be
        if (*pointer)
            fprintf(stderr, "  at %s\n", pointer);
        return;
    }
    fprintf(stderr, "  %s", pointer);
    if (line)
        fprintf(stderr, " (line %lld, column %lld)", (long long)line,
                (long long)pl_node_int(pl_node_get(violation, "column"), 0));
    fprintf(stderr, ": %s\n", text);
}

/* What to do about it, where that is the same every time. */
static void
print_hint(const struct answer *answer, const char *detail)
{
    if (answer->status == 401)
        fprintf(stderr, "  (the token comes from PLUMB_TOKEN, ~/.config/plumb/token or "
                        ".run/admin-token)\n");
    if (answer->status == 403)
        fprintf(stderr,
                "  (an administrator makes a token that may: plumb tokens create --help)\n");
    if (answer->status == 404 && strncmp(detail, "there is no api", 15) == 0)
        fprintf(stderr, "  (plumb api list; plumb api create NAME)\n");
    if (answer->status == 409 && strncmp(detail, "another document", 16) == 0)
        fprintf(stderr, "  (a recorded run never changes: push under the sha of a new commit)\n");
}

static void
print_problem(const struct request *request, const struct answer *answer)
{
    struct pl_node *violations = pl_node_get(answer->json, "violations");
    const char *detail = pl_node_text(pl_node_get(answer->json, "detail"), "");

    fprintf(stderr, "plumb: %s %s: %ld %s%s%s\n", request->method, request->path, answer->status,
            pl_node_text(pl_node_get(answer->json, "title"), ""), *detail ? ": " : "", detail);
    for (uint32_t i = 0; violations && i < violations->count; i++)
        print_violation(pl_node_at(violations, i), detail);
    print_hint(answer, detail);
}

int
http_must(const struct request *request, struct pl_arena *arena, struct answer *out)
{
    struct pl_err err = { 0 };

    if (http_ask(request, arena, out, &err))
        return trouble("%s", err.text);
    if (out->status < 400)
        return EXIT_FINE;
    print_problem(request, out);
    return EXIT_TROUBLE;
}
