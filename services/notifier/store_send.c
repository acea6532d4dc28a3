/* Sending: who takes which delivery, and what came of it.
 *
 * An endpoint's row is its own queue's lock and memory: nothing goes out before next_send_at,
 * which the rate, a Retry-After and an open breaker all move.  Any number of replicas may claim;
 * a delivery that its sender never finished comes due again when its hold ends. */
#include "store_rows.h"

#include "pl_service.h"

#include "events.pb-c.h"

#include <string.h>

/* Lock one endpoint that may be sent to and has something due; the row with the oldest. */
static int
lock_ready(struct pl_pg *db, struct pl_arena *arena, int64_t parallel, int64_t breaker_failures,
           struct job *job, bool *found, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT " ENDPOINT_COLUMNS "\n"
        "  FROM endpoints e\n"
        " WHERE e.enabled AND e.next_send_at <= now()\n"
        "   AND EXISTS (SELECT FROM deliveries d\n"
        "                WHERE d.endpoint = e.id AND d.state IN ('pending', 'sending', 'retry')\n"
        "                  AND d.due_at <= now())\n"
        "   AND (SELECT count(*) FROM deliveries d\n"
        "         WHERE d.endpoint = e.id AND d.state = 'sending' AND d.due_at > now())\n"
        "       < CASE WHEN $2::bigint > 0 AND e.failures >= $2::bigint THEN 1 ELSE $1::bigint END\n"
        " ORDER BY (SELECT min(d.due_at) FROM deliveries d\n"
        "            WHERE d.endpoint = e.id AND d.state IN ('pending', 'sending', 'retry'))\n"
        " LIMIT 1\n"
        "   FOR NO KEY UPDATE SKIP LOCKED";

    PGresult *res = pl_pg_exec(
        db, err, SQL, PL_ARGS(number_arg(arena, parallel), number_arg(arena, breaker_failures)));

    if (res == NULL)
        return -1;
    *found = PQntuples(res) > 0;
    if (*found)
        read_endpoint(res, 0, arena, &job->endpoint);
    PQclear(res);
    return 0;
}

/* Take its oldest due delivery.  The count of those on their way is asked again: it may have
 * grown between the snapshot that found the endpoint and its lock. */
static int
take_delivery(struct pl_pg *db, struct pl_arena *arena, int64_t hold_ms, int64_t parallel,
              struct job *job, bool *found, struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE deliveries d\n"
        "   SET state = 'sending', waiting = false, tries = tries + 1, attempts = attempts + 1,\n"
        "       due_at = now() + $2::bigint * interval '1 ms'\n"
        " WHERE d.id = (SELECT id FROM deliveries\n"
        "                WHERE endpoint = $1 AND state IN ('pending', 'sending', 'retry')\n"
        "                  AND due_at <= now()\n"
        "                ORDER BY due_at, number LIMIT 1\n"
        "                  FOR UPDATE SKIP LOCKED)\n"
        "   AND (SELECT count(*) FROM deliveries\n"
        "         WHERE endpoint = $1 AND state = 'sending' AND due_at > now()) < $3::bigint\n"
        "RETURNING d.id, d.webhook_id, d.body, d.trigger, d.attempts, d.tries,\n"
        "          d.traceparent, d.tracestate, extract(epoch FROM now() - d.created_at)";

    PGresult *res = pl_pg_exec(
        db, err, SQL,
        PL_ARGS(job->endpoint.id, number_arg(arena, hold_ms), number_arg(arena, parallel)));

    if (res == NULL)
        return -1;
    *found = PQntuples(res) > 0;
    if (*found) {
        job->delivery = pl_pg_text(res, 0, 0, arena);
        job->webhook_id = pl_pg_text(res, 0, 1, arena);
        job->body = pl_pg_text(res, 0, 2, arena);
        job->trigger = pl_pg_text(res, 0, 3, arena);
        job->attempt = pl_pg_int(res, 0, 4);
        job->tries = pl_pg_int(res, 0, 5);
        job->traceparent = pl_pg_text(res, 0, 6, arena);
        job->tracestate = pl_pg_text(res, 0, 7, arena);
        job->age_s = pl_pg_double(res, 0, 8);
    }
    PQclear(res);
    return 0;
}

