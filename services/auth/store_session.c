/* Sessions and their refresh tokens. */
#include "store.h"

#include "settings.h"

#include "pl_pg.h"

#include <string.h>

int
store_add_session(struct pl_pg *db, const struct session *session,
                  const unsigned char hash[HASH_BYTES], struct pl_arena *arena, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO session (id, account, refresh_hash, agent, binding, address,\n"
        "                     expires_at, ends_at)\n"
        "VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7::float),\n"
        "        now() + make_interval(days => $8::int))";

    PGresult *res = pl_pg_exec_b(
        db, err, SQL,
        PL_ARGS_B(PL_T(session->id), PL_T(session->account), PL_B(hash, HASH_BYTES),
                  PL_T(session->agent), PL_B(session->binding, BINDING_BYTES),
                  PL_T(session->address),
                  PL_T(pl_arena_printf(arena, "%lld", (long long)settings.refresh_s)),
                  PL_T(pl_arena_printf(arena, "%lld", (long long)settings.session_days))));

    PQclear(res);
    return res ? 0 : -1;
}

static void
read_rotation(const PGresult *res, struct pl_arena *arena, struct rotation *out)
{
    size_t length = 0;
    unsigned char *binding = pl_pg_bytes(res, 0, 2, arena, &length);

    out->session = pl_pg_text(res, 0, 0, arena);
    out->account = pl_pg_text(res, 0, 1, arena);
    if (length == BINDING_BYTES)
        memcpy(out->binding, binding, BINDING_BYTES);
    out->expires_in_s = pl_pg_int(res, 0, 3);
}

/* The one statement that spends a token and puts its successor in its place: of any number that
 * try at once, one finds the old hash. */
static int
swap(struct pl_pg *db, const struct refresh *refresh, struct pl_arena *arena, struct rotation *out,
     struct pl_err *err)
{
    static const char SQL[] =
        "WITH won AS (\n"
        "  UPDATE session s SET\n"
        "    refresh_hash = $2, last_used_at = now(),\n"
        "    expires_at = least(now() + make_interval(secs => $4::float), s.ends_at)\n"
        "    FROM account a\n"
        "   WHERE s.refresh_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > now()\n"
        "     AND a.id = s.account AND a.disabled_at IS NULL\n"
        "     AND ($5::bytea IS NULL OR s.binding = $5)\n"
        "  RETURNING s.id, s.account, s.binding, s.expires_at),\n"
        "spent AS (\n"
        "  INSERT INTO refresh_spent (hash, session, sealed) SELECT $1, id, $3 FROM won)\n"
        "SELECT id, account, binding, ceil(extract(epoch FROM expires_at - now()))::bigint\n"
        "  FROM won";

    PGresult *res = pl_pg_exec_b(
        db, err, SQL,
        PL_ARGS_B(PL_B(refresh->hash, HASH_BYTES), PL_B(refresh->next_hash, HASH_BYTES),
                  PL_B(refresh->sealed, SEALED_BYTES),
                  PL_T(pl_arena_printf(arena, "%lld", (long long)settings.refresh_s)),
                  PL_B(refresh->must_bind, BINDING_BYTES)));

    if (res == NULL)
        return -1;
    if (PQntuples(res)) {
        read_rotation(res, arena, out);
        out->result = REFRESH_ROTATED;
    }
    PQclear(res);
    return 0;
}

/* Why a token could not be spent: it was before, or its session is over. */
static int
explain(struct pl_pg *db, const struct refresh *refresh, struct pl_arena *arena,
        struct rotation *out, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT s.id, s.account, s.binding,\n"
        "       ceil(extract(epoch FROM s.expires_at - now()))::bigint,\n"
        "       s.revoked_at IS NOT NULL, s.expires_at <= now(), a.disabled_at IS NOT NULL,\n"
        "       p.hash IS NOT NULL,\n"
        "       coalesce(p.spent_at > now() - make_interval(secs => $2::float), false),\n"
        "       p.sealed, $3::bytea IS NULL OR s.binding = $3\n"
        "  FROM session s\n"
        "  JOIN account a ON a.id = s.account\n"
        "  LEFT JOIN refresh_spent p ON p.session = s.id AND p.hash = $1\n"
        " WHERE s.refresh_hash = $1 OR p.hash IS NOT NULL";

    PGresult *res =
        pl_pg_exec_b(db, err, SQL,
                     PL_ARGS_B(PL_B(refresh->hash, HASH_BYTES),
                               PL_T(pl_arena_printf(arena, "%lld", (long long)settings.grace_s)),
                               PL_B(refresh->must_bind, BINDING_BYTES)));

    if (res == NULL)
        return -1;
    out->result = REFRESH_UNKNOWN;
    if (PQntuples(res)) {
        bool spent = pl_pg_bool(res, 0, 7);

        read_rotation(res, arena, out);
        out->sealed = pl_pg_bytes(res, 0, 9, arena, &out->sealed_length);
        if (pl_pg_bool(res, 0, 4))
            out->result = REFRESH_REVOKED;
        else if (pl_pg_bool(res, 0, 5))
            out->result = REFRESH_EXPIRED;
        else if (pl_pg_bool(res, 0, 6))
            out->result = REFRESH_DISABLED;
        else if (!pl_pg_bool(res, 0, 10))
            out->result = REFRESH_UNBOUND;
        else if (!spent)
            out->result = REFRESH_BUSY;
        else
            out->result = pl_pg_bool(res, 0, 8) ? REFRESH_GRACE : REFRESH_REUSED;
    }
    PQclear(res);
    return 0;
}

int
store_rotate(struct pl_pg *db, const struct refresh *refresh, struct pl_arena *arena,
             struct rotation *out, struct pl_err *err)
{
    *out = (struct rotation){ .result = REFRESH_UNKNOWN };
    if (swap(db, refresh, arena, out, err))
        return -1;
    return out->result == REFRESH_ROTATED ? 0 : explain(db, refresh, arena, out, err);
}

static int
read_ids(PGresult *res, struct pl_arena *arena, char ***ids, size_t *count)
{
    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *ids = pl_arena_alloc(arena, (*count + 1) * sizeof **ids);
    for (size_t i = 0; i < *count; i++)
        (*ids)[i] = pl_pg_text(res, (int)i, 0, arena);
    PQclear(res);
    return 0;
}

int
store_revoke_sessions(struct pl_pg *db, const char *account, const char *only, const char *but,
                      const char *reason, struct pl_arena *arena, char ***ids, size_t *count,
                      struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE session SET revoked_at = now(), revoke_reason = $4\n"
        " WHERE account = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR id <> $3)\n"
        "   AND revoked_at IS NULL\n"
        "RETURNING id";

    return read_ids(pl_pg_exec(db, err, SQL, PL_ARGS(account, only, but, reason)), arena, ids,
                    count);
}

int
store_revoke_oldest(struct pl_pg *db, const char *account, int64_t keep, struct pl_arena *arena,
                    char ***ids, size_t *count, struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE session SET revoked_at = now(), revoke_reason = 'cap'\n"
        " WHERE revoked_at IS NULL AND id IN (\n"
        "   SELECT id FROM session\n"
        "    WHERE account = $1 AND revoked_at IS NULL AND expires_at > now()\n"
        "    ORDER BY created_at DESC, id OFFSET $2::bigint)\n"
        "RETURNING id";

    return read_ids(pl_pg_exec(db, err, SQL, PL_ARGS(account, PL_INT(keep))), arena, ids, count);
}

int
store_session_of_refresh(struct pl_pg *db, const unsigned char hash[HASH_BYTES],
                         struct pl_arena *arena, struct session *out, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT s.id, s.account FROM session s\n"
        " WHERE s.refresh_hash = $1\n"
        "    OR s.id = (SELECT p.session FROM refresh_spent p WHERE p.hash = $1)";

    PGresult *res = pl_pg_exec_b(db, err, SQL, PL_ARGS_B(PL_B(hash, HASH_BYTES)));
    bool found;

    if (res == NULL)
        return -1;
    found = PQntuples(res) > 0;
    if (found) {
        out->id = pl_pg_text(res, 0, 0, arena);
        out->account = pl_pg_text(res, 0, 1, arena);
    }
    PQclear(res);
    return found ? 0 : pl_fail(err, UNAUTHENTICATED, "the refresh token is not valid (any more)");
}

int
store_list_sessions(struct pl_pg *db, const char *account, struct pl_arena *arena,
                    struct session **out, size_t *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT id, agent, address, " PL_TIME("created_at") ", " PL_TIME(
        "last_used_at") ",\n"
                        "       " PL_TIME(
                            "expires_at") "\n"
                                          "  FROM session\n"
                                          " WHERE account = $1 AND revoked_at IS NULL AND expires_at > now()\n"
                                          " ORDER BY last_used_at DESC, id\n"
                                          " LIMIT 500";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(account));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (int i = 0; i < (int)*count; i++)
        (*out)[i] = (struct session){ .id = pl_pg_text(res, i, 0, arena),
                                      .agent = pl_pg_text(res, i, 1, arena),
                                      .address = pl_pg_text(res, i, 2, arena),
                                      .created_at = pl_pg_text(res, i, 3, arena),
                                      .last_used_at = pl_pg_text(res, i, 4, arena),
                                      .expires_at = pl_pg_text(res, i, 5, arena) };
    PQclear(res);
    return 0;
}

