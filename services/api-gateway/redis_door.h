/* redis_door -- a connection to Redis that nobody ever waits long for.
 *
 * A command has a time; what is not answered in it is given up.  After five failures in a row, or
 * when the connection is lost, the door is shut: nothing is sent until a new connection has been
 * greeted, which is tried four times a second.  An idle one is asked every second whether it is there.  One thread, in the reactor's epoll.
 */
#ifndef REDIS_DOOR_H
#define REDIS_DOOR_H

#include "redis_link.h"

struct redis_door;
struct redisReply;

/* The reply of a command, which is no error and lives as long as the call; NULL if there is none. */
typedef void redis_said_fn(void *arg, const struct redisReply *reply);

/* A new connection: send what it needs to be good for anything.  Each must be answered. */
typedef void redis_greet_fn(void *arg);

/* Make one; it connects at its first run.  ${greet} is called with ${arg}. */
struct redis_door *redis_door_new(int epoll, const struct redis_address *to, redis_greet_fn *greet,
                                  void *arg);

/* What was sent ends without a reply.  Safe on NULL. */
void redis_door_destroy(struct redis_door **self_p);

/* Is it open? */
bool redis_door_is_open(const struct redis_door *self);

/* Send a command.  False if the door is shut, then ${done} is not called; else it is called once, after ${wait_ms} at
 * the latest.  NULL: nobody wants to know. */
bool redis_door_send(struct redis_door *self, int64_t wait_ms, redis_said_fn *done, void *arg,
                     int count, const char *const *words, const size_t *lengths);

/* A reply made no sense. */
void redis_door_blame(struct redis_door *self, const char *why);

/* The reactor's side, as in limiter.h. */
void redis_door_ready(struct redis_door *self, int fd, uint32_t events);
void redis_door_run(struct redis_door *self);
void redis_door_flush(struct redis_door *self);
int64_t redis_door_timeout_ms(const struct redis_door *self, int64_t most);

#endif
