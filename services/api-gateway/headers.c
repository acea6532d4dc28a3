#include "headers.h"

#include "exchange.h"
#include "fields.h"
#include "negotiate.h"
#include "settings.h"

#include <microhttpd.h>
#include <string.h>
#include <strings.h>

#define EXPOSED \
    "ETag, Location, X-API-Version, X-Governance-Status, X-Schema-SHA256, RateLimit, RateLimit-Policy, Retry-After, Age, X-Cache"
#define ACCEPTED \
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Traceparent"

enum when { ALWAYS, PAGE, NO_PAGE, SHARED, NOT_SHARED, TLS };

static const struct {
    enum when when;
    const char *name, *value;
} TABLE[] = {
    { ALWAYS, "X-Content-Type-Options", "nosniff" }, // leads the others (fields.h)
    { ALWAYS, "X-Frame-Options", "DENY" },
    { ALWAYS, "Referrer-Policy", "no-referrer" },
    { ALWAYS, "X-Permitted-Cross-Domain-Policies", "none" },
    { ALWAYS, "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
    { ALWAYS, "Cross-Origin-Opener-Policy", "same-origin" },
    { NOT_SHARED, "Cross-Origin-Resource-Policy", "same-origin" },
    { SHARED, "Cross-Origin-Resource-Policy", "cross-origin" },
    { SHARED, "Access-Control-Allow-Origin", "*" },
    { NO_PAGE, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'" },
    // B-10
    { PAGE, "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; "
      "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; "
      "form-action 'self'; object-src 'none'; frame-ancestors 'none'" },
    { TLS, "Strict-Transport-Security", "max-age=63072000; includeSubDomains" },
};

// Of each thread: the table as one value, for each kind of answer.
static _Thread_local struct {
    char text[1024];
    size_t length;
} tables[2][2];

static bool
applies(enum when when, const struct answer *answer)
{
    const bool holds[] = {
        [ALWAYS] = true,
        [PAGE] = answer->page,
        [NO_PAGE] = !answer->page,
        [SHARED] = answer->cross_origin,
        [NOT_SHARED] = !answer->cross_origin,
        [TLS] = settings.tls_terminated != 0,
    };

    return holds[when];
}

/* Is ${origin} in PLUMB_CORS_ORIGINS?  Compared whole, never by its beginning. */
static bool
is_allowed_origin(const char *origin)
{
    const char *list = settings.cors_origins;

    while (*list) {
        size_t length;

        list += strspn(list, ", ");
        length = strcspn(list, ", ");
        if (length == 1 && *list == '*')
            return true;
        if (length && strlen(origin) == length && strncmp(list, origin, length) == 0)
            return true;
        list += length;
    }
    return false;
}

/* What the table says, behind the value of its first row. */
static void
add_table(struct pl_buf *fields, const struct answer *answer)
{
    char *text = tables[answer->page][answer->cross_origin].text;
    size_t *length = &tables[answer->page][answer->cross_origin].length;
    size_t begin = fields->length;

    if (*length) {
        pl_buf_add(fields, text, *length);
        return;
    }
    pl_buf_str(fields, TABLE[0].value);
    for (size_t i = 1; i < sizeof TABLE / sizeof *TABLE; i++)
        if (applies(TABLE[i].when, answer))
            fields_add(fields, TABLE[i].name, TABLE[i].value);
    if (fields->length - begin <= sizeof tables[0][0].text) {
        *length = fields->length - begin;
        memcpy(text, fields->data + begin, *length);
    }
}

static void
add_cors(struct pl_buf *fields, const struct exchange *self)
{
    const char *origin = exchange_header(self, "Origin");

    if (self->answer.cross_origin || *settings.cors_origins == '\0')
        return;
    if (origin == NULL || !is_allowed_origin(origin))
        return;
    fields_add(fields, "Access-Control-Allow-Origin", origin);
    fields_add(fields, "Access-Control-Expose-Headers",
               pl_arena_printf(self->arena, EXPOSED ", %s", settings.request_id_header));
}

static void
add_own(struct pl_buf *fields, const struct exchange *self)
{
    const struct answer *answer = &self->answer;
    char date[32];
    long long seconds;

    if (answer->type)
        fields_add(fields, "Content-Type", answer->type);
    if (answer->encoding)
        fields_add(fields, "Content-Encoding", answer->encoding);
    fields_add(fields, "Vary",
               *settings.cors_origins ? "Accept-Encoding, Origin" : "Accept-Encoding");
    if (answer->etag)
        fields_add(fields, "ETag", answer->etag);
    if (answer->last_modified && negotiate_http_date(answer->last_modified, date, &seconds))
        fields_add(fields, "Last-Modified", date);
    fields_add(fields, "Cache-Control", answer->cache_control ? answer->cache_control : "no-store");
    for (int i = 0; i < answer->extra_count; i++)
        fields_add(fields, answer->extra_names[i], answer->extra_values[i]);
}

void
headers_add(struct MHD_Response *response, const struct exchange *self)
{
    struct pl_buf fields = { .arena = self->arena };

    add_table(&fields, &self->answer);
    fields_add(&fields, settings.request_id_header, self->request_id);
    add_cors(&fields, self);
    add_own(&fields, self);
    MHD_add_response_header(response, TABLE[0].name, pl_buf_text(&fields));
    if (self->answer.close) // the library has to know
        MHD_add_response_header(response, "Connection", "close");
}

void
headers_options(struct exchange *self, const char *allow)
{
    const char *origin = exchange_header(self, "Origin");

    answer_empty(self, 204);
    answer_header(self, "Allow", allow);
    if (origin == NULL || !is_allowed_origin(origin) ||
        exchange_header(self, "Access-Control-Request-Method") == NULL)
        return;
    answer_header(self, "Access-Control-Allow-Methods", allow);
    answer_header(self, "Access-Control-Allow-Headers",
                  pl_arena_printf(self->arena, ACCEPTED ", %s", settings.request_id_header));
    answer_header(self, "Access-Control-Max-Age", "600");
}
