/* cache_warm -- what the contract marks `warm` is asked for once when a gateway starts, so that the
 * first client does not wait for it (B-33).  It goes the way of a request, so what another gateway keeps is not fetched again. */
#ifndef CACHE_WARM_H
#define CACHE_WARM_H

#include <stdint.h>

struct cache_warm;
struct reactor;

struct cache_warm *cache_warm_new(struct reactor *reactor);

/* Safe on NULL; after the last exchange. */
void cache_warm_destroy(struct cache_warm **self_p);

/* Begin when the cache is settled; tidy up.  Once a turn of the loop. */
void cache_warm_run(struct cache_warm *self);

#endif
