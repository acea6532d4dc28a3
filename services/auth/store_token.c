#include "store.h"

#include "pl_pg.h"

/* The columns of a token, in the order in which read_token() takes them. */
// clang-format off
#define TOKEN_COLUMNS \
    "seq, id, name, scopes, apis, created_by,\n" \
    "       " PL_TIME("created_at") ", " PL_TIME("expires_at") ",\n" \
    "       " PL_TIME("last_used_at") ", " PL_TIME("revoked_at") ",\n" \
    "       coalesce(ceil(extract(epoch FROM expires_at - now()))::bigint, -1), owner"
// clang-format on

static void
read_array(const PGresult *res, int row, int column, struct pl_arena *arena, char ***out,
           size_t *count)
{
    int n = pl_pg_array(PQgetvalue(res, row, column), arena, out);

    *count = n < 0 ? 0 : (size_t)n;
}

static void
read_token(const PGresult *res, int row, struct pl_arena *arena, struct token *out)
{
    out->seq = pl_pg_int(res, row, 0);
    out->id = pl_pg_text(res, row, 1, arena);
    out->name = pl_pg_text(res, row, 2, arena);
    read_array(res, row, 3, arena, &out->scopes, &out->scope_count);
    read_array(res, row, 4, arena, &out->apis, &out->api_count);
    out->created_by = pl_pg_text(res, row, 5, arena);
    out->created_at = pl_pg_text(res, row, 6, arena);
    out->expires_at = pl_pg_text(res, row, 7, arena);
    out->last_used_at = pl_pg_text(res, row, 8, arena);
    out->revoked_at = pl_pg_text(res, row, 9, arena);
    out->expires_in_s = pl_pg_int(res, row, 10);
    out->owner = pl_pg_text(res, row, 11, arena);
}

int
store_add_token(struct pl_pg *db, struct token *token, const unsigned char hash[HASH_BYTES],
                int64_t days, struct pl_arena *arena, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO token (id, name, secret_hash, scopes, apis, created_by, expires_at,\n"
        "                   owner)\n"
        "VALUES ($1, $2, $3, $4::text[], $5::text[], $6,\n"
        "        CASE WHEN $7::int > 0 THEN now() + make_interval(days => $7::int) END,\n"
        "        $8)\n"
        "RETURNING " TOKEN_COLUMNS;

    PGresult *res = pl_pg_exec_b(
        db, err, SQL,
        PL_ARGS_B(PL_T(token->id), PL_T(token->name), PL_B(hash, HASH_BYTES),
                  PL_T(pl_pg_array_literal(arena, token->scope_count, token->scopes)),
                  PL_T(pl_pg_array_literal(arena, token->api_count, token->apis)),
                  PL_T(token->created_by), PL_T(pl_arena_printf(arena, "%lld", (long long)days)),
                  PL_T(token->owner)));

    if (res == NULL)
        return -1;
    read_token(res, 0, arena, token);
    PQclear(res);
    return 0;
}

int
store_use_token(struct pl_pg *db, const unsigned char hash[HASH_BYTES], struct pl_arena *arena,
                struct token *out, struct pl_err *err)
{
    static const char FIND[] =
        "SELECT " TOKEN_COLUMNS ",\n"
        "       (SELECT a.roles FROM account a WHERE a.id = owner AND a.disabled_at IS NULL)\n"
        "  FROM token\n"
        " WHERE secret_hash = $1 AND revoked_at IS NULL\n"
        "   AND (expires_at IS NULL OR expires_at > now())";
    /* To the minute: a busy token must not write a row for each request. */
    static const char USED[] =
        "UPDATE token SET last_used_at = date_trunc('minute', now())\n"
        " WHERE id = $1 AND last_used_at IS DISTINCT FROM date_trunc('minute', now())";

    PGresult *res = pl_pg_exec_b(db, err, FIND, PL_ARGS_B(PL_B(hash, HASH_BYTES)));
    int found;

    if (res == NULL)
        return -1;
    found = PQntuples(res) > 0;
    if (found) {
        read_token(res, 0, arena, out);
        read_array(res, 0, 12, arena, &out->owner_roles, &out->owner_role_count);
        found = *out->owner == '\0' || out->owner_role_count > 0; // else disabled
    }
    PQclear(res);
    if (!found)
        return pl_fail(err, UNAUTHENTICATED, "the token is unknown, expired or revoked");
    return pl_pg_run(db, err, USED, PL_ARGS(out->id));
}

int
store_list_tokens(struct pl_pg *db, const char *owner, int64_t before, int64_t limit,
                  struct pl_arena *arena, struct token **out, size_t *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT " TOKEN_COLUMNS "\n"
                              "  FROM token\n"
                              " WHERE ($1::bigint = 0 OR seq < $1::bigint)\n"
                              "   AND ($3::text IS NULL OR owner = $3)\n"
                              " ORDER BY seq DESC\n"
                              " LIMIT $2::bigint";

    PGresult *res = pl_pg_exec(db, err, SQL,
                               PL_ARGS(pl_arena_printf(arena, "%lld", (long long)before),
                                       pl_arena_printf(arena, "%lld", (long long)limit), owner));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        read_token(res, (int)i, arena, &(*out)[i]);
    PQclear(res);
    return 0;
}

int
store_revoke_token(struct pl_pg *db, const char *id, const char *owner, struct pl_arena *arena,
                   char **name, struct pl_err *err)
{
    static const char SQL[] = "WITH live AS (UPDATE token SET revoked_at = now()\n"
                              "               WHERE id = $1 AND revoked_at IS NULL\n"
                              "                 AND ($2::text IS NULL OR owner = $2)\n"
                              "           RETURNING name)\n"
                              "SELECT (SELECT name FROM live)\n"
                              "  FROM token\n"
                              " WHERE id = $1 AND ($2::text IS NULL OR owner = $2)";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(id, owner));
    int found;

    if (res == NULL)
        return -1;
    found = PQntuples(res) > 0;
    *name = found && !pl_pg_null(res, 0, 0) ? pl_pg_text(res, 0, 0, arena) : NULL;
    PQclear(res);
    return found ? 0 : pl_fail(err, NOT_FOUND, "there is no token \"%s\"", id);
}
