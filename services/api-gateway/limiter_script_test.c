/* The rule in Lua, row by row, in a real Redis; and where that may be. */
#include "limiter_cases.h"
#include "redis_fixture.h"
#include "redis_link.h"

#include "pl_arena.h"
#include "pl_check.h"
#include "pl_embed.h"

NEEDS_ENV("REDIS_SERVER");

extern const struct pl_embedded gateway_limiter[];

/* The script as it is, but `TIME` is what the two last arguments say. */
static struct limit_verdict
ask_at(const char *script, int64_t now_us, int cost)
{
    char interval[24], seconds[24], micros[24], costs[8], text[128];
    const char *words[] = { "EVAL", script, "1", "case", "1", interval, "5",
                            costs,  "0",    "0", "0",    "0", seconds,  micros };
    struct limit_verdict out = { .remaining = -99 };
    int allowed = -1;

    snprintf(interval, sizeof interval, "%" PRId64, CASES_TICK);
    snprintf(seconds, sizeof seconds, "%" PRId64, now_us / 1000000);
    snprintf(micros, sizeof micros, "%" PRId64, now_us % 1000000);
    snprintf(costs, sizeof costs, "%d", cost);
    redis_say(text, sizeof text, sizeof words / sizeof *words, words);
    sscanf(text, "%*d %d %" SCNd64 " %" SCNd64 " %" SCNd64, &allowed, &out.remaining, &out.retry_us,
           &out.reset_us);
    out.allowed = allowed == 1;
    return out;
}

static const char CLOCK[] = "local real = redis\n"
                            "local redis = { call = function(name, ...)\n"
                            "  if name == 'TIME' then return { ARGV[9], ARGV[10] } end\n"
                            "  return real.call(name, ...)\n"
                            "end }\n";

TEST(a_clock_of_Redis_that_is_set_back_locks_nobody_out_for_longer_than_a_full_bucket_takes)
{
    struct pl_arena *arena = pl_arena_new();
    const char *script = pl_arena_printf(arena, "%s%s", CLOCK, gateway_limiter[0].text);
    struct limit_verdict got;

    redis_start(NULL, NULL);
    CHECK(ask_at(script, CASES_BEGIN, 5).allowed);
    got = ask_at(script, CASES_BEGIN - 100 * CASES_TICK, 1);
    CHECK(!got.allowed);
    CHECK_INT(got.remaining, ==, 0);
    CHECK_INT(got.retry_us, <=, 6 * CASES_TICK);
    got = ask_at(script, CASES_BEGIN - 94 * CASES_TICK, 1);
    CHECK(got.allowed);
    redis_kill();
    pl_arena_destroy(&arena);
}

TEST(the_script_gives_what_the_table_of_cases_says)
{
    struct pl_arena *arena = pl_arena_new();
    const char *script = pl_arena_printf(arena, "%s%s", CLOCK, gateway_limiter[0].text);

    redis_start(NULL, NULL);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct limit_case *c = &CASES[i];
        struct limit_verdict got =
            ask_at(script, CASES_BEGIN + (int64_t)(c->at * CASES_TICK), c->cost);

        CHECK_THAT(got.allowed == c->allowed, "row %zu: allowed %d", i, got.allowed);
        CHECK_INT(got.remaining, ==, c->remaining);
        CHECK_INT(got.retry_us, ==, c->retry < 0 ? -1 : c->retry * CASES_TICK);
        CHECK_INT(got.reset_us, ==, c->reset * CASES_TICK);
    }
    redis_kill();
    pl_arena_destroy(&arena);
}

TEST(an_address_is_a_socket_or_a_host)
{
    static const char *const WRONG[] = { "unix:redis.sock", "unix:",           "redis://",
                                         "redis://h:0",     "redis://h:70000", "redis://h:1x",
                                         "redis://h/0",     "redis://u@h",     "http://h:1",
                                         "redis://h:",      "redis://[::1" };
    struct redis_address to;

    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct pl_err err = { 0 };

        CHECK_THAT(redis_address_parse(&to, WRONG[i], &err) && err.code == PL_INVALID, "%s",
                   WRONG[i]);
    }
    CHECK_INT(redis_address_parse(&to, "redis://cache", &(struct pl_err){ 0 }), ==, 0);
    CHECK_STR(to.host, "cache");
    CHECK_INT(to.port, ==, 6379);
    CHECK_INT(redis_address_parse(&to, "redis://[::1]:7000", &(struct pl_err){ 0 }), ==, 0);
    CHECK_STR(to.host, "::1");
    CHECK_INT(to.port, ==, 7000);
}
