/* In place of pl_idempotency.c and pl_feed.c in tests without a database: one key is remembered. */
#include "pl_call_fake.h"

#include "pl_feed.h"
#include "pl_idempotency.h"

#include <string.h>

struct pl_call_fake pl_call_fake;

int
pl_idempotency_claim(struct pl_pg *db, const char *principal, const char *operation,
                     const char *key, const char request_sha256[65], bool *replayed,
                     ProtobufCBinaryData *old_reply, struct pl_arena *arena, struct pl_err *err)
{
    struct pl_call_fake *fake = &pl_call_fake;

    (void)db;
    (void)arena;
    (void)principal;
    (void)operation;
    *replayed = strcmp(fake->key, key) == 0;
    if (*replayed && strcmp(fake->hash, request_sha256) != 0)
        return pl_fail(err, CONFLICT, "the Idempotency-Key was used for another request");
    *old_reply = (ProtobufCBinaryData){ fake->length, fake->reply };
    snprintf(fake->claimed, sizeof fake->claimed, "%s", key);
    memcpy(fake->hash, request_sha256, 65);
    return 0;
}

int
pl_idempotency_store(struct pl_pg *db, const char *principal, const char *operation,
                     const char *key, ProtobufCBinaryData reply, struct pl_err *err)
{
    struct pl_call_fake *fake = &pl_call_fake;

    (void)db;
    (void)principal;
    (void)operation;
    if (reply.len > sizeof fake->reply)
        return pl_fail(err, INTERNAL, "too large for the fake");
    snprintf(fake->key, sizeof fake->key, "%s", key);
    memcpy(fake->reply, reply.data, reply.len);
    fake->length = reply.len;
    return 0;
}

void
pl_feed_poke(void)
{
    pl_call_fake.pokes++;
}
