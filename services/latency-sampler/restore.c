/* What the database knows of targets that this instance has taken over: their last samples, the
 * class that was announced, and how long nobody probed them. */
#include "sampler.h"
#include "store.h"

#include "pl_log.h"

#include <string.h>
#include <time.h>

/* Mark the shards of targets that wait for it; forget what is somebody else's now. */
static int
find_waiting(bool wanted[SHARDS])
{
    struct live *targets;
    int count, waiting = 0;

    engine_lock();
    targets = engine_targets(&count);
    for (int i = 0; i < count; i++) {
        struct live *live = &targets[i];

        if (!engine_holds(live)) {
            live->restored = false;
            live->ring = (struct ring){ 0 };
        } else if (!live->restored) {
            wanted[live->shard] = true;
            waiting++;
        }
    }
    engine_unlock();
    return waiting;
}

static int64_t
wall_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Slots between the last sample of before and now were nobody's. */
static void
count_absence(struct live *live, int64_t last, int64_t until)
{
    int64_t interval = live->target->interval_ms, slots = (until - last) / interval - 1;

    if (slots > RING_SAMPLES)
        last += (slots - RING_SAMPLES) * interval; // older ones would leave the ring at once
    for (int64_t at = last + interval; at + interval <= until; at += interval)
        live_miss(live, SAMPLE_ABSENT, at);
}

static void
restore(struct live *live, const struct stored_ring *stored)
{
    struct ring since = live->ring;
    int64_t last = stored->ring.count ? ring_at(&stored->ring, stored->ring.count - 1)->at : 0;
    int64_t until = since.count ? ring_at(&since, 0)->at : wall_ms();

    live->ring = stored->ring;
    if (last)
        count_absence(live, last, until);
    for (int i = 0; i < since.count; i++)
        ring_add(&live->ring, *ring_at(&since, i));
    live->reported = live->stored = stored->announced;
}

static const struct stored_ring *
find(const struct stored_ring *rings, int count, const struct target *target)
{
    for (int low = 0, high = count; low < high;) {
        int middle = (low + high) / 2, order = strcmp(rings[middle].target, target->name);

        if (order == 0)
            return strcmp(rings[middle].url, target->url) == 0 ? &rings[middle] : NULL;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Those of one shard. */
static void
restore_shard(int shard, const struct stored_ring *rings, int count)
{
    struct live *targets;
    int all;

    engine_lock();
    targets = engine_targets(&all);
    for (int i = 0; i < all; i++) {
        const struct stored_ring *stored;

        if (targets[i].shard != shard || targets[i].restored)
            continue;
        stored = find(rings, count, targets[i].target);
        if (stored)
            restore(&targets[i], stored);
        targets[i].restored = true;
    }
    engine_unlock();
}

int
restore_targets(struct pl_tick *tick)
{
    bool wanted[SHARDS] = { 0 };
    struct stored_ring *rings;
    int count;

    if (find_waiting(wanted) == 0)
        return 0;
    for (int i = 0; i < SHARDS; i++) {
        if (!wanted[i])
            continue;
        if (store_list_rings(tick->db, i, tick->arena, &rings, &count, &tick->err))
            return -1;
        restore_shard(i, rings, count);
    }
    return 0;
}
