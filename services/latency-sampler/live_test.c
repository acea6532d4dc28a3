/* What a target's counts and percentiles say after probes, misses and stalls. */
#include "live.h"

#include "pl_check.h"

static struct target target = { .name = "web", .url = "http://x/", .interval_ms = 1000 };

static void
ok(struct live *live, int64_t at_ms, uint32_t us)
{
    live_record(live, SAMPLE_OK, 200, at_ms, us, us, 3, 5);
}

TEST(the_reported_class_follows_three_of_five_and_not_one_outlier)
{
    struct live live;

    live_init(&live, &target);
    ok(&live, 1000, 1000);
    ok(&live, 2000, 500000);
    ok(&live, 3000, 1000);
    ok(&live, 4000, 500000);
    CHECK_INT(live.reported, ==, CLASS_GOOD);
    live_miss(&live, SAMPLE_OVERRUN, 5000); // says nothing about the target
    ok(&live, 6000, 500000);
    CHECK_INT(live.reported, ==, CLASS_HIGH);
    ok(&live, 7000, 1000);
    CHECK_INT(live.reported, ==, CLASS_HIGH);
    ok(&live, 8000, 1000);
    CHECK_INT(live.reported, ==, CLASS_GOOD);
    live_clear(&live);
}

/* A server that answers in 1 ms and stands still for ten seconds of each minute, probed once a
 * second for ten minutes: whoever asks at a random moment waits 0.8 s or more in 15 % of cases. */
TEST(slots_that_had_to_wait_are_in_the_latency_and_not_in_the_service_time)
{
    struct live live;
    double naive, told;

    live_init(&live, &target);
    for (int minute = 0; minute < 5; minute++) {
        int64_t begin = minute * 60000;

        ok(&live, begin, 10000000);
        for (int s = 1; s < 10; s++) {
            live_miss(&live, SAMPLE_OVERRUN, begin + s * 1000);
            live_correct(&live, begin + s * 1000, (uint32_t)(10 - s) * 1000000);
        }
        for (int s = 10; s < 60; s++)
            ok(&live, begin + s * 1000, 1000);
    }
    CHECK_INT(live.window_count, ==, 1);
    naive = exp_histogram_quantile(&live.windows->service, 0.95);
    told = exp_histogram_quantile(&live.windows->latency, 0.95);
    CHECK_THAT(naive < 1100, "a naive loop says %g us", naive);
    CHECK_THAT(told > 6500000 && told < 8500000, "it says %g us", told);
    CHECK_INT(live.windows->missed, ==, 45);
    CHECK_INT(live.windows->ok, ==, 255);
    live_clear(&live);
}

TEST(a_failure_counts_with_its_time_and_leaves_the_last_success)
{
    struct live live;

    live_init(&live, &target);
    live_record(&live, SAMPLE_TIMEOUT, 0, 1000, 5000000, 5000000, 3, 5);
    CHECK(live.last_ms < 0);
    ok(&live, 2000, 2000);
    live_record(&live, SAMPLE_STATUS, 500, 3000, 3000, 3000, 3, 5);
    CHECK(live.last_ms == 2);
    CHECK_INT(live.attempts, ==, 3);
    CHECK_INT(live.ok, ==, 1);
    CHECK(live.sums[0] > 5.002 && live.sums[0] < 5.004 && live.sums[1] == 0.002);
    CHECK_INT(live.buckets[0][LIVE_BOUNDS - 3], ==, 1); // 5 s
    CHECK_INT(live.buckets[0][0], ==, 1);
    live_clear(&live);
}

TEST(windows_are_five_minutes_and_the_oldest_of_too_many_goes)
{
    struct live live;

    live_init(&live, &target);
    for (int i = 0; i < LIVE_WINDOWS + 5; i++)
        ok(&live, (int64_t)i * WINDOW_S * 1000 + 7, 1000);
    CHECK_INT(live.window_count, ==, LIVE_WINDOWS);
    CHECK_INT(live.windows->begin, ==, (LIVE_WINDOWS + 4) * WINDOW_S);
    ok(&live, (int64_t)(LIVE_WINDOWS + 3) * WINDOW_S * 1000, 1000); // a late one has its own
    CHECK_INT(live.windows->next->attempts, ==, 2);
    live_clear(&live);
}
