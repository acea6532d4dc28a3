/* exp_histogram -- a base-2 exponential histogram of durations: any percentile, mergeable, sparse.
 *
 * Buckets are those of Prometheus' native histograms and OpenTelemetry's exponential ones at scale
 * 4: bucket i holds (b^(i-1), b^i] with b = 2^(1/16).  The estimate of a bucket is off by at most
 * (b-1)/(b+1) = 2.17 % of the true value.  Merging is exact: counts are added.  Durations are
 * microseconds, at least 1.  Owns its buckets; { 0 } is an empty one.  Not thread-safe.
 */
#ifndef EXP_HISTOGRAM_H
#define EXP_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

struct exp_bucket {
    int16_t index;
    uint32_t count;
};

struct exp_histogram {
    struct exp_bucket *buckets; // by index
    int count, room;
    uint64_t total; // observations
};

void exp_histogram_add(struct exp_histogram *self, uint64_t microseconds, uint32_t times);
void exp_histogram_merge(struct exp_histogram *self, const struct exp_histogram *other);

/* Forget everything and give the memory back. */
void exp_histogram_clear(struct exp_histogram *self);

/* The ${q}-quantile (0 to 1, nearest rank) in microseconds; 0 if it is empty. */
double exp_histogram_quantile(const struct exp_histogram *self, double q);

/* How many were at most ${microseconds}: whole buckets, so for bounds of buckets exact. */
uint64_t exp_histogram_below(const struct exp_histogram *self, uint64_t microseconds);

/* The stored form: six bytes a bucket, little-endian index and count.  Encoding needs
 * exp_histogram_size() bytes; decoding merges into ${self} and says -1 on nonsense, having
 * changed nothing. */
size_t exp_histogram_size(const struct exp_histogram *self);
void exp_histogram_encode(const struct exp_histogram *self, unsigned char *out);
int exp_histogram_decode(struct exp_histogram *self, const unsigned char *bytes, size_t length);

#endif
