/* cache_entry -- an answer as bytes, and back. */
#ifndef CACHE_ENTRY_H
#define CACHE_ENTRY_H

#include "gateway.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

struct exchange;

/* May the exchange's answer be kept at all?  A plain 200 that sets no cookie and that its service does not
 * forbid to be kept. */
bool cache_entry_may_keep(const struct exchange *exchange);

/* The exchange's answer, to live for ${life_ms}; of its further header fields those from ${first} on.  In
 * its arena. */
ProtobufCBinaryData cache_entry_write(struct exchange *exchange, int first, int64_t life_ms);

/* Such bytes in the exchange's arena; NULL if they are none. */
const Gateway__CachedAnswer *cache_entry_read(struct exchange *exchange, ProtobufCBinaryData bytes);

/* Answer with it.  It has ${left_ms} to live, which says how old it is. */
void cache_entry_answer(struct exchange *exchange, const Gateway__CachedAnswer *entry,
                        int64_t left_ms);

#endif
