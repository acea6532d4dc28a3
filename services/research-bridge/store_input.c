/* SQL about one input. */
#include "store_row.h"

static int
one_input(PGresult *res, const char *id, struct pl_arena *arena, Bridge__Input **out,
          struct pl_err *err)
{
    bool found;

    if (res == NULL)
        return -1;
    found = PQntuples(res) > 0;
    if (found)
        *out = row_input(res, 0, arena);
    PQclear(res);
    return found ? 0 : pl_fail(err, NOT_FOUND, "there is no input \"%s\"", id);
}

int
store_add_input(struct pl_pg *db, const Bridge__Input *input, struct pl_arena *arena,
                Bridge__Input **out, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO input AS i (id, title, problem, hypothesis, tags, owner, impact, created_by)\n"
        "VALUES ($1, $2, $3, $4, $5::text[], $6, $7, $8)\n"
        "RETURNING " INPUT_COLUMNS;

    return one_input(
        pl_pg_exec(db, err, SQL,
                   PL_ARGS(input->id, input->title, input->problem, or_empty(input->hypothesis),
                           pl_pg_array_literal(arena, input->n_tags, input->tags),
                           or_empty(input->owner), PL_INT(input->impact), input->created_by)),
        input->id, arena, out, err);
}

int
store_get_input(struct pl_pg *db, const char *id, struct pl_arena *arena, Bridge__Input **out,
                struct pl_err *err)
{
    static const char SQL[] = "SELECT " INPUT_COLUMNS "\n"
                              "  FROM input i\n"
                              " WHERE i.id = $1";

    return one_input(pl_pg_exec(db, err, SQL, PL_ARGS(id)), id, arena, out, err);
}

int
store_lock_input(struct pl_pg *db, const char *id, struct pl_arena *arena, Bridge__Input **out,
                 struct pl_err *err)
{
    static const char SQL[] = "SELECT " INPUT_COLUMNS "\n"
                              "  FROM input i\n"
                              " WHERE i.id = $1\n"
                              "   FOR UPDATE OF i";

    return one_input(pl_pg_exec(db, err, SQL, PL_ARGS(id)), id, arena, out, err);
}

int
store_save_input(struct pl_pg *db, const Bridge__Input *input, struct pl_arena *arena,
                 Bridge__Input **out, struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE input i\n"
        "   SET title = $2, problem = $3, hypothesis = $4, tags = $5::text[], owner = $6,\n"
        "       impact = $7, status = $8, version = version + 1, updated_at = now(),\n"
        "       touched = nextval('input_touched')\n"
        " WHERE i.id = $1\n"
        "RETURNING " INPUT_COLUMNS;

    return one_input(
        pl_pg_exec(db, err, SQL,
                   PL_ARGS(input->id, input->title, input->problem, or_empty(input->hypothesis),
                           pl_pg_array_literal(arena, input->n_tags, input->tags),
                           or_empty(input->owner), PL_INT(input->impact), input->status)),
        input->id, arena, out, err);
}
