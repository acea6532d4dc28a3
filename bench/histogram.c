#include "histogram.h"

#include <math.h>

#define GROWTH 1.02

void
histogram_add(struct histogram *self, int64_t microseconds)
{
    int bucket = microseconds > 1 ? (int)(log((double)microseconds) / log(GROWTH)) + 1 : 0;

    self->buckets[bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1]++;
    self->count++;
}

double
histogram_ms(const struct histogram *self, double share)
{
    int64_t wanted = (int64_t)ceil(share * (double)self->count), seen = 0;

    for (int i = 0; i < HISTOGRAM_BUCKETS && self->count; i++) {
        seen += self->buckets[i];
        if (seen >= wanted)
            return pow(GROWTH, i) / 1000;
    }
    return 0;
}
