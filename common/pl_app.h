/* pl_app -- what every process does before and after its work.
 *
 * A service calls pl_app_main() (pl_service.h).  A process with a loop of its own (the gateway)
 * calls pl_app_begin(), runs until pl_app_signal() says stop, and calls pl_app_end().
 */
#ifndef PL_APP_H
#define PL_APP_H

#include "pl_service.h"

/* Handle the options, read the settings, open the log and the keys, take over SIGTERM, SIGINT
 * and SIGHUP, serve /health and /metrics on PLUMB_HTTP_BIND.  Returns -1: go on; otherwise the
 * status to exit with.  To be called before any thread is started. */
int pl_app_begin(const struct pl_service *service, int argc, char *argv[]);

/* A descriptor that becomes readable when a signal came. */
int pl_app_signal_fd(void);

/* Take in what signals came: SIGHUP reads the keys again.  True if the process is to stop. */
bool pl_app_signal(void);

/* Undo pl_app_begin(). */
void pl_app_end(void);

/* The settings of a service: addresses, workers, database. */
extern const char *pl_app_bind, *pl_app_http_bind, *pl_app_keys_dir;
extern const char *pl_app_dsn, *pl_app_owner_dsn;
extern int64_t pl_app_migrates, pl_app_workers, pl_app_heavy, pl_app_queue, pl_app_heavy_queue;
extern int64_t pl_app_drain_ms;

/* Print the endpoints, listeners and timers for people (--endpoints). */
void pl_app_print_tables(const struct pl_service *service);

/* ---- the database's side of it (pl_app_db.c) ---- */

/* Wait until Postgres is there, migrate if the settings say so (or ${force}), and see whether
 * there are enough connections.  Returns -1: go on; otherwise the status to exit with (0 if a
 * signal ended the wait). */
int pl_app_prepare_database(const struct pl_service *service, bool force);

/* See how Postgres is and tell pl_health; called every few seconds. */
void pl_app_watch_database(const struct pl_service *service);
void pl_app_close_database(void);

#endif
