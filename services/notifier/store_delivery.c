/* Deliveries: one notice for one endpoint, and what became of it. */
#include "store_rows.h"

#include <string.h>

#define DELIVERY_COLUMNS                                                                                \
    "d.id, d.event_id, d.endpoint, e.name, d.webhook_id, d.api, d.run, d.reasons, d.state, "            \
    "d.attempts, CASE WHEN d.state IN ('pending', 'retry') THEN " PL_TIME("d.due_at") " END, " PL_TIME( \
        "d.created_at") ", " PL_TIME("d.finished_at") ", d.last_error, d.number, e.enabled"

static void
read_delivery(const PGresult *res, int row, struct pl_arena *arena, struct delivery *out)
{
    int c = 0, count;

    *out = (struct delivery){ 0 };
    out->id = pl_pg_text(res, row, c++, arena);
    out->event_id = pl_pg_text(res, row, c++, arena);
    out->endpoint = pl_pg_text(res, row, c++, arena);
    out->endpoint_name = pl_pg_text(res, row, c++, arena);
    out->webhook_id = pl_pg_text(res, row, c++, arena);
    out->api = pl_pg_text(res, row, c++, arena);
    out->run = pl_pg_text(res, row, c++, arena);
    count = pl_pg_array(pl_pg_text(res, row, c++, arena), arena, &out->reasons);
    out->reason_count = count > 0 ? (size_t)count : 0;
    out->state = pl_pg_text(res, row, c++, arena);
    out->attempts = pl_pg_int(res, row, c++);
    out->next_attempt_at = pl_pg_text(res, row, c++, arena);
    out->created_at = pl_pg_text(res, row, c++, arena);
    out->finished_at = pl_pg_text(res, row, c++, arena);
    out->last_error = pl_pg_text(res, row, c++, arena);
    out->number = pl_pg_int(res, row, c++);
    out->endpoint_enabled = pl_pg_bool(res, row, c);
}

/* A notice and the artifacts it waits for come from two sources, in any order, and neither may
 * miss the other.  One lock for all runs: a transaction hears a whole batch of events, and two
 * that lock run by run, each in the order of its own source, end in a deadlock. */
static int
lock_runs(struct pl_pg *db, struct pl_err *err)
{
    static const char SQL[] = "SELECT pg_advisory_xact_lock(hashtextextended('runs', 0))";

    return pl_pg_run(db, err, SQL, PL_NO_ARGS);
}

int
store_run_published(struct pl_pg *db, const char *run, bool *out, struct pl_err *err)
{
    static const char SQL[] = "SELECT 1 FROM published_runs WHERE run = $1";

    PGresult *res = lock_runs(db, err) ? NULL : pl_pg_exec(db, err, SQL, PL_ARGS(run));

    if (res == NULL)
        return -1;
    *out = PQntuples(res) > 0;
    PQclear(res);
    return 0;
}

int
store_publish_run(struct pl_pg *db, const char *run, int64_t *released, struct pl_err *err)
{
    static const char REMEMBER[] = "INSERT INTO published_runs (run) VALUES ($1)\n"
                                   "    ON CONFLICT DO NOTHING";
    static const char RELEASE[] = "UPDATE deliveries SET waiting = false, due_at = now()\n"
                                  " WHERE run = $1 AND waiting\n"
                                  "RETURNING id";

    PGresult *res;

    if (lock_runs(db, err) || pl_pg_run(db, err, REMEMBER, PL_ARGS(run)))
        return -1;
    res = pl_pg_exec(db, err, RELEASE, PL_ARGS(run));
    if (res == NULL)
        return -1;
    *released = PQntuples(res);
    PQclear(res);
    return 0;
}

