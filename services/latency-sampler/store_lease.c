/* SQL about who probes which shards.  Times are the database's alone. */
#include "store.h"

#include "pl_pg.h"

int
store_beat(struct pl_pg *db, const char *id, int64_t lease_ms, int64_t *alive, struct pl_err *err)
{
    static const char BEAT[] = "INSERT INTO instance (id, seen) VALUES ($1, clock_timestamp())\n"
                               "    ON CONFLICT (id) DO UPDATE SET seen = clock_timestamp()";
    static const char BURY[] =
        "DELETE FROM instance\n"
        " WHERE seen < clock_timestamp() - make_interval(secs => $1 / 1000.0)";
    static const char COUNT[] = "SELECT count(*) FROM instance";

    PGresult *res;

    if (pl_pg_run(db, err, BEAT, PL_ARGS(id)) ||
        pl_pg_run(db, err, BURY, PL_ARGS(PL_INT(lease_ms))))
        return -1;
    res = pl_pg_exec(db, err, COUNT, PL_NO_ARGS);
    if (res == NULL)
        return -1;
    *alive = pl_pg_int(res, 0, 0);
    PQclear(res);
    return 0;
}

static int
mark(PGresult *res, bool held[SHARDS])
{
    if (res == NULL)
        return -1;
    for (int i = 0; i < PQntuples(res); i++)
        held[pl_pg_int(res, i, 0)] = true; // CHECKed in the table
    PQclear(res);
    return 0;
}

int
store_renew(struct pl_pg *db, const char *id, int64_t lease_ms, bool held[SHARDS],
            struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE shard\n"
        "   SET until = clock_timestamp() + make_interval(secs => $2 / 1000.0)\n"
        " WHERE holder = $1 AND until > clock_timestamp()\n"
        "RETURNING no";

    return mark(pl_pg_exec(db, err, SQL, PL_ARGS(id, PL_INT(lease_ms))), held);
}

int
store_release(struct pl_pg *db, const char *id, const bool keep[SHARDS], struct pl_err *err)
{
    static const char SQL[] = "UPDATE shard SET holder = '', until = '-infinity'\n"
                              " WHERE holder = $1 AND no = $2";

    for (int i = 0; i < SHARDS; i++)
        if (!keep[i] && pl_pg_run(db, err, SQL, PL_ARGS(id, PL_INT(i))))
            return -1;
    return 0;
}

int
store_leave(struct pl_pg *db, const char *id, struct pl_err *err)
{
    if (pl_pg_run(db, err, "UPDATE shard SET holder = '', until = '-infinity' WHERE holder = $1",
                  PL_ARGS(id)))
        return -1;
    return pl_pg_run(db, err, "DELETE FROM instance WHERE id = $1", PL_ARGS(id));
}

int
store_open(struct pl_pg **db, const char *dsn, struct pl_err *err)
{
    return pl_pg_open(db, dsn, err);
}

void
store_close(struct pl_pg **db)
{
    pl_pg_destroy(db);
}

int
store_claim(struct pl_pg *db, const char *id, int64_t lease_ms, int most, bool held[SHARDS],
            struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE shard\n"
        "   SET holder = $1, until = clock_timestamp() + make_interval(secs => $2 / 1000.0)\n"
        " WHERE no IN (SELECT no FROM shard WHERE until < clock_timestamp()\n"
        "               ORDER BY no LIMIT $3 FOR UPDATE SKIP LOCKED)\n"
        "RETURNING no";

    return mark(pl_pg_exec(db, err, SQL, PL_ARGS(id, PL_INT(lease_ms), PL_INT(most))), held);
}
