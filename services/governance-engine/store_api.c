/* SQL about apis and the record of their default branch. */
#include "governance.h"
#include "store_row.h"

#include <string.h>

/* An api, its record, its base and its last run, in the order in which read_api() takes them. */
// clang-format off
#define API_SELECT                                                                                \
    "SELECT a.api, a.title, a.visibility, a.default_branch, a.stability_threshold,\n"             \
    "       a.stability_window, a.placeholder_streak_alert, a.placeholder_max_runs,\n"            \
    "       a.version_scheme, a.strict_zero, a.severity_overrides, a.notice_policy,\n"            \
    "       a.milestones, a.archived, " PL_TIME("a.created_at") ", " PL_TIME("a.updated_at") ",\n" \
    "       a.last_seq, a.last_run, a.base_run, b.version, b.document_sha256,\n"                  \
    "       a.runs, a.stable_runs, a.stable_streak, a.longest_streak, a.placeholder_streak,\n"    \
    "       a.semver_fail, a.stability_drop, a.placeholder_alert,\n"                              \
    "       " SUMMARY_COLUMNS "\n"                                                                \
    "  FROM api a\n"                                                                              \
    "  LEFT JOIN run r ON r.id = a.last_run\n"                                                    \
    "  LEFT JOIN run b ON b.id = a.base_run\n"
// clang-format on
#define API_SETTINGS_COUNT 16

static ProtobufCBinaryData
row_json(const PGresult *res, int row, int column, struct pl_arena *arena)
{
    char *text = pl_pg_text(res, row, column, arena);

    return (ProtobufCBinaryData){ strlen(text), (uint8_t *)text };
}

static Governance__Api *
read_settings(const PGresult *res, int row, struct pl_arena *arena)
{
    Governance__Api *api = pl_arena_alloc(arena, sizeof *api);
    int c = 0;

    governance__api__init(api);
    api->api = row_text(res, row, c++, arena);
    api->title = row_text(res, row, c++, arena);
    api->visibility = row_text(res, row, c++, arena);
    api->default_branch = row_text(res, row, c++, arena);
    PUT(api, stability_threshold, pl_pg_double(res, row, c++));
    PUT(api, window, pl_pg_int(res, row, c++));
    PUT(api, placeholder_streak_alert_threshold, pl_pg_int(res, row, c++));
    PUT(api, placeholder_max_runs, pl_pg_int(res, row, c++));
    api->version_scheme = row_text(res, row, c++, arena);
    PUT(api, strict_zero, pl_pg_bool(res, row, c++));
    if (!pl_pg_null(res, row, c))
        PUT(api, severity_overrides, row_json(res, row, c, arena));
    c++;
    api->notice_policy = pl_pg_text(res, row, c++, arena);
    if (!pl_pg_null(res, row, c))
        PUT(api, milestones, row_json(res, row, c, arena));
    c++;
    PUT(api, archived, pl_pg_bool(res, row, c++));
    api->created_at = row_text(res, row, c++, arena);
    api->updated_at = row_text(res, row, c++, arena);
    return api;
}

static struct api_state *
read_api(const PGresult *res, int row, struct pl_arena *arena)
{
    struct api_state *out = pl_arena_alloc(arena, sizeof *out);
    int c = API_SETTINGS_COUNT;

    out->api = read_settings(res, row, arena);
    out->last_seq = pl_pg_int(res, row, c++);
    out->last_run = pl_pg_text(res, row, c++, arena);
    out->base_run = pl_pg_text(res, row, c++, arena);
    out->base_version = pl_pg_text(res, row, c++, arena);
    out->base_sha256 = pl_pg_text(res, row, c++, arena);
    out->record.runs = pl_pg_int(res, row, c++);
    out->record.stable_runs = pl_pg_int(res, row, c++);
    out->record.stable_streak = pl_pg_int(res, row, c++);
    out->record.longest_streak = pl_pg_int(res, row, c++);
    out->record.placeholder_streak = pl_pg_int(res, row, c++);
    out->conditions.semver_fail = pl_pg_bool(res, row, c++);
    out->conditions.stability_drop = pl_pg_bool(res, row, c++);
    out->conditions.placeholder_streak = pl_pg_bool(res, row, c++);
    if (!pl_pg_null(res, row, c))
        out->api->last_run = row_summary(res, row, c, arena);
    return out;
}

int
store_get_api(struct pl_pg *db, const char *api, struct pl_arena *arena, struct api_state **out,
              struct pl_err *err)
{
    static const char SQL[] = API_SELECT " WHERE a.api = $1";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api));
    bool found;

    if (res == NULL)
        return -1;
    found = PQntuples(res) > 0;
    if (found)
        *out = read_api(res, 0, arena);
    PQclear(res);
    return found ? 0 : pl_fail(err, NOT_FOUND, "there is no api \"%s\"", api);
}

