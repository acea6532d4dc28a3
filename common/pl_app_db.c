/* A service's start as far as Postgres is concerned: wait, migrate, count connections, watch. */
#include "pl_app.h"

#include "pl_feed.h"
#include "pl_health.h"
#include "pl_log.h"
#include "pl_migrate.h"
#include "pl_pg.h"
#include "pl_server.h"

#include <poll.h>
#include <stdio.h>

#define FIRST_PAUSE_MS   100
#define LONGEST_PAUSE_MS 5000

static struct pl_pg *watch; // the main thread's own connection

static int
needed(const struct pl_service *service)
{
    return 1 + pl_server_connections(service, (int)pl_app_workers, (int)pl_app_heavy) +
           pl_feed_connections(service);
}

/* Is Postgres there, and are its tables ours?  UNAVAILABLE: try again. */
static int
prepare(const struct pl_service *service, bool migrate, struct pl_err *err)
{
    const char *owner = *pl_app_owner_dsn ? pl_app_owner_dsn : pl_app_dsn;

    if (migrate)
        return pl_migrate(owner, service->schema, common_migrations, service->migrations, err);
    pl_pg_destroy(&watch);
    if (pl_pg_open(&watch, pl_app_dsn, err))
        return -1;
    return pl_pg_run(watch, err, "SELECT 1", PL_NO_ARGS);
}

/* True if a signal ended the wait. */
static bool
wait_for(int64_t ms)
{
    struct pollfd fd = { pl_app_signal_fd(), POLLIN, 0 };

    return poll(&fd, 1, (int)ms) > 0 && pl_app_signal();
}

/* A server that has too few connections for us alone is a mistake; one that is merely full at
 * the moment (two generations during a restart) is worth a warning. */
static int
check_connections(const struct pl_service *service, struct pl_err *err)
{
    static const char SQL[] = "SELECT current_setting('max_connections')::int\n"
                              "       - current_setting('superuser_reserved_connections')::int,\n"
                              "       (SELECT count(*) FROM pg_stat_activity\n"
                              "         WHERE datid IS NOT NULL)";
    int64_t want = needed(service), most, used;
    PGresult *res;

    if (watch == NULL && pl_pg_open(&watch, pl_app_dsn, err))
        return -1;
    res = pl_pg_exec(watch, err, SQL, PL_NO_ARGS);
    if (res == NULL)
        return -1;
    most = pl_pg_int(res, 0, 0);
    used = pl_pg_int(res, 0, 1);
    PQclear(res);
    if (want > most)
        return pl_fail(err, INVALID,
                       "this process needs %lld connections and PostgreSQL has %lld for all "
                       "(max_connections, PLUMB_WORKERS)",
                       (long long)want, (long long)most);
    if (want + used > most)
        pl_warn("connections.scarce", PL_I("needed", want), PL_I("used", used), PL_I("most", most));
    return 0;
}

int
pl_app_prepare_database(const struct pl_service *service, bool force)
{
    int64_t pause = FIRST_PAUSE_MS;

    if (service->schema == NULL)
        return -1;
    if (*pl_app_dsn == '\0') {
        pl_error("process.cannot_start", PL_S("text", "POSTGRES_DSN is not set"));
        return 2;
    }
    for (;;) {
        struct pl_err err = { 0 };

        if (prepare(service, force || pl_app_migrates, &err) == 0 &&
            (force || check_connections(service, &err) == 0))
            return -1;
        if (err.code != PL_UNAVAILABLE) {
            pl_error("process.cannot_start", PL_ERR(&err));
            return err.code == PL_INVALID ? 2 : 1;
        }
        pl_health_set("postgres", "down", err.text);
        pl_warn("postgres.away", PL_I("again_in_ms", pause), PL_ERR(&err));
        if (wait_for(pause))
            return 0;
        pause = pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
    }
}

void
pl_app_watch_database(const struct pl_service *service)
{
    struct pl_err err = { 0 };
    char detail[64];

    if (service->schema == NULL || watch == NULL)
        return;
    snprintf(detail, sizeof detail, "%d connections", needed(service));
    if (pl_pg_run(watch, &err, "SELECT 1", PL_NO_ARGS))
        pl_health_set("postgres", "down", err.text);
    else
        pl_health_set("postgres", "ok", detail);
}

void
pl_app_close_database(void)
{
    pl_pg_destroy(&watch);
}
