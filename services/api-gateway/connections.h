/* connections -- the time each client connection may take, and how many there may be.
 *
 * The HTTP library's timeout only sees silence: who sends a byte now and then keeps a connection
 * for ever.  So each connection is in a phase, and each phase ends:
 *
 *     HEAD   a header block is due: until PLUMB_HEADER_TIMEOUT_MS after the connection or the
 *            request line came
 *     BODY   a body is due: in each PLUMB_RATE_WINDOW_MS at least PLUMB_BODY_MIN_RATE
 *     WAIT   a service is thinking: its Call has a deadline of its own
 *     SEND   an answer is due: the client acknowledges at least PLUMB_SEND_MIN_RATE
 *     IDLE   between two requests: PLUMB_IDLE_SECONDS and the header's time; what the kernel
 *            still has of the last answer is to be read as in SEND
 *
 * All connections of a phase have the same time, so each phase is a queue whose first one is the
 * next to be looked at.  Who is late is cut: its socket is shut down, which the library notices.
 * One thread, no locks; what belongs to a NULL connection is ignored.
 */
#ifndef CONNECTIONS_H
#define CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection;
struct connections;
struct sockaddr;

enum phase { PHASE_HEAD, PHASE_BODY, PHASE_SEND, PHASE_IDLE, PHASE_WAIT };

/* By the settings as they are now; NULL: out of memory. */
struct connections *connections_new(void);

/* After the last one is removed.  Safe on NULL. */
void connections_destroy(struct connections **self_p);

/* May this client open one more?  PLUMB_CONNECTIONS_PER_ADDRESS; a refusal is counted.
 * A trusted proxy may always: whose connections those are is known only when a request came. */
bool connections_admit(const struct connections *self, const struct sockaddr *client);

/* It did: in PHASE_HEAD now.  Where PLUMB_CONNECTIONS are reached the one that was idle longest
 * makes room.  NULL and shut down if there is no memory. */
struct connection *connections_add(struct connections *self, int fd, const struct sockaddr *client);

/* It is closed. */
void connections_remove(struct connections *self, struct connection *connection);

/* It is in another phase; nothing if it is in that one already. */
void connections_enter(struct connections *self, struct connection *connection, enum phase phase);

/* A request line came: from now on it is a request that is slow, not a connection that is idle. */
void connections_request(struct connections *self, struct connection *connection);

/* The client's address as text; "" if it has none. */
const char *connections_address(const struct connection *connection);

/* Bytes of a body came. */
void connections_received(struct connection *connection, size_t bytes);

/* Milliseconds until somebody may be late, ${most} at most. */
int64_t connections_timeout_ms(const struct connections *self, int64_t most);

/* Cut those who are late. */
void connections_run(struct connections *self);

#endif
