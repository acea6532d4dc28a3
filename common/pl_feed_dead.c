#include "pl_feed_dead.h"

#include "pl_feed_log.h"

#include <inttypes.h>

int
pl_feed_dead_list(struct pl_pg *db, int64_t after, int limit, struct pl_arena *arena,
                  struct pl_dead_letter **out, int *count, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT id, source, consumer, position, event_id, type, aggregatetype, aggregateid,\n"
        "       attempts, reason, state, " PL_TIME(
            "created_at") "\n"
                          "  FROM dead_letter\n"
                          " WHERE state IN ('dead', 'replay') AND id > $1\n"
                          " ORDER BY id LIMIT $2";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(PL_INT(after), PL_INT(limit)));

    if (res == NULL)
        return -1;
    *count = PQntuples(res);
    *out = pl_arena_alloc(arena, (size_t)(*count + 1) * sizeof **out);
    for (int i = 0; i < *count; i++)
        (*out)[i] = (struct pl_dead_letter){
            .id = pl_pg_int(res, i, 0),
            .source = pl_pg_text(res, i, 1, arena),
            .consumer = pl_pg_text(res, i, 2, arena),
            .position = pl_pg_int(res, i, 3),
            .event_id = pl_pg_text(res, i, 4, arena),
            .type = pl_pg_text(res, i, 5, arena),
            .aggregate_type = pl_pg_text(res, i, 6, arena),
            .aggregate_id = pl_pg_text(res, i, 7, arena),
            .attempts = (int)pl_pg_int(res, i, 8),
            .reason = pl_pg_text(res, i, 9, arena),
            .state = pl_pg_text(res, i, 10, arena),
            .created_at = pl_pg_text(res, i, 11, arena),
        };
    PQclear(res);
    return 0;
}

/* Only the first open one of an aggregate may be settled, or its order would be lost. */
static int
settle(struct pl_pg *db, int64_t id, const char *state, struct pl_err *err)
{
    static const char SQL[] =
        "WITH d AS (SELECT * FROM dead_letter WHERE id = $1 AND state = 'dead' FOR UPDATE),\n"
        "first AS (\n"
        "  SELECT min(o.id) AS id\n"
        "    FROM d JOIN dead_letter o USING (source, consumer, aggregatetype, aggregateid)\n"
        "   WHERE o.state IN ('dead', 'replay') AND o.position < d.position),\n"
        "done AS (\n"
        "  UPDATE dead_letter l SET state = $2, changed_at = now()\n"
        "    FROM d, first WHERE l.id = d.id AND first.id IS NULL RETURNING 1)\n"
        "SELECT EXISTS (SELECT 1 FROM d), first.id, EXISTS (SELECT 1 FROM done) FROM first";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(PL_INT(id), state));
    int status = 0;

    if (res == NULL)
        return -1;
    if (!pl_pg_bool(res, 0, 0))
        status = pl_fail(err, NOT_FOUND, "there is no dead letter %" PRId64, id);
    else if (!pl_pg_bool(res, 0, 2))
        status = pl_fail(err, CONFLICT,
                         "dead letter %" PRId64 " of the same aggregate has to be settled first",
                         pl_pg_int(res, 0, 1));
    PQclear(res);
    return status;
}

int
pl_feed_dead_replay(struct pl_pg *db, int64_t id, struct pl_err *err)
{
    return settle(db, id, "replay", err);
}

int
pl_feed_dead_skip(struct pl_pg *db, int64_t id, struct pl_err *err)
{
    return settle(db, id, "skipped", err);
}

int
pl_feed_dead_take(struct pl_pg *db, const struct pl_feed_pair *pair, struct pl_arena *arena,
                  int64_t *id, Pl__Event **out, struct pl_err *err)
{
    /* Whoever was asked for, or waits behind nothing any more.  'dead' again and counted before
     * it is tried, so that one which ends the process is not tried at each start. */
    static const char SQL[] =
        "UPDATE dead_letter SET state = 'dead', attempts = attempts + 1, changed_at = now()\n"
        " WHERE id = (\n"
        "  SELECT id FROM dead_letter d\n"
        "   WHERE source = $1 AND consumer = $2\n"
        "     AND (state = 'replay' OR (state = 'dead' AND attempts = 0))\n"
        "     AND NOT EXISTS (SELECT 1 FROM dead_letter e\n"
        "                      WHERE e.source = d.source AND e.consumer = d.consumer\n"
        "                        AND e.aggregatetype = d.aggregatetype\n"
        "                        AND e.aggregateid = d.aggregateid\n"
        "                        AND e.state IN ('dead', 'replay') AND e.position < d.position)\n"
        "   ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED)\n"
        "RETURNING position, event_id, type, aggregatetype, aggregateid, time, traceparent,\n"
        "          tracestate, payload, id";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(pair->source, pair->consumer));

    *id = 0;
    if (res == NULL)
        return -1;
    if (PQntuples(res)) {
        *id = pl_pg_int(res, 0, 9);
        *out = pl_feed_event(res, 0, pair->source, arena);
    }
    PQclear(res);
    return 0;
}

int
pl_feed_dead_applied(struct pl_pg *db, int64_t id, struct pl_err *err)
{
    static const char SQL[] = "UPDATE dead_letter SET state = 'replayed', changed_at = now()\n"
                              " WHERE id = $1 AND state = 'dead' RETURNING 1";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(PL_INT(id)));
    bool found = res && PQntuples(res) > 0;

    PQclear(res);
    if (res == NULL || found)
        return res ? 0 : -1;
    return pl_fail(err, CONFLICT, "dead letter %" PRId64 " was settled meanwhile", id);
}

int
pl_feed_dead_failed(struct pl_pg *db, int64_t id, const char *reason, struct pl_err *err)
{
    static const char SQL[] = "UPDATE dead_letter SET reason = $2 WHERE id = $1";

    return pl_pg_run(db, err, SQL, PL_ARGS(PL_INT(id), reason));
}

int
pl_feed_dead_untry(struct pl_pg *db, int64_t id, struct pl_err *err)
{
    static const char SQL[] = "UPDATE dead_letter SET state = 'replay', attempts = attempts - 1\n"
                              " WHERE id = $1 AND state = 'dead'";

    return pl_pg_run(db, err, SQL, PL_ARGS(PL_INT(id)));
}

int
pl_feed_dead_count(struct pl_pg *db, const struct pl_feed_pair *pair, int64_t *count,
                   struct pl_err *err)
{
    static const char SQL[] = "SELECT count(*) FROM dead_letter\n"
                              " WHERE source = $1 AND consumer = $2\n"
                              "   AND state IN ('dead', 'replay')";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(pair->source, pair->consumer));

    if (res == NULL)
        return -1;
    *count = pl_pg_int(res, 0, 0);
    PQclear(res);
    return 0;
}
