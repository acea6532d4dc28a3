#include "pl_feed_log.h"

#include "pl_log.h"

int
pl_feed_state(struct pl_pg *db, struct pl_feed_state *out, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT h.position, h.retired, u.created_at IS NOT NULL,\n"
        "       coalesce(greatest(extract(epoch FROM clock_timestamp() - u.created_at), 0), 0)\n"
        "  FROM feed_head h\n"
        "  LEFT JOIN (SELECT created_at FROM outbox_unnumbered ORDER BY seq LIMIT 1) u ON true";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_NO_ARGS);

    if (res == NULL)
        return -1;
    out->head = pl_pg_int(res, 0, 0);
    out->retired = pl_pg_int(res, 0, 1);
    out->waiting = pl_pg_bool(res, 0, 2);
    out->oldest_s = pl_pg_double(res, 0, 3);
    PQclear(res);
    return 0;
}

/* Only one replica numbers at a time; the others do not wait for it. */
static int
lock_head(struct pl_pg *db, bool *locked, struct pl_err *err)
{
    static const char SQL[] = "SELECT position FROM feed_head FOR UPDATE SKIP LOCKED";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_NO_ARGS);

    *locked = res && PQntuples(res) > 0;
    PQclear(res);
    return res ? 0 : -1;
}

/* What is waiting gets its numbers, and that is on disk. */
static int
number_and_commit(struct pl_pg *db, int *numbered, int64_t *head, struct pl_err *err)
{
    /* A statement of its own after the lock: its snapshot sees what the last holder did. */
    static const char SQL[] =
        "WITH taken AS (\n"
        "  DELETE FROM outbox_unnumbered WHERE seq = ANY (ARRAY(\n"
        "    SELECT seq FROM outbox_unnumbered ORDER BY seq LIMIT 1000))\n"
        "  RETURNING seq, outbox_id),\n"
        "numbered AS (\n"
        "  INSERT INTO feed (position, outbox_id)\n"
        "  SELECT h.position + row_number() OVER (ORDER BY t.seq), t.outbox_id\n"
        "    FROM taken t CROSS JOIN feed_head h\n"
        "  RETURNING 1)\n"
        "UPDATE feed_head SET position = position + n.count\n"
        "  FROM (SELECT count(*) AS count FROM numbered) n\n"
        " WHERE n.count > 0\n"
        "RETURNING n.count, position";

    PGresult *res = pl_pg_exec_commit(db, err, SQL, PL_NO_ARGS);

    if (res == NULL)
        return -1;
    if (PQntuples(res)) {
        *numbered = (int)pl_pg_int(res, 0, 0);
        *head = pl_pg_int(res, 0, 1);
    }
    PQclear(res);
    return 0;
}

int
pl_feed_number(struct pl_pg *db, int *numbered, int64_t *head, struct pl_err *err)
{
    bool locked = false;

    *numbered = 0;
    if (pl_pg_begin(db, err))
        return -1;
    if (pl_pg_later(db, err, "SET LOCAL synchronous_commit = on", PL_NO_ARGS) == 0 &&
        lock_head(db, &locked, err) == 0 && locked)
        return number_and_commit(db, numbered, head, err);
    pl_pg_rollback(db);
    return err->code == PL_OK ? 0 : -1;
}

Pl__Event *
pl_feed_event(const PGresult *res, int row, const char *source, struct pl_arena *arena)
{
    Pl__Event *event = pl_arena_alloc(arena, sizeof *event);

    pl__event__init(event);
    event->has_position = true;
    event->position = pl_pg_int(res, row, 0);
    event->id = pl_pg_text(res, row, 1, arena);
    event->type = pl_pg_text(res, row, 2, arena);
    event->source = pl_arena_strdup(arena, source);
    event->aggregatetype = pl_pg_text(res, row, 3, arena);
    event->aggregateid = pl_pg_text(res, row, 4, arena);
    event->time = pl_pg_text(res, row, 5, arena);
    event->traceparent = pl_pg_text(res, row, 6, arena);
    event->tracestate = pl_pg_text(res, row, 7, arena);
    event->has_data = true;
    event->data.data = pl_pg_bytes(res, row, 8, arena, &event->data.len);
    return event;
}

