/* SQL about issues. */
#include "governance.h"
#include "store_row.h"

/* The columns of an issue, in the order in which read_issue() takes them. */
#define ISSUE_COLUMNS                                                                        \
    "number, id, api, kind, state, title, body, labels, " PL_TIME("opened_at") ", " PL_TIME( \
        "closed_at") ", opened_by_run, closed_by_run"

static Governance__Issue *
read_issue(const PGresult *res, int row, struct pl_arena *arena)
{
    Governance__Issue *out = pl_arena_alloc(arena, sizeof *out);
    int c = 1;

    governance__issue__init(out);
    out->id = row_text(res, row, c++, arena);
    out->api = row_text(res, row, c++, arena);
    out->kind = row_text(res, row, c++, arena);
    out->state = row_text(res, row, c++, arena);
    out->title = row_text(res, row, c++, arena);
    out->body = row_text(res, row, c++, arena);
    out->n_labels = row_texts(res, row, c++, arena, &out->labels);
    out->opened_at = row_text(res, row, c++, arena);
    out->closed_at = row_text(res, row, c++, arena);
    out->opened_by_run = row_text(res, row, c++, arena);
    out->closed_by_run = row_text(res, row, c++, arena);
    return out;
}

int
store_open_issue(struct pl_pg *db, const Governance__Issue *issue, bool *opened, struct pl_err *err)
{
    static const char SQL[] = "INSERT INTO issue (id, api, kind, title, body, opened_by_run)\n"
                              "VALUES ($1, $2, $3, $4, $5, $6)\n"
                              "    ON CONFLICT (api, kind) WHERE state = 'open' DO NOTHING\n"
                              "RETURNING id";

    PGresult *res = pl_pg_exec(db, err, SQL,
                               PL_ARGS(issue->id, issue->api, issue->kind, issue->title,
                                       issue->body, issue->opened_by_run));

    if (res == NULL)
        return -1;
    *opened = PQntuples(res) > 0;
    PQclear(res);
    return 0;
}

int
store_close_issue(struct pl_pg *db, const char *api, const char *kind, const char *run,
                  struct pl_arena *arena, Governance__Issue **closed, struct pl_err *err)
{
    static const char SQL[] = "UPDATE issue\n"
                              "   SET state = 'closed', closed_at = now(), closed_by_run = $3\n"
                              " WHERE api = $1 AND kind = $2 AND state = 'open'\n"
                              "   AND NOT 'governance-hold' = ANY (labels)\n"
                              "RETURNING " ISSUE_COLUMNS;

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, kind, run));

    if (res == NULL)
        return -1;
    *closed = PQntuples(res) > 0 ? read_issue(res, 0, arena) : NULL;
    PQclear(res);
    return 0;
}

int
store_list_issues(struct pl_pg *db, const char *api, const char *state, int64_t before,
                  int64_t limit, struct pl_arena *arena, Governance__Issue ***out, size_t *count,
                  int64_t *next, struct pl_err *err)
{
    static const char SQL[] = "SELECT " ISSUE_COLUMNS "\n"
                              "  FROM issue\n"
                              " WHERE api = $1 AND number < $2 AND ($3 = '' OR state = $3)\n"
                              " ORDER BY number DESC\n"
                              " LIMIT $4";

    PGresult *res = pl_pg_exec(db, err, SQL,
                               PL_ARGS(api, arg_int(arena, before), state, arg_int(arena, limit)));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    *next = before;
    for (size_t i = 0; i < *count; i++) {
        (*out)[i] = read_issue(res, (int)i, arena);
        *next = pl_pg_int(res, (int)i, 0);
    }
    PQclear(res);
    return 0;
}

int
store_label_issue(struct pl_pg *db, const char *api, const char *id, size_t count,
                  char *const *labels, struct pl_arena *arena, Governance__Issue **out,
                  struct pl_err *err)
{
    static const char SQL[] = "UPDATE issue\n"
                              "   SET labels = $3\n"
                              " WHERE api = $1 AND id = $2\n"
                              "RETURNING " ISSUE_COLUMNS;

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, id, arg_texts(arena, count, labels)));
    bool found;

    if (res == NULL)
        return -1;
    found = PQntuples(res) > 0;
    if (found)
        *out = read_issue(res, 0, arena);
    PQclear(res);
    return found ? 0 : pl_fail(err, NOT_FOUND, "the api \"%s\" has no issue \"%s\"", api, id);
}
