/* store_row -- what the store's files share: turning rows into messages.
 */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "store.h"

/* A text column, NULL (absent) where it is NULL or empty. */
char *row_text(const PGresult *res, int row, int column, struct pl_arena *arena);

/* A text[] column. */
size_t row_texts(const PGresult *res, int row, int column, struct pl_arena *arena, char ***out);

/* Numbers as parameters. */
char *arg_int(struct pl_arena *arena, int64_t value);
char *arg_real(struct pl_arena *arena, double value);
const char *arg_bool(bool value);
char *arg_texts(struct pl_arena *arena, size_t count, char *const *texts);

/* The columns of a run's summary, of the table under the alias r. */
#define SUMMARY_COLUMNS                                                                       \
    "r.id, r.seq, r.branch, r.sha, r.version, " PL_TIME("r.committed_at") ", " PL_TIME(       \
        "r.created_at") ", r.preview, r.placeholder, r.verdict, r.policy, r.semver_status,\n" \
                        "       r.window_stability_ratio, r.breaking, r.warnings,\n"          \
                        "       r.operations_added, r.operations_removed, r.operations_changed"
#define SUMMARY_COUNT 18
Governance__RunSummary *row_summary(const PGresult *res, int row, int column,
                                    struct pl_arena *arena);

#endif
