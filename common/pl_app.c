#include "pl_app.h"

#include "pl_caller.h"
#include "pl_core.h"
#include "pl_curve.h"
#include "pl_feed.h"
#include "pl_health.h"
#include "pl_internal_http.h"
#include "pl_log.h"
#include "pl_peers.h"
#include "pl_pg.h"
#include "pl_server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define WATCH_MS 5000

enum { STOPPED = 0, FAILED = 1, MISCONFIGURED = 2 };

const char *pl_environment = "development";
const char *pl_app_bind, *pl_app_http_bind, *pl_app_keys_dir, *pl_app_dsn, *pl_app_owner_dsn;
int64_t pl_app_migrates, pl_app_workers, pl_app_heavy, pl_app_queue, pl_app_heavy_queue;
int64_t pl_app_drain_ms;
static const char *level_name;
static int64_t json_logging, plaintext, core_dumps;
static int signals = -1;

// clang-format off
static const struct pl_setting shared_settings[] = {
    PL_TEXT(pl_environment, "ENVIRONMENT", "development",
            "where this runs; \"production\" refuses unsafe settings"),
    PL_TEXT(level_name, "LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR"),
    PL_SWITCH(json_logging, "JSON_LOGGING", "true", "log lines as JSON; else key=value"),
    PL_TEXT(pl_app_http_bind, "PLUMB_HTTP_BIND", "127.0.0.1:5612",
            "internal HTTP: /health, /health/liveness, /health/readiness, /metrics"),
    PL_TEXT(pl_app_keys_dir, "PLUMB_KEYS_DIR", ".run/keys", "folder of the bus's CURVE keys"),
    PL_SWITCH(plaintext, "PLUMB_BUS_PLAINTEXT", "0", "bus without encryption, never in production"),
    PL_SWITCH(core_dumps, "PLUMB_CORE_DUMPS", "0",
              "a crash may leave a core, which holds keys, passwords and tokens"),
    { 0 },
};

static const struct pl_setting server_settings[] = {
    PL_TEXT(pl_app_bind, "PLUMB_BIND", "tcp://127.0.0.1:5610",
            "where Calls are answered; the Feed is at the next port"),
    PL_NUMBER(pl_app_workers, "PLUMB_WORKERS", "4", 1, 256, "worker threads for light calls"),
    PL_NUMBER(pl_app_heavy, "PLUMB_HEAVY_WORKERS", "1", 1, 64, "worker threads for heavy calls"),
    PL_NUMBER(pl_app_queue, "PLUMB_QUEUE", "256", 1, 100000, "light calls that may wait; beyond: 503"),
    PL_NUMBER(pl_app_heavy_queue, "PLUMB_HEAVY_QUEUE", "16", 1, 10000,
              "heavy calls that may wait; beyond: 503"),
    PL_NUMBER(pl_app_drain_ms, "PLUMB_DRAIN_MS", "10000", 1, 600000,
              "how long running calls may take when stopping"),
    { 0 },
};

static const struct pl_setting database_settings[] = {
    PL_SECRET(pl_app_dsn, "POSTGRES_DSN", "", "how to connect as the service's role"),
    PL_SECRET(pl_app_owner_dsn, "POSTGRES_OWNER_DSN", "",
              "as the owner of its schema, to migrate; if empty, POSTGRES_DSN"),
    PL_SWITCH(pl_app_migrates, "ENABLE_ASYNC_MIGRATIONS", "false", "migrate at start"),
    PL_NUMBER(pl_pg_connect_seconds, "PLUMB_DB_CONNECT_TIMEOUT", "5", 2, 60,
              "seconds that making a connection to Postgres may take"),
    { 0 },
};
// clang-format on

/* Every table that this kind of process reads. */
static size_t
tables(const struct pl_service *service, const struct pl_setting *out[8])
{
    size_t count = 0;

    out[count++] = shared_settings;
    out[count++] = pl_caller_settings;
    if (service->endpoints)
        out[count++] = server_settings;
    if (service->schema)
        out[count++] = database_settings;
    if (service->schema || service->listeners || service->timers)
        out[count++] = pl_feed_settings;
    if (service->settings)
        out[count++] = service->settings;
    return count;
}

