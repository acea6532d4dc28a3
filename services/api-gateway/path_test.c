#include "path.h"

#include "pl_check.h"

static const char *
join(const struct path *path, struct pl_arena *arena)
{
    char *out = pl_arena_strdup(arena, "");

    for (int i = 0; i < path->count; i++)
        out = pl_arena_printf(arena, "%s[%s]", out, path->segments[i]);
    return pl_arena_printf(arena, "%s%s?%s", out, path->slash ? "/" : "", path->query);
}

TEST(a_target_is_taken_apart_and_decoded)
{
    static const char *const CASES[][2] = {
        { "/", "/?" },
        { "/health", "[health]?" },
        { "/status/museum/", "[status][museum]/?" },
        { "/a%20b/c?x=1&y=%2F", "[a b][c]?x=1&y=%2F" },
        { "/%C3%A4", "[\xc3\xa4]?" },
        { "http://localhost:8000/a/b?c", "[a][b]?c" },
        { "http://localhost", "/?" },
        { "/?q", "/?q" },
        { "/a+b", "[a+b]?" },
    };
    struct pl_arena *arena = pl_arena_new();

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct path path;
        struct pl_err err = { 0 };

        CHECK_INT(path_parse(&path, CASES[i][0], arena, &err), ==, 0);
        CHECK_STR(join(&path, arena), CASES[i][1]);
    }
    pl_arena_destroy(&arena);
}

TEST(what_two_readers_could_read_differently_is_refused)
{
    static const char *const CASES[] = {
        "//",     "/a//b",  "//a",    "/..",     "/a/../b",    "/%2e%2e/b", "/.",
        "/a%2Fb", "/a%2fb", "/a%5Cb", "/a%00b",  "/a%0d%0ab",  "/a%7f",     "/a%",
        "/a%2",   "/a%zz",  "/%ff",   "/%c0%af", "/%ed%a0%80", "/a/.%2e/b",
    };
    struct pl_arena *arena = pl_arena_new();

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct path path;
        struct pl_err err = { 0 };

        CHECK_THAT(path_parse(&path, CASES[i], arena, &err) == -1, "%s was taken", CASES[i]);
        CHECK_INT(err.code, ==, PL_MALFORMED);
    }
    pl_arena_destroy(&arena);
}

TEST(a_path_with_too_many_segments_leads_nowhere)
{
    struct pl_arena *arena = pl_arena_new();
    struct path path;
    struct pl_err err = { 0 };

    CHECK_INT(path_parse(&path, "/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f/g/h", arena, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_NOT_FOUND);
    pl_arena_destroy(&arena);
}

TEST(a_query_is_a_list_of_pairs)
{
    const char *query = "a=1&&b&c=&d=x=y", *name, *value;
    size_t n, v;
    char seen[64] = "";

    while (path_next_pair(&query, &name, &n, &value, &v))
        sprintf(seen + strlen(seen), "%.*s:%.*s ", (int)n, name, (int)v, value);
    CHECK_STR(seen, "a:1 b: c: d:x=y ");
}
