/* pl_feed_dead -- the events that could not be applied: list, replay, skip.
 *
 * A dead letter parks its aggregate: later events of it follow here (attempts 0) until it was
 * applied after all (replay) or given up (skip); then they are applied one by one, in order.
 * The consumer's own thread does that; the functions here only say what shall be done, so that
 * `plumb` may call them from outside.
 */
#ifndef PL_FEED_DEAD_H
#define PL_FEED_DEAD_H

#include "pl_feed_cursor.h"

struct pl_dead_letter {
    int64_t id;
    char *source, *consumer, *type, *aggregate_type, *aggregate_id, *reason, *state, *created_at;
    char *event_id;
    int64_t position;
    int attempts; // 0: it waits behind another one
};

/* The open ones (dead, replay) in the order of id, at most ${limit} after ${after}. */
int pl_feed_dead_list(struct pl_pg *db, int64_t after, int limit, struct pl_arena *arena,
                      struct pl_dead_letter **out, int *count, struct pl_err *err);

/* Try it again; or give it up, so that those behind it go on.  NOT_FOUND if there is none that is
 * dead, CONFLICT if an earlier one of the same aggregate has to go first. */
int pl_feed_dead_replay(struct pl_pg *db, int64_t id, struct pl_err *err);
int pl_feed_dead_skip(struct pl_pg *db, int64_t id, struct pl_err *err);

/* For the consumer: count a try of the next one to be tried.  *id 0: none. */
int pl_feed_dead_take(struct pl_pg *db, const struct pl_feed_pair *pair, struct pl_arena *arena,
                      int64_t *id, Pl__Event **out, struct pl_err *err);

/* For the consumer: it was applied (inside its transaction; CONFLICT if somebody has settled it
 * meanwhile); it failed for ${reason}; it could not be tried at present. */
int pl_feed_dead_applied(struct pl_pg *db, int64_t id, struct pl_err *err);
int pl_feed_dead_failed(struct pl_pg *db, int64_t id, const char *reason, struct pl_err *err);
int pl_feed_dead_untry(struct pl_pg *db, int64_t id, struct pl_err *err);

/* How many are open, for the gauge. */
int pl_feed_dead_count(struct pl_pg *db, const struct pl_feed_pair *pair, int64_t *count,
                       struct pl_err *err);

#endif
