/* Endpoints: where notices go. */
#include "store_rows.h"

#include <inttypes.h>
#include <string.h>

static struct sealed
read_sealed(const PGresult *res, int row, int column, struct pl_arena *arena)
{
    struct sealed box = { 0 };

    if (!pl_pg_null(res, row, column))
        box.bytes = pl_pg_bytes(res, row, column, arena, &box.length);
    return box;
}

static size_t
read_array(const PGresult *res, int row, int column, struct pl_arena *arena, char ***out)
{
    int count = pl_pg_array(pl_pg_text(res, row, column, arena), arena, out);

    return count > 0 ? (size_t)count : 0;
}

void
read_endpoint(const PGresult *res, int row, struct pl_arena *arena, struct endpoint *out)
{
    int c = 0;

    *out = (struct endpoint){ 0 };
    out->id = pl_pg_text(res, row, c++, arena);
    out->name = pl_pg_text(res, row, c++, arena);
    out->kind = pl_pg_text(res, row, c++, arena);
    out->url = read_sealed(res, row, c++, arena);
    out->secret = read_sealed(res, row, c++, arena);
    out->old_secret = read_sealed(res, row, c++, arena);
    out->url_hint = pl_pg_text(res, row, c++, arena);
    out->policy = pl_pg_text(res, row, c++, arena);
    out->api_count = read_array(res, row, c++, arena, &out->apis);
    out->event_count = read_array(res, row, c++, arena, &out->events);
    out->rate_per_minute = pl_pg_int(res, row, c++);
    out->allow_private = pl_pg_bool(res, row, c++);
    out->enabled = pl_pg_bool(res, row, c++);
    out->from_environment = pl_pg_bool(res, row, c++);
    out->disabled_reason = pl_pg_text(res, row, c++, arena);
    out->created_at = pl_pg_text(res, row, c++, arena);
    out->last_success_at = pl_pg_text(res, row, c++, arena);
    out->failures = pl_pg_int(res, row, c++);
    out->number = pl_pg_int(res, row, c);
}

const char *
number_arg(struct pl_arena *arena, int64_t n)
{
    return pl_arena_printf(arena, "%" PRId64, n);
}

const char *
visible_arg(struct pl_arena *arena, const struct visible *visible)
{
    if (visible == NULL || visible->count == 0)
        return "{}";
    return pl_pg_array_literal(arena, visible->count, visible->apis);
}

/* Every row of ${res} into one array. */
static int
read_endpoints(PGresult *res, struct pl_arena *arena, struct endpoint **out, int *count)
{
    *count = PQntuples(res);
    *out = pl_arena_alloc(arena, (size_t)(*count ? *count : 1) * sizeof **out);
    for (int i = 0; i < *count; i++)
        read_endpoint(res, i, arena, &(*out)[i]);
    PQclear(res);
    return 0;
}

int
store_add_endpoint(struct pl_pg *db, const struct endpoint *endpoint, struct pl_err *err)
{
    static const char SQL[] = "INSERT INTO endpoints (id, name, kind, url, secret, url_hint,\n"
                              "       policy, apis, events, rate_per_minute, allow_private,\n"
                              "       from_environment)\n"
                              "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)\n"
                              "    ON CONFLICT (name) DO NOTHING\n"
                              "RETURNING id";

    struct pl_arena *arena = pl_arena_new();
    PGresult *res = pl_pg_exec_b(
        db, err, SQL,
        PL_ARGS_B(PL_T(endpoint->id), PL_T(endpoint->name), PL_T(endpoint->kind),
                  SEALED(endpoint->url), SEALED(endpoint->secret), PL_T(endpoint->url_hint),
                  PL_T(endpoint->policy),
                  PL_T(pl_pg_array_literal(arena, endpoint->api_count, endpoint->apis)),
                  PL_T(pl_pg_array_literal(arena, endpoint->event_count, endpoint->events)),
                  PL_T(number_arg(arena, endpoint->rate_per_minute)),
                  PL_T(endpoint->allow_private ? "t" : "f"),
                  PL_T(endpoint->from_environment ? "t" : "f")));
    int added;

    pl_arena_destroy(&arena);
    if (res == NULL)
        return -1;
    added = PQntuples(res);
    PQclear(res);
    if (!added)
        return pl_fail(err, CONFLICT, "there is an endpoint named \"%s\" already", endpoint->name);
    return 0;
}

/* The one row that ${sql} finds by an id and what the caller may see. */
static int
find(struct pl_pg *db, const char *sql, const char *id, const struct visible *visible,
     struct pl_arena *arena, struct endpoint **out, struct pl_err *err)
{
    PGresult *res = pl_pg_exec(db, err, sql, PL_ARGS(id, visible_arg(arena, visible)));
    int count;

    *out = NULL;
    if (res == NULL || read_endpoints(res, arena, out, &count))
        return -1;
    if (count == 0)
        return pl_fail(err, NOT_FOUND, "there is no endpoint \"%.64s\"", id);
    return 0;
}

int
store_get_endpoint(struct pl_pg *db, const char *id, const struct visible *visible,
                   struct pl_arena *arena, struct endpoint **out, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT " ENDPOINT_COLUMNS "\n"
        "  FROM endpoints e\n"
        " WHERE e.id = $1\n"
        "   AND ($2::text[] = '{}' OR e.apis <> '{}' AND e.apis <@ $2::text[])";

    return find(db, SQL, id, visible, arena, out, err);
}

