/* pl_curve -- every ZeroMQ socket of ours is CURVE-encrypted and knows who is calling.
 *
 * One key pair per service under PLUMB_KEYS_DIR: `<service>.key_secret` (mode 0600) and
 * `<service>.key` (public), CZMQ certificates.  A server accepts whoever has one of the public
 * keys in that folder; the folder is read again on SIGHUP (RULINGS 43).  A client knows the
 * server's key by the service's name.  PLUMB_BUS_PLAINTEXT=1 switches all of it off.
 */
#ifndef PL_CURVE_H
#define PL_CURVE_H

#include "pl_err.h"

#include <czmq.h>
#include <stdbool.h>
#include <stddef.h>

/* Make the key pairs that are missing; existing ones are kept.  For `plumb keys bus`. */
int pl_curve_make(const char *dir, const char *const *names, size_t count, struct pl_err *err);

/* Once per process, before any socket: load ${name}'s key pair and the public keys in ${dir},
 * and start answering ZAP requests.  With ${plaintext}, sockets stay plain. */
int pl_curve_open(const char *dir, const char *name, bool plaintext, struct pl_err *err);

/* Stop the ZAP thread and forget the keys.  Harmless when nothing was opened. */
void pl_curve_close(void);

/* Read the public keys again (SIGHUP). */
int pl_curve_reload(struct pl_err *err);

/* Before bind: a server of this process.  Before connect: a client of ${peer}'s server, which
 * fails with UNAVAILABLE if there is no key of that name.  Both do nothing in plain text. */
int pl_curve_server(zsock_t *socket, struct pl_err *err);
int pl_curve_client(zsock_t *socket, const char *peer, struct pl_err *err);

/* The same, except that the client's key is ${dir}'s ${name} and not this process's; for tests
 * and for tools that stand in for a service. */
int pl_curve_client_as(zsock_t *socket, const char *dir, const char *name, const char *peer,
                       struct pl_err *err);

/* Timeouts, heartbeats, backoff, limits: everything whose default is wrong for us, the same for
 * every socket on the wire.  ${hwm} is messages, ${largest} bytes of one frame. */
void pl_curve_tune(zsock_t *socket, int hwm, int64_t largest);

#endif
