/* pl_server -- the answering side of a Call: one front thread, N workers that share nothing.
 *
 * The front thread owns the ROUTER.  It keeps a bounded queue for each lane, light and heavy,
 * refuses at once what does not fit (UNAVAILABLE, nothing was run), answers pl.Health,
 * pl.Metrics and pl.LogLevel itself, and sends what the workers hand back (RULINGS 41).
 */
#ifndef PL_SERVER_H
#define PL_SERVER_H

#include "pl_service.h"

struct pl_server;

struct pl_server_conf {
    const struct pl_service *service;
    const char *bind; // "tcp://127.0.0.1:5610"; port "*" picks one
    const char *dsn;  // of each worker's connection; unused without a schema
    int workers;      // of the light lane; 0 means 4
    int heavy;        // of the heavy lane; 0 means 1
    int queue;        // calls waiting in the light lane; 0 means 256
    int heavy_queue;  // and in the heavy one; 0 means 16
    int64_t drain_ms; // how long to wait for running calls when stopping; 0 means 10 s
};

/* Start the workers, wait until each has what it needs, then open the door.  The texts of
 * ${conf} must stay.  pl_curve_open() comes before. */
int pl_server_start(struct pl_server **out, const struct pl_server_conf *conf, struct pl_err *err);

/* The address that was bound, with the port. */
const char *pl_server_address(const struct pl_server *self);

/* Close the door, say so to everybody who has asked here, finish what runs, refuse what still
 * arrives, end the threads.  Safe on NULL. */
void pl_server_stop(struct pl_server **self_p);

/* How many database connections ${service} needs for its workers. */
int pl_server_connections(const struct pl_service *service, int workers, int heavy);

#endif
