/* redis_link -- one connection to Redis in the reactor's epoll: hiredis brings no adapter for it.
 *
 * Commands are collected and written by redis_link_flush(), so that those of one turn share one
 * write.  Whatever happens to the connection, each command's callback is called once: with NULL
 * if there will be no reply.
 */
#ifndef REDIS_LINK_H
#define REDIS_LINK_H

#include "pl_err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redis_link;
struct redisAsyncContext;

/* Where Redis is: a path, or a host and a port. */
struct redis_address {
    char path[108], host[256];
    int port;
};

/* "unix:/path" or "redis://host[:port]". */
int redis_address_parse(struct redis_address *out, const char *text, struct pl_err *err);

/* Begin to connect; a host must be numeric, for hiredis would wait for its name.  Never NULL: what goes wrong at once shows as a loss. */
struct redis_link *redis_link_open(int epoll, const struct redis_address *to);

/* Close it; callbacks that are due are called.  Safe on NULL; not from within a callback. */
void redis_link_close(struct redis_link **self_p);

/* Why the connection is lost; NULL while it is not. */
const char *redis_link_lost(const struct redis_link *self);

typedef void redis_reply_fn(struct redisAsyncContext *context, void *reply, void *arg);

/* Queue a command; false if the connection is lost, then nothing is called. */
bool redis_link_send(struct redis_link *self, redis_reply_fn *done, void *arg, int count,
                     const char *const *words, const size_t *lengths);

/* That descriptor is ready; others than the link's are ignored. */
void redis_link_ready(struct redis_link *self, int fd, uint32_t events);

/* Write what is queued as far as it goes. */
void redis_link_flush(struct redis_link *self);

#endif
