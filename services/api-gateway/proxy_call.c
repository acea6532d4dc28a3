#include "proxy_call.h"

#include "exchange.h"
#include "settings.h"

#include "pl_buf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONNECT_MS 2000L
#define HEALTH_MS  2000L
#define LARGEST    (64u * 1024 * 1024)

struct proxy_call {
    TAILQ_ENTRY(proxy_call) next;
    CURL *easy;
    struct curl_slist *fields;
    const struct upstream_route *route;
    struct exchange *exchange;
    struct pl_buf body;
};

/* Not for the next hop (RFC 9110 7.6.1), or said anew. */
static const char *const OURS[] = {
    "Connection", "Keep-Alive",     "Proxy-Connection",  "Proxy-Authorization",
    "TE",         "Trailer",        "Transfer-Encoding", "Upgrade",
    "Expect",     "Content-Length", "X-Forwarded-For",   "X-Forwarded-Host",
    "Forwarded",  "traceparent",    "X-Real-IP",         "X-Forwarded-Proto",
    "tracestate",
};

/* What an upstream may say beside its body: everything else is the gateway's (B-14, B-15). */
static const char *const THEIRS[] = {
    "Allow",    "Content-Disposition", "Content-Language", "Content-Range",    "Link",
    "Location", "Retry-After",         "Set-Cookie",       "WWW-Authenticate",
};

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct proxy_call *self = arg;

    if (self->exchange == NULL)
        return size * count;
    if (self->body.length + size * count > LARGEST)
        return 0;
    pl_buf_add(&self->body, bytes, size * count);
    return size * count;
}

static bool
is_named(const struct field *field, const char *name, size_t length)
{
    return field->name_length == length && strncasecmp(field->name, name, length) == 0;
}

/* Does a Connection field name it as hop by hop? */
static bool
is_nominated(const struct exchange *exchange, const struct field *field)
{
    const char *list = exchange_header(exchange, "Connection");

    while (list && *list) {
        size_t length;

        list += strspn(list, ", \t");
        length = strcspn(list, ", \t");
        if (length && is_named(field, list, length))
            return true;
        list += length;
    }
    return false;
}

static bool
goes_on(const struct exchange *exchange, const struct field *field)
{
    for (size_t i = 0; i < sizeof OURS / sizeof *OURS; i++)
        if (is_named(field, OURS[i], strlen(OURS[i])))
            return false;
    return !is_named(field, settings.request_id_header, strlen(settings.request_id_header)) &&
           !is_nominated(exchange, field);
}

static void
add_field(struct proxy_call *self, const char *name, const char *value)
{
    // an empty value is said by a semicolon
    char *line = pl_arena_printf(self->exchange->arena, *value ? "%s: %s" : "%s;", name, value);

    self->fields = curl_slist_append(self->fields, line);
}

static void
add_fields(struct proxy_call *self)
{
    const struct exchange *exchange = self->exchange;
    const char *host = exchange_header(exchange, "Host");

    for (size_t i = 0; i < exchange->head.count; i++)
        if (goes_on(exchange, &exchange->head.fields[i]))
            add_field(self, exchange->head.fields[i].name, exchange->head.fields[i].value);
    add_field(self, "X-Forwarded-For", exchange->client);
    add_field(self, "X-Forwarded-Host", host ? host : "");
    add_field(self, "X-Forwarded-Proto", settings.tls_terminated ? "https" : "http");
    add_field(self, settings.request_id_header, exchange->request_id);
    add_field(self, "traceparent", exchange->traceparent);
    if (*exchange->tracestate)
        add_field(self, "tracestate", exchange->tracestate);
    self->fields = curl_slist_append(self->fields, "Expect:"); // none, whatever the size
    if (exchange_header(exchange, "Content-Type") == NULL)
        self->fields = curl_slist_append(self->fields, "Content-Type:");
    if (exchange_header(exchange, "Accept") == NULL)
        self->fields = curl_slist_append(self->fields, "Accept:");
}

/* The target as it was sent, without the prefix if that is not for the upstream. */
static const char *
url_of(struct exchange *exchange)
{
    const struct upstream_route *route = exchange->upstream;
    const char *path = exchange->path.raw, *query = exchange->path.query;

    for (int i = 0; route->strip && i < route->count; i++)
        path += 1 + strcspn(path + 1, "/");
    return pl_arena_printf(exchange->arena, "%s%s%s%s%s", route->upstream, *path ? "" : "/", path,
                           *query ? "?" : "", query);
}

