/* What was measured goes to the database every few seconds; what that holds comes back when this
 * instance takes targets over. */
#include "sampler.h"
#include "store.h"

#include "pl_log.h"

#include "events.pb-c.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH  500 // targets a transaction
#define LATE_S 600 // a probe that began in a window may end so much later

/* A copy of what has to be written of one target, made under the lock. */
struct copy {
    struct live live; // its windows are own ones, its target is not to be touched
    struct target target;
};

/* Before what is stored was put in, the ring is only its newest part: it must not replace the whole. */
static bool
ring_is_due(const struct live *live)
{
    return live->dirty && live->restored;
}

static bool
is_dirty(const struct live *live)
{
    for (const struct window *w = live->windows; w; w = w->next)
        if (w->dirty)
            return true;
    return ring_is_due(live) || live->reported != live->stored;
}

static void
copy_window(struct live *to, const struct window *from)
{
    struct window *window = calloc(1, sizeof *window);

    if (window == NULL)
        abort();
    *window = *from;
    window->latency = window->service = (struct exp_histogram){ 0 };
    exp_histogram_merge(&window->latency, &from->latency);
    exp_histogram_merge(&window->service, &from->service);
    window->next = to->windows;
    to->windows = window;
}

static void
copy_live(struct copy *to, struct live *from, struct pl_arena *arena)
{
    to->live = *from;
    to->live.dirty = ring_is_due(from);
    to->live.windows = NULL;
    to->target = (struct target){ .name = pl_arena_strdup(arena, from->target->name),
                                  .url = pl_arena_strdup(arena, from->target->url) };
    to->live.target = &to->target;
    for (struct window *window = from->windows; window; window = window->next)
        if (window->dirty) {
            copy_window(&to->live, window);
            window->dirty = false;
        }
    from->dirty = from->dirty && !from->restored;
}

/* Copy the next targets that have something to be written, from ${*at} on. */
static int
take_batch(struct copy *out, int *at, struct pl_arena *arena)
{
    struct live *targets;
    int count, taken = 0;

    engine_lock();
    targets = engine_targets(&count);
    for (; *at < count && taken < BATCH; ++*at)
        if (is_dirty(&targets[*at]))
            copy_live(&out[taken++], &targets[*at], arena);
    engine_unlock();
    return taken;
}

static struct live *
find(const char *name)
{
    struct live *targets;
    int count, low = 0;

    targets = engine_targets(&count);
    for (int high = count; low < high;) {
        int middle = (low + high) / 2;

        if (strcmp(targets[middle].target->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && strcmp(targets[low].target->name, name) == 0 ? &targets[low] : NULL;
}

/* The batch was not written: it has to be, later. */
static void
put_back(const struct copy *batch, int count)
{
    engine_lock();
    for (int i = 0; i < count; i++) {
        struct live *live = find(batch[i].target.name);

        if (live == NULL)
            continue;
        live->dirty = true;
        for (const struct window *gone = batch[i].live.windows; gone; gone = gone->next)
            for (struct window *w = live->windows; w; w = w->next)
                w->dirty = w->dirty || w->begin == gone->begin;
    }
    engine_unlock();
}

/* Windows that are written and over need not be kept. */
static void
settle(const struct copy *batch, int count)
{
    engine_lock();
    for (int i = 0; i < count; i++) {
        struct live *live = find(batch[i].target.name);

        if (live == NULL)
            continue;
        live->stored = batch[i].live.reported;
        for (struct window **at = live->windows ? &live->windows->next : &live->windows; *at;) {
            struct window *window = *at;

            if (window->dirty || window->begin + WINDOW_S + LATE_S > time(NULL)) {
                at = &window->next;
                continue;
            }
            *at = window->next;
            exp_histogram_clear(&window->latency);
            exp_histogram_clear(&window->service);
            free(window);
            live->window_count--;
        }
    }
    engine_unlock();
}

static int
announce(struct pl_tick *tick, const struct live *live)
{
    Events__LatencyClassChanged event = EVENTS__LATENCY_CLASS_CHANGED__INIT;
    enum sample_class before;

    if (store_get_announced(tick->db, live->target->name, &before, &tick->err))
        return -1;
    if (before == live->reported)
        return 0;
    event.service = (char *)live->target->name;
    event.cls = (char *)sample_class_name(live->reported);
    event.previous = (char *)sample_class_name(before);
    event.has_latest_ms = live->last_ms >= 0;
    event.latest_ms = live->last_ms;
    if (store_put_announced(tick->db, live->target->name, live->reported, &tick->err))
        return -1;
    pl_info("latency.class_changed", PL_S("service", live->target->name),
            PL_S("from", event.previous), PL_S("to", event.cls));
    return pl_outbox_add(tick->db, "latency", live->target->name, "latency.class.changed",
                         &event.base, &tick->err);
}

static int
write_one(struct pl_tick *tick, const struct live *live)
{
    for (const struct window *window = live->windows; window; window = window->next)
        if (store_put_window(tick->db, live->target->name, sampler_instance, window, tick->arena,
                             &tick->err))
            return -1;
    if (live->dirty && store_put_ring(tick->db, live->target, live->shard, &live->ring, &tick->err))
        return -1;
    return live->reported == live->stored ? 0 : announce(tick, live);
}

static int
write_batch(struct pl_tick *tick, const struct copy *batch, int count)
{
    int failed = store_begin(tick->db, &tick->err);

    for (int i = 0; i < count && !failed; i++)
        failed = write_one(tick, &batch[i].live);
    if (failed == 0)
        failed = store_commit(tick->db, &tick->err);
    if (failed)
        store_rollback(tick->db);
    return failed;
}

/* One at a time: of two copies of a window the newer has to be written last. */
int
flush_samples(struct pl_tick *tick)
{
    static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
    struct copy *batch = calloc(BATCH, sizeof *batch);
    int at = 0, failed = 0, count;

    if (batch == NULL)
        return pl_fail(&tick->err, INTERNAL, "out of memory");
    pthread_mutex_lock(&turn);
    while (failed == 0 && (count = take_batch(batch, &at, tick->arena)) > 0) {
        failed = write_batch(tick, batch, count);
        if (failed)
            put_back(batch, count);
        else
            settle(batch, count);
        for (int i = 0; i < count; i++)
            live_clear(&batch[i].live);
    }
    pthread_mutex_unlock(&turn);
    free(batch);
    return failed;
}
