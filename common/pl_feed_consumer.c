#include "pl_feed_consumer.h"

#include "pl_buf.h"
#include "pl_feed.h"
#include "pl_feed_apply.h"
#include "pl_feed_dead.h"
#include "pl_feed_reader.h"
#include "pl_health.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_wake.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

PL_GAUGE(open_gauge, "plumb_feed_dead_letters", "dead letters that are not settled", "source");
PL_GAUGE(cursor_gauge, "plumb_feed_cursor", "position of the last event applied", "source");
PL_GAUGE(blocked_gauge, "plumb_feed_blocked", "1 while events wait for something unavailable",
         "source");

#define STANDBY_MS   1000
#define DEAD_MS      1000
#define FIRST_WAIT   200
#define LONGEST_WAIT 10000
#define CAREFUL      256 // events after an unclean start: at least one batch

struct pl_feed_consumer_thread {
    const struct pl_service *service;
    const char *dsn;
    char holder[33];
    char *health; // its name as a dependency
    char **types;
    size_t type_count;
    struct pl_feed_apply apply;
    struct pl_feed_reader *reader; // NULL without the lease
    struct pl_arena *arena, *kept; // of a batch; of the whole thread
    bool has_worker;
    int64_t renew_at, dead_at, wait_ms;
    _Atomic bool stopping;
    pthread_t thread;
};

/* The types that the service listens for, each once. */
static void
collect_types(struct pl_feed_consumer_thread *self)
{
    size_t room = 0;

    for (const struct pl_listener *l = self->service->listeners; l->source; l++)
        room++;
    self->types = pl_arena_alloc(self->kept, (room + 1) * sizeof *self->types);
    for (const struct pl_listener *l = self->service->listeners; l->source; l++) {
        size_t i = 0;

        if (strcmp(l->source, self->apply.pair.source) != 0)
            continue;
        while (i < self->type_count && strcmp(self->types[i], l->type) != 0)
            i++;
        if (i == self->type_count)
            self->types[self->type_count++] = pl_arena_strdup(self->kept, l->type);
    }
}

static int
open_all(struct pl_feed_consumer_thread *self, struct pl_err *err)
{
    if (self->apply.db == NULL && pl_pg_open(&self->apply.db, self->dsn, err))
        return -1;
    if (!self->has_worker && self->service->open_worker) {
        if (self->service->open_worker(&self->apply.worker, err)) {
            if (self->service->close_worker)
                self->service->close_worker(&self->apply.worker);
            return -1;
        }
        self->has_worker = true;
    }
    return 0;
}

static int
start_reading(struct pl_feed_consumer_thread *self, bool clean, struct pl_err *err)
{
    struct pl_feed_apply *apply = &self->apply;

    if (pl_feed_cursor(apply->db, &apply->pair, &apply->cursor, err))
        return -1;
    apply->careful_to = clean ? 0 : apply->cursor + CAREFUL;
    self->reader = pl_feed_reader_new(apply->pair.source, apply->pair.consumer, self->type_count,
                                      self->types, true, apply->cursor);
    pl_info("feed.consuming", PL_S("source", apply->pair.source), PL_I("after", apply->cursor),
            PL_S("start", clean ? "clean" : "unclean"));
    return 0;
}

/* Hold the lease: take it, prolong it in time, notice when it is gone. */
static int
hold_lease(struct pl_feed_consumer_thread *self, struct pl_err *err)
{
    bool held, clean;

    if (self->reader && pl_now_ms() < self->renew_at)
        return 0;
    if (pl_feed_lease(self->apply.db, &self->apply.pair, self->holder, &held, &clean, err))
        return -1;
    self->renew_at = pl_now_ms() + PL_FEED_RENEW_MS;
    if (!held && self->reader) {
        pl_warn("feed.lease_lost", PL_S("source", self->apply.pair.source));
        pl_feed_reader_destroy(&self->reader);
    }
    if (held && self->reader == NULL)
        return start_reading(self, clean, err);
    return 0;
}

/* Dead letters that are to be tried again; one at a time, between the batches. */
static int
look_at_dead(struct pl_feed_consumer_thread *self, struct pl_err *err)
{
    bool found;
    int64_t open;

    if (pl_now_ms() < self->dead_at)
        return 0;
    if (pl_feed_apply_dead(&self->apply, &found, err))
        return -1;
    if (found) {
        pl_feed_poke();
        return 0;
    }
    self->dead_at = pl_now_ms() + DEAD_MS;
    if (pl_feed_dead_count(self->apply.db, &self->apply.pair, &open, err))
        return -1;
    pl_gauge_set(&open_gauge, (double)open, self->apply.pair.source);
    return 0;
}

