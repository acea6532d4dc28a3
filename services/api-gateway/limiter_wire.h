/* limiter_wire -- questions as a command of limiter.lua, and its reply as answers. */
#ifndef LIMITER_WIRE_H
#define LIMITER_WIRE_H

#include "limiter_redis.h"

struct redisReply;

/* Queue the command: the script by its name ${sha}, or whole where that is NULL, which also makes
 * the name known.  False if the connection is lost. */
bool limiter_wire_ask(struct redis_link *link, const char *sha,
                      const struct limit_question *questions, int count, int64_t gateways,
                      redis_reply_fn *done, void *arg);

/* False for anything but the answers to so many questions. */
bool limiter_wire_read(const struct redisReply *reply, struct limit_answer *out, int count);

/* Of a bucket of nobody's, to go the whole way: writing, too. */
struct limit_question limiter_wire_probe(void);

/* Say that the gateway ${name} is here; the reply is how many are. */
bool limiter_wire_count(struct redis_link *link, const char *name, redis_reply_fn *done, void *arg);

/* Delete a bucket. */
bool limiter_wire_forget(struct redis_link *link, struct limit_key key);

#endif
