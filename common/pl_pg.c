#include "pl_health.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_pg_impl.h"
#include "pl_pg_report.h"
#include "pl_service.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A service has some dozens of statements; what comes later is sent unprepared. */
#define MAX_PREPARED 512

/* A dead database must not make each call wait: after a failed attempt, calls fail at once
 * until the next attempt is due. */
#define FIRST_BACKOFF_MS 100
#define MAX_BACKOFF_MS   5000

PL_COUNTER(connects_total, "plumb_db_connects_total", "attempts to connect", "result");
int64_t pl_pg_connect_seconds = 5;

PL_GAUGE(connections, "plumb_db_connections", "open database connections", "");
PL_GAUGE(breakers, "plumb_db_breaker_open",
         "connections that fail at once until the next attempt is due", "");
PL_COUNTER(turns, "plumb_db_breaker_transitions_total", "times that the breaker of one changed",
           "to");

static void
set_breaker(struct pl_pg *self, bool open)
{
    if (self->open == open)
        return;
    self->open = open;
    pl_count(&breakers, open ? 1 : -1);
    pl_inc(&turns, open ? "open" : "closed");
}

static void
forget_statements(struct pl_pg *self)
{
    for (int i = 0; i < PL_PG_SLOTS; i++) {
        free(self->statements[i]);
        self->statements[i] = NULL;
    }
    self->prepared = 0;
}

static void
drop_connection(struct pl_pg *self)
{
    if (self->conn == NULL)
        return;
    pl_count(&connections, -1);
    PQfinish(self->conn);
    self->conn = NULL;
    self->queued = 0;
    forget_statements(self);
}

/* Notices (`table does not exist, skipping`) are for people at a prompt. */
static void
swallow_notice(void *arg, const char *text)
{
    (void)arg;
    pl_debug("db.notice", PL_S("text", text));
}

/* What libpq would wait for without end is bounded; the DSN, which comes after, may say
 * otherwise. */
static PGconn *
dial(const char *dsn)
{
    static const char *const names[] = {
        "connect_timeout",  "keepalives_idle",  "keepalives_interval",
        "keepalives_count", "tcp_user_timeout", "fallback_application_name",
        "dbname",           "client_encoding",  NULL
    };
    struct pl_pg_number seconds = pl_pg_number(pl_pg_connect_seconds);
    const char *values[] = {
        seconds.text, "10", "5", "3", "15000", "plumbline", dsn, "UTF8", NULL
    };

    return PQconnectdbParams(names, values, 1);
}

static int
connect_now(struct pl_pg *self, struct pl_err *err)
{
    if (pl_now_ms() < self->next_attempt_ms) {
        pl_fail(err, UNAVAILABLE, "the database is away");
        return pl_err_detail(err, "the next attempt to connect is not due yet");
    }
    drop_connection(self);
    self->conn = dial(self->dsn);
    if (PQstatus(self->conn) != CONNECTION_OK) {
        pl_inc(&connects_total, "failed");
        pl_health_set("postgres", "down", "could not connect");
        pl_fail(err, UNAVAILABLE, "could not reach the database");
        pl_err_detail(err, "%s", PQerrorMessage(self->conn));
        self->backoff_ms = self->backoff_ms ? self->backoff_ms * 2 : FIRST_BACKOFF_MS;
        if (self->backoff_ms > MAX_BACKOFF_MS)
            self->backoff_ms = MAX_BACKOFF_MS;
        self->next_attempt_ms = pl_now_ms() + self->backoff_ms;
        set_breaker(self, true);
        PQfinish(self->conn);
        self->conn = NULL;
        return -1;
    }
    set_breaker(self, false);
    self->lost = false;
    self->backoff_ms = 0;
    self->next_attempt_ms = 0;
    PQsetNoticeProcessor(self->conn, swallow_notice, NULL);
    pl_inc(&connects_total, "ok");
    pl_count(&connections, 1);
    pl_health_set("postgres", "ok", "");
    return 0;
}

int
pl_pg_open(struct pl_pg **out, const char *dsn, struct pl_err *err)
{
    struct pl_pg *self = calloc(1, sizeof *self);

    *out = self;
    if (self == NULL || (self->dsn = strdup(dsn)) == NULL)
        return pl_fail(err, INTERNAL, "out of memory");
    return connect_now(self, err);
}

void
pl_pg_destroy(struct pl_pg **self_p)
{
    if (*self_p == NULL)
        return;
    pl_pg_leave(*self_p);
    set_breaker(*self_p, false);
    drop_connection(*self_p);
    free((*self_p)->dsn);
    free(*self_p);
    *self_p = NULL;
}

static void
forget_plans(struct pl_pg *self)
{
    PQclear(PQexec(self->conn, "DEALLOCATE ALL"));
    forget_statements(self);
    self->stale = false;
}

bool
pl_pg_usable(const struct pl_pg *self)
{
    return self->conn && !self->lost && PQstatus(self->conn) == CONNECTION_OK;
}

/* The end of a connection that nobody used lies in its socket, behind the server's last words.
 * Seen before anything is sent, it costs no call its answer. */
static void
look_for_the_end(struct pl_pg *self)
{
    struct pollfd fd = { .fd = PQsocket(self->conn), .events = POLLIN };

    while (!self->lost && poll(&fd, 1, 0) > 0)
        self->lost = PQconsumeInput(self->conn) != 1;
}

int
pl_pg_ready(struct pl_pg *self, struct pl_err *err)
{
    if (pl_pg_usable(self) && !self->in_transaction)
        look_for_the_end(self);
    if (pl_pg_usable(self)) {
        if (self->stale && !self->in_transaction)
            forget_plans(self);
        return 0;
    }
    if (self->in_transaction) {
        pl_fail(err, UNAVAILABLE, "the database is away");
        return pl_err_detail(err, "the connection was lost inside a transaction");
    }
    return connect_now(self, err);
}

