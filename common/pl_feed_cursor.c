#include "pl_feed_cursor.h"

#define LEASE "10 seconds"

int
pl_feed_lease(struct pl_pg *db, const struct pl_feed_pair *pair, const char *holder, bool *held,
              bool *clean, struct pl_err *err)
{
    /* `was` is read in the same snapshot as the row that is replaced: another replica that gets
     * in between makes the upsert's WHERE fail. */
    static const char SQL[] =
        "WITH was AS (\n"
        "  SELECT clean, holder FROM feed_lease\n"
        "   WHERE source = $1 AND consumer = $2 AND partition = 0),\n"
        "mine AS (\n"
        "  INSERT INTO feed_lease AS l (source, consumer, holder, expires_at, clean)\n"
        "  VALUES ($1, $2, $3, clock_timestamp() + interval '" LEASE "', false)\n"
        "  ON CONFLICT (source, consumer, partition) DO UPDATE\n"
        "     SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at, clean = false\n"
        "   WHERE l.holder = EXCLUDED.holder OR l.expires_at < clock_timestamp()\n"
        "  RETURNING 1)\n"
        "SELECT EXISTS (SELECT 1 FROM mine),\n"
        "       coalesce((SELECT clean OR holder = $3 FROM was), true)";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(pair->source, pair->consumer, holder));

    if (res == NULL)
        return -1;
    *held = pl_pg_bool(res, 0, 0);
    *clean = pl_pg_bool(res, 0, 1);
    PQclear(res);
    return 0;
}

int
pl_feed_release(struct pl_pg *db, const struct pl_feed_pair *pair, const char *holder,
                struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE feed_lease SET clean = true, expires_at = '-infinity'\n"
        " WHERE source = $1 AND consumer = $2 AND partition = 0 AND holder = $3";

    return pl_pg_run(db, err, SQL, PL_ARGS(pair->source, pair->consumer, holder));
}

int
pl_feed_cursor(struct pl_pg *db, const struct pl_feed_pair *pair, int64_t *position,
               struct pl_err *err)
{
    static const char MAKE[] = "INSERT INTO feed_cursor (source, consumer) VALUES ($1, $2)\n"
                               "ON CONFLICT DO NOTHING";
    static const char READ[] = "SELECT position FROM feed_cursor\n"
                               " WHERE source = $1 AND consumer = $2 AND partition = 0";
    PGresult *res;

    if (pl_pg_run(db, err, MAKE, PL_ARGS(pair->source, pair->consumer)))
        return -1;
    res = pl_pg_exec(db, err, READ, PL_ARGS(pair->source, pair->consumer));
    if (res == NULL)
        return -1;
    *position = pl_pg_int(res, 0, 0);
    PQclear(res);
    return 0;
}

int
pl_feed_move(struct pl_pg *db, const struct pl_feed_pair *pair, int64_t from, int64_t to,
             bool *parked, struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE feed_cursor SET position = $4, moved_at = now()\n"
        " WHERE source = $1 AND consumer = $2 AND partition = 0 AND position = $3\n"
        "RETURNING EXISTS (SELECT 1 FROM dead_letter\n"
        "                   WHERE source = $1 AND consumer = $2 AND state IN ('dead', 'replay'))";

    PGresult *res =
        pl_pg_exec(db, err, SQL, PL_ARGS(pair->source, pair->consumer, PL_INT(from), PL_INT(to)));
    bool moved = res && PQntuples(res) > 0;

    if (moved)
        *parked = pl_pg_bool(res, 0, 0);
    PQclear(res);
    if (res == NULL || moved)
        return res ? 0 : -1;
    return pl_fail(err, CONFLICT, "the cursor was moved meanwhile");
}

int
pl_feed_is_parked(struct pl_pg *db, const struct pl_feed_pair *pair, const Pl__Event *event,
                  bool *parked, struct pl_err *err)
{
    static const char SQL[] = "SELECT EXISTS (SELECT 1 FROM dead_letter\n"
                              "                WHERE source = $1 AND consumer = $2\n"
                              "                  AND aggregatetype = $3 AND aggregateid = $4\n"
                              "                  AND state IN ('dead', 'replay'))";

    PGresult *res =
        pl_pg_exec(db, err, SQL,
                   PL_ARGS(pair->source, pair->consumer, event->aggregatetype, event->aggregateid));

    *parked = res && pl_pg_bool(res, 0, 0);
    PQclear(res);
    return res ? 0 : -1;
}

int
pl_feed_try(struct pl_pg *db, const struct pl_feed_pair *pair, int64_t position, int *attempts,
            struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO feed_attempt AS a (source, consumer, position, attempts)\n"
        "VALUES ($1, $2, $3, 1)\n"
        "ON CONFLICT (source, consumer, position) DO UPDATE SET attempts = a.attempts + 1\n"
        "RETURNING attempts";

    PGresult *res =
        pl_pg_exec(db, err, SQL, PL_ARGS(pair->source, pair->consumer, PL_INT(position)));

    if (res == NULL)
        return -1;
    *attempts = (int)pl_pg_int(res, 0, 0);
    PQclear(res);
    return 0;
}

int
pl_feed_untry(struct pl_pg *db, const struct pl_feed_pair *pair, int64_t position,
              struct pl_err *err)
{
    static const char SQL[] = "UPDATE feed_attempt SET attempts = attempts - 1\n"
                              " WHERE source = $1 AND consumer = $2 AND position = $3";

    return pl_pg_run(db, err, SQL, PL_ARGS(pair->source, pair->consumer, PL_INT(position)));
}

int
pl_feed_forget_tries(struct pl_pg *db, const struct pl_feed_pair *pair, int64_t position,
                     struct pl_err *err)
{
    static const char SQL[] = "DELETE FROM feed_attempt\n"
                              " WHERE source = $1 AND consumer = $2 AND position = $3";

    return pl_pg_run(db, err, SQL, PL_ARGS(pair->source, pair->consumer, PL_INT(position)));
}

int
pl_feed_bury(struct pl_pg *db, const struct pl_feed_pair *pair, const Pl__Event *event,
             int attempts, const char *reason, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO dead_letter (source, consumer, position, event_id, type, aggregatetype,\n"
        "                         aggregateid, time, traceparent, tracestate, payload,\n"
        "                         attempts, reason)\n"
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

    PGresult *res = pl_pg_exec_b(
        db, err, SQL,
        PL_ARGS_B(PL_T(pair->source), PL_T(pair->consumer), PL_T(PL_INT(event->position)),
                  PL_T(event->id), PL_T(event->type), PL_T(event->aggregatetype),
                  PL_T(event->aggregateid), PL_T(event->time),
                  PL_T(event->traceparent ? event->traceparent : ""),
                  PL_T(event->tracestate ? event->tracestate : ""),
                  PL_B(event->data.data, event->data.len), PL_T(PL_INT(attempts)), PL_T(reason)));

    PQclear(res);
    return res ? 0 : -1;
}
