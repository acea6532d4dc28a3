/* pl_feed_apply -- events into effects, each exactly once, poison set aside (RULINGS 38).
 *
 * A batch is one transaction with the cursor's move.  If it fails, its events are tried one by
 * one; each try is counted in a transaction of its own before it begins, so that even an event
 * that ends the process is found.  After N tries it is a dead letter and its aggregate is
 * parked.  "Unavailable" is nobody's fault and never counts.
 */
#ifndef PL_FEED_APPLY_H
#define PL_FEED_APPLY_H

#include "pl_feed_cursor.h"
#include "pl_service.h"

struct pl_feed_apply {
    const struct pl_listener *listeners; // of the whole service
    struct pl_feed_pair pair;
    struct pl_pg *db;
    void *worker;           // the service's
    struct pl_arena *arena; // reset by whoever calls
    int64_t cursor;         // moves along
    bool moved;             // the last failure was that somebody else moved the cursor
    int64_t careful_to;     // up to here one by one, after an unclean start
    int64_t tries, backoff_ms;
    const char *holder; // of the lease, which is prolonged while waiting; NULL: nobody's
    int wake;           // ends waiting before the next try
    const _Atomic bool *stopping;
};

/* Apply a batch that begins behind the cursor.  -1: not (all) of it could be applied at present,
 * or ${self}->moved; in both cases read the cursor again. */
int pl_feed_apply(struct pl_feed_apply *self, const Pl__Batch *batch, struct pl_err *err);

/* Try one dead letter that is to be tried; *found says whether there was one. */
int pl_feed_apply_dead(struct pl_feed_apply *self, bool *found, struct pl_err *err);

#endif
