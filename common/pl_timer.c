#include "pl_timer.h"

#include "pl_caller.h"
#include "pl_feed.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_pg.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

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
};

static struct ticker tickers[MAX_THREADS];
static pthread_t threads[MAX_THREADS];
static int running;

/* A wake is a new generation, so that none is lost between two runs. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static uint64_t generation;
static bool stopping;

void
pl_timers_wake(void)
{
    pthread_mutex_lock(&lock);
    generation++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Wait for the time, a wake after *seen, or the end; false at the end. */
static bool
wait_turn(int64_t wait_ms, uint64_t *seen)
{
    struct timespec until;
    bool go_on;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&lock);
    while (!stopping && generation == *seen)
        if (wait_ms <= 0 || pthread_cond_clockwait(&changed, &lock, CLOCK_MONOTONIC, &until) != 0)
            break;
    *seen = generation;
    go_on = !stopping;
    pthread_mutex_unlock(&lock);
    return go_on;
}

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
    if (failed)
        pl_warn("timer.failed", PL_S("timer", self->timer->doc), PL_ERR(&tick.err));
    else
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

    while (wait_turn(again ? 0 : self->timer->every_ms, &seen))
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
    stopping = false;
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
    pthread_mutex_lock(&lock);
    stopping = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    while (running > 0)
        pthread_join(threads[--running], NULL);
}
