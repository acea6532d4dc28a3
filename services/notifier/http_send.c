#include "http_send.h"

#include "text.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BODY_MAX           (64 * 1024) // read at most, then hang up
#define HEADERS_MAX        (64 * 1024)
#define CONNECT_TIMEOUT_MS 10000

/* A handle serves one transfer: libcurl 7.88.1 keeps a pointer to the last header of the transfer
 * before, and an answer that begins with a folded line makes it read there.  What is worth keeping,
 * the certificates and looked-up names, is the multi handle's. */
struct http_sender {
    CURLM *multi;
};

/* What the callbacks of one transfer share. */
struct transfer {
    const struct http_request *request;
    struct pl_arena *arena;
    char kept[ANSWER_KEPT];
    size_t kept_length, body_length, header_length;
    char retry_after[64];
    const char *refused; // why an address was refused
    bool enough;         // we hung up on a long body
};

int
http_sender_new(struct http_sender **out, struct pl_err *err)
{
    struct http_sender *self = calloc(1, sizeof *self);

    *out = self;
    if (self == NULL || (self->multi = curl_multi_init()) == NULL)
        return pl_fail(err, INTERNAL, "libcurl could not start");
    return 0;
}

void
http_sender_destroy(struct http_sender **self_p)
{
    struct http_sender *self = *self_p;

    if (self == NULL)
        return;
    curl_multi_cleanup(self->multi);
    free(self);
    *self_p = NULL;
}

