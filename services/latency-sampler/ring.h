/* ring -- the last samples of one target, and what they say together (D-04, D-07, D-08, D-09).
 */
#ifndef RING_H
#define RING_H

#include <stddef.h>
#include <stdint.h>

#define RING_SAMPLES 200

enum sample_class { CLASS_GOOD, CLASS_WARN, CLASS_HIGH, CLASS_NA };

/* Why a sample is as it is.  Stored: append, never reorder. */
enum sample_outcome {
    SAMPLE_OK,
    SAMPLE_DNS,         // the name does not resolve
    SAMPLE_CONNECT,     // nobody answers there
    SAMPLE_TLS,         // the certificate, or the handshake
    SAMPLE_TIMEOUT,     // no answer in time
    SAMPLE_STATUS,      // an answer with another status than wanted
    SAMPLE_ASSERTION,   // an answer that does not say what it should
    SAMPLE_REFUSED,     // an address that may not be probed
    SAMPLE_BROKEN,      // an answer that is no answer
    SAMPLE_OVERRUN,     // missed: the probe before was still under way
    SAMPLE_POOL_FULL,   // missed: too many probes at once
    SAMPLE_STALLED,     // missed: this process could not run in time
    SAMPLE_MAINTENANCE, // missed: announced
    SAMPLE_ABSENT,      // missed: no sampler was there
    SAMPLE_OUTCOMES
};

struct sample {
    int64_t at;   // of the intended start, Unix milliseconds
    uint32_t us;  // from the intended start to the end; 0 if missed
    int16_t http; // status, 0 if none
    uint8_t outcome, cls;
};

/* The newest is at (next - 1) % RING_SAMPLES. */
struct ring {
    struct sample samples[RING_SAMPLES];
    int next, count;
};

void ring_add(struct ring *self, struct sample sample);

/* The ${i}th, oldest first. */
const struct sample *ring_at(const struct ring *self, int i);

/* D-07: over the samples in the ring; those missed count for nothing.  Milliseconds; NaN if there
 * is no such sample. */
struct ring_stats {
    double latest_ms, min_ms, max_ms, p50_ms, p90_ms, p99_ms, failure_rate_pct;
    int attempts, ok, missed;
    enum sample_class latest_class;
};
void ring_stats(const struct ring *self, struct ring_stats *out);

/* Good up to and including 150 ms, warn up to 400, high above; na if it failed (D-09). */
enum sample_class sample_classify(enum sample_outcome outcome, uint32_t us);

/* Was no probe made? */
int sample_missed(enum sample_outcome outcome);

const char *sample_class_name(enum sample_class cls);     // "good", "warn", "high", "na"
const char *sample_outcome_name(enum sample_outcome out); // "ok", "timeout", "overrun", ...

#endif
