/* limiter -- how much may be asked of the gateways: every policy (limits.h) that counts a request
 * must allow it, or none is charged.
 *
 * Buckets of an address and of everybody are asked before a token is verified; those of a user or a
 * token with them if it is known from before, else after.  All gateways share them through Redis (limiter_redis.h); tokens held in
 * advance and empty buckets are known here (limiter_lease.h).  While Redis is away each policy
 * says what happens: `local` counts in this process (limiter_local.h), `open` lets all pass,
 * `closed` refuses with 503.
 */
#ifndef LIMITER_H
#define LIMITER_H

#include "limiter_redis.h"
#include "limits.h"

struct exchange;
struct limiter;

/* Make one for a reactor, in its epoll, by the settings.  limits_open() comes before. */
int limiter_new(struct limiter **out, int epoll, struct pl_err *err);

/* Talk to Redis no more: what waits for it goes on without.  Safe on NULL. */
void limiter_stop(struct limiter *self);

/* After the last exchange.  Safe on NULL. */
void limiter_destroy(struct limiter **self_p);

/* Ask by what is known of the exchange before its token is verified.  When it returns it is
 * either refused (429, or 503 if closed), pending, or may go on; a pending one goes on by
 * exchange_limited(). */
void limiter_begin(struct exchange *exchange);

/* The same by whose token it is, unless that was known before; a pending one goes on by exchange_done(). */
void limiter_known(struct exchange *exchange);

/* The exchange is over. */
void limiter_end(struct exchange *exchange);

/* The reactor's side: a descriptor is ready; do what is due; send what was asked, at the end of
 * a turn; how long to wait. */
void limiter_ready(struct limiter *self, int fd, uint32_t events);
void limiter_run(struct limiter *self);
void limiter_flush(struct limiter *self);
int64_t limiter_timeout_ms(const struct limiter *self, int64_t most);

/* Are the settings of the limiter such that one can be made? */
int limiter_check(struct pl_err *err);

/* The part of a policy that this gateway allows when each counts for itself. */
struct limit limiter_part(const struct limiter *self, const struct policy *policy);

/* For who looks at it (limiter_admin.c): the set in force; Redis, NULL if there is none; leases. */
const struct limits *limiter_limits(const struct limiter *self);
struct limiter_redis *limiter_of_redis(const struct limiter *self);
void limiter_forget(struct limiter *self, struct limit_key key);

/* By the settings: what a policy does while Redis is away that does not say so itself. */
enum limit_away limiter_away(void);

#endif