int
store_add_delivery(struct pl_pg *db, const struct delivery *delivery, int64_t wait_ms, bool *added,
                   struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO deliveries (id, event_id, endpoint, webhook_id, api, run, reasons, body,\n"
        "       state, last_error, waiting, due_at, finished_at, traceparent, tracestate)\n"
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::bigint > 0,\n"
        "        now() + $11::bigint * interval '1 ms',\n"
        "        CASE WHEN $9 = 'suppressed' THEN now() END, $12, $13)\n"
        "    ON CONFLICT (event_id, endpoint) DO NOTHING\n"
        "RETURNING id";

    struct pl_arena *arena = pl_arena_new();
    PGresult *res = pl_pg_exec(
        db, err, SQL,
        PL_ARGS(delivery->id, delivery->event_id, delivery->endpoint, delivery->webhook_id,
                delivery->api, delivery->run,
                pl_pg_array_literal(arena, delivery->reason_count, delivery->reasons),
                delivery->body, delivery->state, delivery->last_error, number_arg(arena, wait_ms),
                delivery->traceparent, delivery->tracestate));

    pl_arena_destroy(&arena);
    if (res == NULL)
        return -1;
    *added = PQntuples(res) > 0;
    PQclear(res);
    return 0;
}

int
store_list_deliveries(struct pl_pg *db, const struct delivery_filter *filter, struct page page,
                      const struct visible *visible, struct pl_arena *arena, struct delivery **out,
                      int *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT " DELIVERY_COLUMNS "\n"
                              "  FROM deliveries d\n"
                              "  JOIN endpoints e ON e.id = d.endpoint\n"
                              " WHERE ($1 = '' OR d.endpoint = $1)\n"
                              "   AND ($2 = '' OR d.state = $2)\n"
                              "   AND ($3 = '' OR d.api = $3)\n"
                              "   AND ($4::bigint = 0 OR d.number < $4::bigint)\n"
                              "   AND ($6::text[] = '{}' OR d.api = ANY ($6::text[]))\n"
                              " ORDER BY d.number DESC\n"
                              " LIMIT $5";

    PGresult *res = pl_pg_exec(db, err, SQL,
                               PL_ARGS(filter->endpoint, filter->state, filter->api,
                                       number_arg(arena, page.after), number_arg(arena, page.limit),
                                       visible_arg(arena, visible)));

    if (res == NULL)
        return -1;
    *count = PQntuples(res);
    *out = pl_arena_alloc(arena, (size_t)(*count ? *count : 1) * sizeof **out);
    for (int i = 0; i < *count; i++)
        read_delivery(res, i, arena, &(*out)[i]);
    PQclear(res);
    return 0;
}

int
store_get_delivery(struct pl_pg *db, const char *id, const struct visible *visible,
                   struct pl_arena *arena, struct delivery **out, struct pl_err *err)
{
    static const char SQL[] = "SELECT " DELIVERY_COLUMNS ", d.body\n"
                              "  FROM deliveries d\n"
                              "  JOIN endpoints e ON e.id = d.endpoint\n"
                              " WHERE d.id = $1\n"
                              "   AND ($2::text[] = '{}' OR d.api = ANY ($2::text[]))";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(id, visible_arg(arena, visible)));

    if (res == NULL)
        return -1;
    if (PQntuples(res) == 0) {
        PQclear(res);
        return pl_fail(err, NOT_FOUND, "there is no delivery \"%.64s\"", id);
    }
    *out = pl_arena_alloc(arena, sizeof **out);
    read_delivery(res, 0, arena, *out);
    (*out)->body = pl_pg_text(res, 0, PQnfields(res) - 1, arena);
    PQclear(res);
    return 0;
}

int
store_attempts(struct pl_pg *db, const char *delivery, struct pl_arena *arena, struct attempt **out,
               int *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT number, " PL_TIME(
        "at") ", trigger, status, error_class,\n"
              "       error, dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms,\n"
              "       peer, answer\n"
              "  FROM attempts\n"
              " WHERE delivery = $1\n"
              " ORDER BY number";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(delivery));

    if (res == NULL)
        return -1;
    *count = PQntuples(res);
    *out = pl_arena_alloc(arena, (size_t)(*count ? *count : 1) * sizeof **out);
    for (int i = 0; i < *count; i++)
        (*out)[i] = (struct attempt){
            .number = pl_pg_int(res, i, 0),
            .at = pl_pg_text(res, i, 1, arena),
            .trigger = pl_pg_text(res, i, 2, arena),
            .status = pl_pg_int(res, i, 3),
            .error_class = pl_pg_text(res, i, 4, arena),
            .error = pl_pg_text(res, i, 5, arena),
            .dns_ms = pl_pg_double(res, i, 6),
            .connect_ms = pl_pg_double(res, i, 7),
            .tls_ms = pl_pg_double(res, i, 8),
            .first_byte_ms = pl_pg_double(res, i, 9),
            .total_ms = pl_pg_double(res, i, 10),
            .peer = pl_pg_text(res, i, 11, arena),
            .answer = pl_pg_text(res, i, 12, arena),
        };
    PQclear(res);
    return 0;
}

int
store_replay(struct pl_pg *db, const char *id, struct pl_err *err)
{
    static const char SQL[] = "UPDATE deliveries\n"
                              "   SET state = 'pending', trigger = 'manual', waiting = false,\n"
                              "       due_at = now(), tries = 0, finished_at = NULL\n"
                              " WHERE id = $1 AND state <> 'sending'";

    return pl_pg_run(db, err, SQL, PL_ARGS(id));
}

int
store_replay_since(struct pl_pg *db, const char *since, const struct delivery_filter *filter,
                   const struct visible *visible, int64_t *count, struct pl_err *err)
{
    static const char SQL[] = "UPDATE deliveries d\n"
                              "   SET state = 'pending', trigger = 'manual', waiting = false,\n"
                              "       due_at = now(), tries = 0, finished_at = NULL\n"
                              "  FROM endpoints e\n"
                              " WHERE e.id = d.endpoint AND e.enabled\n"
                              "   AND d.created_at >= $1::timestamptz AND d.state = $2\n"
                              "   AND ($3 = '' OR d.endpoint = $3)\n"
                              "   AND ($4::text[] = '{}' OR d.api = ANY ($4::text[]))\n"
                              "RETURNING d.id";

    struct pl_arena *arena = pl_arena_new();
    PGresult *res = pl_pg_exec(
        db, err, SQL, PL_ARGS(since, filter->state, filter->endpoint, visible_arg(arena, visible)));

    pl_arena_destroy(&arena);
    if (res == NULL)
        return -1;
    *count = PQntuples(res);
    PQclear(res);
    return 0;
}
