/* pl_feed_consumer -- the thread that hears one source for this service.
 *
 * Every replica has one a source; the one with the lease works, the others wait for its end.
 */
#ifndef PL_FEED_CONSUMER_H
#define PL_FEED_CONSUMER_H

#include "pl_feed_producer.h"
#include "pl_service.h"

struct pl_feed_consumer_thread;

/* Start hearing ${source}.  All texts must stay. */
int pl_feed_consumer_start(struct pl_feed_consumer_thread **out, const struct pl_service *service,
                           const char *source, const char *dsn, const struct pl_feed_limits *limits,
                           struct pl_err *err);

/* End the thread, which gives its lease back.  Safe on NULL; clears the pointer. */
void pl_feed_consumer_stop(struct pl_feed_consumer_thread **self_p);

#endif
