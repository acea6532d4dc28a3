#include "store_row.h"

char *
row_text(const PGresult *res, int row, int column, struct pl_arena *arena)
{
    char *text = pl_pg_text(res, row, column, arena);

    return *text ? text : NULL;
}

const char *
or_empty(const char *text)
{
    return text ? text : "";
}

Bridge__Input *
row_input(const PGresult *res, int row, struct pl_arena *arena)
{
    Bridge__Input *out = pl_arena_alloc(arena, sizeof *out);
    int tags;

    bridge__input__init(out);
    out->id = row_text(res, row, 0, arena);
    out->title = row_text(res, row, 1, arena);
    out->problem = row_text(res, row, 2, arena);
    out->hypothesis = row_text(res, row, 3, arena);
    tags = pl_pg_array(PQgetvalue(res, row, 4), arena, &out->tags);
    out->n_tags = tags < 0 ? 0 : (size_t)tags;
    out->owner = row_text(res, row, 5, arena);
    out->has_impact = 1;
    out->impact = pl_pg_int(res, row, 6);
    out->status = row_text(res, row, 7, arena);
    out->has_version = 1;
    out->version = pl_pg_int(res, row, 8);
    out->created_by = row_text(res, row, 9, arena);
    out->created_at = row_text(res, row, 10, arena);
    out->updated_at = row_text(res, row, 11, arena);
    out->experiment = row_text(res, row, 12, arena);
    return out;
}

Bridge__Experiment *
row_experiment(const PGresult *res, int row, struct pl_arena *arena)
{
    Bridge__Experiment *out = pl_arena_alloc(arena, sizeof *out);
    char **texts[] = { &out->id,          &out->input,      &out->title,      &out->owner,
                       &out->status,      &out->outcome,    &out->conclusion, NULL,
                       &out->approved_by, &out->created_at, &out->updated_at, &out->started_at,
                       &out->concluded_at };

    bridge__experiment__init(out);
    for (int i = 0; i < EXPERIMENT_COUNT; i++)
        if (texts[i])
            *texts[i] = row_text(res, row, i, arena);
    out->has_version = 1;
    out->version = pl_pg_int(res, row, 7);
    return out;
}
