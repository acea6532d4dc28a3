#include "store_row.h"

#include "governance.h"

#include <inttypes.h>

char *
row_text(const PGresult *res, int row, int column, struct pl_arena *arena)
{
    char *text = pl_pg_text(res, row, column, arena);

    return *text ? text : NULL;
}

size_t
row_texts(const PGresult *res, int row, int column, struct pl_arena *arena, char ***out)
{
    int count = pl_pg_array(pl_pg_text(res, row, column, arena), arena, out);

    return count > 0 ? (size_t)count : 0;
}

char *
arg_int(struct pl_arena *arena, int64_t value)
{
    return pl_arena_printf(arena, "%" PRId64, value);
}

char *
arg_real(struct pl_arena *arena, double value)
{
    return pl_arena_printf(arena, "%.17g", value);
}

const char *
arg_bool(bool value)
{
    return value ? "true" : "false";
}

char *
arg_texts(struct pl_arena *arena, size_t count, char *const *texts)
{
    return pl_pg_array_literal(arena, count, texts);
}

Governance__RunSummary *
row_summary(const PGresult *res, int row, int column, struct pl_arena *arena)
{
    Governance__RunSummary *out = pl_arena_alloc(arena, sizeof *out);
    int c = column;

    governance__run_summary__init(out);
    out->id = row_text(res, row, c++, arena);
    PUT(out, seq, pl_pg_int(res, row, c++));
    out->branch = row_text(res, row, c++, arena);
    out->sha = row_text(res, row, c++, arena);
    out->version = row_text(res, row, c++, arena);
    out->committed_at = row_text(res, row, c++, arena);
    out->created_at = row_text(res, row, c++, arena);
    PUT(out, preview, pl_pg_bool(res, row, c++));
    PUT(out, placeholder, pl_pg_bool(res, row, c++));
    out->verdict = row_text(res, row, c++, arena);
    out->policy = row_text(res, row, c++, arena);
    out->semver_status = row_text(res, row, c++, arena);
    PUT(out, stability_ratio, pl_pg_double(res, row, c++));
    PUT(out, breaking, pl_pg_int(res, row, c++));
    PUT(out, warnings, pl_pg_int(res, row, c++));
    PUT(out, operations_added, pl_pg_int(res, row, c++));
    PUT(out, operations_removed, pl_pg_int(res, row, c++));
    PUT(out, operations_changed, pl_pg_int(res, row, c++));
    return out;
}
