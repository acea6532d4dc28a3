#include "target.h"

#include "pl_check.h"

#include <string.h>

static struct pl_arena *arena;
static struct pl_err err;

/* Read a list, as JSON if it begins with a bracket; the number of targets, or -1. */
static int
read_set(const char *text, struct target_set *set)
{
    struct pl_node *node;

    err = (struct pl_err){ 0 };
    node = *text == '[' ? pl_json_parse(arena, text, strlen(text), NULL, &err)
                        : target_set_from_list(text, arena, &err);
    return node && target_set_read_json(node, 15000, arena, set, &err) == 0 ? set->count : -1;
}

TEST(a_list_is_split_at_commas_and_at_the_first_colon)
{
    struct target_set set;

    arena = pl_arena_new();
    CHECK_INT(read_set(" web:http://localhost:8000/health?a=b , db:tcp://db.internal:5432,,", &set),
              ==, 2);
    CHECK_STR(set.targets[0].name, "db");
    CHECK_INT(set.targets[0].kind, ==, TARGET_TCP);
    CHECK_STR(set.targets[0].host_url, "http://db.internal:5432");
    CHECK_STR(set.targets[1].url, "http://localhost:8000/health?a=b");
    CHECK_INT(set.targets[1].interval_ms, ==, 15000);
    CHECK_INT(read_set("", &set), ==, 0);
    pl_arena_destroy(&arena);
}

TEST(what_cannot_be_probed_is_refused_by_name)
{
    static const struct {
        const char *set, *says;
    } CASES[] = {
        { "web", "\"web\" is no target" },
        { ":http://a", "is no target" },
        { "a b:http://x/", "is no name" },
        { "web:ftp://x/", "web: the url begins with none" },
        { "web:http:///x", "web: the url begins with none" },
        { "web:http://u:p@x/", "web: credentials" },
        { "web:http://x/ y", "white space" },
        { "web:tcp://x", "needs a host and a port" },
        { "web:tls://x:1/y", "needs a host and a port" },
        { "a:http://x/,a:http://y/", "\"a\" is there twice" },
        { "[{\"name\":\"a\",\"url\":\"http://x\",\"interval_ms\":99}]", "interval_ms" },
        { "[{\"name\":\"a\",\"url\":\"http://x\",\"timeout_ms\":60001}]", "timeout_ms" },
        { "[{\"name\":\"a\",\"url\":\"http://x\",\"retries\":6}]", "retries" },
        { "[{\"name\":\"a\",\"url\":\"http://x\",\"method\":\"POST\"}]", "GET or HEAD" },
        { "[{\"name\":\"a\",\"url\":\"http://x\",\"expect\":{\"status\":\"2xx\"}}]",
          "no statuses" },
        { "[{\"name\":\"a\",\"url\":\"http://x\",\"expect\":{\"status\":\"300-200\"}}]",
          "no statuses" },
        { "[{\"name\":\"a\",\"url\":\"http://x\",\"expect\":{\"header\":\"X\"}}]", "Name: text" },
        { "[{\"name\":\"a\",\"url\":\"tcp://x:1\",\"expect\":{\"body\":\"y\"}}]", "only http" },
        { "[{\"name\":\"a\",\"url\":\"http://x\",\"method\":\"HEAD\",\"expect\":{\"body\":\"y\"}}]",
          "has no body" },
        { "[{\"name\":\"a\",\"url\":\"http://x\",\"expect\":{\"json\":{\"pointer\":\"x\"}}}]",
          "JSON Pointer" },
        { "[{\"name\":\"a\",\"url\":\"http://x\",\"maintenance\":[{\"from\":\"2026-01-01T00:00:00Z\","
          "\"to\":\"2025-01-01T00:00:00Z\"}]}]",
          "maintenance" },
    };
    struct target_set set;

    arena = pl_arena_new();
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        CHECK_THAT(read_set(CASES[i].set, &set) == -1, "%s was read", CASES[i].set);
        CHECK_THAT(strstr(err.text, CASES[i].says), "%s: %s", CASES[i].set, err.text);
    }
    pl_arena_destroy(&arena);
}

TEST(statuses_are_wanted_by_ranges)
{
    CHECK(target_wants_status("200-399,401", 204));
    CHECK(target_wants_status("200-399,401", 401));
    CHECK(!target_wants_status("200-399,401", 400));
    CHECK(!target_wants_status("200", 0));
}

TEST(a_target_is_paused_from_the_first_moment_to_before_the_last)
{
    struct target_set set;

    arena = pl_arena_new();
    CHECK_INT(read_set("[{\"name\":\"a\",\"url\":\"http://x\",\"maintenance\":"
                       "[{\"from\":\"1970-01-01T00:00:10Z\",\"to\":\"1970-01-01T00:00:20.5Z\"}]}]",
                       &set),
              ==, 1);
    CHECK(!target_is_paused(set.targets, 9999));
    CHECK(target_is_paused(set.targets, 10000));
    CHECK(!target_is_paused(set.targets, 20000));
    pl_arena_destroy(&arena);
}
