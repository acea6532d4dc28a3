/* store -- all SQL of this service: store_input.c, store_list.c, store_experiment.c, store_change.c.
 *
 * Rows come as the messages that the handlers answer, in the arena.  A function returns 0, or -1
 * with ${err} set: NOT_FOUND where there is no such thing.
 */
#ifndef STORE_H
#define STORE_H

#include "bridge.pb-c.h"
#include "pl_arena.h"
#include "pl_err.h"

#include <stdint.h>

struct pl_pg;

/* Write ${input} down; the database adds version and times. */
int store_add_input(struct pl_pg *db, const Bridge__Input *input, struct pl_arena *arena,
                    Bridge__Input **out, struct pl_err *err);

/* The lock holds until the transaction ends. */
int store_get_input(struct pl_pg *db, const char *id, struct pl_arena *arena, Bridge__Input **out,
                    struct pl_err *err);
int store_lock_input(struct pl_pg *db, const char *id, struct pl_arena *arena, Bridge__Input **out,
                     struct pl_err *err);

/* Write the locked ${input} as it is now; its version and times are advanced in *out. */
int store_save_input(struct pl_pg *db, const Bridge__Input *input, struct pl_arena *arena,
                     Bridge__Input **out, struct pl_err *err);

/* Which inputs, in which order; NULL stands for any. */
struct input_filter {
    const char *owner, *tag, *status, *words;
    const char *sort;   // "created", "-created", "updated", "-updated", "impact", "-impact"
    const char *cursor; // the key behind which to go on, NULL for the first page
    int64_t limit;
};

/* *next is the key of the last one, to go on behind it. */
int store_list_inputs(struct pl_pg *db, const struct input_filter *filter, struct pl_arena *arena,
                      Bridge__Input ***out, size_t *count, const char **next, struct pl_err *err);

int store_add_experiment(struct pl_pg *db, const Bridge__Experiment *experiment,
                         struct pl_arena *arena, Bridge__Experiment **out, struct pl_err *err);
int store_get_experiment(struct pl_pg *db, const char *id, struct pl_arena *arena,
                         Bridge__Experiment **out, struct pl_err *err);
int store_lock_experiment(struct pl_pg *db, const char *id, struct pl_arena *arena,
                          Bridge__Experiment **out, struct pl_err *err);
int store_save_experiment(struct pl_pg *db, const Bridge__Experiment *experiment,
                          struct pl_arena *arena, Bridge__Experiment **out, struct pl_err *err);
int store_list_experiments(struct pl_pg *db, const char *owner, const char *status, int64_t before,
                           int64_t limit, struct pl_arena *arena, Bridge__Experiment ***out,
                           size_t *count, int64_t *next, struct pl_err *err);

/* One change of one field. */
int store_add_change(struct pl_pg *db, const char *input, const Bridge__Change *change,
                     struct pl_err *err);
int store_list_changes(struct pl_pg *db, const char *input, int64_t after, int64_t limit,
                       struct pl_arena *arena, Bridge__Change ***out, size_t *count, int64_t *next,
                       struct pl_err *err);

/* How many there are: of inputs, of experiments, and of inputs by one of their columns. */
struct tally {
    const char *value;
    int64_t count;
};
int store_count(struct pl_pg *db, int64_t *inputs, int64_t *experiments, struct pl_err *err);
int store_count_by_status(struct pl_pg *db, struct pl_arena *arena, struct tally **out,
                          size_t *count, struct pl_err *err);
int store_count_by_owner(struct pl_pg *db, struct pl_arena *arena, struct tally **out,
                         size_t *count, struct pl_err *err);

#endif
