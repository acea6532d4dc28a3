#include "histogram.h"
#include "load.h"

#include "pl_check.h"

#include <stdatomic.h>

TEST(a_quantile_is_right_to_two_percent_and_nothing_has_none)
{
    struct histogram times = { 0 };

    CHECK(histogram_ms(&times, 0.5) < 0.001);
    for (int i = 1; i <= 1000; i++)
        histogram_add(&times, i * 1000);
    CHECK_INT(times.count, ==, 1000);
    CHECK(histogram_ms(&times, 0.5) >= 490 && histogram_ms(&times, 0.5) <= 510);
    CHECK(histogram_ms(&times, 0.99) >= 970 && histogram_ms(&times, 0.99) <= 1010);
    histogram_add(&times, INT64_MAX);
    histogram_add(&times, -1);
    CHECK_INT(times.count, ==, 1002);
}

static _Atomic int turns, opened, closed;
static int breaks_at;

static void *
open_one(int thread)
{
    opened++;
    return thread == 0 ? (void *)&turns : (void *)&opened;
}

static bool
take_turn(void *own, int64_t since_us)
{
    (void)own;
    (void)since_us;
    return ++turns != breaks_at;
}

static void
close_one(void *own)
{
    (void)own;
    closed++;
}

TEST(a_load_has_as_many_turns_as_asked_for_and_ends_when_one_fails)
{
    struct load load = { 4, 0, 0, 1000, open_one, take_turn, close_one };
    double took;

    turns = opened = closed = breaks_at = 0;
    CHECK_INT(load_run(&load, &took), ==, 1000);
    CHECK_INT(turns, ==, 1000);
    CHECK_INT(opened, ==, 4);
    CHECK_INT(closed, ==, 4);
    turns = 0;
    breaks_at = 10;
    CHECK_INT(load_run(&load, &took), ==, -1);
    CHECK(turns < 1000);
}

TEST(a_paced_load_is_not_ahead_of_its_time)
{
    struct load load = { 3, 1000, 0, 20, open_one, take_turn, close_one };
    double took;

    turns = breaks_at = 0;
    CHECK_INT(load_run(&load, &took), ==, 20);
    CHECK(took >= 0.019);
}
