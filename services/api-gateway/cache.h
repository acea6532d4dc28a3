/* cache -- answers that are kept for others who ask the same (cache_rule.h says which, and for how long).
 *
 *     key      a hash of the call, its message and, as far as the rule says so, whose it is: what the
 *              service would be told, so that the order of parameters does not matter
 *     look     in Redis, one round trip (cache_store.h); while it is away in this reactor's memory
 *     flight   who asks for what is being asked for already waits for that answer; over all gateways a lock,
 *              waited for PLUMB_CACHE_FOLLOW_MS at most, sees to it
 *     end      its time, or an event on the Feed (cache_tags.h)
 *
 * Rights are checked before.  Kept is only a 200 without a cookie, of at most PLUMB_CACHE_ENTRY_BYTES.  Each
 * answer says by `X-Cache` HIT, MISS, STALE (nobody could answer, this was true lately) or BYPASS (the
 * client asked for none of ours).
 */
#ifndef CACHE_H
#define CACHE_H

#include "cache_rule.h"

#include "pl_err.h"

#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

struct cache;
struct exchange;

/* Ask the service: the exchange is answered or pending afterwards; cache_fetched() comes before
 * exchange_done(). */
typedef void cache_fetch_fn(struct exchange *exchange);

struct cache_question {
    const struct cache_rule *rule;
    const char *call, *api; // the path's api, or NULL
    const ProtobufCMessage *request;
    cache_fetch_fn *fetch;
};

/* Answer from what is kept, or fetch it: answered or pending afterwards. */
void cache_begin(struct exchange *exchange, const struct cache_question *question);

/* The service's answer is the exchange's, ${code} as the service said: keep it, pass it on.  Nothing
 * happens if cache_begin() was not asked. */
void cache_fetched(struct exchange *exchange, enum pl_code code);

/* One for each reactor, in its epoll. */
struct cache *cache_new(int epoll);

/* What waits ends; nothing is fetched any more.  Before the door to the services is closed.  Safe on NULL. */
void cache_stop(struct cache *self);
void cache_destroy(struct cache **self_p);

/* The reactor's side, as in limiter.h. */
void cache_ready(struct cache *self, int fd, uint32_t events);
void cache_run(struct cache *self);
void cache_flush(struct cache *self);
int64_t cache_timeout_ms(const struct cache *self, int64_t most);

/* Is there somebody to share with, or will there never be? */
bool cache_is_settled(const struct cache *self);

#endif