int
store_lock_endpoint(struct pl_pg *db, const char *id, const struct visible *visible,
                    struct pl_arena *arena, struct endpoint **out, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT " ENDPOINT_COLUMNS "\n"
        "  FROM endpoints e\n"
        " WHERE e.id = $1\n"
        "   AND ($2::text[] = '{}' OR e.apis <> '{}' AND e.apis <@ $2::text[])\n"
        "   FOR NO KEY UPDATE";

    return find(db, SQL, id, visible, arena, out, err);
}

int
store_environment_endpoint(struct pl_pg *db, struct pl_arena *arena, struct endpoint **out,
                           struct pl_err *err)
{
    static const char SQL[] = "SELECT " ENDPOINT_COLUMNS "\n"
                              "  FROM endpoints e\n"
                              " WHERE e.from_environment";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_NO_ARGS);
    int count;

    *out = NULL;
    if (res == NULL || read_endpoints(res, arena, out, &count))
        return -1;
    if (count == 0)
        *out = NULL;
    return 0;
}

int
store_list_endpoints(struct pl_pg *db, struct page page, const struct visible *visible,
                     struct pl_arena *arena, struct endpoint **out, int *count, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT " ENDPOINT_COLUMNS "\n"
        "  FROM endpoints e\n"
        " WHERE e.number > $1\n"
        "   AND ($3::text[] = '{}' OR e.apis <> '{}' AND e.apis <@ $3::text[])\n"
        " ORDER BY e.number\n"
        " LIMIT $2";

    PGresult *res = pl_pg_exec(db, err, SQL,
                               PL_ARGS(number_arg(arena, page.after), number_arg(arena, page.limit),
                                       visible_arg(arena, visible)));

    return res ? read_endpoints(res, arena, out, count) : -1;
}

int
store_endpoints_for(struct pl_pg *db, const char *api, struct pl_arena *arena,
                    struct endpoint **out, int *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT " ENDPOINT_COLUMNS "\n"
                              "  FROM endpoints e\n"
                              " WHERE e.apis = '{}' OR $1 = ANY (e.apis)\n"
                              " ORDER BY e.number";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api));

    return res ? read_endpoints(res, arena, out, count) : -1;
}

int
store_save_endpoint(struct pl_pg *db, const struct endpoint *endpoint, struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE endpoints\n"
        "   SET name = $2, url = $3, url_hint = $4, policy = $5, apis = $6, events = $7,\n"
        "       rate_per_minute = $8::bigint, allow_private = $9, enabled = $10, disabled_reason = $11,\n"
        "       failures = $12::bigint, secret = $13,\n"
        "       next_send_at = CASE WHEN $12::bigint = 0 THEN now() ELSE next_send_at END\n"
        " WHERE id = $1";

    struct pl_arena *arena = pl_arena_new();
    PGresult *res = pl_pg_exec_b(
        db, err, SQL,
        PL_ARGS_B(PL_T(endpoint->id), PL_T(endpoint->name), SEALED(endpoint->url),
                  PL_T(endpoint->url_hint), PL_T(endpoint->policy),
                  PL_T(pl_pg_array_literal(arena, endpoint->api_count, endpoint->apis)),
                  PL_T(pl_pg_array_literal(arena, endpoint->event_count, endpoint->events)),
                  PL_T(number_arg(arena, endpoint->rate_per_minute)),
                  PL_T(endpoint->allow_private ? "t" : "f"), PL_T(endpoint->enabled ? "t" : "f"),
                  PL_T(endpoint->disabled_reason), PL_T(number_arg(arena, endpoint->failures)),
                  SEALED(endpoint->secret)));

    pl_arena_destroy(&arena);
    if (res == NULL) {
        if (err->code == PL_CONFLICT)
            *err = (struct pl_err){ 0 },
            pl_fail(err, CONFLICT, "there is an endpoint named \"%s\" already", endpoint->name);
        return -1;
    }
    PQclear(res);
    return 0;
}

int
store_rotate_secret(struct pl_pg *db, const char *id, struct sealed secret, int64_t overlap_s,
                    struct pl_arena *arena, char **until, struct pl_err *err)
{
    static const char SQL[] = "UPDATE endpoints\n"
                              "   SET old_secret = secret, secret = $2,\n"
                              "       old_secret_until = now() + make_interval(secs => $3)\n"
                              " WHERE id = $1\n"
                              "RETURNING " PL_TIME("old_secret_until");

    PGresult *res = pl_pg_exec_b(
        db, err, SQL, PL_ARGS_B(PL_T(id), SEALED(secret), PL_T(number_arg(arena, overlap_s))));

    if (res == NULL)
        return -1;
    *until = PQntuples(res) ? pl_pg_text(res, 0, 0, arena) : pl_arena_strdup(arena, "");
    PQclear(res);
    return 0;
}

int
store_delete_endpoint(struct pl_pg *db, const char *id, struct pl_err *err)
{
    static const char SQL[] = "DELETE FROM endpoints WHERE id = $1";

    return pl_pg_run(db, err, SQL, PL_ARGS(id));
}

int
store_suppress(struct pl_pg *db, const char *endpoint, const char *why, struct pl_err *err)
{
    static const char SQL[] = "UPDATE deliveries\n"
                              "   SET state = 'suppressed', waiting = false, finished_at = now(),\n"
                              "       last_error = $2\n"
                              " WHERE endpoint = $1 AND state IN ('pending', 'retry')";

    return pl_pg_run(db, err, SQL, PL_ARGS(endpoint, why));
}
