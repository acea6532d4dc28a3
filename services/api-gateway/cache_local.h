/* cache_local -- the answers of one reactor, for as long as Redis is away (B-04).
 *
 * Bounded by PLUMB_CACHE_MEMORY: what was not asked for longest goes first.
 */
#ifndef CACHE_LOCAL_H
#define CACHE_LOCAL_H

#include "cache_key.h"

struct cache_local;

struct cache_local *cache_local_new(size_t most);
void cache_local_destroy(struct cache_local **self_p);

/* What is kept under that generation, until the next call; *left_ms is what it has to live.  Empty: nothing. */
ProtobufCBinaryData cache_local_look(struct cache_local *self, const struct cache_key *key,
                                     uint64_t generation, int64_t now_ms, int64_t *left_ms);

/* Keep a copy. */
void cache_local_keep(struct cache_local *self, const struct cache_key *key, uint64_t generation,
                      ProtobufCBinaryData bytes, int64_t now_ms, int64_t life_ms);

#endif
