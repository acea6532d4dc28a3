/* pl_feed -- the threads beside the workers: what a service streams, hears and does on time.
 *
 * A producer (if the service has a schema) numbers and streams its outbox; one consumer a source
 * (if it listens) applies events; timers do what is due.  Each thread has its own connection
 * and worker state.
 */
#ifndef PL_FEED_H
#define PL_FEED_H

#include "pl_conf.h"
#include "pl_err.h"
#include "pl_service.h"

/* What these threads read from the environment; pl_app reads it with the shared settings. */
extern const struct pl_setting pl_feed_settings[];

/* How many database connections pl_feed_start() will open, for the check at start. */
int pl_feed_connections(const struct pl_service *service);

/* Start the threads.  ${dsn} is the service role's; ${bind} is the Feed's address
 * ("tcp://127.0.0.1:5611").  A database that is away is waited for by the threads themselves;
 * what fails here is wrong for good (the address is taken).  Both texts must stay. */
int pl_feed_start(const struct pl_service *service, const char *dsn, const char *bind,
                  struct pl_err *err);

/* Finish what runs and end the threads.  Harmless when nothing was started. */
void pl_feed_stop(void);

/* Something was committed that may have filled the outbox: number it now.  Thread-safe, cheap,
 * harmless when nothing was started. */
void pl_feed_poke(void);

#endif
