/* Which targets this instance probes: shards by lease, shared evenly among all that live.
 *
 * What is held is probed until the lease ends by this process's own clock, which was read before
 * the database prolonged it: nobody else can have it before. */
#include "sampler.h"
#include "store.h"

#include "pl_log.h"
#include "pl_metric.h"

#include <string.h>

PL_GAUGE(held_shards, "latency_shards_held", "shards of the targets that this sampler probes", "");

static int
count_of(const bool held[SHARDS])
{
    int count = 0;

    for (int i = 0; i < SHARDS; i++)
        count += held[i];
    return count;
}

/* Keep only the first ${fair}. */
static void
cut_down(bool held[SHARDS], int fair)
{
    for (int i = 0; i < SHARDS; i++)
        if (held[i] && fair-- <= 0)
            held[i] = false;
}

static void
say_changed(const bool held[SHARDS])
{
    static int before = -1;
    int count = count_of(held);

    pl_gauge_set(&held_shards, count);
    if (count != before)
        pl_info("shards.changed", PL_I("held", count), PL_I("before", before));
    before = count;
}

int
hold_shards(struct pl_tick *tick)
{
    int64_t began = pl_now_ms(), until = began + sampler_lease_ms * 4 / 5, alive;
    bool held[SHARDS] = { 0 };
    int fair, before;

    if (!follow_has_begun()) // of two that start together each would take the other for an older one
        return 0;
    if (store_beat(tick->db, sampler_instance, sampler_lease_ms, &alive, &tick->err) ||
        store_renew(tick->db, sampler_instance, sampler_lease_ms, held, &tick->err))
        return -1;
    fair = (SHARDS + (int)alive - 1) / (int)alive;
    before = count_of(held);
    cut_down(held, fair);
    if (before > fair) {
        engine_hold(held, until); // before anybody else gets what is given back
        if (store_release(tick->db, sampler_instance, held, &tick->err))
            return -1;
    } else if (before < fair && store_claim(tick->db, sampler_instance, sampler_lease_ms,
                                            fair - before, held, &tick->err)) {
        return -1;
    }
    engine_hold(held, until);
    say_changed(held);
    return restore_targets(tick);
}
