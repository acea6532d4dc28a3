/* cache_store -- the answers that all gateways share, in Redis.
 *
 * One round trip a question: an answer with what it has to live, or who fetches it.  A connection of its own, so that
 * a large answer is in nobody's way; with Redis away nobody waits (redis_door.h).  Each new connection ends all that was kept before, for
 * events may have been missed.
 */
#ifndef CACHE_STORE_H
#define CACHE_STORE_H

#include "cache_key.h"

#include "pl_err.h"

#include <stdbool.h>

struct cache_store;

#define GENERATIONS_SIZE 128

struct cache_seen {
    ProtobufCBinaryData bytes; // empty: nothing is kept
    int64_t left_ms;
    bool mine; // the lock: who asked is to fetch it
    char generations[GENERATIONS_SIZE];
};

/* Lives as long as the call.  NULL: Redis cannot tell. */
typedef void cache_seen_fn(void *arg, const struct cache_seen *seen);

/* By the settings; NULL where there is no Redis. */
struct cache_store *cache_store_new(int epoll);
void cache_store_destroy(struct cache_store **self_p);

bool cache_store_is_up(const struct cache_store *self);

/* Look.  With less than ${stale_ms} to live it is to be fetched again, by one: who gets the lock.  False if Redis is not to
 * be asked now; else ${done} is called once. */
bool cache_store_look(struct cache_store *self, const struct cache_key *key, const uint64_t *tags,
                      int count, int64_t stale_ms, cache_seen_fn *done, void *arg);

/* Keep an answer that was asked for under these generations, or none where it may not live, and let go of the lock. */
void cache_store_keep(struct cache_store *self, const struct cache_key *key,
                      const char *generations, ProtobufCBinaryData bytes, int64_t life_ms);

/* End what has this tag. */
void cache_store_end(struct cache_store *self, uint64_t tag);

/* The reactor's side, as in limiter.h. */
void cache_store_ready(struct cache_store *self, int fd, uint32_t events);
void cache_store_run(struct cache_store *self);
void cache_store_flush(struct cache_store *self);
int64_t cache_store_timeout_ms(const struct cache_store *self, int64_t most);

#endif
