/* limiter_redis -- the limit that all gateways share: limiter.lua, asked without waiting.
 *
 * A request costs one round trip.  What is not answered in time, PLUMB_LIMIT_WAIT_MS, is given
 * up; after five failures in a row, or when the connection is lost, nobody is asked any more
 * until a probe of the whole way is answered (tried four times a second).
 */
#ifndef LIMITER_REDIS_H
#define LIMITER_REDIS_H

#include "limiter_link.h"
#include "limiter_local.h"

struct limiter_redis;

/* ${verdict} is NULL if Redis could not tell, ${why} then a word: "timeout", "error", "lost". */
typedef void limiter_done_fn(void *arg, const struct limit_verdict *verdict, const char *why);

/* Make one in that epoll, and begin to connect at its first run. */
struct limiter_redis *limiter_redis_new(int epoll, const struct limiter_address *to,
                                        const struct limit *limit, int64_t wait_ms);

/* What is still asked ends as lost.  Safe on NULL. */
void limiter_redis_destroy(struct limiter_redis **self_p);

/* Ask for one for this client.  False if Redis is not to be asked now; else ${done} is called
 * once, later. */
bool limiter_redis_ask(struct limiter_redis *self, uint64_t client, limiter_done_fn *done,
                       void *arg);

/* A descriptor of the epoll is ready; to be called for each, before limiter_redis_run(). */
void limiter_redis_ready(struct limiter_redis *self, int fd, uint32_t events);

/* Do what is due; send what was asked.  Each to be called once a turn of the loop. */
void limiter_redis_run(struct limiter_redis *self);
void limiter_redis_flush(struct limiter_redis *self);

/* Milliseconds until limiter_redis_run() has to be called again. */
int64_t limiter_redis_timeout_ms(const struct limiter_redis *self);

#endif
