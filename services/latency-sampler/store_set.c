/* SQL about the sets of targets. */
#include "store.h"

#include "pl_pg.h"

int
store_begin(struct pl_pg *db, struct pl_err *err)
{
    return pl_pg_begin(db, err);
}

int
store_commit(struct pl_pg *db, struct pl_err *err)
{
    return pl_pg_commit(db, err);
}

void
store_rollback(struct pl_pg *db)
{
    pl_pg_rollback(db);
}

int
store_get_set(struct pl_pg *db, const char *kind, struct pl_arena *arena, const char **json,
              int64_t *generation, struct pl_err *err)
{
    static const char SQL[] = "SELECT targets, generation FROM target_set WHERE kind = $1";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(kind));

    if (res == NULL)
        return -1;
    *json = PQntuples(res) ? pl_pg_text(res, 0, 0, arena) : NULL;
    *generation = PQntuples(res) ? pl_pg_int(res, 0, 1) : 0;
    PQclear(res);
    return 0;
}

int
store_generation(struct pl_pg *db, int64_t *out, struct pl_err *err)
{
    /* Dropping a set changes the sum as writing one does: generations only rise. */
    static const char SQL[] = "SELECT coalesce(sum(generation), 0) FROM target_set";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_NO_ARGS);

    if (res == NULL)
        return -1;
    *out = pl_pg_int(res, 0, 0);
    PQclear(res);
    return 0;
}

int
store_put_set(struct pl_pg *db, const char *kind, const char *json, const char *actor,
              struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO target_set (kind, targets, generation, updated_by)\n"
        "VALUES ($1, $2, nextval('target_generation'), $3)\n"
        "    ON CONFLICT (kind) DO UPDATE\n"
        "   SET targets = $2, generation = nextval('target_generation'), updated_at = now(),\n"
        "       updated_by = $3";

    return pl_pg_run(db, err, SQL, PL_ARGS(kind, json, actor));
}

int
store_drop_set(struct pl_pg *db, const char *kind, struct pl_err *err)
{
    return pl_pg_run(db, err, "DELETE FROM target_set WHERE kind = $1", PL_ARGS(kind));
}