unsigned
pl_pg_slot(const struct pl_pg *self, const char *sql)
{
    unsigned hash = 2166136261u;

    for (const char *c = sql; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    hash %= PL_PG_SLOTS;
    while (self->statements[hash] && strcmp(self->statements[hash], sql) != 0)
        hash = (hash + 1) % PL_PG_SLOTS;
    return hash;
}

bool
pl_pg_succeeded(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);

    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

PGresult *
pl_pg_prepare(struct pl_pg *self, const char *sql)
{
    unsigned slot = pl_pg_slot(self, sql);
    char name[16];
    PGresult *res;

    if (self->statements[slot] || self->prepared >= MAX_PREPARED)
        return NULL;
    snprintf(name, sizeof name, "s%u", slot);
    res = PQprepare(self->conn, name, sql, 0, NULL);
    if (!pl_pg_succeeded(res))
        return res;
    PQclear(res);
    self->statements[slot] = strdup(sql);
    if (self->statements[slot] == NULL)
        abort(); // as pl_arena: without memory a clean process is better
    self->prepared++;
    return NULL;
}

static PGresult *
send_statement(struct pl_pg *self, const char *sql, const struct pl_pg_params *params)
{
    unsigned slot = pl_pg_slot(self, sql);
    PGresult *refused = pl_pg_prepare(self, sql);
    char name[16];

    if (refused)
        return refused;
    snprintf(name, sizeof name, "s%u", slot);
    if (self->statements[slot] == NULL)
        return PQexecParams(self->conn, sql, params->count, NULL, params->values, params->lengths,
                            params->formats, 0);
    return PQexecPrepared(self->conn, name, params->count, params->values, params->lengths,
                          params->formats, 0);
}

/* Its SQLSTATE is also that of everything PostgreSQL does not support, so look where it arose. */
bool
pl_pg_plan_is_stale(const PGresult *res)
{
    const char *function = PQresultErrorField(res, PG_DIAG_SOURCE_FUNCTION);

    return function && strcmp(function, "RevalidateCachedQuery") == 0;
}

static PGresult *
execute(struct pl_pg *self, struct pl_err *err, const char *sql, const struct pl_pg_params *params)
{
    PGresult *res;

    if (pl_pg_ready(self, err))
        return NULL;
    if (pl_pg_has_queue(self))
        return pl_pg_send_queue(self, err, sql, params, NULL);
    res = send_statement(self, sql, params);
    if (pl_pg_plan_is_stale(res)) {
        self->stale = true;
        if (self->in_transaction) {
            pl_fail(err, UNAVAILABLE, "the tables have just changed");
        } else {
            PQclear(res);
            forget_plans(self);
            res = send_statement(self, sql, params);
        }
    }
    if (pl_pg_succeeded(res))
        return res;
    self->lost = pl_pg_report(err, self->conn, res);
    PQclear(res);
    return NULL;
}

PGresult *
pl_pg_exec(struct pl_pg *self, struct pl_err *err, const char *sql, int count,
           const char *const *args)
{
    /* Text in, text out: psql shows exactly what we sent, and no type OIDs creep into the
     * stores.  Always with parameters, so that no value is ever part of a statement. */
    return execute(self, err, sql, &(struct pl_pg_params){ count, args, NULL, NULL });
}

int
pl_pg_params(struct pl_pg_params *out, struct pl_pg_room *room, int count,
             const struct pl_arg *args, struct pl_err *err)
{
    if (count > PL_PG_MAX_PARAMS)
        return pl_fail(err, INTERNAL, "a statement has more than %d parameters", PL_PG_MAX_PARAMS);
    for (int i = 0; i < count; i++) {
        room->values[i] = args[i].value;
        room->lengths[i] = args[i].length;
        room->formats[i] = args[i].binary;
        /* NULL means SQL's NULL; no bytes at all are not that. */
        if (args[i].binary && args[i].value == NULL && args[i].length == 0)
            room->values[i] = "";
    }
    *out = (struct pl_pg_params){ count, room->values, room->lengths, room->formats };
    return 0;
}

PGresult *
pl_pg_exec_b(struct pl_pg *self, struct pl_err *err, const char *sql, int count,
             const struct pl_arg *args)
{
    struct pl_pg_params params;
    struct pl_pg_room room;

    if (pl_pg_params(&params, &room, count, args, err))
        return NULL;
    return execute(self, err, sql, &params);
}

int
pl_pg_run(struct pl_pg *self, struct pl_err *err, const char *sql, int count,
          const char *const *args)
{
    PGresult *res = pl_pg_exec(self, err, sql, count, args);

    PQclear(res);
    return res ? 0 : -1;
}

/* A script is sent in another way, so what is to come before it cannot go with it. */
static int
send_what_waits(struct pl_pg *self, struct pl_err *err)
{
    PGresult *res = pl_pg_send_queue(self, err, NULL, NULL, NULL);

    PQclear(res);
    return res ? 0 : -1;
}

int
pl_pg_script(struct pl_pg *self, const char *sql, struct pl_err *err)
{
    PGresult *res;
    int failed;

    if (pl_pg_ready(self, err) || (pl_pg_has_queue(self) && send_what_waits(self, err)))
        return -1;
    res = PQexec(self->conn, sql);
    failed = !pl_pg_succeeded(res) && PQresultStatus(res) != PGRES_EMPTY_QUERY;
    if (failed)
        self->lost = pl_pg_report(err, self->conn, res);
    PQclear(res);
    return failed ? -1 : 0;
}
