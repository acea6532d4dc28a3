/* pl_feed_producer -- the thread that numbers this service's outbox and streams it.
 *
 * Every replica has one; whichever finds rows numbers them, and each streams to whoever is
 * subscribed at it.  No leader (RULINGS 36).
 */
#ifndef PL_FEED_PRODUCER_H
#define PL_FEED_PRODUCER_H

#include "pl_err.h"

#include <stdint.h>

struct pl_feed_producer;

/* What an operator may change. */
struct pl_feed_limits {
    int64_t poll_ms;           // how long a committed row waits at most for its number
    int64_t days, max_days;    // retention
    int64_t tries, backoff_ms; // of an event at the consumer; before the second try
};

/* Bind ${address} and start.  All texts must stay. */
int pl_feed_producer_start(struct pl_feed_producer **out, const char *source, const char *dsn,
                           const char *address, const struct pl_feed_limits *limits,
                           struct pl_err *err);

/* Number and stream now.  Thread-safe. */
void pl_feed_producer_poke(struct pl_feed_producer *self);

/* End the thread.  Safe on NULL; clears the pointer. */
void pl_feed_producer_stop(struct pl_feed_producer **self_p);

#endif