// --- options -----------------------------------------------------------------------------

static void
print_settings(const struct pl_service *service)
{
    const struct pl_setting *all[8];
    size_t count = tables(service, all);

    for (size_t i = 0; i < count; i++)
        pl_conf_print(all[i], stdout);
    printf("%-32s %-28s %s\n", "PLUMB_PEER_<SERVICE>", "(empty)",
           "where that service answers: tcp://host:port[,...]");
}

static const char *
lane_of(const struct pl_endpoint *endpoint)
{
    if (endpoint->at_once)
        return "once";
    return endpoint->heavy ? "heavy" : "";
}

void
pl_app_print_tables(const struct pl_service *service)
{
    static const char *const kinds[] = { "read", "write", "own tx" };

    for (const struct pl_endpoint *e = service->endpoints; e && e->operation; e++)
        printf("call   %-36s %-7s %-6s %s\n", e->operation, kinds[e->kind], lane_of(e), e->doc);
    for (const struct pl_listener *l = service->listeners; l && l->type; l++)
        printf("event  %-36s from %s: %s\n", l->type, l->source, l->doc);
    for (const struct pl_timer *t = service->timers; t && t->handler; t++)
        printf("timer  every %lld ms: %s\n", (long long)t->every_ms, t->doc);
}

static int
help(const struct pl_service *service, FILE *out, int status)
{
    fprintf(out,
            "usage: %s [--settings | --endpoints | --migrate | --version | --help]\n"
            "Without an option it serves until SIGTERM.  Exit status: 0 asked to stop, 1 failed, "
            "2 misconfigured.\n",
            service->name);
    return status;
}

/* -1: no option that ends here. */
static int
options(const struct pl_service *service, int argc, char *argv[], bool *migrate)
{
    const char *option = argc > 1 ? argv[1] : "";

    if (argc > 2)
        return help(service, stderr, MISCONFIGURED);
    if (argc < 2)
        return -1;
    if (strcmp(option, "--settings") == 0)
        print_settings(service);
    else if (strcmp(option, "--endpoints") == 0)
        pl_app_print_tables(service);
    else if (strcmp(option, "--version") == 0)
        printf("%s %s\n", service->name, PL_VERSION);
    else if (strcmp(option, "--help") == 0)
        return help(service, stdout, STOPPED);
    else if (strcmp(option, "--migrate") == 0 && service->schema)
        *migrate = true;
    else
        return help(service, stderr, MISCONFIGURED);
    return *migrate ? -1 : STOPPED;
}

// --- begin and end -----------------------------------------------------------------------

bool
pl_is_production(void)
{
    return strcasecmp(pl_environment, "production") == 0;
}

static int
check_safe(struct pl_err *err)
{
    if (pl_is_production() && plaintext)
        return pl_fail(err, INVALID, "PLUMB_BUS_PLAINTEXT cannot be on in production");
    return 0;
}

static int
read_settings(const struct pl_service *service, struct pl_err *err)
{
    const struct pl_setting *all[8];
    size_t count = tables(service, all);
    int level;

    for (size_t i = 0; i < count; i++)
        if (pl_conf_read(all[i], err))
            return -1;
    pl_core_dumps(core_dumps != 0);
    level = pl_log_parse_level(level_name);
    if (level < 0)
        return pl_fail(err, INVALID, "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not \"%s\"",
                       level_name);
    pl_log_open(service->name, (enum pl_level)level, json_logging != 0);
    return check_safe(err);
}

/* Signals arrive at the main thread's descriptor and nowhere else; threads inherit the mask. */
static int
take_signals(struct pl_err *err)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) ||
        (signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)) < 0)
        return pl_fail(err, INTERNAL, "could not take over the signals: %s", strerror(errno));
    zsys_handler_set(NULL); // CZMQ would install its own
    return 0;
}

int
pl_app_signal_fd(void)
{
    return signals;
}

