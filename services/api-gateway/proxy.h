/* proxy -- requests that go on to an HTTP upstream (routes.h), without waiting: libcurl in the
 * reactor's epoll.
 *
 * They come through the same limits, framing and body rules as all others, and what comes back
 * leaves with the gateway's own header fields (headers.c); of the upstream's only a list of
 * harmless ones passes.  Who is asked learns the client (X-Forwarded-For), the request id and the
 * trace.  After five failures in a row an upstream is not asked for a second, longer while its
 * health path does not answer: 503 at once.
 */
#ifndef PROXY_H
#define PROXY_H

#include "pl_err.h"

#include <stdint.h>

struct exchange;
struct proxy;

/* One for each reactor, in its epoll. */
int proxy_new(struct proxy **out, int epoll, struct pl_err *err);

/* End what is under way, with 503.  Safe on NULL. */
void proxy_stop(struct proxy *self);
void proxy_destroy(struct proxy **self_p);

/* Send the exchange's request to its upstream: answered or pending afterwards. */
void proxy_begin(struct exchange *exchange);

/* The reactor's side. */
void proxy_ready(struct proxy *self, int fd, uint32_t events);
void proxy_run(struct proxy *self);
int64_t proxy_timeout_ms(const struct proxy *self, int64_t most);

#endif
