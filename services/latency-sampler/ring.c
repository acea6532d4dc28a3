#include "ring.h"

#include <math.h>
#include <stdlib.h>

#define GOOD_US 150000
#define WARN_US 400000

void
ring_add(struct ring *self, struct sample sample)
{
    self->samples[self->next] = sample;
    self->next = (self->next + 1) % RING_SAMPLES;
    if (self->count < RING_SAMPLES)
        self->count++;
}

const struct sample *
ring_at(const struct ring *self, int i)
{
    return &self->samples[(self->next - self->count + i + RING_SAMPLES) % RING_SAMPLES];
}

static int
by_time(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static double
percentile(const uint32_t *sorted, int count, double q)
{
    return count ? sorted[(int)ceil(q * count) - 1] / 1000.0 : NAN;
}

void
ring_stats(const struct ring *self, struct ring_stats *out)
{
    uint32_t times[RING_SAMPLES];

    *out = (struct ring_stats){ .latest_ms = NAN, .latest_class = CLASS_NA };
    for (int i = 0; i < self->count; i++) {
        const struct sample *sample = ring_at(self, i);

        if (sample_missed(sample->outcome)) {
            out->missed++;
            continue;
        }
        out->attempts++;
        out->latest_class = sample->cls;
        out->latest_ms = sample->us / 1000.0;
        if (sample->outcome == SAMPLE_OK)
            times[out->ok++] = sample->us;
    }
    qsort(times, (size_t)out->ok, sizeof *times, by_time);
    out->min_ms = out->ok ? times[0] / 1000.0 : NAN;
    out->max_ms = out->ok ? times[out->ok - 1] / 1000.0 : NAN;
    out->p50_ms = percentile(times, out->ok, 0.5);
    out->p90_ms = percentile(times, out->ok, 0.9);
    out->p99_ms = percentile(times, out->ok, 0.99);
    out->failure_rate_pct = out->attempts ? 100.0 * (out->attempts - out->ok) / out->attempts : NAN;
}

enum sample_class
sample_classify(enum sample_outcome outcome, uint32_t us)
{
    if (outcome != SAMPLE_OK)
        return CLASS_NA;
    /* In whole milliseconds, as they are shown: 150.4 ms is 150. */
    if (us < GOOD_US + 1000)
        return CLASS_GOOD;
    return us < WARN_US + 1000 ? CLASS_WARN : CLASS_HIGH;
}

int
sample_missed(enum sample_outcome outcome)
{
    return outcome >= SAMPLE_OVERRUN;
}

const char *
sample_class_name(enum sample_class cls)
{
    static const char *const NAMES[] = { "good", "warn", "high", "na" };

    return NAMES[cls];
}

const char *
sample_outcome_name(enum sample_outcome outcome)
{
    static const char *const NAMES[SAMPLE_OUTCOMES] = {
        "ok",      "dns",    "connect", "tls",       "timeout", "status",      "assertion",
        "refused", "broken", "overrun", "pool_full", "stalled", "maintenance", "absent",
    };

    return outcome < SAMPLE_OUTCOMES ? NAMES[outcome] : "unknown";
}
