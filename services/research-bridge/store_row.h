/* store_row -- what the store's files share: rows as messages. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "pl_pg.h"
#include "store.h"

/* The columns of an input ahead of its key, in the order in which row_input() takes them. */
#define INPUT_COLUMNS                                                                           \
    "i.id, i.title, i.problem, i.hypothesis, i.tags, i.owner, i.impact, i.status, i.version,\n" \
    "       i.created_by, " PL_TIME("i.created_at") ", " PL_TIME(                               \
        "i.updated_at") ",\n"                                                                   \
                        "       (SELECT e.id FROM experiment e WHERE e.input = i.id)"
#define INPUT_COUNT 13
Bridge__Input *row_input(const PGresult *res, int row, struct pl_arena *arena);

#define EXPERIMENT_COLUMNS                                                                    \
    "e.id, e.input, e.title, (SELECT i.owner FROM input i WHERE i.id = e.input), e.status,\n" \
    "       e.outcome, e.conclusion, e.version, e.approved_by,\n"                             \
    "       " PL_TIME("e.created_at") ", " PL_TIME(                                           \
        "e.updated_at") ",\n"                                                                 \
                        "       " PL_TIME("e.started_at") ", " PL_TIME("e.concluded_at")
#define EXPERIMENT_COUNT 13
Bridge__Experiment *row_experiment(const PGresult *res, int row, struct pl_arena *arena);

/* A text column, NULL (absent) where it is NULL or empty. */
char *row_text(const PGresult *res, int row, int column, struct pl_arena *arena);

/* An absent text as a parameter. */
const char *or_empty(const char *text);

#endif
