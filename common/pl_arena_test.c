#include "pl_arena.h"
#include "pl_check.h"

#include <string.h>

TEST(memory_is_zeroed_whatever_lay_there_before_the_reset)
{
    struct pl_arena *arena = pl_arena_new();
    static const char zeros[3000];

    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 6; i++) {
            char *at = pl_arena_alloc(arena, sizeof zeros);

            CHECK(memcmp(at, zeros, sizeof zeros) == 0);
            memset(at, 'x', sizeof zeros);
        }
        pl_arena_reset(arena);
    }
    pl_arena_destroy(&arena);
    CHECK(arena == NULL);
}

TEST(a_reset_keeps_little)
{
    struct pl_arena *arena = pl_arena_new();

    pl_arena_alloc(arena, 100);
    pl_arena_reset(arena);
    CHECK_INT(pl_arena_size(arena), <=, 33 << 10);
    pl_arena_alloc(arena, 10 << 20);
    CHECK_INT(pl_arena_size(arena), >=, 10 << 20);
    pl_arena_reset(arena);
    CHECK_INT(pl_arena_size(arena), ==, 0);
    pl_arena_destroy(&arena);
}

TEST(what_is_larger_than_a_block_gets_one_of_its_own)
{
    struct pl_arena *arena = pl_arena_new();
    char *small = pl_arena_strdup(arena, "small");
    char *large = pl_arena_alloc(arena, 3 << 20);

    memset(large, 'y', 3 << 20);
    CHECK_STR(small, "small");
    CHECK_STR(pl_arena_printf(arena, "%s %d", small, 7), "small 7");
    pl_arena_destroy(&arena);
}

TEST(a_child_is_freed_with_its_parent_and_when_that_is_reset)
{
    struct pl_arena *parent = pl_arena_new(), *child = pl_arena_child(parent);

    CHECK_STR(pl_arena_strdup(child, "kept by the child"), "kept by the child");
    pl_arena_strdup(pl_arena_child(child), "of a child's child");
    pl_arena_reset(parent); // what is lost here, the leak detector reports
    child = pl_arena_child(parent);
    CHECK(pl_arena_size(parent) == 0 || pl_arena_size(child) == 0);
    pl_arena_destroy(&parent);
    CHECK(parent == NULL);
}
