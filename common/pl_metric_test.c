#include "pl_arena.h"
#include "pl_check.h"
#include "pl_metric.h"

#include <stdio.h>
#include <string.h>

PL_COUNTER(pairs, "test_pairs_total", "two labels", "a,b");
PL_COUNTER(many, "test_many_total", "more series than are kept", "id");
PL_GAUGE(plain, "test_plain", "no label", "");
PL_HISTOGRAM(took, "test_seconds", "one label", "what");

static const char *
print(struct pl_arena *arena)
{
    struct pl_buf text = { .arena = arena };

    pl_metric_print(&text);
    return pl_buf_text(&text);
}

TEST(values_are_told_apart_whole_and_by_place)
{
    struct pl_arena *arena = pl_arena_new();
    char same[] = "x";

    pl_inc(&pairs, "x", "y");
    pl_inc(&pairs, same, "y"); // by what it says, not by where it lies
    pl_inc(&pairs, "y", "x");
    pl_inc(&pairs, "xy", "");
    pl_inc(&pairs, "", "xy");
    pl_inc(&pairs, "\"", "\n");
    CHECK_HAS(print(arena), "test_pairs_total{a=\"x\",b=\"y\"} 2\n");
    CHECK_HAS(print(arena), "test_pairs_total{a=\"y\",b=\"x\"} 1\n");
    CHECK_HAS(print(arena), "test_pairs_total{a=\"xy\",b=\"\"} 1\n");
    CHECK_HAS(print(arena), "test_pairs_total{a=\"\",b=\"xy\"} 1\n");
    CHECK_HAS(print(arena), "test_pairs_total{a=\"\\\"\",b=\"\\n\"} 1\n");
    pl_arena_destroy(&arena);
}

TEST(a_series_that_was_forgotten_starts_anew)
{
    struct pl_arena *arena = pl_arena_new();

    pl_gauge_set(&plain, 7);
    pl_gauge_set(&plain, 8);
    CHECK_HAS(print(arena), "\ntest_plain 8\n");
    pl_count(&pairs, 5, "gone", "b");
    pl_count(&pairs, 5, "stays", "b");
    pl_metric_forget(&pairs, PL_LABELS("gone", "b"));
    pl_metric_forget(&pairs, PL_LABELS("gone", "b"));
    CHECK(strstr(print(arena), "gone") == NULL);
    pl_inc(&pairs, "gone", "b");
    pl_inc(&pairs, "stays", "b");
    CHECK_HAS(print(arena), "test_pairs_total{a=\"gone\",b=\"b\"} 1\n");
    CHECK_HAS(print(arena), "test_pairs_total{a=\"stays\",b=\"b\"} 6\n");
    pl_arena_destroy(&arena);
}

TEST(series_beyond_the_most_are_counted_as_other)
{
    struct pl_arena *arena = pl_arena_new();
    char id[32];

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 1010; i++) {
            snprintf(id, sizeof id, "%d", i);
            pl_inc(&many, id);
        }
    CHECK_INT(many.count, ==, 1001);
    CHECK_HAS(print(arena), "test_many_total{id=\"0\"} 2\n");
    CHECK_HAS(print(arena), "test_many_total{id=\"999\"} 2\n");
    CHECK_HAS(print(arena), "test_many_total{id=\"other\"} 20\n");
    CHECK(strstr(print(arena), "id=\"1000\"") == NULL);
    pl_metric_forget(&many, PL_LABELS("other"));
    pl_metric_forget(&many, PL_LABELS("1"));
    pl_inc(&many, "1005");
    CHECK_HAS(print(arena), "test_many_total{id=\"1005\"} 1\n");
    CHECK(strstr(print(arena), "other") == NULL);
    pl_arena_destroy(&arena);
}

TEST(a_histogram_counts_in_every_bucket_that_holds_it)
{
    struct pl_arena *arena = pl_arena_new();

    pl_observe(&took, 0.02, "read");
    pl_observe(&took, 100, "read");
    CHECK_HAS(print(arena), "test_seconds_bucket{what=\"read\",le=\"0.01\"} 0\n");
    CHECK_HAS(print(arena), "test_seconds_bucket{what=\"read\",le=\"0.025\"} 1\n");
    CHECK_HAS(print(arena), "test_seconds_bucket{what=\"read\",le=\"+Inf\"} 2\n");
    CHECK_HAS(print(arena), "test_seconds_sum{what=\"read\"} 100.02\n");
    pl_arena_destroy(&arena);
}
