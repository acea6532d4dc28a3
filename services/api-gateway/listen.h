/* listen -- the listening sockets: from the supervisor, or made here. */
#ifndef LISTEN_H
#define LISTEN_H

#include "pl_err.h"

#include <stddef.h>
#include <stdint.h>

/* ${count} non-blocking listening sockets into ${out}, one for each reactor.  With LISTEN_FDS and
 * LISTEN_PID (the systemd protocol) they are copies of descriptor 3, which somebody else keeps
 * open while this process is replaced (RULINGS 42); else they are bound here, with SO_REUSEPORT
 * if there are several.  A taken port is named in the error. */
int listen_open(const char *address, int64_t port, int *out, size_t count, struct pl_err *err);

/* The port a listening socket is bound to. */
int listen_port(int fd);

#endif
