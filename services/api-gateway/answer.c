#include "answer.h"

#include "exchange.h"
#include "negotiate.h"

#include "pl_gzip.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#define WORTH_GZIP    1024
#define LARGEST_NAMED (1024u * 1024)
#define LARGEST_PLAIN (256u * 1024 * 1024) // of a stored body that this client wants inflated

void
answer_bytes(struct exchange *self, int status, const char *type, const char *body, size_t length)
{
    if (self->answered)
        return;
    self->answered = true;
    self->answer.status = status;
    self->answer.type = type;
    self->answer.body = body;
    self->answer.length = length;
}

void
answer_text(struct exchange *self, int status, const char *type, const char *text)
{
    answer_bytes(self, status, type, text, strlen(text));
}

void
answer_empty(struct exchange *self, int status)
{
    answer_bytes(self, status, NULL, "", 0);
}

void
answer_redirect(struct exchange *self, const char *location)
{
    answer_empty(self, 302);
    answer_header(self, "Location", location);
}

void
answer_header(struct exchange *self, const char *name, const char *value)
{
    struct answer *answer = &self->answer;

    if (answer->extra_count == MAX_EXTRA || value == NULL || strpbrk(value, "\r\n"))
        return;
    answer->extra_names[answer->extra_count] = name;
    answer->extra_values[answer->extra_count++] = value;
}

void
answer_replace_header(struct exchange *self, const char *name, const char *value)
{
    struct answer *answer = &self->answer;

    for (int i = 0; i < answer->extra_count; i++)
        if (strcasecmp(answer->extra_names[i], name) == 0 && !strpbrk(value, "\r\n")) {
            answer->extra_values[i] = value;
            return;
        }
    answer_header(self, name, value);
}

static bool
etag_matches(const char *list, const char *etag)
{
    const char *bare = strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
    size_t length = strlen(bare);

    if (strcmp(list, "*") == 0)
        return true;
    for (const char *at = strstr(list, bare); at; at = strstr(at + 1, bare))
        if (at[length] == '\0' || strchr(", \t", at[length]))
            return true;
    return false;
}

/* RFC 9110 13.2.2: If-None-Match decides alone where it is present. */
static bool
is_unchanged(const struct exchange *self)
{
    const char *have = exchange_header(self, "If-None-Match");
    const char *since = exchange_header(self, "If-Modified-Since");
    long long asked, modified;
    char date[32];

    if (have)
        return self->answer.etag && etag_matches(have, self->answer.etag);
    return since && self->answer.last_modified && negotiate_parse_date(since, &asked) &&
           negotiate_http_date(self->answer.last_modified, date, &modified) && modified <= asked;
}

static void
weaken_etag(struct exchange *self)
{
    struct answer *answer = &self->answer;

    if (answer->etag && strncmp(answer->etag, "W/", 2) != 0)
        answer->etag = pl_arena_printf(self->arena, "W/%s", answer->etag);
}

static bool
is_text(const char *type)
{
    return strncmp(type, "text/", 5) == 0 || strstr(type, "json") || strstr(type, "xml") ||
           strstr(type, "yaml") || strstr(type, "javascript");
}

static void
encode(struct exchange *self)
{
    struct answer *answer = &self->answer;
    bool takes_gzip = negotiate_gzip(exchange_header(self, "Accept-Encoding"));
    struct pl_err err = { 0 };
    char *plain;

    if (answer->encoding && strcmp(answer->encoding, "gzip") == 0 && !takes_gzip) {
        if (pl_gunzip(answer->body, answer->length, LARGEST_PLAIN, self->arena, &plain,
                      &answer->length, &err))
            return; // let the client have it as it is stored
        answer->body = plain;
        answer->encoding = NULL;
        weaken_etag(self);
    } else if (!answer->encoding && takes_gzip && answer->type && is_text(answer->type) &&
               answer->length >= WORTH_GZIP) {
        answer->body = pl_gzip(answer->body, answer->length, self->arena, &answer->length);
        answer->encoding = "gzip";
        weaken_etag(self);
    }
}

/* An answer of an operation that names no version has its own bytes as one. */
static void
name_version(struct exchange *self)
{
    struct answer *answer = &self->answer;
    unsigned char hash[16];
    char *etag;

    if (answer->status != 200 || answer->etag || !self->operation || !exchange_is_read(self) ||
        answer->length == 0 || answer->length > LARGEST_NAMED)
        return;
    crypto_generichash(hash, sizeof hash, (const unsigned char *)answer->body, answer->length, NULL,
                       0);
    etag = pl_arena_alloc(self->arena, 2 * sizeof hash + 3);
    etag[0] = '"';
    trace_hex(etag + 1, hash, sizeof hash);
    etag[2 * sizeof hash + 1] = '"';
    answer->etag = etag;
}

void
answer_finish(struct exchange *self)
{
    struct answer *answer = &self->answer;

    name_version(self);
    if (answer->status == 200 && exchange_is_read(self) && is_unchanged(self)) {
        answer->status = 304;
        answer->type = NULL;
        answer->encoding = NULL;
        answer->length = 0;
    } else if (answer->length)
        encode(self);
}
