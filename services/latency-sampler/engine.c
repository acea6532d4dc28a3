#include "engine.h"

#include "heap.h"
#include "probe.h"

#include "pl_log.h"
#include "pl_metric.h"
#include "pl_service.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define LOOP_MS 200

PL_HISTOGRAM(lag, "latency_scheduler_lag_seconds",
             "from when a probe was meant to start to when it did", "");
PL_COUNTER(missed, "latency_slots_missed_total", "slots without a probe", "reason");
PL_GAUGE(in_flight, "latency_probes_in_flight", "probes under way", "");

static struct {
    pthread_mutex_t lock;
    pthread_t thread;
    struct engine_settings settings;
    struct prober *prober;
    int wake;
    bool running, stop;

    struct pl_arena *arena; // of the set
    struct live *targets;
    int count;
    const char *source;
    struct heap heap;
    bool held[SHARDS];
    int64_t held_until;
} engine = { .lock = PTHREAD_MUTEX_INITIALIZER, .source = "" };

static int64_t
clock_us(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t
now_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

/* A moment of the monotonic clock as Unix milliseconds, by what the clocks say now. */
static int64_t
wall_ms(int64_t us)
{
    return (clock_us(CLOCK_REALTIME) - (now_us() - us)) / 1000;
}

static uint32_t
hash(const char *text)
{
    uint32_t h = 2166136261u;

    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 16777619u;
    return h ^ h >> 15;
}

int
engine_shard(const char *name)
{
    return (int)(hash(name) % SHARDS);
}

// --- one slot ----------------------------------------------------------------------------

static void
miss(struct live *live, enum sample_outcome why, int64_t due)
{
    live_miss(live, why, wall_ms(due));
    pl_inc(&missed, sample_outcome_name(why));
}

static uint32_t
clamp(int64_t us)
{
    return us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

/* The answer to the slot, and to those that had to wait for it. */
static void
settle(struct live *live, const struct probe_result *result)
{
    int64_t end = now_us(), interval = live->target->interval_ms * 1000;

    live->in_flight = false;
    if (result->expires)
        live->expires = result->expires;
    if (result->outcome == SAMPLE_STALLED) {
        miss(live, SAMPLE_STALLED, live->intended_us);
        return;
    }
    live_record(live, result->outcome, result->status, wall_ms(live->intended_us),
                clamp(end - live->intended_us), clamp(end - live->started_us), engine.settings.need,
                engine.settings.of);
    for (int i = 1; i <= live->overruns && result->outcome == SAMPLE_OK; i++)
        live_correct(live, wall_ms(live->intended_us + i * interval),
                     clamp(end - live->intended_us - i * interval));
    if (result->outcome != SAMPLE_OK)
        pl_debug("probe.failed", PL_S("target", live->target->name),
                 PL_S("outcome", sample_outcome_name(result->outcome)), PL_S("text", result->text));
}

static void
done(void *owner, const struct probe_result *result)
{
    struct live *live = result->subject;

    (void)owner;
    if (result->outcome != SAMPLE_OK && result->outcome != SAMPLE_REFUSED &&
        result->outcome != SAMPLE_STALLED && live->tries++ < live->target->retries &&
        probe_start(engine.prober, live->target, live))
        return;
    settle(live, result);
}

static void
run_slot(struct live *live, int64_t due, int64_t now)
{
    if (now - due > STALL_MS * 1000) {
        miss(live, SAMPLE_STALLED, due);
    } else if (target_is_paused(live->target, wall_ms(due))) {
        miss(live, SAMPLE_MAINTENANCE, due);
    } else if (live->in_flight) {
        live->overruns++;
        miss(live, SAMPLE_OVERRUN, due);
    } else if (!probe_start(engine.prober, live->target, live)) {
        miss(live, SAMPLE_POOL_FULL, due);
    } else {
        live->in_flight = true;
        live->intended_us = due;
        live->started_us = now;
        live->overruns = live->tries = 0;
        pl_observe(&lag, (double)(now - due) / 1e6);
    }
}

static void
run_due(int64_t now)
{
    struct live *live;

    if (pl_now_ms() >= engine.held_until)
        return; // somebody else may have them by now
    while ((live = heap_first(&engine.heap)) && live->due_us <= now) {
        run_slot(live, live->due_us, now);
        live->due_us += live->target->interval_ms * 1000;
        heap_first_later(&engine.heap);
    }
}

// --- the thread --------------------------------------------------------------------------

static struct timespec
wait_time(void)
{
    int64_t us = probe_timeout_ms(engine.prober, LOOP_MS) * 1000;
    const struct live *first = heap_first(&engine.heap);
    int64_t due = first ? first->due_us - now_us() : us;

    if (due < us)
        us = due < 0 ? 0 : due;
    if (pl_now_ms() >= engine.held_until)
        us = LOOP_MS * 1000; // nothing may be started
    return (struct timespec){ .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
}

static void *
run(void *unused)
{
    int64_t last = now_us();

    (void)unused;
    pthread_mutex_lock(&engine.lock);
    while (!engine.stop) {
        struct timespec wait = wait_time();
        struct pollfd fds[] = { { .fd = probe_fd(engine.prober), .events = POLLIN },
                                { .fd = engine.wake, .events = POLLIN } };
        eventfd_t counter;
        int64_t now;

        pthread_mutex_unlock(&engine.lock);
        ppoll(fds, 2, &wait, NULL);
        if (fds[1].revents)
            eventfd_read(engine.wake, &counter);
        pthread_mutex_lock(&engine.lock);
        now = now_us();
        if (now - last > STALL_MS * 1000) {
            pl_warn("sampler.stalled", PL_I("ms", (now - last) / 1000));
            probe_abort_all(engine.prober, done);
        }
        last = now;
        run_due(now);
        probe_run(engine.prober);
        pl_gauge_set(&in_flight, probe_count(engine.prober));
    }
    pthread_mutex_unlock(&engine.lock);
    return NULL;
}

int
engine_start(const struct engine_settings *settings, struct pl_err *err)
{
    engine.settings = *settings;
    engine.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (engine.wake < 0)
        return pl_fail(err, INTERNAL, "could not make an eventfd");
    if (prober_new(&engine.prober, settings->most, settings->connections, settings->allow,
                   settings->ca_file, done, NULL, err))
        return -1;
    engine.stop = false;
    if (pthread_create(&engine.thread, NULL, run, NULL))
        return pl_fail(err, INTERNAL, "could not start the sampler's thread");
    engine.running = true;
    return 0;
}

static void
forget_targets(void)
{
    heap_clear(&engine.heap);
    for (int i = 0; i < engine.count; i++)
        live_clear(&engine.targets[i]);
    free(engine.targets);
    pl_arena_destroy(&engine.arena);
    engine.targets = NULL;
    engine.count = 0;
}

void
engine_stop(void)
{
    if (!engine.running)
        return;
    engine_lock();
    engine.stop = true;
    engine_unlock();
    eventfd_write(engine.wake, 1);
    pthread_join(engine.thread, NULL);
    prober_destroy(&engine.prober);
    close(engine.wake);
    forget_targets();
    engine.running = false;
}

// --- what is probed ----------------------------------------------------------------------

/* The next slot after now, on the grid of this target. */
static int64_t
next_due(const struct target *target)
{
    int64_t interval = target->interval_ms * 1000, now = now_us();
    int64_t phase = (int64_t)(hash(target->name) * (uint64_t)2654435761u % (uint64_t)interval);

    return (now - phase + interval) / interval * interval + phase;
}

static void
schedule(void)
{
    heap_clear(&engine.heap);
    for (int i = 0; i < engine.count; i++) {
        struct live *live = &engine.targets[i];

        if (!engine.held[live->shard])
            continue;
        if (live->due_us <= now_us())
            live->due_us = next_due(live->target);
        heap_push(&engine.heap, live);
    }
}

static int
by_name(const void *name, const void *live)
{
    return strcmp(name, ((const struct live *)live)->target->name);
}

static void
ignore(void *owner, const struct probe_result *result)
{
    (void)owner;
    (void)result;
}

void
engine_replace(struct pl_arena *arena, struct target_set *set, const char *source)
{
    struct live *fresh = calloc((size_t)set->count + 1, sizeof *fresh);

    if (fresh == NULL)
        abort();
    engine_lock();
    probe_abort_all(engine.prober, ignore);
    heap_clear(&engine.heap);
    for (int i = 0; i < set->count; i++) {
        struct target *target = &set->targets[i];
        struct live *old = engine.count ? bsearch(target->name, engine.targets,
                                                  (size_t)engine.count, sizeof *old, by_name)
                                        : NULL;

        live_init(&fresh[i], target);
        if (old && strcmp(old->target->url, target->url) == 0) {
            fresh[i] = *old;
            fresh[i].target = target;
            fresh[i].in_flight = false;
            fresh[i].due_us = 0;
            old->windows = NULL; // moved
        }
        fresh[i].shard = engine_shard(target->name);
    }
    forget_targets();
    engine.arena = arena;
    engine.targets = fresh;
    engine.count = set->count;
    engine.source = source;
    schedule();
    engine_unlock();
    eventfd_write(engine.wake, 1);
}

/* The lease had ended, this process could not prolong it: slots of targets that it has again were
 * nobody's, those of others are theirs. */
static void
count_lapse(const bool shards[SHARDS])
{
    int64_t now = now_us();

    for (int i = 0; i < engine.count; i++) {
        struct live *live = &engine.targets[i];

        if (engine.held[live->shard] && shards[live->shard] && live->due_us)
            for (; live->due_us <= now; live->due_us += live->target->interval_ms * 1000)
                miss(live, SAMPLE_STALLED, live->due_us);
        live->due_us = 0;
    }
}

void
engine_hold(const bool shards[SHARDS], int64_t until)
{
    engine_lock();
    if (pl_now_ms() >= engine.held_until)
        count_lapse(shards);
    if (pl_now_ms() >= engine.held_until || memcmp(engine.held, shards, sizeof engine.held) != 0) {
        memcpy(engine.held, shards, sizeof engine.held);
        schedule();
    }
    engine.held_until = until;
    engine_unlock();
    eventfd_write(engine.wake, 1);
}

void
engine_lock(void)
{
    pthread_mutex_lock(&engine.lock);
}

void
engine_unlock(void)
{
    pthread_mutex_unlock(&engine.lock);
}

struct live *
engine_targets(int *count)
{
    *count = engine.count;
    return engine.targets;
}

const char *
engine_source(void)
{
    return engine.source;
}

bool
engine_holds(const struct live *live)
{
    return engine.held[live->shard] && pl_now_ms() < engine.held_until;
}
