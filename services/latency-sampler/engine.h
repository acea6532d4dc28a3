/* engine -- the thread that probes: an absolute schedule, and an account of every slot.
 *
 * Slot k of a target is meant to start at base + k * interval on the monotonic clock, its base taken
 * from a hash of its name, so that thousands of targets spread.  Latency counts from that intended
 * start; a slot that is not run is a sample too, with its reason: the probe before still ran
 * (overrun), too many at once (pool_full), this process could not run (stalled), announced work
 * (maintenance).  A slot that is late by more than STALL_MS is stalled, never latency.
 *
 * Targets are spread over SHARDS; only shards that this instance holds are probed, and only until
 * the lease ends (lease.c).  What is between engine_lock() and engine_unlock() may read and change
 * the targets.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "live.h"

#include "pl_ssrf.h"

#define SHARDS   64
#define STALL_MS 1000

struct engine_settings {
    int most, connections; // probes at once; connections kept alive
    int need, of;          // samples that have to agree before a class is reported
    const struct pl_ssrf_list *allow;
    const char *ca_file; // certificates that are trusted; "": the system's
};

/* Start the thread; once. */
int engine_start(const struct engine_settings *settings, struct pl_err *err);
void engine_stop(void);

/* Probe this set from now on; it owns ${arena} with the set in it.  A target with the same name and
 * url keeps what is known of it. */
void engine_replace(struct pl_arena *arena, struct target_set *set, const char *source);

/* Probe these shards until then (pl_now_ms()), and no others. */
void engine_hold(const bool shards[SHARDS], int64_t until);

int engine_shard(const char *name);

void engine_lock(void);
void engine_unlock(void);

/* Between lock and unlock: the targets, sorted by name, and "persisted", "env" or "". */
struct live *engine_targets(int *count);
const char *engine_source(void);
bool engine_holds(const struct live *live);

#endif
