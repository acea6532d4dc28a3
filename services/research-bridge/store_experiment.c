/* SQL about experiments. */
#include "store_row.h"

static int
one_experiment(PGresult *res, const char *id, struct pl_arena *arena, Bridge__Experiment **out,
               struct pl_err *err)
{
    bool found;

    if (res == NULL)
        return -1;
    found = PQntuples(res) > 0;
    if (found)
        *out = row_experiment(res, 0, arena);
    PQclear(res);
    return found ? 0 : pl_fail(err, NOT_FOUND, "there is no experiment \"%s\"", id);
}

int
store_add_experiment(struct pl_pg *db, const Bridge__Experiment *experiment, struct pl_arena *arena,
                     Bridge__Experiment **out, struct pl_err *err)
{
    static const char SQL[] = "INSERT INTO experiment AS e (id, input, title, approved_by)\n"
                              "VALUES ($1, $2, $3, $4)\n"
                              "RETURNING " EXPERIMENT_COLUMNS;

    return one_experiment(pl_pg_exec(db, err, SQL,
                                     PL_ARGS(experiment->id, experiment->input, experiment->title,
                                             experiment->approved_by)),
                          experiment->id, arena, out, err);
}

int
store_get_experiment(struct pl_pg *db, const char *id, struct pl_arena *arena,
                     Bridge__Experiment **out, struct pl_err *err)
{
    static const char SQL[] = "SELECT " EXPERIMENT_COLUMNS " FROM experiment e WHERE e.id = $1";

    return one_experiment(pl_pg_exec(db, err, SQL, PL_ARGS(id)), id, arena, out, err);
}

int
store_lock_experiment(struct pl_pg *db, const char *id, struct pl_arena *arena,
                      Bridge__Experiment **out, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT " EXPERIMENT_COLUMNS " FROM experiment e WHERE e.id = $1 FOR UPDATE OF e";

    return one_experiment(pl_pg_exec(db, err, SQL, PL_ARGS(id)), id, arena, out, err);
}

int
store_save_experiment(struct pl_pg *db, const Bridge__Experiment *experiment,
                      struct pl_arena *arena, Bridge__Experiment **out, struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE experiment e\n"
        "   SET status = $2, outcome = $3, conclusion = $4, version = version + 1,\n"
        "       updated_at = now(),\n"
        "       started_at = CASE WHEN $2 = 'running' THEN now() ELSE started_at END,\n"
        "       concluded_at = CASE WHEN $2 = 'concluded' THEN now() END\n"
        " WHERE e.id = $1\n"
        "RETURNING " EXPERIMENT_COLUMNS;

    return one_experiment(
        pl_pg_exec(db, err, SQL,
                   PL_ARGS(experiment->id, experiment->status, or_empty(experiment->outcome),
                           or_empty(experiment->conclusion))),
        experiment->id, arena, out, err);
}

int
store_list_experiments(struct pl_pg *db, const char *owner, const char *status, int64_t before,
                       int64_t limit, struct pl_arena *arena, Bridge__Experiment ***out,
                       size_t *count, int64_t *next, struct pl_err *err)
{
    static const char SQL[] = "SELECT " EXPERIMENT_COLUMNS ", e.seq\n"
                              "  FROM experiment e\n"
                              " WHERE ($1::text IS NULL OR\n"
                              "        e.input IN (SELECT id FROM input WHERE owner = $1))\n"
                              "   AND ($2::text IS NULL OR e.status = $2)\n"
                              "   AND e.seq < $3::bigint\n"
                              " ORDER BY e.seq DESC\n"
                              " LIMIT $4::bigint";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(owner, status, PL_INT(before), PL_INT(limit)));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = row_experiment(res, (int)i, arena);
    *next = *count > 1 ? pl_pg_int(res, (int)*count - 2, EXPERIMENT_COUNT) : 0;
    PQclear(res);
    return 0;
}