static curl_socket_t
open_checked(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = arg;
    const char *why = pl_ssrf_refuses(&address->addr, transfer->request->allow);

    (void)purpose;
    if (why) {
        transfer->refused = why;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t
take_body(char *data, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    size_t length = size * count, room = ANSWER_KEPT - transfer->kept_length;

    memcpy(transfer->kept + transfer->kept_length, data, length < room ? length : room);
    transfer->kept_length += length < room ? length : room;
    transfer->body_length += length;
    if (transfer->body_length <= BODY_MAX)
        return length;
    transfer->enough = true;
    return 0;
}

static size_t
take_header(char *data, size_t size, size_t count, void *arg)
{
    static const char NAME[] = "retry-after:";
    struct transfer *transfer = arg;
    size_t length = size * count, skip = sizeof NAME - 1, used;

    transfer->header_length += length;
    if (transfer->header_length > HEADERS_MAX)
        return 0;
    if (length > 5 && strncmp(data, "HTTP/", 5) == 0)
        transfer->retry_after[0] = '\0'; // an interim answer came before this one
    if (length > skip && strncasecmp(data, NAME, skip) == 0) {
        while (skip < length && data[skip] == ' ')
            skip++;
        used = length - skip < sizeof transfer->retry_after ? length - skip
                                                            : sizeof transfer->retry_after - 1;
        memcpy(transfer->retry_after, data + skip, used);
        transfer->retry_after[used] = '\0';
        transfer->retry_after[strcspn(transfer->retry_after, "\r\n")] = '\0';
    }
    return length;
}

static void
set_options(CURL *curl, struct transfer *transfer, struct curl_slist *headers)
{
    const struct http_request *request = transfer->request;

    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Plumbline/" PL_VERSION);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_checked);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
}

/* What libcurl's result means to us. */
static const char *
class_of(CURLcode code)
{
    static const struct {
        CURLcode code;
        const char *name;
    } CLASSES[] = {
        { CURLE_COULDNT_RESOLVE_HOST, "dns" },     { CURLE_COULDNT_CONNECT, "connect" },
        { CURLE_OPERATION_TIMEDOUT, "timeout" },   { CURLE_SSL_CONNECT_ERROR, "tls" },
        { CURLE_PEER_FAILED_VERIFICATION, "tls" }, { CURLE_SSL_CACERT_BADFILE, "tls" },
        { CURLE_SSL_ISSUER_ERROR, "tls" },         { CURLE_SEND_ERROR, "connect" },
        { CURLE_RECV_ERROR, "connect" },           { CURLE_URL_MALFORMAT, "config" },
        { CURLE_UNSUPPORTED_PROTOCOL, "config" },  { CURLE_OUT_OF_MEMORY, "config" },
    };

    for (size_t i = 0; i < sizeof CLASSES / sizeof CLASSES[0]; i++)
        if (CLASSES[i].code == code)
            return CLASSES[i].name;
    return "badAnswer";
}

static curl_off_t
microseconds(CURL *curl, CURLINFO info)
{
    curl_off_t value = 0;

    curl_easy_getinfo(curl, info, &value);
    return value;
}

/* Milliseconds from ${since} to ${until}; subtracted while whole, so that 2.728 stays 2.728. */
static double
phase(curl_off_t until, curl_off_t since)
{
    return until > since ? (double)(until - since) / 1000 : 0;
}

static void
fill_timings(CURL *curl, struct pl_arena *arena, struct http_answer *out)
{
    curl_off_t dns = microseconds(curl, CURLINFO_NAMELOOKUP_TIME_T);
    curl_off_t connected = microseconds(curl, CURLINFO_CONNECT_TIME_T);
    curl_off_t secured = microseconds(curl, CURLINFO_APPCONNECT_TIME_T);
    curl_off_t first = microseconds(curl, CURLINFO_STARTTRANSFER_TIME_T);
    char *peer = NULL;

    out->dns_ms = phase(dns, 0);
    out->connect_ms = phase(connected, dns);
    out->tls_ms = phase(secured, connected);
    out->first_byte_ms = phase(first, secured > connected ? secured : connected);
    out->total_ms = phase(microseconds(curl, CURLINFO_TOTAL_TIME_T), 0);
    curl_easy_getinfo(curl, CURLINFO_PRIMARY_IP, &peer);
    out->peer = pl_arena_strdup(arena, peer);
}

/* The answer without what makes the URL a credential: some servers echo the path. */
static char *
without_url(const struct transfer *transfer)
{
    struct pl_arena *arena = transfer->arena;
    char *text = text_clean(arena, transfer->kept, transfer->kept_length, ANSWER_KEPT);
    const char *host = strstr(transfer->request->url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL, *query;

    if (path == NULL)
        return text;
    text = text_redact(arena, text, path);
    query = strchr(path, '?');
    if (query) {
        text = text_redact(arena, text, query + 1);
        text = text_redact(arena, text, pl_arena_memdup(arena, path, (size_t)(query - path)));
    }
    return text;
}

static void
fill_failure(CURLcode code, const struct transfer *transfer, struct http_answer *out)
{
    bool hung_up = code == CURLE_WRITE_ERROR && transfer->enough; // the answer was there
    bool refused = transfer->refused && *out->peer == '\0';

    if (code == CURLE_OK || hung_up)
        return;
    out->status = 0;
    out->failure = refused ? "refused" : class_of(code);
    out->failure_text =
        refused ? pl_arena_printf(transfer->arena, "its address is %s, which is not allowed",
                                  transfer->refused)
                : pl_arena_strdup(transfer->arena, curl_easy_strerror(code));
}

/* Run the one transfer to its end. */
static CURLcode
perform(CURLM *multi, CURL *curl)
{
    CURLcode result = CURLE_OUT_OF_MEMORY;
    CURLMsg *message;
    int running = 1, left;

    if (curl_multi_add_handle(multi, curl))
        return result;
    while (running && curl_multi_perform(multi, &running) == CURLM_OK && running)
        if (curl_multi_poll(multi, NULL, 0, CONNECT_TIMEOUT_MS, NULL))
            break;
    while ((message = curl_multi_info_read(multi, &left)))
        if (message->msg == CURLMSG_DONE)
            result = message->data.result;
    curl_multi_remove_handle(multi, curl);
    return result;
}

void
http_send(struct http_sender *self, const struct http_request *request, struct pl_arena *arena,
          struct http_answer *out)
{
    struct transfer transfer = { .request = request, .arena = arena };
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    CURL *curl = curl_easy_init();
    long status = 0;
    CURLcode code;

    if (curl == NULL)
        abort(); // as pl_arena: without memory a clean process is better
    for (const char *const *header = request->headers; header && *header; header++)
        headers = curl_slist_append(headers, *header);
    set_options(curl, &transfer, headers);
    code = perform(self->multi, curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    *out = (struct http_answer){ .status = (int)status, .failure = "", .failure_text = "" };
    fill_timings(curl, arena, out);
    out->body = without_url(&transfer);
    out->retry_after = text_clean(arena, transfer.retry_after, strlen(transfer.retry_after), 64);
    fill_failure(code, &transfer, out);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
}

/* Checks of the parsed URL; ${part} is scratch. */
static int
check_parts(CURLU *parsed, const struct pl_ssrf_list *allow, char **host, struct pl_err *err)
{
    char *part = NULL;
    bool inside;
    const char *why;

    if (curl_url_get(parsed, CURLUPART_SCHEME, &part, 0) != CURLUE_OK ||
        (strcmp(part, "http") != 0 && strcmp(part, "https") != 0)) {
        curl_free(part);
        return pl_fail(err, INVALID, "the url must begin with http:// or https://");
    }
    curl_free(part);
    part = NULL;
    inside = curl_url_get(parsed, CURLUPART_USER, &part, 0) == CURLUE_OK;
    curl_free(part);
    part = NULL;
    inside = curl_url_get(parsed, CURLUPART_PASSWORD, &part, 0) == CURLUE_OK || inside;
    curl_free(part);
    if (inside)
        return pl_fail(err, INVALID, "the url must not contain a user name or password");
    if (curl_url_get(parsed, CURLUPART_HOST, host, 0) != CURLUE_OK || **host == '\0')
        return pl_fail(err, INVALID, "the url has no host");
    why = pl_ssrf_refuses_literal(*host, allow);
    if (why)
        return pl_fail(err, INVALID,
                       "the address %.60s is %s: list it in PLUMB_EGRESS_ALLOW to allow it", *host,
                       why);
    return 0;
}

int
http_check_url(const char *url, const struct pl_ssrf_list *allow, struct pl_arena *arena,
               char **hint, struct pl_err *err)
{
    size_t length = url ? strlen(url) : 0;
    CURLU *parsed;
    char *host = NULL, *port = NULL;
    int rc = -1;

    *hint = NULL;
    if (length == 0 || length > 2000)
        return pl_fail(err, INVALID, "the url must have 1 to 2000 characters");
    for (const char *c = url; *c; c++)
        if ((unsigned char)*c <= 0x20 || *c == 0x7f)
            return pl_fail(err, INVALID, "the url contains white space or control characters");
    parsed = curl_url();
    if (parsed == NULL || curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME))
        pl_fail(err, INVALID, "the url cannot be read");
    else
        rc = check_parts(parsed, allow, &host, err);
    if (rc == 0) {
        curl_url_get(parsed, CURLUPART_PORT, &port, 0);
        *hint = pl_arena_printf(arena, "%.200s%s%s/…%s", host, port ? ":" : "", port ? port : "",
                                length > 4 ? url + length - 4 : "");
    }
    curl_free(port);
    curl_free(host);
    curl_url_cleanup(parsed);
    return rc;
}
