/* SQL about accepted findings. */
#include "governance.h"
#include "store_row.h"

/* The columns of an acceptance, in the order in which read_acceptance() takes them. */
#define ACCEPTANCE_COLUMNS                                                                    \
    "a.api, a.fingerprint, a.author, a.reason, a.expires, "                                   \
    "coalesce(a.expires < (now() AT TIME ZONE 'UTC')::date, false), a.accepted_by, " PL_TIME( \
        "a.created_at") ", a.rule, a.sentence"

static Governance__Acceptance *
read_acceptance(const PGresult *res, int row, struct pl_arena *arena)
{
    Governance__Acceptance *out = pl_arena_alloc(arena, sizeof *out);
    int c = 0;

    governance__acceptance__init(out);
    out->api = row_text(res, row, c++, arena);
    out->fingerprint = row_text(res, row, c++, arena);
    out->author = row_text(res, row, c++, arena);
    out->reason = row_text(res, row, c++, arena);
    out->expires = row_text(res, row, c++, arena);
    PUT(out, expired, pl_pg_bool(res, row, c++));
    out->accepted_by = row_text(res, row, c++, arena);
    out->created_at = row_text(res, row, c++, arena);
    out->rule = row_text(res, row, c++, arena);
    out->text = row_text(res, row, c++, arena);
    return out;
}

int
store_accept(struct pl_pg *db, const Governance__Acceptance *wanted, struct pl_arena *arena,
             Governance__Acceptance **out, bool *added, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO accepted AS a (api, fingerprint, author, reason, expires, accepted_by, rule,\n"
        "       sentence)\n"
        "SELECT $1, $2, $3, $4, $5::date, $6, coalesce(f.rule, ''), coalesce(f.sentence, '')\n"
        "  FROM (SELECT 1) one\n"
        "  LEFT JOIN (SELECT f.rule, f.sentence\n"
        "               FROM finding f JOIN run r ON r.id = f.run\n"
        "              WHERE f.fingerprint = $2 AND r.api = $1\n"
        "              ORDER BY r.seq DESC LIMIT 1) f ON true\n"
        "    ON CONFLICT (api, fingerprint) DO UPDATE\n"
        "   SET author = excluded.author, reason = excluded.reason, expires = excluded.expires,\n"
        "       accepted_by = excluded.accepted_by, created_at = now(),\n"
        "       rule = coalesce(nullif(excluded.rule, ''), a.rule),\n"
        "       sentence = coalesce(nullif(excluded.sentence, ''), a.sentence)\n"
        "RETURNING " ACCEPTANCE_COLUMNS ", a.xmax = 0";

    PGresult *res = pl_pg_exec(db, err, SQL,
                               PL_ARGS(wanted->api, wanted->fingerprint, wanted->author,
                                       wanted->reason, wanted->expires, wanted->accepted_by));

    if (res == NULL)
        return -1;
    *out = read_acceptance(res, 0, arena);
    *added = pl_pg_bool(res, 0, 10);
    PQclear(res);
    return 0;
}

int
store_list_accepted(struct pl_pg *db, const char *api, const char *after, int64_t limit,
                    struct pl_arena *arena, Governance__Acceptance ***out, size_t *count,
                    struct pl_err *err)
{
    static const char SQL[] = "SELECT " ACCEPTANCE_COLUMNS "\n"
                              "  FROM accepted a\n"
                              " WHERE a.api = $1 AND a.fingerprint > $2\n"
                              " ORDER BY a.fingerprint\n"
                              " LIMIT $3";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, after, arg_int(arena, limit)));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = read_acceptance(res, (int)i, arena);
    PQclear(res);
    return 0;
}

int
store_withdraw(struct pl_pg *db, const char *api, const char *fingerprint, struct pl_arena *arena,
               Governance__Acceptance **out, struct pl_err *err)
{
    static const char SQL[] = "DELETE FROM accepted a\n"
                              " WHERE a.api = $1 AND a.fingerprint = $2\n"
                              "RETURNING " ACCEPTANCE_COLUMNS;

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, fingerprint));
    bool found;

    if (res == NULL)
        return -1;
    found = PQntuples(res) > 0;
    if (found)
        *out = read_acceptance(res, 0, arena);
    PQclear(res);
    return found ? 0
                 : pl_fail(err, NOT_FOUND,
                           "nothing with the fingerprint %.40s is accepted for \"%s\"", fingerprint,
                           api);
}
