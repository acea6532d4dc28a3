#include "pl_idempotency.h"

#include "pl_pg.h"

#include <string.h>

/* Somebody was here before: the same request gets the same answer, another one gets 409. */
static int
look_back(struct pl_pg *db, const char *principal, const char *operation, const char *key,
          const char *request_sha256, ProtobufCBinaryData *old_reply, struct pl_arena *arena,
          struct pl_err *err)
{
    static const char SQL[] = "SELECT request_sha256, reply\n"
                              "  FROM idempotency\n"
                              " WHERE principal = $1 AND operation = $2 AND key = $3";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(principal, operation, key));
    int status = 0;

    if (res == NULL)
        return -1;
    if (PQntuples(res) == 0)
        status = pl_fail(err, UNAVAILABLE, "the idempotency key is just being retired");
    else if (strcmp(PQgetvalue(res, 0, 0), request_sha256) != 0)
        status = pl_fail(err, CONFLICT, "the idempotency key was used for another request");
    else if (pl_pg_null(res, 0, 1))
        status = pl_fail(err, CONFLICT, "the request was made before and its answer was not kept");
    else
        old_reply->data = pl_pg_bytes(res, 0, 1, arena, &old_reply->len);
    PQclear(res);
    return status;
}

int
pl_idempotency_claim(struct pl_pg *db, const char *principal, const char *operation,
                     const char *key, const char request_sha256[65], bool *replayed,
                     ProtobufCBinaryData *old_reply, struct pl_arena *arena, struct pl_err *err)
{
    /* The insert waits for a concurrent claim's transaction to end, so that exactly one of the
     * two runs the handler. */
    static const char SQL[] =
        "INSERT INTO idempotency (principal, operation, key, request_sha256)\n"
        "VALUES ($1, $2, $3, $4)\n"
        "ON CONFLICT (principal, operation, key) DO UPDATE\n"
        "   SET request_sha256 = EXCLUDED.request_sha256, reply = NULL, created_at = now()\n"
        " WHERE idempotency.created_at < now() - interval '24 hours'\n"
        "RETURNING 1";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(principal, operation, key, request_sha256));
    bool claimed;

    *replayed = false;
    if (res == NULL)
        return -1;
    claimed = PQntuples(res) > 0;
    PQclear(res);
    if (claimed)
        return 0;
    *replayed = true;
    return look_back(db, principal, operation, key, request_sha256, old_reply, arena, err);
}

int
pl_idempotency_store(struct pl_pg *db, const char *principal, const char *operation,
                     const char *key, ProtobufCBinaryData reply, struct pl_err *err)
{
    static const char SQL[] = "UPDATE idempotency SET reply = $4\n"
                              " WHERE principal = $1 AND operation = $2 AND key = $3";

    return pl_pg_later_b(
        db, err, SQL,
        PL_ARGS_B(PL_T(principal), PL_T(operation), PL_T(key), PL_B(reply.data, reply.len)));
}
