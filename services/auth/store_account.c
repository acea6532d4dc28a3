/* Accounts. */
#include "store.h"

#include "pl_pg.h"

#include <string.h>

/* The columns of an account, in the order in which read_account() takes them. */
// clang-format off
#define ACCOUNT_COLUMNS \
    "a.seq, a.id, a.user_name, a.email, a.hashed_password, a.roles,\n" \
    "       " PL_TIME("a.created_at") ", " PL_TIME("a.last_login_at") ",\n" \
    "       " PL_TIME("a.password_changed_at") ", " PL_TIME("a.disabled_at") ",\n" \
    "       (SELECT " PL_TIME("t.locked_until") " FROM attempt t\n" \
    "         WHERE t.key = 'a:' || a.id AND t.locked_until > now()),\n" \
    "       (SELECT count(*) FROM session s WHERE s.account = a.id AND s.revoked_at IS NULL\n" \
    "           AND s.expires_at > now())"
// clang-format on

static void
read_account(const PGresult *res, int row, struct pl_arena *arena, struct account *out)
{
    int roles = pl_pg_array(PQgetvalue(res, row, 5), arena, &out->roles);

    out->seq = pl_pg_int(res, row, 0);
    out->id = pl_pg_text(res, row, 1, arena);
    out->user_name = pl_pg_text(res, row, 2, arena);
    out->email = pl_pg_null(res, row, 3) ? NULL : pl_pg_text(res, row, 3, arena);
    out->hashed_password = pl_pg_text(res, row, 4, arena);
    out->role_count = roles < 0 ? 0 : (size_t)roles;
    out->created_at = pl_pg_text(res, row, 6, arena);
    out->last_login_at = pl_pg_text(res, row, 7, arena);
    out->password_changed_at = pl_pg_text(res, row, 8, arena);
    out->disabled_at = pl_pg_text(res, row, 9, arena);
    out->locked_until = pl_pg_text(res, row, 10, arena);
    out->sessions = pl_pg_int(res, row, 11);
}

static int
read_one(PGresult *res, struct pl_arena *arena, struct account **out)
{
    *out = NULL;
    if (res == NULL)
        return -1;
    if (PQntuples(res)) {
        *out = pl_arena_alloc(arena, sizeof **out);
        read_account(res, 0, arena, *out);
    }
    PQclear(res);
    return 0;
}

int
store_find_account(struct pl_pg *db, const char *login, struct pl_arena *arena,
                   struct account **out, struct pl_err *err)
{
    static const char SQL[] = "SELECT " ACCOUNT_COLUMNS "\n"
                              "  FROM account a\n"
                              " WHERE a.user_name = $1 OR a.email = $1";

    return read_one(pl_pg_exec(db, err, SQL, PL_ARGS(login)), arena, out);
}

int
store_get_account(struct pl_pg *db, const char *id, struct pl_arena *arena, struct account **out,
                  struct pl_err *err)
{
    static const char SQL[] = "SELECT " ACCOUNT_COLUMNS "\n"
                              "  FROM account a\n"
                              " WHERE a.id = $1";

    return read_one(pl_pg_exec(db, err, SQL, PL_ARGS(id)), arena, out);
}

int
store_lock_account(struct pl_pg *db, const char *id, struct pl_arena *arena, struct account **out,
                   struct pl_err *err)
{
    static const char SQL[] = "SELECT " ACCOUNT_COLUMNS "\n"
                              "  FROM account a\n"
                              " WHERE a.id = $1\n"
                              "   FOR NO KEY UPDATE OF a";

    if (read_one(pl_pg_exec(db, err, SQL, PL_ARGS(id)), arena, out))
        return -1;
    return *out ? 0 : pl_fail(err, NOT_FOUND, "there is no user \"%s\"", id);
}

