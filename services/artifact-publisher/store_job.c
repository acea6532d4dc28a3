/* store_job.c -- apis as they are told of, and the runs that wait for their set. */
#include "store.h"

#include "pl_pg.h"
#include "store_number.h"

int
store_put_api(struct pl_pg *db, const char *api, const char *visibility, bool archived,
              struct pl_err *err)
{
    static const char SQL[] = "INSERT INTO api (api, visibility, archived)\n"
                              "VALUES ($1, $2, $3)\n"
                              "    ON CONFLICT (api) DO UPDATE\n"
                              "   SET visibility = excluded.visibility,\n"
                              "       archived = excluded.archived";

    return pl_pg_later(db, err, SQL, PL_ARGS(api, visibility, archived ? "t" : "f"));
}

int
store_add_job(struct pl_pg *db, const struct job *job, struct pl_err *err)
{
    static const char API[] = "INSERT INTO api (api)\n"
                              "VALUES ($1)\n"
                              "    ON CONFLICT DO NOTHING";
    static const char JOB[] = "INSERT INTO job (api, seq, run)\n"
                              "SELECT $1, $2::bigint, $3\n"
                              " WHERE NOT EXISTS (SELECT FROM artifact_set\n"
                              "                    WHERE api = $1 AND run = $3)\n"
                              "    ON CONFLICT DO NOTHING";
    char seq[NUMBER];

    if (pl_pg_later(db, err, API, PL_ARGS(job->api)))
        return -1;
    return pl_pg_later(db, err, JOB, PL_ARGS(job->api, number(seq, job->seq), job->run));
}

int
store_claim_job(struct pl_pg *db, int64_t lease_s, struct pl_arena *arena, struct job *out,
                bool *found, struct pl_err *err)
{
    /* `first` steps from api to api by the index, so what it costs grows with the apis that have
     * something due, not with what is due.  The rows are locked one by one until one is free. */
    static const char SQL[] =
        "WITH RECURSIVE first AS (\n"
        "  (SELECT api, seq, next_try_at FROM job\n"
        "    WHERE state = 'due' ORDER BY api, seq LIMIT 1)\n"
        "  UNION ALL\n"
        "  SELECT n.api, n.seq, n.next_try_at\n"
        "    FROM first f CROSS JOIN LATERAL (SELECT api, seq, next_try_at FROM job\n"
        "                                      WHERE state = 'due' AND api > f.api\n"
        "                                      ORDER BY api, seq LIMIT 1) n)\n"
        "UPDATE job SET next_try_at = now() + make_interval(secs => $1::int)\n"
        " WHERE (api, seq) = (\n"
        "  SELECT j.api, j.seq\n"
        "    FROM (SELECT api, seq FROM first\n"
        "           WHERE next_try_at <= now() ORDER BY next_try_at, seq) f\n"
        "   CROSS JOIN LATERAL (SELECT api, seq FROM job\n"
        "                        WHERE api = f.api AND seq = f.seq AND state = 'due'\n"
        "                          AND next_try_at <= now() FOR UPDATE SKIP LOCKED) j\n"
        "   LIMIT 1)\n"
        "RETURNING api, seq, run";
    char lease[NUMBER];
    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(number(lease, lease_s)));

    if (res == NULL)
        return -1;
    *found = PQntuples(res) == 1;
    if (*found) {
        out->api = pl_pg_text(res, 0, 0, arena);
        out->seq = pl_pg_int(res, 0, 1);
        out->run = pl_pg_text(res, 0, 2, arena);
    }
    PQclear(res);
    return 0;
}

int
store_fail_job(struct pl_pg *db, const struct job *job, const char *why, bool counts, int64_t most,
               bool *dead, struct pl_err *err)
{
    // 1 s, 2 s, 4 s, 8 s, then every 15 s
    static const char SQL[] =
        "UPDATE job SET attempts = attempts + $3::int, waits = waits + 1, last_error = $4,\n"
        "       next_try_at = now() + make_interval(secs => least(15, 2 ^ least(waits, 4))),\n"
        "       state = CASE WHEN attempts + $3::int >= $5::int THEN 'dead' ELSE 'due' END\n"
        " WHERE api = $1 AND seq = $2::bigint\n"
        "RETURNING state = 'dead'";
    char seq[NUMBER], limit[NUMBER];
    PGresult *res = pl_pg_exec(
        db, err, SQL,
        PL_ARGS(job->api, number(seq, job->seq), counts ? "1" : "0", why, number(limit, most)));

    if (res == NULL)
        return -1;
    *dead = PQntuples(res) == 1 && pl_pg_bool(res, 0, 0);
    PQclear(res);
    return 0;
}

int
store_count_jobs(struct pl_pg *db, int64_t *due, int64_t *dead, struct pl_err *err)
{
    static const char SQL[] = "SELECT count(*) FILTER (WHERE state = 'due'),\n"
                              "       count(*) FILTER (WHERE state = 'dead')\n"
                              "  FROM job";
    PGresult *res = pl_pg_exec(db, err, SQL, PL_NO_ARGS);

    if (res == NULL)
        return -1;
    *due = pl_pg_int(res, 0, 0);
    *dead = pl_pg_int(res, 0, 1);
    PQclear(res);
    return 0;
}

int
store_drop_job(struct pl_pg *db, const struct job *job, struct pl_err *err)
{
    static const char SQL[] = "DELETE FROM job WHERE api = $1 AND seq = $2::bigint";
    char seq[NUMBER];

    return pl_pg_later(db, err, SQL, PL_ARGS(job->api, number(seq, job->seq)));
}
