/* histogram -- times in buckets that are 2 % wide, from a microsecond to minutes.
 *
 * It holds no pointers, so it may lie in memory that processes share; one thread writes.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS 1024

struct histogram {
    int64_t count, buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *self, int64_t microseconds);

/* The time, in milliseconds, that ${share} (0.99) of the entries do not exceed; 0 if empty. */
double histogram_ms(const struct histogram *self, double share);

#endif
