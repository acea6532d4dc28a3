/* pl_feed_follow -- hear a service's new events without keeping a place: for the gateway, whose
 * caches drop what an event names (RULINGS 28, 37, 39).
 *
 * No database.  A thread of its own calls back; the callback locks what it shares.
 */
#ifndef PL_FEED_FOLLOW_H
#define PL_FEED_FOLLOW_H

#include "pl_err.h"

#include "envelope.pb-c.h"

#include <stddef.h>

struct pl_follow;

/* One event, which lives as long as the call; or NULL: events may have been missed (no instance
 * answered for a while, or they are no longer kept), so drop what depends on them. */
typedef void pl_follow_fn(void *arg, const Pl__Event *event);

/* Follow ${source} from now on.  ${name} is this process's service name; ${types} ends with NULL,
 * an empty one is all.  Everything must stay until the end. */
int pl_feed_follow(struct pl_follow **out, const char *source, const char *name,
                   const char *const *types, pl_follow_fn *callback, void *arg, struct pl_err *err);

/* End it; the callback is not running any more then.  Safe on NULL; clears the pointer. */
void pl_feed_unfollow(struct pl_follow **self_p);

#endif
