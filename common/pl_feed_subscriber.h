/* pl_feed_subscriber -- what a producer knows of each connection that listens: where it is, how
 * many batches are under way to it, and when it was last heard. */
#ifndef PL_FEED_SUBSCRIBER_H
#define PL_FEED_SUBSCRIBER_H

#include "envelope.pb-c.h"

#include <czmq.h>
#include <stdbool.h>
#include <stdint.h>

#define PL_FEED_MAX_CREDIT 16

struct pl_subscriber {
    zframe_t *identity;
    char *consumer, **types;
    size_t type_count;
    bool durable, registered;
    int64_t next;  // position that is sent next
    int64_t acked; // highest position it has applied
    int64_t told;  // acked, as far as it is written down
    int credit, in_flight;
    int64_t flight[PL_FEED_MAX_CREDIT]; // `to` of each batch under way, ascending
    int64_t heard_ms;
    struct pl_subscriber *next_one;
};

/* The one of ${identity}, or NULL. */
struct pl_subscriber *pl_subscriber_find(struct pl_subscriber *list, zframe_t *identity);

/* A new one at the list's head, which copies all. */
struct pl_subscriber *pl_subscriber_add(struct pl_subscriber **list, zframe_t *identity,
                                        const Pl__Subscribe *wish, int64_t head);

/* Send again from ${wish} on. */
void pl_subscriber_rewind(struct pl_subscriber *self, const Pl__Subscribe *wish, int64_t head);

/* It has applied everything up to ${position}, maybe by way of another replica. */
void pl_subscriber_ack(struct pl_subscriber *self, int64_t position);

/* A batch up to ${to} is under way. */
void pl_subscriber_sent(struct pl_subscriber *self, int64_t to);

/* Does it want events of that type? */
bool pl_subscriber_wants(const struct pl_subscriber *self, const char *type);

/* Take one out of the list and free it. */
void pl_subscriber_remove(struct pl_subscriber **list, struct pl_subscriber *gone);

#endif