static int
hear_some(struct pl_feed_consumer_thread *self, struct pl_err *err)
{
    struct pl_feed_apply *apply = &self->apply;
    const Pl__Batch *batch = pl_feed_reader_next(self->reader, apply->wake, DEAD_MS / 4);
    struct pl_err again = { 0 };

    if (batch == NULL)
        return 0;
    if (pl_feed_apply(apply, batch, err)) {
        if (pl_feed_cursor(apply->db, &apply->pair, &apply->cursor, &again) == 0)
            pl_feed_reader_rewind(self->reader, apply->cursor);
        else
            pl_feed_reader_destroy(&self->reader); // begins anew from the lease
        return apply->moved ? (*err = (struct pl_err){ 0 }, 0) : -1;
    }
    pl_feed_reader_applied(self->reader, apply->cursor);
    pl_gauge_set(&cursor_gauge, (double)apply->cursor, apply->pair.source);
    if (batch->n_events)
        pl_feed_poke(); // the handlers may have events of their own
    return 0;
}

static void
say_how_it_is(struct pl_feed_consumer_thread *self, const struct pl_err *err)
{
    const char *source = self->apply.pair.source;

    if (err->code != PL_OK) {
        if (self->wait_ms == 0) // once, until it goes on
            pl_warn("feed.waiting", PL_S("source", source), PL_ERR(err));
        pl_health_set(self->health, "degraded", err->text);
        pl_gauge_set(&blocked_gauge, 1, source);
        self->wait_ms = self->wait_ms ? self->wait_ms * 2 : FIRST_WAIT;
        if (self->wait_ms > LONGEST_WAIT)
            self->wait_ms = LONGEST_WAIT;
        return;
    }
    if (self->wait_ms)
        pl_info("feed.goes_on", PL_S("source", source));
    self->wait_ms = 0;
    pl_gauge_set(&blocked_gauge, 0, source);
    if (self->reader == NULL)
        pl_health_set(self->health, "ok", "another replica listens");
    else if (pl_feed_reader_live(self->reader))
        pl_health_set(self->health, "ok", "");
    else
        pl_health_set(self->health, "degraded", "no instance answers");
}

static void
work(struct pl_feed_consumer_thread *self)
{
    struct pl_err err = { 0 };

    if (open_all(self, &err) == 0 && hold_lease(self, &err) == 0 && self->reader &&
        look_at_dead(self, &err) == 0)
        hear_some(self, &err);
    say_how_it_is(self, &err);
    pl_arena_reset(self->arena);
    if (self->wait_ms)
        pl_wake_wait(self->apply.wake, self->wait_ms);
    else if (self->reader == NULL)
        pl_wake_wait(self->apply.wake, STANDBY_MS);
}

static void *
run(void *arg)
{
    struct pl_feed_consumer_thread *self = arg;
    struct pl_err ignored = { 0 };

    while (!self->stopping)
        work(self);
    if (self->reader)
        pl_feed_release(self->apply.db, &self->apply.pair, self->holder, &ignored);
    pl_feed_reader_destroy(&self->reader);
    if (self->has_worker && self->service->close_worker)
        self->service->close_worker(&self->apply.worker);
    pl_pg_destroy(&self->apply.db);
    return NULL;
}

static void
clean_up(struct pl_feed_consumer_thread **self_p)
{
    struct pl_feed_consumer_thread *self = *self_p;

    pl_arena_destroy(&self->arena);
    pl_arena_destroy(&self->kept);
    if (self->apply.wake >= 0)
        close(self->apply.wake);
    free(self);
    *self_p = NULL;
}

int
pl_feed_consumer_start(struct pl_feed_consumer_thread **out, const struct pl_service *service,
                       const char *source, const char *dsn, const struct pl_feed_limits *limits,
                       struct pl_err *err)
{
    struct pl_feed_consumer_thread *self = calloc(1, sizeof *self);
    unsigned char random[16];

    if (self == NULL)
        return pl_fail(err, INTERNAL, "out of memory");
    self->arena = pl_arena_new();
    self->kept = pl_arena_new();
    self->service = service;
    self->dsn = dsn;
    self->health = pl_arena_printf(self->kept, "feed:%s", source);
    self->apply = (struct pl_feed_apply){
        .listeners = service->listeners,
        .pair = { source, service->name },
        .arena = self->arena,
        .tries = limits->tries,
        .backoff_ms = limits->backoff_ms,
        .wake = pl_wake_open(),
        .stopping = &self->stopping,
    };
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(self->holder, sizeof self->holder, random, sizeof random);
    self->apply.holder = self->holder;
    collect_types(self);
    if (self->apply.wake < 0 || pthread_create(&self->thread, NULL, run, self)) {
        clean_up(&self);
        return pl_fail(err, INTERNAL, "could not start a thread");
    }
    *out = self;
    return 0;
}

void
pl_feed_consumer_stop(struct pl_feed_consumer_thread **self_p)
{
    if (*self_p == NULL)
        return;
    (*self_p)->stopping = true;
    pl_wake((*self_p)->apply.wake);
    pthread_join((*self_p)->thread, NULL);
    clean_up(self_p);
}
