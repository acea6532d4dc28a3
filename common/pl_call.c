#include "pl_call.h"

#include "pl_feed.h"
#include "pl_idempotency.h"
#include "pl_log.h"
#include "pl_pack.h"
#include "pl_pg.h"
#include "pl_timer_wake.h"
#include "pl_utf8.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_KEY     255
#define MOST_VIOLATIONS 100

static const char *
subject(const struct pl_call *call)
{
    return call->principal->subject ? call->principal->subject : "";
}

/* What was asked: the message and the second frame. */
static void
hash_request(const struct pl_call *call, char hex[65])
{
    const struct pl_call_state *state = call->state;
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state hash;

    crypto_hash_sha256_init(&hash);
    crypto_hash_sha256_update(&hash, state->envelope->message.data, state->envelope->message.len);
    crypto_hash_sha256_update(&hash, state->body.data, state->body.len);
    crypto_hash_sha256_final(&hash, digest);
    sodium_bin2hex(hex, 65, digest, sizeof digest);
}

/* Put an old answer where the handler would have put its own. */
static int
restore(struct pl_call *call, ProtobufCBinaryData packed)
{
    const Pl__Reply *old = pl_unpack(&pl__reply__descriptor, packed, call->arena);
    const Pl__HttpMeta *http = old ? old->http : NULL;
    void *reply = NULL;

    if (old)
        reply = pl_unpack(call->state->endpoint->reply, old->message, call->arena);
    if (reply == NULL)
        return pl_fail(&call->err, INTERNAL, "the answer kept for this Idempotency-Key is damaged");
    call->reply = reply;
    if (http)
        call->http = (struct pl_http){ http->status,        http->etag,          http->location,
                                       http->last_modified, http->cache_control, http->cross_origin,
                                       http->headers,       http->n_headers };
    return 0;
}

static int
claim(struct pl_call *call)
{
    const struct pl_endpoint *endpoint = call->state->endpoint;
    ProtobufCBinaryData old = { 0, NULL };
    bool replayed = false;
    char hash[65];

    if (*call->idempotency_key == '\0')
        return 0;
    if (strlen(call->idempotency_key) > LONGEST_KEY)
        return pl_fail(&call->err, MALFORMED, "an Idempotency-Key has at most %d characters",
                       LONGEST_KEY);
    hash_request(call, hash);
    if (pl_idempotency_claim(call->db, subject(call), endpoint->operation, call->idempotency_key,
                             hash, &replayed, &old, call->arena, &call->err))
        return -1;
    if (replayed && endpoint->secret)
        return pl_fail(&call->err, CONFLICT,
                       "this Idempotency-Key was used, and its answer was a secret that is not "
                       "shown twice");
    call->state->claimed = !replayed;
    call->state->replayed = replayed;
    return replayed ? restore(call, old) : 0;
}

int
pl_call_begin(struct pl_call *call, bool *replayed)
{
    *replayed = false;
    if (pl_pg_begin(call->db, &call->err) || claim(call))
        return -1;
    *replayed = call->state->replayed;
    return 0;
}

/* Keep the answer for a repetition; of a secret only that there was one. */
static int
keep_answer(struct pl_call *call)
{
    Pl__Reply reply;

    if (!call->state->claimed)
        return 0;
    pl_call_fill_reply(call, &reply);
    if (!call->state->endpoint->secret)
        reply.message = pl_pack(call->reply, call->arena);
    return pl_idempotency_store(call->db, subject(call), call->state->endpoint->operation,
                                call->idempotency_key, pl_pack(&reply.base, call->arena),
                                &call->err);
}

static int
commit(struct pl_call *call)
{
    if (call->db == NULL || !pl_pg_in_transaction(call->db))
        return 0;
    if (call->state->endpoint->kind == PL_READ)
        return pl_fail(&call->err, INTERNAL, "a reading call left a transaction open");
    if (keep_answer(call) || pl_pg_commit(call->db, &call->err))
        return -1;
    pl_feed_poke();
    return 0;
}

int
pl_call_run(struct pl_call *call)
{
    const struct pl_endpoint *endpoint = call->state->endpoint;
    bool replayed = false;
    int failed = 0;

    pl_timers_hold();
    if (endpoint->kind == PL_WRITE && call->db)
        failed = pl_call_begin(call, &replayed);
    if (!failed && !replayed)
        failed = endpoint->handler(call);
    if (!failed)
        failed = commit(call);
    if (failed && call->db)
        pl_pg_rollback(call->db);
    pl_timers_let_go();
    return failed;
}

void
pl_call_violation(struct pl_call *call, const char *pointer, int line, int column, const char *fmt,
                  ...)
{
    struct pl_call_state *state = call->state;
    Pl__Violation *violation;
    char text[400];
    va_list ap;

    if (state->violation_count == MOST_VIOLATIONS)
        return;
    if (state->violations == NULL)
        state->violations = pl_arena_alloc(call->arena, MOST_VIOLATIONS * sizeof violation);
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    pl_utf8_mend(text);
    violation = pl_arena_alloc(call->arena, sizeof *violation);
    pl__violation__init(violation);
    violation->pointer = pl_arena_strdup(call->arena, pointer);
    violation->text = pl_arena_strdup(call->arena, text);
    violation->has_line = line > 0;
    violation->line = line;
    violation->has_column = column > 0;
    violation->column = column;
    state->violations[state->violation_count++] = violation;
}

bool
pl_call_may(const struct pl_call *call, const char *scope)
{
    for (size_t i = 0; i < call->principal->n_scopes; i++)
        if (strcmp(call->principal->scopes[i], scope) == 0)
            return true;
    return false;
}

bool
pl_call_may_see(const struct pl_call *call, const char *api)
{
    for (size_t i = 0; i < call->principal->n_apis; i++)
        if (api && strcmp(call->principal->apis[i], api) == 0)
            return true;
    return call->principal->n_apis == 0;
}

static bool
fits_header(const char *text)
{
    size_t length = 0;

    for (; text[length]; length++)
        if (text[length] <= 0x20 || text[length] >= 0x7f)
            return false;
    return length > 0 && length <= 100;
}

void
pl_call_header(struct pl_call *call, const char *name, const char *value)
{
    struct pl_http *http = &call->http;
    char **headers;

    if (value == NULL || !fits_header(value))
        return;
    headers = pl_arena_alloc(call->arena, (http->header_count + 2) * sizeof *headers);
    for (size_t i = 0; i < http->header_count; i++)
        headers[i] = http->headers[i];
    headers[http->header_count++] = pl_arena_strdup(call->arena, name);
    headers[http->header_count++] = pl_arena_strdup(call->arena, value);
    http->headers = headers;
}