int
store_lock_api(struct pl_pg *db, const char *api, struct pl_err *err)
{
    static const char SQL[] = "SELECT 1\n"
                              "  FROM api\n"
                              " WHERE api = $1\n"
                              "   FOR UPDATE";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api));
    bool found;

    if (res == NULL)
        return -1;
    found = PQntuples(res) > 0;
    PQclear(res);
    return found ? 0 : pl_fail(err, NOT_FOUND, "there is no api \"%s\"", api);
}

int
store_add_api(struct pl_pg *db, const char *api, const char *visibility, bool *added,
              struct pl_err *err)
{
    static const char SQL[] = "INSERT INTO api (api, visibility)\n"
                              "VALUES ($1, $2)\n"
                              "    ON CONFLICT (api) DO NOTHING\n"
                              "RETURNING api";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, visibility));

    if (res == NULL)
        return -1;
    *added = PQntuples(res) > 0;
    PQclear(res);
    return 0;
}

/* JSON kept as it came; NULL where there is none. */
static const char *
json_arg(struct pl_arena *arena, bool has, ProtobufCBinaryData json)
{
    return has && json.len > 0 ? pl_arena_memdup(arena, json.data, json.len) : NULL;
}

int
store_save_api(struct pl_pg *db, const Governance__Api *api, struct pl_arena *arena,
               struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE api\n"
        "   SET title = coalesce($2, ''), visibility = $3, default_branch = $4,\n"
        "       stability_threshold = $5, stability_window = $6, placeholder_streak_alert = $7,\n"
        "       placeholder_max_runs = $8, version_scheme = $9, strict_zero = $10,\n"
        "       severity_overrides = $11, notice_policy = $12, milestones = $13, archived = $14,\n"
        "       updated_at = now()\n"
        " WHERE api = $1";

    return pl_pg_run(db, err, SQL,
                     PL_ARGS(api->api, api->title, api->visibility, api->default_branch,
                             arg_real(arena, api->stability_threshold), arg_int(arena, api->window),
                             arg_int(arena, api->placeholder_streak_alert_threshold),
                             arg_int(arena, api->placeholder_max_runs), api->version_scheme,
                             arg_bool(api->strict_zero),
                             json_arg(arena, api->has_severity_overrides, api->severity_overrides),
                             api->notice_policy,
                             json_arg(arena, api->has_milestones, api->milestones),
                             arg_bool(api->archived)));
}

int
store_list_apis(struct pl_pg *db, const char *after, size_t only_count, char *const *only,
                int64_t limit, struct pl_arena *arena, Governance__Api ***out, size_t *count,
                struct pl_err *err)
{
    static const char SQL[] = API_SELECT " WHERE a.api > $1\n"
                                         "   AND ($2::text[] = '{}' OR a.api = ANY ($2::text[]))\n"
                                         " ORDER BY a.api\n"
                                         " LIMIT $3";

    PGresult *res = pl_pg_exec(
        db, err, SQL, PL_ARGS(after, arg_texts(arena, only_count, only), arg_int(arena, limit)));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = read_api(res, (int)i, arena)->api;
    PQclear(res);
    return 0;
}

int
store_move_record(struct pl_pg *db, const Governance__Run *run, const struct pl_record *record,
                  const struct pl_conditions *conditions, struct pl_arena *arena,
                  struct pl_err *err)
{
    static const char SQL[] =
        "UPDATE api\n"
        "   SET last_seq = $2, last_run = $3,\n"
        "       base_run = CASE WHEN $4 THEN $3 ELSE base_run END,\n"
        "       runs = $5, stable_runs = $6, stable_streak = $7, longest_streak = $8,\n"
        "       placeholder_streak = $9, semver_fail = $10, stability_drop = $11,\n"
        "       placeholder_alert = $12\n"
        " WHERE api = $1";

    return pl_pg_later(
        db, err, SQL,
        PL_ARGS(run->api, arg_int(arena, run->seq), run->id, arg_bool(!run->placeholder),
                arg_int(arena, record->runs), arg_int(arena, record->stable_runs),
                arg_int(arena, record->stable_streak), arg_int(arena, record->longest_streak),
                arg_int(arena, record->placeholder_streak), arg_bool(conditions->semver_fail),
                arg_bool(conditions->stability_drop), arg_bool(conditions->placeholder_streak)));
}

int
store_take_seq(struct pl_pg *db, const char *api, int64_t seq, struct pl_arena *arena,
               struct pl_err *err)
{
    static const char SQL[] = "UPDATE api\n"
                              "   SET last_seq = $2\n"
                              " WHERE api = $1";

    return pl_pg_later(db, err, SQL, PL_ARGS(api, arg_int(arena, seq)));
}
