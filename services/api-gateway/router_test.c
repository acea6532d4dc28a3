#include "router.h"

#include "pl_check.h"

/* The router never looks into an operation. */
static const struct operation *
op(uintptr_t n)
{
    return (const struct operation *)n;
}

static struct router *
make(struct pl_arena *arena)
{
    static const char *const ROWS[][2] = {
        { "/apis", "GET" },
        { "/apis/{api}", "GET" },
        { "/apis/{api}", "PUT" },
        { "/apis/{api}/runs/{run}", "GET" },
        { "/deliveries/replay", "POST" },
        { "/deliveries/{id}", "GET" },
        { "/deliveries/{id}/replay", "POST" },
    };
    struct router *router = router_new(arena);
    struct pl_err err = { 0 };

    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        router_add(router, ROWS[i][0], ROWS[i][1], op(i + 1), &err);
    return router;
}

static uintptr_t
find(const struct router *router, const char *method, int count, const char *a, const char *b,
     const char *c, const char *d, struct path_values *values)
{
    const char *const segments[] = { a, b, c, d };
    const struct route *route = router_find(router, segments, count, values);

    return route ? (uintptr_t)route_method(route, method) : 0;
}

TEST(a_path_finds_its_operation_and_its_values)
{
    struct pl_arena *arena = pl_arena_new();
    struct router *router = make(arena);
    struct path_values values;

    CHECK_INT(find(router, "GET", 1, "apis", "", "", "", &values), ==, 1);
    CHECK_INT(find(router, "PUT", 2, "apis", "museum", "", "", &values), ==, 3);
    CHECK_STR(path_value(&values, "api"), "museum");
    CHECK_INT(find(router, "GET", 4, "apis", "museum", "runs", "7", &values), ==, 4);
    CHECK_STR(path_value(&values, "api"), "museum");
    CHECK_STR(path_value(&values, "run"), "7");
    CHECK(path_value(&values, "id") == NULL);
    CHECK_INT(find(router, "GET", 3, "apis", "museum", "runs", "", &values), ==, 0);
    CHECK_INT(find(router, "GET", 1, "nothing", "", "", "", &values), ==, 0);
    pl_arena_destroy(&arena);
}

TEST(a_literal_wins_but_hides_nothing_that_leads_further)
{
    struct pl_arena *arena = pl_arena_new();
    struct router *router = make(arena);
    struct path_values values;

    CHECK_INT(find(router, "POST", 2, "deliveries", "replay", "", "", &values), ==, 5);
    CHECK_INT(find(router, "GET", 2, "deliveries", "d-1", "", "", &values), ==, 6);
    CHECK_INT(find(router, "POST", 3, "deliveries", "replay", "replay", "", &values), ==, 7);
    CHECK_STR(path_value(&values, "id"), "replay");
    pl_arena_destroy(&arena);
}

TEST(HEAD_is_allowed_where_GET_is)
{
    struct pl_arena *arena = pl_arena_new();
    struct router *router = make(arena);
    const char *const segments[] = { "apis", "museum" };
    struct path_values values;
    const struct route *route = router_find(router, segments, 2, &values);

    CHECK_INT((uintptr_t)route_method(route, "HEAD"), ==, 2);
    CHECK(route_method(route, "DELETE") == NULL);
    CHECK_STR(route_allow(route, arena), "GET, HEAD, OPTIONS, PUT");
    pl_arena_destroy(&arena);
}

TEST(what_could_mean_two_things_is_refused)
{
    static const char *const CASES[][2] = {
        { "/apis", "GET" },       { "/apis/{name}", "DELETE" }, { "apis", "GET" },
        { "/apis//runs", "GET" }, { "/apis/{api", "GET" },      { "/apis/{}", "GET" },
    };
    struct pl_arena *arena = pl_arena_new();

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct router *router = make(arena);
        struct pl_err err = { 0 };

        CHECK_THAT(router_add(router, CASES[i][0], CASES[i][1], op(9), &err) == -1, "%s was taken",
                   CASES[i][0]);
    }
    pl_arena_destroy(&arena);
}
