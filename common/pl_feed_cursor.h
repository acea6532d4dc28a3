/* pl_feed_cursor -- the consumer's side of the Feed in SQL: lease, cursor, tries, dead letters.
 *
 * What keeps the effect exactly-once is the cursor's compare-and-set in the effect's own
 * transaction; the lease only spares the other replicas the work.
 */
#ifndef PL_FEED_CURSOR_H
#define PL_FEED_CURSOR_H

#include "pl_pg.h"

#include "envelope.pb-c.h"

/* Who reads whose events. */
struct pl_feed_pair {
    const char *source, *consumer;
};

#define PL_FEED_RENEW_MS 2000 // when to prolong it: a fifth of the lease

/* Take or prolong the lease for ${holder}.  *held says whether it is ours now; *clean, whether
 * its holder before stopped in order (when it was ours already: true). */
int pl_feed_lease(struct pl_pg *db, const struct pl_feed_pair *pair, const char *holder, bool *held,
                  bool *clean, struct pl_err *err);

/* Give the lease back in order. */
int pl_feed_release(struct pl_pg *db, const struct pl_feed_pair *pair, const char *holder,
                    struct pl_err *err);

/* The position of the last event applied; made with 0 if there is none. */
int pl_feed_cursor(struct pl_pg *db, const struct pl_feed_pair *pair, int64_t *position,
                   struct pl_err *err);

/* Move it from exactly ${from} to ${to}; CONFLICT if it is elsewhere.  *parked: some aggregate of
 * this source is parked, so look before applying. */
int pl_feed_move(struct pl_pg *db, const struct pl_feed_pair *pair, int64_t from, int64_t to,
                 bool *parked, struct pl_err *err);

/* Is that event's aggregate parked? */
int pl_feed_is_parked(struct pl_pg *db, const struct pl_feed_pair *pair, const Pl__Event *event,
                      bool *parked, struct pl_err *err);

/* Count a try before it begins, take it back, forget all tries of that position. */
int pl_feed_try(struct pl_pg *db, const struct pl_feed_pair *pair, int64_t position, int *attempts,
                struct pl_err *err);
int pl_feed_untry(struct pl_pg *db, const struct pl_feed_pair *pair, int64_t position,
                  struct pl_err *err);
int pl_feed_forget_tries(struct pl_pg *db, const struct pl_feed_pair *pair, int64_t position,
                         struct pl_err *err);

/* Put an event among the dead letters; ${attempts} 0: it only follows another one. */
int pl_feed_bury(struct pl_pg *db, const struct pl_feed_pair *pair, const Pl__Event *event,
                 int attempts, const char *reason, struct pl_err *err);

#endif