int
pl_feed_read(struct pl_pg *db, const char *source, int64_t from, int64_t to, struct pl_arena *arena,
             Pl__Event ***out, size_t *count, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT f.position, o.id, o.type, o.aggregatetype, o.aggregateid,\n"
        "       " PL_TIME("o.created_at") ", o.traceparent, o.tracestate, o.payload\n"
                                          "  FROM feed f JOIN outbox o ON o.id = f.outbox_id\n"
                                          " WHERE f.position BETWEEN $1 AND $2\n"
                                          " ORDER BY f.position";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(PL_INT(from), PL_INT(to)));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = pl_feed_event(res, (int)i, source, arena);
    PQclear(res);
    return 0;
}

int
pl_feed_register(struct pl_pg *db, const char *consumer, size_t count, char *const *types,
                 int64_t acked, struct pl_arena *arena, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO feed_consumer (consumer, types, acked) VALUES ($1, $2, $3)\n"
        "ON CONFLICT (consumer) DO UPDATE\n"
        "   SET types = EXCLUDED.types, seen_at = now(),\n"
        "       acked = greatest(feed_consumer.acked, EXCLUDED.acked)";

    return pl_pg_run(db, err, SQL,
                     PL_ARGS(consumer, pl_pg_array_literal(arena, count, types), PL_INT(acked)));
}

int
pl_feed_acked(struct pl_pg *db, const char *consumer, int64_t acked, struct pl_err *err)
{
    static const char SQL[] = "UPDATE feed_consumer\n"
                              "   SET acked = greatest(acked, $2), seen_at = now()\n"
                              " WHERE consumer = $1";

    return pl_pg_run(db, err, SQL, PL_ARGS(consumer, PL_INT(acked)));
}

int
pl_feed_consumers(struct pl_pg *db, struct pl_arena *arena, struct pl_feed_consumer **out,
                  int *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT consumer, types, acked, greatest(h.position - acked, 0),\n"
                              "       " PL_TIME("registered_at") ", " PL_TIME(
                                  "seen_at") "\n"
                                             "  FROM feed_consumer CROSS JOIN feed_head h\n"
                                             " ORDER BY consumer";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_NO_ARGS);

    if (res == NULL)
        return -1;
    *count = PQntuples(res);
    *out = pl_arena_alloc(arena, (size_t)(*count + 1) * sizeof **out);
    for (int i = 0; i < *count; i++) {
        struct pl_feed_consumer *row = &(*out)[i];

        row->consumer = pl_pg_text(res, i, 0, arena);
        row->type_count = pl_pg_array(PQgetvalue(res, i, 1), arena, &row->types);
        row->acked = pl_pg_int(res, i, 2);
        row->lag = pl_pg_int(res, i, 3);
        row->registered_at = pl_pg_text(res, i, 4, arena);
        row->seen_at = pl_pg_text(res, i, 5, arena);
    }
    PQclear(res);
    return 0;
}

int
pl_feed_drop(struct pl_pg *db, const char *consumer, struct pl_err *err)
{
    static const char SQL[] = "DELETE FROM feed_consumer WHERE consumer = $1 RETURNING 1";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(consumer));
    bool found = res && PQntuples(res) > 0;

    PQclear(res);
    if (res == NULL || found)
        return res ? 0 : -1;
    return pl_fail(err, NOT_FOUND, "there is no consumer \"%s\"", consumer);
}

