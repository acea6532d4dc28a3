/* cache_key -- what an answer is called that is kept, and what ends it: hashes of a fixed size, so that
 * no client's text becomes a key. */
#ifndef CACHE_KEY_H
#define CACHE_KEY_H

#include "cache_rule.h"

#include "envelope.pb-c.h"

#include <stddef.h>
#include <stdint.h>

struct cache_key {
    unsigned char bytes[32];
};

#define CACHE_KEY_TEXT 84 // "plumb:cache:lock:" and 64 digits

/* Everything that may make a difference: the contract, the call, who asks as far as ${vary} says, and
 * the request as the service would get it, which does not depend on how it was written. */
struct cache_key cache_key_make(const char *contract, const char *call, enum cache_vary vary,
                                const Pl__Principal *who, ProtobufCBinaryData request);

/* What ends answers: events of a type, of one aggregate or, where that is NULL, of any.  NULL twice: everything. */
uint64_t cache_tag(const char *event, const char *aggregate);

/* What they are called in Redis; ${kind} is "" for an answer. */
void cache_key_print(const struct cache_key *key, const char *kind, char out[CACHE_KEY_TEXT]);
void cache_tag_print(uint64_t tag, char out[CACHE_KEY_TEXT]);

#endif
