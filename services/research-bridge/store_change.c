/* SQL about the history: who changed what. */
#include "store_row.h"

int
store_add_change(struct pl_pg *db, const char *input, const Bridge__Change *change,
                 struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO change (input, experiment, actor, version, field, before, after, comment)\n"
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

    return pl_pg_run(db, err, SQL,
                     PL_ARGS(input, or_empty(change->experiment), change->actor,
                             PL_INT(change->version), change->field, or_empty(change->before),
                             or_empty(change->after), or_empty(change->comment)));
}

static Bridge__Change *
row_change(const PGresult *res, int row, struct pl_arena *arena)
{
    Bridge__Change *out = pl_arena_alloc(arena, sizeof *out);

    bridge__change__init(out);
    out->at = row_text(res, row, 1, arena);
    out->actor = row_text(res, row, 2, arena);
    out->has_version = 1;
    out->version = pl_pg_int(res, row, 3);
    out->field = row_text(res, row, 4, arena);
    out->before = row_text(res, row, 5, arena);
    out->after = row_text(res, row, 6, arena);
    out->comment = row_text(res, row, 7, arena);
    out->experiment = row_text(res, row, 8, arena);
    return out;
}

int
store_list_changes(struct pl_pg *db, const char *input, int64_t after, int64_t limit,
                   struct pl_arena *arena, Bridge__Change ***out, size_t *count, int64_t *next,
                   struct pl_err *err)
{
    static const char SQL[] =
        "SELECT seq, " PL_TIME("at") ", actor, version, field, before, after, comment, experiment\n"
                                     "  FROM change\n"
                                     " WHERE input = $1 AND seq > $2::bigint\n"
                                     " ORDER BY seq\n"
                                     " LIMIT $3::bigint";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(input, PL_INT(after), PL_INT(limit)));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = row_change(res, (int)i, arena);
    *next = *count > 1 ? pl_pg_int(res, (int)*count - 2, 0) : 0;
    PQclear(res);
    return 0;
}
