/* SQL about what was measured: windows of five minutes, later of an hour. */
#include "store.h"

#include "pl_pg.h"

static int
put_window(struct pl_pg *db, const char *target, const char *writer, int seconds,
           const struct window *window, struct pl_arena *arena, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO histogram (target, begins, seconds, writer, attempts, ok, missed, sum_us,\n"
        "                       min_us, max_us, latency, service)\n"
        "VALUES ($1, to_timestamp($2::bigint), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)\n"
        "    ON CONFLICT (target, begins, seconds, writer) DO UPDATE\n"
        "   SET attempts = $5, ok = $6, missed = $7, sum_us = $8, min_us = $9, max_us = $10,\n"
        "       latency = $11, service = $12";

    size_t latency = exp_histogram_size(&window->latency);
    size_t service = exp_histogram_size(&window->service);
    unsigned char *bytes = pl_arena_alloc(arena, latency + service + 1);
    PGresult *res;

    exp_histogram_encode(&window->latency, bytes);
    exp_histogram_encode(&window->service, bytes + latency);
    res = pl_pg_exec_b(db, err, SQL,
                       PL_ARGS_B(PL_T(target), PL_T(PL_INT(window->begin)), PL_T(PL_INT(seconds)),
                                 PL_T(writer), PL_T(PL_INT(window->attempts)),
                                 PL_T(PL_INT(window->ok)), PL_T(PL_INT(window->missed)),
                                 PL_T(PL_INT((int64_t)window->sum_us)),
                                 PL_T(PL_INT(window->min_us)), PL_T(PL_INT(window->max_us)),
                                 PL_B(bytes, latency), PL_B(bytes + latency, service)));
    PQclear(res);
    return res ? 0 : -1;
}

int
store_put_window(struct pl_pg *db, const char *target, const char *writer,
                 const struct window *window, struct pl_arena *arena, struct pl_err *err)
{
    return put_window(db, target, writer, WINDOW_S, window, arena, err);
}

static int
decode(const PGresult *res, int row, int column, struct pl_arena *arena, struct exp_histogram *out,
       struct pl_err *err)
{
    size_t length;
    const unsigned char *bytes = pl_pg_bytes(res, row, column, arena, &length);

    if (exp_histogram_decode(out, bytes, length))
        return pl_fail(err, INTERNAL, "a stored histogram is damaged");
    return 0;
}

int
store_visit_windows(struct pl_pg *db, const char *target, int64_t from, int64_t to,
                    store_visit_fn *visit, void *arg, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT extract(epoch FROM begins)::bigint, attempts, ok, missed, sum_us, min_us, max_us,\n"
        "       latency, service\n"
        "  FROM histogram\n"
        " WHERE target = $1 AND begins >= to_timestamp($2::bigint)\n"
        "   AND begins < to_timestamp($3::bigint)\n"
        " ORDER BY begins";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(target, PL_INT(from), PL_INT(to)));
    struct pl_arena *arena = pl_arena_new();
    int failed = res ? 0 : -1;

    for (int i = 0; res && i < PQntuples(res) && !failed; i++) {
        struct window window = { .begin = pl_pg_int(res, i, 0),
                                 .attempts = pl_pg_int(res, i, 1),
                                 .ok = pl_pg_int(res, i, 2),
                                 .missed = pl_pg_int(res, i, 3),
                                 .sum_us = (uint64_t)pl_pg_int(res, i, 4),
                                 .min_us = (uint32_t)pl_pg_int(res, i, 5),
                                 .max_us = (uint32_t)pl_pg_int(res, i, 6) };

        failed = decode(res, i, 7, arena, &window.latency, err) ||
                 decode(res, i, 8, arena, &window.service, err);
        if (!failed)
            visit(arg, &window);
        exp_histogram_clear(&window.latency);
        exp_histogram_clear(&window.service);
        pl_arena_reset(arena);
    }
    PQclear(res);
    pl_arena_destroy(&arena);
    return failed ? -1 : 0;
}

int
store_uptime(struct pl_pg *db, const char *target, int64_t seconds, int64_t *attempts, int64_t *ok,
             struct pl_err *err)
{
    static const char SQL[] = "SELECT coalesce(sum(attempts), 0), coalesce(sum(ok), 0)\n"
                              "  FROM histogram\n"
                              " WHERE target = $1\n"
                              "   AND begins > now() - make_interval(secs => $2::bigint)";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(target, PL_INT(seconds)));

    if (res == NULL)
        return -1;
    *attempts = pl_pg_int(res, 0, 0);
    *ok = pl_pg_int(res, 0, 1);
    PQclear(res);
    return 0;
}

int
store_old_hours(struct pl_pg *db, int64_t before, int most, struct pl_arena *arena,
                struct stored_hour **out, int *count, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT DISTINCT target, extract(epoch FROM date_trunc('hour', begins))::bigint\n"
        "  FROM histogram\n"
        " WHERE seconds = 300 AND begins < date_trunc('hour', to_timestamp($1::bigint))\n"
        " LIMIT $2";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(PL_INT(before), PL_INT(most)));

    if (res == NULL)
        return -1;
    *count = PQntuples(res);
    *out = pl_arena_alloc(arena, ((size_t)*count + 1) * sizeof **out);
    for (int i = 0; i < *count; i++)
        (*out)[i] = (struct stored_hour){ .target = pl_pg_text(res, i, 0, arena),
                                          .begin = pl_pg_int(res, i, 1) };
    PQclear(res);
    return 0;
}

int
store_merge_hour(struct pl_pg *db, const struct stored_hour *hour, const struct window *window,
                 struct pl_arena *arena, struct pl_err *err)
{
    static const char DELETE[] = "DELETE FROM histogram\n"
                                 " WHERE target = $1 AND seconds = 300\n"
                                 "   AND begins >= to_timestamp($2::bigint)\n"
                                 "   AND begins < to_timestamp($2::bigint) + interval '1 hour'";

    if (pl_pg_run(db, err, DELETE, PL_ARGS(hour->target, PL_INT(hour->begin))))
        return -1;
    return put_window(db, hour->target, "hour", 3600, window, arena, err);
}

int
store_trim_windows(struct pl_pg *db, int64_t before, struct pl_err *err)
{
    return pl_pg_run(db, err, "DELETE FROM histogram WHERE begins < to_timestamp($1::bigint)",
                     PL_ARGS(PL_INT(before)));
}
