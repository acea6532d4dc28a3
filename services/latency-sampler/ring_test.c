#include "ring.h"

#include "pl_check.h"

#include <math.h>

static void
add(struct ring *ring, enum sample_outcome outcome, uint32_t us)
{
    ring_add(ring, (struct sample){ .us = us,
                                    .outcome = (uint8_t)outcome,
                                    .cls = (uint8_t)sample_classify(outcome, us) });
}

TEST(classes_end_at_150_and_at_400_milliseconds)
{
    CHECK_INT(sample_classify(SAMPLE_OK, 0), ==, CLASS_GOOD);
    CHECK_INT(sample_classify(SAMPLE_OK, 150000), ==, CLASS_GOOD);
    CHECK_INT(sample_classify(SAMPLE_OK, 151000), ==, CLASS_WARN);
    CHECK_INT(sample_classify(SAMPLE_OK, 400000), ==, CLASS_WARN);
    CHECK_INT(sample_classify(SAMPLE_OK, 401000), ==, CLASS_HIGH);
    CHECK_INT(sample_classify(SAMPLE_TIMEOUT, 1), ==, CLASS_NA);
}

TEST(statistics_are_of_the_successful_and_the_failure_rate_of_all_probes)
{
    struct ring ring = { 0 };
    struct ring_stats stats;

    for (uint32_t i = 1; i <= 10; i++)
        add(&ring, SAMPLE_OK, i * 10000);
    add(&ring, SAMPLE_TIMEOUT, 5000000);
    add(&ring, SAMPLE_OVERRUN, 0);
    ring_stats(&ring, &stats);
    CHECK_INT(stats.attempts, ==, 11);
    CHECK_INT(stats.ok, ==, 10);
    CHECK_INT(stats.missed, ==, 1);
    CHECK(stats.min_ms == 10 && stats.max_ms == 100);
    CHECK(stats.p50_ms == 50 && stats.p90_ms == 90 && stats.p99_ms == 100);
    CHECK(fabs(stats.failure_rate_pct - 100.0 / 11) < 1e-9);
    CHECK(stats.latest_ms == 5000);
    CHECK_INT(stats.latest_class, ==, CLASS_NA);
}

TEST(an_empty_ring_has_no_numbers)
{
    struct ring ring = { 0 };
    struct ring_stats stats;

    add(&ring, SAMPLE_MAINTENANCE, 0);
    ring_stats(&ring, &stats);
    CHECK(isnan(stats.latest_ms) && isnan(stats.p99_ms) && isnan(stats.failure_rate_pct));
    CHECK_INT(stats.attempts, ==, 0);
}

TEST(two_hundred_samples_are_kept_oldest_first)
{
    struct ring ring = { 0 };

    for (uint32_t i = 0; i < 450; i++)
        add(&ring, SAMPLE_OK, i);
    CHECK_INT(ring.count, ==, 200);
    CHECK_INT(ring_at(&ring, 0)->us, ==, 250);
    CHECK_INT(ring_at(&ring, 199)->us, ==, 449);
}
