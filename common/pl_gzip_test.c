#include "pl_check.h"

#include "pl_gzip.h"

#define LIMIT (32u << 20)

TEST(what_was_compressed_comes_back)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    size_t size, length;
    char *gz, *out;

    gz = pl_gzip("hello, hello, hello", 19, arena, &size);
    CHECK(pl_gzip_is(gz, size));
    CHECK_INT(pl_gunzip(gz, size, LIMIT, arena, &out, &length, &err), ==, 0);
    CHECK_INT(length, ==, 19);
    CHECK_STR(out, "hello, hello, hello");
    pl_arena_destroy(&arena);
}

TEST(nothing_compresses_to_nothing)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    size_t size, length;
    char *gz = pl_gzip("", 0, arena, &size), *out;

    CHECK_INT(pl_gunzip(gz, size, LIMIT, arena, &out, &length, &err), ==, 0);
    CHECK_INT(length, ==, 0);
    CHECK_STR(out, "");
    pl_arena_destroy(&arena);
}

TEST(joined_members_are_one_text)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    char joined[256], *out;
    size_t a, b, length;
    char *one = pl_gzip("one", 3, arena, &a), *two = pl_gzip("two", 3, arena, &b);

    memcpy(joined, one, a);
    memcpy(joined + a, two, b);
    CHECK_INT(pl_gunzip(joined, a + b, LIMIT, arena, &out, &length, &err), ==, 0);
    CHECK_STR(out, "onetwo");
    memcpy(joined + a, "junk!", 5);
    CHECK_INT(pl_gunzip(joined, a + 5, LIMIT, arena, &out, &length, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_MALFORMED);
    pl_arena_destroy(&arena);
}

TEST(a_text_of_exactly_the_limit_is_accepted_and_one_byte_more_is_too_large)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    size_t size, length;
    char text[1000], *gz, *out;

    memset(text, 'x', sizeof text);
    gz = pl_gzip(text, sizeof text, arena, &size);
    CHECK_INT(pl_gunzip(gz, size, 1000, arena, &out, &length, &err), ==, 0);
    CHECK_INT(pl_gunzip(gz, size, 999, arena, &out, &length, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_TOO_LARGE);
    pl_arena_destroy(&arena);
}

TEST(a_bomb_is_stopped_long_before_the_limit)
{
    struct pl_arena *arena = pl_arena_new(), *other = pl_arena_new();
    struct pl_err err = { 0 };
    size_t size, length, bomb = 30u << 20;
    char *gz = pl_gzip(pl_arena_alloc(arena, bomb), bomb, arena, &size), *out;

    CHECK_INT(pl_gunzip(gz, size, LIMIT, other, &out, &length, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_TOO_LARGE);
    CHECK_HAS(err.text, "200 times");
    CHECK_INT(pl_arena_size(other), <, 8u << 20);
    pl_arena_destroy(&arena);
    pl_arena_destroy(&other);
}

TEST(what_is_cut_short_or_broken_is_malformed)
{
    struct pl_arena *arena = pl_arena_new();
    size_t size, length;
    char *gz = pl_gzip("some text that is long enough", 29, arena, &size), *out;

    for (size_t cut = 0; cut < size; cut++) {
        struct pl_err err = { 0 };

        CHECK_INT(pl_gunzip(gz, cut, LIMIT, arena, &out, &length, &err), ==, -1);
        CHECK_INT(err.code, ==, PL_MALFORMED);
    }
    for (size_t i = 0; i < size; i++) {
        struct pl_err err = { 0 };
        char keep = gz[i];

        gz[i] ^= 0x55; // a flip in the optional header fields may go unnoticed, never crash
        if (pl_gunzip(gz, size, LIMIT, arena, &out, &length, &err) != 0)
            CHECK_INT(err.code, ==, PL_MALFORMED);
        gz[i] = keep;
    }
    pl_arena_destroy(&arena);
}
