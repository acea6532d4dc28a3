/* pl_feed_stream -- what a producer sends, and what it knows meanwhile.  For pl_feed_producer only.
 */
#ifndef PL_FEED_STREAM_H
#define PL_FEED_STREAM_H

#include "pl_feed_log.h"
#include "pl_feed_producer.h"
#include "pl_feed_subscriber.h"

#include <pthread.h>
#include <stdatomic.h>

struct pl_feed_producer {
    const char *source, *dsn;
    struct pl_feed_limits limits;
    zsock_t *router;
    int wake;
    _Atomic bool stopping;
    pthread_t thread;
    struct pl_pg *db;
    struct pl_arena *arena, *batch_arena;
    struct pl_feed_state state;
    bool known;  // state was read at least once
    bool behind; // there may be rows left to number
    bool away;   // it was said that the database is
    struct pl_subscriber *subscribers;
    int subscriber_count;
    int64_t write_down_at, retire_at, metrics_at;
    /* The events read last: subscribers at the same position share them. */
    int64_t read_from, read_to;
    Pl__Event **events;
    size_t event_count;
};

/* An empty batch in front of what comes next: a sign of life that also shows a loss. */
void pl_feed_sign_of_life(struct pl_feed_producer *self, struct pl_subscriber *to);

/* Send to everybody what is there, as far as their credit goes; forget who is silent. */
int pl_feed_stream(struct pl_feed_producer *self, struct pl_err *err);

#endif
