/* limiter_redis -- the buckets that all gateways share: limiter.lua, asked without waiting.
 *
 * A request costs one round trip at most, for all its buckets.  What is not answered in time, PLUMB_LIMIT_WAIT_MS, is given
 * up; after five failures in a row, or when the connection is lost, nobody is asked any more
 * until a probe of the whole way is answered (tried four times a second).
 */
#ifndef LIMITER_REDIS_H
#define LIMITER_REDIS_H

#include "limiter_key.h"
#include "limiter_local.h"
#include "redis_link.h"

#define MAX_QUESTIONS 32

struct limiter_redis;

/* One bucket to ask: for ${cost}, and for up to ${wish} more to be held for ${hold_us}.  It is charged
 * with ${debt} whatever it says: what was allowed without asking it. */
struct limit_question {
    struct limit_key key;
    struct limit limit;
    int64_t cost, wish, hold_us, debt;
    bool shadow; // does not refuse the others
};

struct limit_answer {
    struct limit_verdict verdict;
    int64_t given; // tokens in advance
};

/* ${answers} is one for each question, or NULL if Redis could not tell, ${why} then a word:
 * "timeout", "error", "lost".  Unless all buckets that are no shadows allow it, none was changed. */
typedef void limiter_done_fn(void *arg, const struct limit_answer *answers, const char *why);

/* A reply that came after its deadline: Redis has charged ${question} ${all}, cost and debt, or only
 * the debt. */
typedef void limiter_late_fn(void *arg, const struct limit_question *question, bool all);

/* Make one in that epoll, and begin to connect at its first run. */
struct limiter_redis *limiter_redis_new(int epoll, const struct redis_address *to, int64_t wait_ms,
                                        limiter_late_fn *late, void *arg);

/* What is still asked ends as lost.  Safe on NULL. */
void limiter_redis_destroy(struct limiter_redis **self_p);

/* Ask.  False if Redis is not to be asked now; else ${done} is called once, later. */
bool limiter_redis_ask(struct limiter_redis *self, const struct limit_question *questions,
                       int count, limiter_done_fn *done, void *arg);

/* Forget a bucket: it is full again.  False if Redis is not to be asked now. */
bool limiter_redis_forget(struct limiter_redis *self, struct limit_key key);

/* How many gateways Redis sees, or saw last; at least 1. */
int64_t limiter_redis_gateways(const struct limiter_redis *self);

/* Is it asked at present? */
bool limiter_redis_is_up(const struct limiter_redis *self);

/* A descriptor of the epoll is ready; to be called for each, before limiter_redis_run(). */
void limiter_redis_ready(struct limiter_redis *self, int fd, uint32_t events);

/* Do what is due; send what was asked.  Each to be called once a turn of the loop. */
void limiter_redis_run(struct limiter_redis *self);
void limiter_redis_flush(struct limiter_redis *self);

/* Milliseconds until limiter_redis_run() has to be called again. */
int64_t limiter_redis_timeout_ms(const struct limiter_redis *self);

#endif
