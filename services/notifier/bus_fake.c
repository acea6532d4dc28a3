/* bus_fake -- for tests: what common's feed does for this service, without a feed. */
#include "pl_feed.h"
#include "pl_idempotency.h"
#include "pl_pg.h"
#include "pl_service.h"

const char *pl_environment = "development";

void
pl_timers_wake(void)
{
}

void
pl_feed_poke(void)
{
}

int
pl_outbox_add(struct pl_pg *db, const char *aggregate_type, const char *aggregate_id,
              const char *type, const ProtobufCMessage *payload, struct pl_err *err)
{
    static const char SQL[] = "INSERT INTO outbox (aggregatetype, aggregateid, type, payload)\n"
                              "VALUES ($1, $2, $3, '')";

    (void)payload;
    return pl_pg_run(db, err, SQL, PL_ARGS(aggregate_type, aggregate_id, type));
}

int
pl_idempotency_claim(struct pl_pg *db, const char *principal, const char *operation,
                     const char *key, const char request_sha256[65], bool *replayed,
                     ProtobufCBinaryData *old_reply, struct pl_arena *arena, struct pl_err *err)
{
    (void)db, (void)principal, (void)operation, (void)key, (void)request_sha256, (void)old_reply;
    (void)arena, (void)err;
    *replayed = false;
    return 0;
}

int
pl_idempotency_store(struct pl_pg *db, const char *principal, const char *operation,
                     const char *key, ProtobufCBinaryData reply, struct pl_err *err)
{
    (void)db, (void)principal, (void)operation, (void)key, (void)reply, (void)err;
    return 0;
}