/* The attempt is on record before it is made, so that one that was cut off shows. */
static int
begin_attempt(struct pl_pg *db, struct pl_arena *arena, const struct job *job, struct pl_err *err)
{
    static const char ATTEMPT[] =
        "INSERT INTO attempts (delivery, number, trigger, error_class, error)\n"
        "VALUES ($1, $2, $3, 'interrupted', 'the sender did not finish')";
    static const char RATE[] =
        "UPDATE endpoints\n"
        "   SET next_send_at = now() + interval '1 minute' / rate_per_minute\n"
        " WHERE id = $1 AND rate_per_minute > 0";

    if (pl_pg_run(db, err, ATTEMPT,
                  PL_ARGS(job->delivery, number_arg(arena, job->attempt), job->trigger)))
        return -1;
    return pl_pg_run(db, err, RATE, PL_ARGS(job->endpoint.id));
}

int
store_claim(struct pl_pg *db, int64_t hold_ms, int64_t parallel, int64_t breaker_failures,
            struct pl_arena *arena, struct job **out, struct pl_err *err)
{
    struct job *job = pl_arena_alloc(arena, sizeof *job);
    bool found = false;

    *out = NULL;
    if (pl_pg_begin(db, err))
        return -1;
    if (lock_ready(db, arena, parallel, breaker_failures, job, &found, err) ||
        (found && take_delivery(db, arena, hold_ms, parallel, job, &found, err)) ||
        (found && begin_attempt(db, arena, job, err))) {
        pl_pg_rollback(db);
        return -1;
    }
    if (!found) {
        pl_pg_rollback(db);
        return 0;
    }
    if (pl_pg_commit(db, err))
        return -1;
    *out = job;
    return 0;
}

static int
end_attempt(struct pl_pg *db, struct pl_arena *arena, const struct job *job,
            const struct attempt *attempt, struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE attempts\n"
        "   SET status = $3, error_class = $4, error = $5, dns_ms = $6, connect_ms = $7,\n"
        "       tls_ms = $8, first_byte_ms = $9, total_ms = $10, peer = $11, answer = $12\n"
        " WHERE delivery = $1 AND number = $2";

    return pl_pg_run(db, err, SQL,
                     PL_ARGS(job->delivery, number_arg(arena, job->attempt),
                             number_arg(arena, attempt->status), attempt->error_class,
                             attempt->error, pl_arena_printf(arena, "%.3f", attempt->dns_ms),
                             pl_arena_printf(arena, "%.3f", attempt->connect_ms),
                             pl_arena_printf(arena, "%.3f", attempt->tls_ms),
                             pl_arena_printf(arena, "%.3f", attempt->first_byte_ms),
                             pl_arena_printf(arena, "%.3f", attempt->total_ms), attempt->peer,
                             attempt->answer));
}

/* Only the sender that still holds the claim moves the delivery on. */
static int
move_delivery(struct pl_pg *db, struct pl_arena *arena, const struct job *job,
              const struct verdict *verdict, bool *lost, struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE deliveries\n"
        "   SET state = $3, last_error = $4, due_at = now() + $5::bigint * interval '1 ms',\n"
        "       finished_at = CASE WHEN $3 <> 'retry' THEN now() END\n"
        " WHERE id = $1 AND attempts = $2::bigint AND state = 'sending'\n"
        "RETURNING id";

    PGresult *res =
        pl_pg_exec(db, err, SQL,
                   PL_ARGS(job->delivery, number_arg(arena, job->attempt), verdict->state,
                           verdict->attempt.error, number_arg(arena, verdict->delay_ms)));

    if (res == NULL)
        return -1;
    *lost = PQntuples(res) == 0;
    PQclear(res);
    return 0;
}