bool
pl_app_signal(void)
{
    struct signalfd_siginfo info;
    struct pl_err err = { 0 };

    while (read(signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo != SIGHUP) {
            pl_info("process.stopping", PL_I("signal", info.ssi_signo));
            return true;
        }
        if (pl_curve_reload(&err))
            pl_error("bus.keys_not_read", PL_ERR(&err));
    }
    return false;
}

static int
give_up(const struct pl_err *err)
{
    pl_error("process.cannot_start", PL_ERR(err));
    return err->code == PL_INVALID ? MISCONFIGURED : FAILED;
}

static int
begin(const struct pl_service *service, bool serves)
{
    struct pl_err err = { 0 };

    pl_log_open(service->name, PL_INFO, true);
    if (sodium_init() < 0)
        pl_fail(&err, INTERNAL, "could not start libsodium");
    if (err.code || read_settings(service, &err) || take_signals(&err))
        return give_up(&err);
    if (!serves)
        return -1;
    pl_health_open(service->name);
    if (service->start && service->start(&err))
        return give_up(&err);
    if (pl_curve_open(pl_app_keys_dir, service->name, plaintext != 0, &err) ||
        pl_internal_http_start(pl_app_http_bind, &err)) {
        pl_app_end();
        return give_up(&err);
    }
    pl_info("process.started", PL_S("version", PL_VERSION), PL_S("environment", pl_environment),
            PL_I("pid", getpid()));
    return -1;
}

int
pl_app_begin(const struct pl_service *service, int argc, char *argv[])
{
    bool migrate = false;
    int status = options(service, argc, argv, &migrate);

    return status >= 0 ? status : begin(service, true);
}

void
pl_app_end(void)
{
    pl_internal_http_stop();
    pl_curve_close();
    if (signals >= 0)
        close(signals);
    signals = -1;
}

// --- a service ---------------------------------------------------------------------------

static void
serve_until_told(const struct pl_service *service)
{
    struct pollfd fd = { signals, POLLIN, 0 };

    for (;;) {
        pl_app_watch_database(service);
        if (poll(&fd, 1, WATCH_MS) > 0 && pl_app_signal())
            return;
    }
}

static int
serve(const struct pl_service *service)
{
    struct pl_server_conf conf = { .service = service,
                                   .bind = pl_app_bind,
                                   .dsn = pl_app_dsn,
                                   .workers = (int)pl_app_workers,
                                   .heavy = (int)pl_app_heavy,
                                   .queue = (int)pl_app_queue,
                                   .heavy_queue = (int)pl_app_heavy_queue,
                                   .drain_ms = pl_app_drain_ms };
    struct pl_arena *arena = pl_arena_new();
    char *feed_bind = pl_peers_shift(pl_app_bind, 1, arena);
    struct pl_server *server = NULL;
    struct pl_err err = { 0 };
    int status = STOPPED;

    if (feed_bind == NULL)
        pl_fail(&err, INVALID, "PLUMB_BIND must end with a port, not \"%s\"", pl_app_bind);
    /* The door opens last: whoever is let in finds everything running. */
    if (err.code || pl_feed_start(service, pl_app_dsn, feed_bind, &err) ||
        pl_server_start(&server, &conf, &err))
        status = give_up(&err);
    else
        serve_until_told(service);
    pl_server_stop(&server);
    pl_feed_stop();
    if (service->stop)
        service->stop();
    pl_arena_destroy(&arena);
    return status;
}

int
pl_app_main(const struct pl_service *service, int argc, char *argv[])
{
    bool migrate = false;
    int status = options(service, argc, argv, &migrate);

    if (status >= 0)
        return status;
    status = begin(service, !migrate);
    if (status >= 0)
        return status;
    status = pl_app_prepare_database(service, migrate);
    if (status < 0 && migrate)
        status = STOPPED;
    if (status < 0)
        status = serve(service);
    pl_app_close_database();
    pl_app_end();
    pl_info("process.ended", PL_I("status", status));
    return status;
}
