/* live -- one target while it is probed: its ring, its counts, its histograms of the time since
 * they were last written down.  Guarded by the engine's lock.
 */
#ifndef LIVE_H
#define LIVE_H

#include "exp_histogram.h"
#include "ring.h"
#include "target.h"

#define WINDOW_S     300 // a stored histogram covers five minutes
#define LIVE_BOUNDS  17
#define LIVE_WINDOWS 24 // kept while the database is away: two hours

extern const double live_bounds[LIVE_BOUNDS]; // seconds, of the classic histogram on /metrics

/* What is known about a target in one stretch of five minutes. */
struct window {
    int64_t begin; // Unix seconds, a multiple of WINDOW_S
    int64_t attempts, ok, missed;
    uint64_t sum_us; // of the successful
    uint32_t min_us, max_us;
    struct exp_histogram latency; // from the intended start, slots that were overrun included
    struct exp_histogram service; // from the real start
    bool dirty;
    struct window *next; // older
};

struct live {
    struct target *target; // of the engine's set
    int shard, heap_index; // -1: not in the heap
    int64_t due_us;        // monotonic; of the next slot

    bool in_flight;
    int64_t intended_us, started_us; // of the slot under way
    int overruns, tries;

    struct ring ring;
    struct window *windows; // newest first
    int window_count;
    bool dirty; // the ring has changed since it was written down

    int64_t attempts, ok;                 // since this process has it
    uint64_t buckets[2][LIVE_BOUNDS + 1]; // by success
    double sums[2], last_ms;              // last_ms: of the last success, -1 before
    int64_t expires;                      // of the certificate, Unix seconds

    bool restored;                      // the ring of before is in
    enum sample_class reported, stored; // after hysteresis; as it was last announced
};

void live_init(struct live *self, struct target *target);

/* Give back what it holds, not itself. */
void live_clear(struct live *self);

/* Count a probe that ended: ${latency_us} from its intended start, ${service_us} from its real
 * one; ${http} 0 if there was no answer.  ${need} of the last ${of} samples have to agree before
 * the reported class follows. */
void live_record(struct live *self, enum sample_outcome outcome, int http, int64_t at_ms,
                 uint32_t latency_us, uint32_t service_us, int need, int of);

/* A slot that was overrun, in the eyes of who would have asked then: it waited ${latency_us}. */
void live_correct(struct live *self, int64_t at_ms, uint32_t latency_us);

/* Count a slot without a probe. */
void live_miss(struct live *self, enum sample_outcome why, int64_t at_ms);

#endif
