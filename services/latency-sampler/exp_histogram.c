#include "exp_histogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PER_DOUBLING  16
#define ENCODED       6
#define LARGEST_INDEX 1023 // 2^64 microseconds

static int
index_of(uint64_t microseconds)
{
    double exact = microseconds <= 1 ? 0 : log2((double)microseconds) * PER_DOUBLING;

    return (int)ceil(exact - 1e-9);
}

/* Where the bucket is, or has to go. */
static int
search(const struct exp_histogram *self, int index)
{
    int low = 0, high = self->count;

    while (low < high) {
        int middle = (low + high) / 2;

        if (self->buckets[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void
add_at(struct exp_histogram *self, int index, uint32_t times)
{
    int at = search(self, index);

    if (times == 0)
        return;
    if (at == self->count || self->buckets[at].index != index) {
        if (self->count == self->room) {
            int room = self->room ? self->room * 2 : 4;
            void *grown = realloc(self->buckets, (size_t)room * sizeof *self->buckets);

            if (grown == NULL)
                abort();
            self->buckets = grown;
            self->room = room;
        }
        memmove(self->buckets + at + 1, self->buckets + at,
                (size_t)(self->count - at) * sizeof *self->buckets);
        self->buckets[at] = (struct exp_bucket){ .index = (int16_t)index };
        self->count++;
    }
    if (times > UINT32_MAX - self->buckets[at].count)
        times = UINT32_MAX - self->buckets[at].count;
    self->buckets[at].count += times;
    self->total += times;
}

void
exp_histogram_add(struct exp_histogram *self, uint64_t microseconds, uint32_t times)
{
    add_at(self, index_of(microseconds), times);
}

void
exp_histogram_merge(struct exp_histogram *self, const struct exp_histogram *other)
{
    for (int i = 0; i < other->count; i++)
        add_at(self, other->buckets[i].index, other->buckets[i].count);
}

void
exp_histogram_clear(struct exp_histogram *self)
{
    free(self->buckets);
    *self = (struct exp_histogram){ 0 };
}

double
exp_histogram_quantile(const struct exp_histogram *self, double q)
{
    uint64_t rank = (uint64_t)ceil(q * (double)self->total), seen = 0;

    if (rank == 0)
        rank = 1;
    for (int i = 0; i < self->count; i++) {
        seen += self->buckets[i].count;
        if (seen >= rank)
            /* Halfway in the sense that both ends of the bucket are equally far off. */
            return exp2((double)self->buckets[i].index / PER_DOUBLING) * 2 /
                   (1 + exp2(1.0 / PER_DOUBLING));
    }
    return 0;
}

uint64_t
exp_histogram_below(const struct exp_histogram *self, uint64_t microseconds)
{
    int last = index_of(microseconds);
    uint64_t sum = 0;

    /* The bucket that the bound lies within counts only if the bound is its end. */
    if (microseconds > 1 && exp2((double)last / PER_DOUBLING) > (double)microseconds + 0.5)
        last--;
    for (int i = 0; i < self->count && self->buckets[i].index <= last; i++)
        sum += self->buckets[i].count;
    return sum;
}

size_t
exp_histogram_size(const struct exp_histogram *self)
{
    return (size_t)self->count * ENCODED;
}

void
exp_histogram_encode(const struct exp_histogram *self, unsigned char *out)
{
    for (int i = 0; i < self->count; i++, out += ENCODED) {
        uint16_t index = (uint16_t)self->buckets[i].index;
        uint32_t count = self->buckets[i].count;

        out[0] = (unsigned char)index;
        out[1] = (unsigned char)(index >> 8);
        for (int b = 0; b < 4; b++)
            out[2 + b] = (unsigned char)(count >> (8 * b));
    }
}

static struct exp_bucket
read_bucket(const unsigned char *bytes)
{
    return (struct exp_bucket){ .index = (int16_t)(bytes[0] | bytes[1] << 8),
                                .count = (uint32_t)bytes[2] | (uint32_t)bytes[3] << 8 |
                                         (uint32_t)bytes[4] << 16 | (uint32_t)bytes[5] << 24 };
}

int
exp_histogram_decode(struct exp_histogram *self, const unsigned char *bytes, size_t length)
{
    if (length % ENCODED)
        return -1;
    for (size_t i = 0; i < length; i += ENCODED) {
        int index = read_bucket(bytes + i).index;

        if (index < 0 || index > LARGEST_INDEX)
            return -1;
    }
    for (size_t i = 0; i < length; i += ENCODED) {
        struct exp_bucket bucket = read_bucket(bytes + i);

        add_at(self, bucket.index, bucket.count);
    }
    return 0;
}