/* The feed ends its rows from the oldest on and without gaps, so that `retired` says it all. */
static int
retire_events(struct pl_pg *db, int64_t days, int64_t max_days, int64_t *deleted,
              struct pl_err *err)
{
    static const char SQL[] =
        "WITH old AS (\n"
        "  SELECT f.position, f.outbox_id,\n"
        "         o.created_at < now() - make_interval(days => $1::int)\n"
        "         AND (f.position <= (SELECT min(acked) FROM feed_consumer)\n"
        "              OR NOT EXISTS (SELECT 1 FROM feed_consumer)\n"
        "              OR o.created_at < now() - make_interval(days => $2::int)) AS may_go\n"
        "    FROM feed f JOIN outbox o ON o.id = f.outbox_id\n"
        "   WHERE f.position > (SELECT retired FROM feed_head)\n"
        "   ORDER BY f.position LIMIT 1000),\n"
        "going AS (\n"
        "  SELECT position, outbox_id FROM old\n"
        "   WHERE position < coalesce((SELECT min(position) FROM old WHERE NOT may_go),\n"
        "                             9223372036854775807)),\n"
        "rows AS (\n"
        "  DELETE FROM outbox USING going WHERE outbox.id = going.outbox_id),\n"
        "gone AS (\n"
        "  DELETE FROM feed USING going WHERE feed.position = going.position\n"
        "  RETURNING feed.position)\n"
        "UPDATE feed_head SET retired = n.last\n"
        "  FROM (SELECT max(position) AS last, count(*) AS count FROM gone) n\n"
        " WHERE n.count > 0\n"
        "RETURNING n.count";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(PL_INT(days), PL_INT(max_days)));

    if (res == NULL)
        return -1;
    *deleted = PQntuples(res) ? pl_pg_int(res, 0, 0) : 0;
    PQclear(res);
    return 0;
}

static int
count_deleted(struct pl_pg *db, const char *sql, int count, const char *const *args,
              int64_t *deleted, struct pl_err *err)
{
    PGresult *res = pl_pg_exec(db, err, sql, count, args);

    if (res == NULL)
        return -1;
    *deleted = pl_pg_int(res, 0, 0);
    PQclear(res);
    return 0;
}

static int
retire_keys(struct pl_pg *db, int64_t *deleted, struct pl_err *err)
{
    static const char SQL[] =
        "WITH gone AS (\n"
        "  DELETE FROM idempotency WHERE ctid = ANY (ARRAY(\n"
        "    SELECT ctid FROM idempotency WHERE created_at < now() - interval '24 hours'\n"
        "     LIMIT 1000))\n"
        "  RETURNING 1)\n"
        "SELECT count(*) FROM gone";

    return count_deleted(db, SQL, PL_NO_ARGS, deleted, err);
}

/* Those that are not settled stay, however old: they are somebody's to do. */
static int
retire_letters(struct pl_pg *db, int64_t days, int64_t *deleted, struct pl_err *err)
{
    static const char SQL[] = "WITH gone AS (\n"
                              "  DELETE FROM dead_letter WHERE id = ANY (ARRAY(\n"
                              "    SELECT id FROM dead_letter\n"
                              "     WHERE state IN ('replayed', 'skipped')\n"
                              "       AND changed_at < now() - make_interval(days => $1::int)\n"
                              "     LIMIT 1000))\n"
                              "  RETURNING 1)\n"
                              "SELECT count(*) FROM gone";

    return count_deleted(db, SQL, PL_ARGS(PL_INT(days)), deleted, err);
}

int
pl_feed_retire(struct pl_pg *db, int64_t days, int64_t max_days, bool *more, struct pl_err *err)
{
    int64_t events = 0, keys = 0, letters = 0;
    bool locked;

    *more = false;
    if (pl_pg_begin(db, err))
        return -1;
    if (lock_head(db, &locked, err) ||
        (locked && (retire_events(db, days, max_days, &events, err) ||
                    retire_keys(db, &keys, err) || retire_letters(db, max_days, &letters, err))) ||
        pl_pg_commit(db, err)) {
        pl_pg_rollback(db);
        return -1;
    }
    if (events)
        pl_info("feed.retired", PL_I("events", events));
    *more = events == 1000 || keys == 1000 || letters == 1000;
    return 0;
}
