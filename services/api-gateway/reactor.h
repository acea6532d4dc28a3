/* reactor -- one thread, one loop: HTTP connections and the door to the services in one epoll.
 *
 * libmicrohttpd runs in this loop by its epoll descriptor, pl_caller by its own.  A request that
 * waits for a service suspends its connection and is resumed in the same thread, so there are
 * no locks.  More reactors share nothing but the port (SO_REUSEPORT) and the contract.
 */
#ifndef REACTOR_H
#define REACTOR_H

#include "pl_err.h"

#include <stdbool.h>
#include <stddef.h>

struct cache;
struct connections;
struct contract;
struct limiter;
struct pl_arena;
struct pl_caller;
struct proxy;
struct reactor;
struct token_cache;
struct upload_budget;

/* Make one that serves ${listen_fd}, which it takes over.  The contract must stay. */
int reactor_new(struct reactor **out, const struct contract *contract, int listen_fd,
                struct pl_err *err);

/* Serve until reactor_stop() and then drain: no new connections, "Connection: close" on what is
 * answered, until all is done or settings.drain_ms have passed. */
void reactor_run(struct reactor *self);

/* Ask it to drain and return.  Thread-safe. */
void reactor_stop(struct reactor *self);

/* Safe on NULL. */
void reactor_destroy(struct reactor **self_p);

/* What an exchange needs of its reactor. */
const struct contract *reactor_contract(const struct reactor *self);
struct pl_caller *reactor_caller(struct reactor *self);
struct connections *reactor_connections(struct reactor *self);
struct token_cache *reactor_tokens(struct reactor *self);
struct cache *reactor_cache(struct reactor *self);
struct limiter *reactor_limiter(struct reactor *self);
struct proxy *reactor_proxy(struct reactor *self);
struct upload_budget *reactor_budget(struct reactor *self);
bool reactor_is_draining(const struct reactor *self);

/* A connection was resumed: let the HTTP library run once more before waiting. */
void reactor_wake(struct reactor *self);

/* The memory of a new exchange; what was taken from the arena of one that is over goes back. */
struct pl_arena *reactor_begin_exchange(struct reactor *self);
void reactor_end_exchange(struct reactor *self, struct pl_arena *arena);

#endif
