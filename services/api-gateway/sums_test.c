#include "sums.h"

#include "pl_check.h"

TEST(series_are_added_up_and_families_stay_together)
{
    struct pl_arena *arena = pl_arena_new();
    struct sums *sums = sums_new(arena);
    struct pl_buf out = { .arena = arena };

    sums_add(sums,
             "# HELP a one\n# TYPE a counter\na{x=\"1\"} 2\na{x=\"2\"} 1\n"
             "# HELP h two\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\nh_sum 0.5\nh_count 3\n");
    sums_add(sums,
             "# HELP a one\n# TYPE a counter\na{x=\"1\"} 40\na{x=\"3 4\"} 7\n"
             "# HELP h two\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 0.25\nh_count 1\n"
             "nonsense\nh_sum NaN\n");
    sums_print(sums, &out);
    CHECK_STR(pl_buf_text(&out),
              "# HELP a one\n# TYPE a counter\na{x=\"1\"} 42\na{x=\"2\"} 1\na{x=\"3 4\"} 7\n"
              "# HELP h two\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 4\nh_sum 0.75\nh_count 4\n");
    pl_arena_destroy(&arena);
}

TEST(what_every_replica_says_alike_is_not_added_up)
{
    struct pl_arena *arena = pl_arena_new();
    struct sums *sums = sums_new(arena);
    struct pl_buf out = { .arena = arena };

    sums_add(sums, "# HELP t things (all replicas)\n# TYPE t counter\nt 41\n");
    sums_add(sums, "# HELP t things (all replicas)\n# TYPE t counter\nt 42\n");
    sums_print(sums, &out);
    CHECK_STR(pl_buf_text(&out), "# HELP t things (all replicas)\n# TYPE t counter\nt 42\n");
    pl_arena_destroy(&arena);
}
