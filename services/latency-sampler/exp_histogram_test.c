#include "exp_histogram.h"

#include "pl_check.h"

#include <math.h>
#include <stdlib.h>

static int
by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* A long tail over five decades, always the same. */
static uint64_t
draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (uint64_t)(100 * exp((double)(*state >> 8) / (1 << 24) * 11)) + 1;
}

TEST(each_percentile_is_within_the_promised_error_of_the_exact_one)
{
    static const double QUANTILES[] = { 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1 };
    static uint64_t values[20000];
    struct exp_histogram histogram = { 0 };
    uint32_t state = 7;

    for (int i = 0; i < 20000; i++) {
        values[i] = draw(&state);
        exp_histogram_add(&histogram, values[i], 1);
    }
    qsort(values, 20000, sizeof *values, by_size);
    for (size_t i = 0; i < sizeof QUANTILES / sizeof *QUANTILES; i++) {
        double exact = (double)values[(int)ceil(QUANTILES[i] * 20000) - 1];
        double said = exp_histogram_quantile(&histogram, QUANTILES[i]);

        CHECK_THAT(fabs(said - exact) <= 0.0218 * exact, "p%g is %g, exactly %g",
                   QUANTILES[i] * 100, said, exact);
    }
    exp_histogram_clear(&histogram);
}

TEST(parts_that_are_stored_and_merged_say_the_same_as_the_whole)
{
    struct exp_histogram whole = { 0 }, parts[3] = { 0 }, merged = { 0 };
    unsigned char bytes[6 * 300];
    uint32_t state = 3;

    for (int i = 0; i < 3000; i++) {
        uint64_t value = draw(&state);

        exp_histogram_add(&whole, value, 1);
        exp_histogram_add(&parts[i % 3], value, 1);
    }
    for (int i = 0; i < 3; i++) {
        CHECK_INT(exp_histogram_size(&parts[i]), <=, sizeof bytes);
        exp_histogram_encode(&parts[i], bytes);
        CHECK_INT(exp_histogram_decode(&merged, bytes, exp_histogram_size(&parts[i])), ==, 0);
        exp_histogram_clear(&parts[i]);
    }
    CHECK_INT(merged.total, ==, 3000);
    CHECK_INT(merged.count, ==, whole.count);
    for (int i = 0; i < whole.count; i++) {
        CHECK_INT(merged.buckets[i].index, ==, whole.buckets[i].index);
        CHECK_INT(merged.buckets[i].count, ==, whole.buckets[i].count);
    }
    exp_histogram_clear(&whole);
    exp_histogram_clear(&merged);
}

TEST(what_is_not_a_histogram_is_refused_and_changes_nothing)
{
    struct exp_histogram histogram = { 0 };

    CHECK_INT(exp_histogram_decode(&histogram, (const unsigned char *)"abcde", 5), ==, -1);
    CHECK_INT(exp_histogram_decode(&histogram,
                                   (const unsigned char *)"\x01\0\x01\0\0\0\xff\xff\1\0\0", 12),
              ==, -1);
    CHECK_INT(histogram.total, ==, 0);
    CHECK(exp_histogram_quantile(&histogram, 0.5) == 0);
}

TEST(extremes_count_and_a_bound_that_ends_a_bucket_is_exact)
{
    struct exp_histogram histogram = { 0 };

    exp_histogram_add(&histogram, 0, 1);
    exp_histogram_add(&histogram, 1024, 5);
    exp_histogram_add(&histogram, 1025, 1);
    exp_histogram_add(&histogram, UINT64_MAX, UINT32_MAX);
    exp_histogram_add(&histogram, UINT64_MAX, 1);
    CHECK_INT(exp_histogram_below(&histogram, 1024), ==, 6);
    CHECK_INT(exp_histogram_below(&histogram, 1), ==, 1);
    CHECK_INT(histogram.buckets[histogram.count - 1].count, ==, UINT32_MAX);
    exp_histogram_clear(&histogram);
}
