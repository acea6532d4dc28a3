/* http -- libmicrohttpd's side of an exchange: its callbacks, suspending and resuming.
 *
 * The library sees a connection; everything else sees an exchange.  Version 0.9.75 is taken as it
 * is: guard.c does not believe it, and what it answers by itself is listed in README.md.
 */
#ifndef HTTP_H
#define HTTP_H

struct MHD_Daemon;
struct reactor;

/* A daemon without a thread that serves ${listen_fd} for that reactor; NULL on failure. */
struct MHD_Daemon *http_start(struct reactor *reactor, int listen_fd);

#endif