int
store_add_account(struct pl_pg *db, const struct account *account, bool *added, struct pl_err *err)
{
    static const char SQL[] = "INSERT INTO account (id, user_name, email, hashed_password, roles)\n"
                              "SELECT $1, $2, $3, $4, $5::text[]\n"
                              "ON CONFLICT DO NOTHING\n"
                              "RETURNING id";

    struct pl_arena *arena = pl_arena_new();
    PGresult *res = pl_pg_exec(
        db, err, SQL,
        PL_ARGS(account->id, account->user_name, account->email, account->hashed_password,
                pl_pg_array_literal(arena, account->role_count, account->roles)));

    pl_arena_destroy(&arena);
    if (res == NULL)
        return -1;
    *added = PQntuples(res) > 0;
    PQclear(res);
    return 0;
}

int
store_list_accounts(struct pl_pg *db, int64_t before, int64_t limit, struct pl_arena *arena,
                    struct account **out, size_t *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT " ACCOUNT_COLUMNS "\n"
                              "  FROM account a\n"
                              " WHERE $1::bigint = 0 OR a.seq < $1::bigint\n"
                              " ORDER BY a.seq DESC\n"
                              " LIMIT $2::bigint";

    PGresult *res = pl_pg_exec(db, err, SQL,
                               PL_ARGS(pl_arena_printf(arena, "%lld", (long long)before),
                                       pl_arena_printf(arena, "%lld", (long long)limit)));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        read_account(res, (int)i, arena, &(*out)[i]);
    PQclear(res);
    return 0;
}

int
store_set_password(struct pl_pg *db, const char *id, const char *hashed, const char *old,
                   struct pl_err *err)
{
    static const char SQL[] = "UPDATE account SET hashed_password = $2,\n"
                              "       password_changed_at = CASE WHEN $3::text IS NULL THEN now()\n"
                              "                                  ELSE password_changed_at END\n"
                              " WHERE id = $1 AND ($3::text IS NULL OR hashed_password = $3)";

    return pl_pg_run(db, err, SQL, PL_ARGS(id, hashed, old));
}

int
store_set_roles(struct pl_pg *db, const char *id, char *const *roles, size_t count,
                struct pl_arena *arena, struct pl_err *err)
{
    static const char SQL[] = "UPDATE account SET roles = $2::text[] WHERE id = $1";

    return pl_pg_run(db, err, SQL, PL_ARGS(id, pl_pg_array_literal(arena, count, roles)));
}

int
store_set_disabled(struct pl_pg *db, const char *id, bool disabled, struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE account SET disabled_at = CASE WHEN $2::boolean THEN coalesce(disabled_at, now())\n"
        "                                 END\n"
        " WHERE id = $1";

    return pl_pg_run(db, err, SQL, PL_ARGS(id, disabled ? "t" : "f"));
}

int
store_note_login(struct pl_pg *db, const char *id, struct pl_err *err)
{
    static const char SQL[] = "UPDATE account SET last_login_at = now() WHERE id = $1";

    return pl_pg_run(db, err, SQL, PL_ARGS(id));
}

int
store_other_admin(struct pl_pg *db, const char *id, bool *out, struct pl_err *err)
{
    static const char SQL[] = "SELECT id FROM account\n"
                              " WHERE 'admin' = ANY (roles) AND disabled_at IS NULL\n"
                              " ORDER BY id\n"
                              "   FOR NO KEY UPDATE";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_NO_ARGS);

    if (res == NULL)
        return -1;
    *out = PQntuples(res) > 1 || (PQntuples(res) == 1 && strcmp(PQgetvalue(res, 0, 0), id) != 0);
    PQclear(res);
    return 0;
}

int
store_token_owner(struct pl_pg *db, const char *token, struct pl_arena *arena, char **out,
                  struct pl_err *err)
{
    static const char SQL[] = "SELECT owner FROM token WHERE id = $1 AND owner IS NOT NULL";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(token));

    if (res == NULL)
        return -1;
    *out = PQntuples(res) ? pl_pg_text(res, 0, 0, arena) : NULL;
    PQclear(res);
    return 0;
}

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