static int
move_endpoint(struct pl_pg *db, struct pl_arena *arena, const struct job *job,
              const struct verdict *verdict, struct pl_err *err)
{
    static const char WELL[] = "UPDATE endpoints SET failures = 0, last_success_at = now()\n"
                               " WHERE id = $1";
    static const char ILL[] =
        "UPDATE endpoints\n"
        "   SET failures = failures + 1,\n"
        "       next_send_at = greatest(next_send_at, now() + $2::bigint * interval '1 ms'),\n"
        "       enabled = enabled AND $3 = '',\n"
        "       disabled_reason = CASE WHEN $3 <> '' THEN $3 ELSE disabled_reason END\n"
        " WHERE id = $1";

    if (strcmp(verdict->state, "delivered") == 0)
        return pl_pg_run(db, err, WELL, PL_ARGS(job->endpoint.id));
    if (pl_pg_run(db, err, ILL,
                  PL_ARGS(job->endpoint.id, number_arg(arena, verdict->hold_ms),
                          verdict->disable ? verdict->disable : "")))
        return -1;
    return verdict->disable ? store_suppress(db, job->endpoint.id, verdict->disable, err) : 0;
}

static int
announce(struct pl_pg *db, const struct job *job, const struct verdict *verdict, struct pl_err *err)
{
    Events__NotificationFinished event = EVENTS__NOTIFICATION_FINISHED__INIT;
    bool delivered = strcmp(verdict->state, "delivered") == 0;

    if (strcmp(verdict->state, "retry") == 0)
        return 0;
    event.delivery = job->delivery;
    event.endpoint = job->endpoint.id;
    event.webhook_id = job->webhook_id;
    event.has_attempts = true;
    event.attempts = job->attempt;
    event.error_class = (char *)verdict->attempt.error_class;
    return pl_outbox_add(db, "endpoint", job->endpoint.id,
                         delivered ? "notification.delivered" : "notification.dead_lettered",
                         &event.base, err);
}

int
store_finish(struct pl_pg *db, const struct job *job, const struct verdict *verdict, bool *lost,
             struct pl_err *err)
{
    struct pl_arena *arena = pl_arena_new();
    int rc = pl_pg_begin(db, err);

    *lost = false;
    if (rc == 0)
        rc = end_attempt(db, arena, job, &verdict->attempt, err) ||
                     move_endpoint(db, arena, job, verdict, err) ||
                     move_delivery(db, arena, job, verdict, lost, err) ||
                     (!*lost && announce(db, job, verdict, err))
                 ? -1
                 : pl_pg_commit(db, err);
    if (rc)
        pl_pg_rollback(db);
    pl_arena_destroy(&arena);
    return rc;
}

int
store_counts(struct pl_pg *db, int64_t *pending, int64_t *dead, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT count(*) FILTER (WHERE state IN ('pending', 'sending', 'retry')),\n"
        "       count(*) FILTER (WHERE state = 'dead')\n"
        "  FROM deliveries\n"
        " WHERE state IN ('pending', 'sending', 'retry', 'dead')";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_NO_ARGS);

    if (res == NULL)
        return -1;
    *pending = pl_pg_int(res, 0, 0);
    *dead = pl_pg_int(res, 0, 1);
    PQclear(res);
    return 0;
}

int
store_forget(struct pl_pg *db, int64_t days, struct pl_err *err)
{
    static const char RUNS[] = "DELETE FROM published_runs WHERE at < now() - interval '1 day'";
    static const char OLD[] = "DELETE FROM deliveries\n"
                              " WHERE finished_at < now() - $1::bigint * interval '1 day'";

    struct pl_arena *arena = pl_arena_new();
    int rc = pl_pg_run(db, err, RUNS, PL_NO_ARGS) ||
                     pl_pg_run(db, err, OLD, PL_ARGS(number_arg(arena, days)))
                 ? -1
                 : 0;

    pl_arena_destroy(&arena);
    return rc;
}
