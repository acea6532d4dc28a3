#include "pl_timer.h"

#include "pl_caller.h"
#include "pl_feed.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_pg.h"
#include "pl_timer_wake.h"

#include <pthread.h>
#include <stdlib.h>

PL_COUNTER(ticks_total, "plumb_timer_runs_total", "runs of timers", "timer,result");

#define MAX_THREADS 32

struct ticker {
    const struct pl_service *service;
    const struct pl_timer *timer;
    const char *dsn;
    struct pl_pg *db;
    struct pl_caller *peers;
    void *worker;
    bool has_worker;
    bool away; // it was said that something is unavailable
};

static struct ticker tickers[MAX_THREADS];
static pthread_t threads[MAX_THREADS];
static int running;

/* Open what is not open yet; a database or a peer that is away is tried again at the next turn. */
static int
open_ticker(struct ticker *self, struct pl_err *err)
{
    if (self->db == NULL && self->dsn && pl_pg_open(&self->db, self->dsn, err))
        return -1;
    if (self->peers == NULL && pl_caller_new(&self->peers, self->service->name, err))
        return -1;
    if (!self->has_worker && self->service->open_worker) {
        if (self->service->open_worker(&self->worker, err)) {
            if (self->service->close_worker)
                self->service->close_worker(&self->worker);
            return -1;
        }
        self->has_worker = true;
    }
    return 0;
}

/* What is unavailable is said once, any other failure each time. */
static void
say_how_it_was(struct ticker *self, const struct pl_err *err)
{
    bool away = err && err->code == PL_UNAVAILABLE;

    if (err && !(away && self->away))
        pl_warn("timer.failed", PL_S("timer", self->timer->doc), PL_ERR(err));
    else if (err == NULL && self->away)
        pl_info("timer.works_again", PL_S("timer", self->timer->doc));
    self->away = away;
}

static bool
run_once(struct ticker *self, struct pl_arena *arena)
{
    struct pl_tick tick = { .arena = arena };
    int failed = open_ticker(self, &tick.err);

    if (failed == 0) {
        tick.self = self->worker;
        tick.db = self->db;
        tick.peers = self->peers;
        failed = self->timer->handler(&tick);
        if (self->db)
            pl_pg_rollback(self->db); // what a failed one left open
    }
    pl_inc(&ticks_total, self->timer->doc, failed ? "failed" : "ok");
    say_how_it_was(self, failed ? &tick.err : NULL);
    if (!failed)
        pl_feed_poke();
    pl_arena_reset(arena);
    return tick.again && !failed;
}

static void *
run_ticker(void *arg)
{
    struct ticker *self = arg;
    struct pl_arena *arena = pl_arena_new();
    uint64_t seen = 0;
    bool again = true;

    while (pl_timers_wait(again ? 0 : self->timer->every_ms, &seen))
        again = run_once(self, arena);
    if (self->has_worker && self->service->close_worker)
        self->service->close_worker(&self->worker);
    pl_caller_destroy(&self->peers);
    pl_pg_destroy(&self->db);
    pl_arena_destroy(&arena);
    return NULL;
}

int
pl_timers_count(const struct pl_timer *timers)
{
    int count = 0;

    for (; timers && timers->handler; timers++)
        count += timers->threads ? timers->threads : 1;
    return count;
}

static int
start_one(const struct pl_service *service, const struct pl_timer *timer, const char *dsn,
          struct pl_err *err)
{
    tickers[running] = (struct ticker){ .service = service, .timer = timer, .dsn = dsn };
    if (pthread_create(&threads[running], NULL, run_ticker, &tickers[running]))
        return pl_fail(err, INTERNAL, "could not start a thread");
    running++;
    return 0;
}

int
pl_timers_start(const struct pl_service *service, const char *dsn, struct pl_err *err)
{
    if (pl_timers_count(service->timers) > MAX_THREADS)
        return pl_fail(err, INTERNAL, "more than %d timer threads", MAX_THREADS);
    pl_timers_set_stopping(false);
    for (const struct pl_timer *t = service->timers; t && t->handler; t++)
        for (int i = 0; i < (t->threads ? t->threads : 1); i++)
            if (start_one(service, t, dsn, err)) {
                pl_timers_stop();
                return -1;
            }
    return 0;
}

void
pl_timers_stop(void)
{
    pl_timers_set_stopping(true);
    while (running > 0)
        pthread_join(threads[--running], NULL);
}