int
store_revoked_since(struct pl_pg *db, int64_t seconds, const char *after, int64_t limit,
                    struct pl_arena *arena, struct revoked **out, size_t *count, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT id, ceil(extract(epoch FROM revoked_at - now()))::bigint + $1::bigint\n"
        "  FROM session\n"
        " WHERE revoked_at > now() - make_interval(secs => $1::float) AND id > $2\n"
        " ORDER BY id LIMIT $3::bigint";

    PGresult *res = pl_pg_exec(db, err, SQL,
                               PL_ARGS(pl_arena_printf(arena, "%lld", (long long)seconds), after,
                                       pl_arena_printf(arena, "%lld", (long long)limit)));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (int i = 0; i < (int)*count; i++)
        (*out)[i] = (struct revoked){ pl_pg_text(res, i, 0, arena), pl_pg_int(res, i, 1) };
    PQclear(res);
    return 0;
}

int
store_forget_sessions(struct pl_pg *db, struct pl_err *err)
{
    /* A week longer than they last, so that a spent token is recognised as one. */
    static const char OLD[] =
        "DELETE FROM session WHERE id IN (\n"
        "  SELECT id FROM session\n"
        "   WHERE coalesce(revoked_at, expires_at) < now() - interval '7 days' LIMIT 1000)";
    static const char SEALED[] =
        "UPDATE refresh_spent SET sealed = NULL\n"
        " WHERE sealed IS NOT NULL AND spent_at < now() - make_interval(secs => $1::float)";

    if (pl_pg_run(db, err, SEALED, PL_ARGS(PL_INT(settings.grace_s))))
        return -1;
    return pl_pg_run(db, err, OLD, PL_NO_ARGS);
}

/* One replica counts, the one that holds the lock for as long as its connection lives; the sum
 * over the replicas is then what is true. */
int
store_count_sessions(struct pl_pg *db, int64_t *out, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT CASE WHEN pg_try_advisory_lock(hashtext('auth sessions gauge')) THEN\n"
        "         (SELECT count(*) FROM session WHERE revoked_at IS NULL AND expires_at > now())\n"
        "       ELSE 0 END";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_NO_ARGS);

    if (res == NULL)
        return -1;
    *out = pl_pg_int(res, 0, 0);
    PQclear(res);
    return 0;
}
