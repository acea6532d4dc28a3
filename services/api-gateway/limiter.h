/* limiter -- how much one client may ask (GCRA), before its token is looked at.
 *
 * All gateways share the limit through Redis (limiter_redis.h).  When Redis is away, or there is
 * none, PLUMB_LIMIT_FALLBACK decides: `local` counts in this process (limiter_local.h), `open`
 * lets all pass, `closed` refuses all with 503.  A client is an IPv4 address or an IPv6 /64.
 */
#ifndef LIMITER_H
#define LIMITER_H

#include "pl_err.h"

#include <stdint.h>

struct exchange;
struct limiter;

/* Make one for a reactor, in its epoll, by the settings.  *out stays NULL if there is no limit. */
int limiter_new(struct limiter **out, int epoll, struct pl_err *err);

/* What waits for Redis goes on by the fallback.  Safe on NULL. */
void limiter_destroy(struct limiter **self_p);

/* Ask for one.  When it returns the exchange is either refused (429, or 503 if closed), pending,
 * or may go on; a pending one goes on by exchange_limited(). */
void limiter_begin(struct exchange *exchange);

/* The reactor's side: a descriptor is ready; do what is due; send what was asked, at the end of
 * a turn; how long to wait.  Safe on NULL. */
void limiter_ready(struct limiter *self, int fd, uint32_t events);
void limiter_run(struct limiter *self);
void limiter_flush(struct limiter *self);
int64_t limiter_timeout_ms(const struct limiter *self, int64_t most);

/* Are the settings of the limiter such that one can be made? */
int limiter_check(struct pl_err *err);

/* The client with that address, as one number. */
uint64_t limiter_client(const char *address);

#endif