static struct proxy_call *
new_call(const struct upstream_route *route, struct exchange *exchange)
{
    struct proxy_call *self = calloc(1, sizeof *self);

    if (self == NULL || (self->easy = curl_easy_init()) == NULL)
        abort();
    self->route = route;
    self->exchange = exchange;
    curl_easy_setopt(self->easy, CURLOPT_PRIVATE, self);
    curl_easy_setopt(self->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(self->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(self->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(self->easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(self->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(self->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(self->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(self->easy, CURLOPT_WRITEDATA, self);
    return self;
}

static bool
begin(CURLM *multi, struct proxy_calls *all, struct proxy_call *self)
{
    TAILQ_INSERT_TAIL(all, self, next);
    if (curl_multi_add_handle(multi, self->easy) == CURLM_OK)
        return true;
    proxy_call_end(multi, all, &self);
    return false;
}

bool
proxy_call_start(CURLM *multi, struct proxy_calls *all, struct exchange *exchange)
{
    struct proxy_call *self = new_call(exchange->upstream, exchange);
    const char *method = exchange->head.method;

    self->body.arena = exchange->arena;
    add_fields(self);
    curl_easy_setopt(self->easy, CURLOPT_URL, url_of(exchange));
    curl_easy_setopt(self->easy, CURLOPT_HTTPHEADER, self->fields);
    curl_easy_setopt(self->easy, CURLOPT_TIMEOUT_MS, (long)self->route->timeout_ms);
    if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(self->easy, CURLOPT_NOBODY, 1L);
    else if (exchange->upload.length || exchange->body_length >= 0) {
        if (exchange->upload.length || strcmp(method, "GET") != 0) {
            curl_easy_setopt(self->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                             (curl_off_t)exchange->upload.length);
            curl_easy_setopt(self->easy, CURLOPT_POSTFIELDS,
                             exchange->upload.length ? exchange->upload.bytes : "");
        }
        curl_easy_setopt(self->easy, CURLOPT_CUSTOMREQUEST, method);
    } else
        curl_easy_setopt(self->easy, CURLOPT_CUSTOMREQUEST, method);
    return begin(multi, all, self);
}

bool
proxy_call_health(CURLM *multi, struct proxy_calls *all, const struct upstream_route *route)
{
    struct proxy_call *self = new_call(route, NULL);
    char url[1024];

    snprintf(url, sizeof url, "%s%s", route->upstream, route->health);
    curl_easy_setopt(self->easy, CURLOPT_URL, url);
    curl_easy_setopt(self->easy, CURLOPT_TIMEOUT_MS, HEALTH_MS);
    return begin(multi, all, self);
}

struct proxy_call *
proxy_call_of(CURL *easy)
{
    char *self = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
    return (struct proxy_call *)(void *)self;
}

const struct upstream_route *
proxy_call_route(const struct proxy_call *self)
{
    return self->route;
}

struct exchange *
proxy_call_exchange(const struct proxy_call *self)
{
    return self->exchange;
}

long
proxy_call_status(const struct proxy_call *self)
{
    long status = 0;

    curl_easy_getinfo(self->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static const char *
their_field(struct proxy_call *self, const char *name)
{
    struct curl_header *field;

    if (curl_easy_header(self->easy, name, 0, CURLH_HEADER, -1, &field) != CURLHE_OK)
        return NULL;
    return pl_arena_strdup(self->exchange->arena, field->value);
}

void
proxy_call_answer(struct proxy_call *self)
{
    struct exchange *exchange = self->exchange;
    const char *type = their_field(self, "Content-Type");

    answer_bytes(exchange, (int)proxy_call_status(self), type, pl_buf_text(&self->body),
                 self->body.length);
    exchange->answer.page = type && strncasecmp(type, "text/html", 9) == 0;
    exchange->answer.encoding = their_field(self, "Content-Encoding");
    exchange->answer.etag = their_field(self, "ETag");
    exchange->answer.cache_control = their_field(self, "Cache-Control");
    for (size_t i = 0; i < sizeof THEIRS / sizeof *THEIRS; i++)
        answer_header(exchange, THEIRS[i], their_field(self, THEIRS[i]));
}

void
proxy_call_end(CURLM *multi, struct proxy_calls *all, struct proxy_call **self_p)
{
    struct proxy_call *self = *self_p;

    TAILQ_REMOVE(all, self, next);
    curl_multi_remove_handle(multi, self->easy);
    curl_easy_cleanup(self->easy);
    curl_slist_free_all(self->fields);
    free(self);
    *self_p = NULL;
}
