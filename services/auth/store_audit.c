/* The audit, and the public keys that verify access tokens. */
#include "store.h"

#include "settings.h"

#include "pl_pg.h"

#include <string.h>

static const char *
or_empty(const char *text)
{
    return text ? text : "";
}

int
store_add_audit(struct pl_pg *db, const struct audit *entry, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO audit (event, result, reason, account, actor, session, address, agent)\n"
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

    return pl_pg_run(db, err, SQL,
                     PL_ARGS(entry->event, entry->result, entry->reason ? entry->reason : "-",
                             or_empty(entry->account), or_empty(entry->actor),
                             or_empty(entry->session), or_empty(entry->address),
                             or_empty(entry->agent)));
}

int
store_list_audit(struct pl_pg *db, const char *account, int64_t before, int64_t limit,
                 struct pl_arena *arena, struct audit **out, size_t *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT seq, " PL_TIME(
        "at") ", event, result, reason, account, actor, session, address,\n"
              "       agent\n"
              "  FROM audit\n"
              " WHERE ($1::text IS NULL OR account = $1) AND ($2::bigint = 0 OR seq < $2::bigint)\n"
              " ORDER BY seq DESC\n"
              " LIMIT $3::bigint";

    PGresult *res = pl_pg_exec(db, err, SQL,
                               PL_ARGS(account, pl_arena_printf(arena, "%lld", (long long)before),
                                       pl_arena_printf(arena, "%lld", (long long)limit)));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (int i = 0; i < (int)*count; i++)
        (*out)[i] = (struct audit){ .seq = pl_pg_int(res, i, 0),
                                    .at = pl_pg_text(res, i, 1, arena),
                                    .event = pl_pg_text(res, i, 2, arena),
                                    .result = pl_pg_text(res, i, 3, arena),
                                    .reason = pl_pg_text(res, i, 4, arena),
                                    .account = pl_pg_text(res, i, 5, arena),
                                    .actor = pl_pg_text(res, i, 6, arena),
                                    .session = pl_pg_text(res, i, 7, arena),
                                    .address = pl_pg_text(res, i, 8, arena),
                                    .agent = pl_pg_text(res, i, 9, arena) };
    PQclear(res);
    return 0;
}

int
store_forget_audit(struct pl_pg *db, struct pl_err *err)
{
    static const char SQL[] = "DELETE FROM audit WHERE seq IN (SELECT seq FROM audit\n"
                              "  WHERE at < now() - make_interval(days => $1::int) LIMIT 10000)";

    return pl_pg_run(db, err, SQL, PL_ARGS(PL_INT(settings.audit_days)));
}

int
store_see_key(struct pl_pg *db, const char *kid, const unsigned char key[32], int64_t until,
              struct pl_err *err)
{
    /* An end that one replica has read already is not taken back by another that has not.  Asked
     * every second, written when there is something new and once a minute. */
    static const char SQL[] =
        "INSERT INTO signing_key AS k (kid, public_key, verify_until)\n"
        "VALUES ($1, $2, to_timestamp(nullif($3::bigint, 0)))\n"
        "ON CONFLICT (kid) DO UPDATE SET\n"
        "  seen_at = now(), verify_until = least(k.verify_until, excluded.verify_until)\n"
        "WHERE k.seen_at < now() - interval '60 s'\n"
        "   OR k.verify_until IS DISTINCT FROM least(k.verify_until, excluded.verify_until)";

    struct pl_pg_number number = pl_pg_number(until);
    PGresult *res =
        pl_pg_exec_b(db, err, SQL, PL_ARGS_B(PL_T(kid), PL_B(key, 32), PL_T(number.text)));

    PQclear(res);
    return res ? 0 : -1;
}

int
store_live_keys(struct pl_pg *db, int64_t seconds, struct pl_jwks *out, struct pl_err *err)
{
    static const char SQL[] = "SELECT public_key FROM signing_key\n"
                              " WHERE (verify_until IS NULL OR verify_until > now())\n"
                              "   AND seen_at > now() - make_interval(secs => $1::float)\n"
                              " ORDER BY kid";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(PL_INT(seconds)));
    struct pl_arena *arena;

    *out = (struct pl_jwks){ .count = 0 };
    if (res == NULL)
        return -1;
    arena = pl_arena_new();
    for (int i = 0; i < PQntuples(res); i++) {
        size_t length = 0;
        const unsigned char *key = pl_pg_bytes(res, i, 0, arena, &length);

        if (length == PL_JWK_BYTES)
            pl_jwks_add(out, key);
    }
    pl_arena_destroy(&arena);
    PQclear(res);
    return 0;
}

int
store_keep_key_set(struct pl_pg *db, const char *jwks, bool *changed, struct pl_err *err)
{
    static const char SQL[] = "UPDATE key_set SET jwks = $1 WHERE jwks <> $1 RETURNING one";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(jwks));

    if (res == NULL)
        return -1;
    *changed = PQntuples(res) > 0;
    PQclear(res);
    return 0;
}
