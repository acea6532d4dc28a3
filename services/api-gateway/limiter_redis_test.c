/* The shared limit against a real Redis: exact, and never in the way when Redis is sick. */
#include "limiter_fixture.h"
#include "redis_fixture.h"

#include "pl_arena.h"
#include "pl_check.h"
#include "pl_health.h"
#include "pl_service.h"
#include "pl_test_port.h"

#include <string.h>
#include <unistd.h>

NEEDS_ENV("REDIS_SERVER");

static const char *
health(struct pl_arena *arena)
{
    Pl__HealthReply reply = PL__HEALTH_REPLY__INIT;

    pl_health_fill(&reply, arena);
    return reply.n_dependencies ? reply.dependencies[0]->state : "";
}

static void
check_health(const char *wanted)
{
    struct pl_arena *arena = pl_arena_new();

    CHECK_STR(health(arena), wanted);
    pl_arena_destroy(&arena);
}

TEST(two_gateways_allow_together_exactly_what_one_would)
{
    struct tally tally = { 0 };
    struct gateway a, b;

    redis_start(NULL, NULL);
    a = new_gateway(SLOW, 100, 60000);
    b = new_gateway(SLOW, 100, 60000);
    wait_until_up(&a);
    wait_until_up(&b);
    for (int i = 0; i < 20; i++) {
        for (int j = 0; j < 8; j++) {
            ask(&a, 1, &tally);
            ask(&b, 1, &tally);
        }
        limiter_redis_flush(b.limiter); // both are under way before either is answered
        while (tally.open > 8)
            turn(&a);
        settle(&b, &tally);
    }
    CHECK_INT(tally.allowed, ==, 100);
    CHECK_INT(tally.limited, ==, 220);
    end_gateway(&a);
    end_gateway(&b);
    redis_kill();
}

TEST(a_key_is_one_string_that_goes_by_itself)
{
    char text[64];
    struct tally tally = { 0 };
    struct gateway a;

    redis_start(NULL, NULL);
    a = new_gateway(SLOW, 5, 60000);
    wait_until_up(&a);
    ask(&a, 0x20010db800000001, &tally);
    settle(&a, &tally);
    redis_say(text, sizeof text, 2,
              (const char *[]){ "TYPE", "plumb:limit:000000000000000020010db800000001" });
    CHECK_STR(text, "string");
    CHECK_INT(REDIS_SAY("PTTL", "plumb:limit:000000000000000020010db800000001"), >, 900000);
    CHECK_INT(REDIS_SAY("PTTL", "plumb:limit:000000000000000020010db800000001"), <=, 1000000);
    CHECK_INT(REDIS_SAY("MEMORY", "USAGE", "plumb:limit:000000000000000020010db800000001"), <=,
              160);
    end_gateway(&a);
    redis_kill();
}

TEST(flushed_scripts_are_said_again_and_nobody_notices)
{
    struct tally tally = { 0 };
    struct gateway a;

    redis_start(NULL, NULL);
    a = new_gateway(SLOW, 5, 60000);
    wait_until_up(&a);
    REDIS_SAY("SCRIPT", "FLUSH");
    for (int i = 0; i < 8; i++)
        ask(&a, 1, &tally);
    settle(&a, &tally);
    CHECK_INT(tally.allowed, ==, 5);
    CHECK_INT(tally.limited, ==, 3);
    end_gateway(&a);
    redis_kill();
}

TEST(a_hung_Redis_is_asked_five_times_and_used_again_when_it_goes_on)
{
    struct tally tally;
    struct gateway a;

    redis_start(NULL, NULL);
    a = new_gateway(SLOW, 1000, 5);
    wait_until_up(&a);
    redis_hang(true);
    tally = ask_until_down(&a);
    CHECK_INT(tally.timeouts, <=, 5); // a beat may have been one of the five
    CHECK_INT(tally.timeouts, >=, 4);
    CHECK_INT(tally.allowed + tally.limited + tally.errors + tally.lost, ==, 0);
    turn(&a);
    check_health("down");
    redis_hang(false);
    wait_until_up(&a);
    check_health("ok");
    end_gateway(&a);
    redis_kill();
}

TEST(an_idle_gateway_notices_a_hung_Redis_too)
{
    struct pl_arena *arena = pl_arena_new();
    struct gateway a;

    redis_start(NULL, NULL);
    a = new_gateway(SLOW, 1000, 5);
    wait_until_up(&a);
    redis_hang(true);
    while (strcmp(health(arena), "ok") == 0)
        turn(&a);
    redis_hang(false);
    end_gateway(&a);
    redis_kill();
    pl_arena_destroy(&arena);
}

TEST(a_killed_Redis_ends_what_was_asked_and_is_used_again_when_it_is_back)
{
    struct tally tally = { 0 };
    struct gateway a;

    redis_start(NULL, NULL);
    a = new_gateway(SLOW, 1000, 60000);
    wait_until_up(&a);
    redis_hang(true);
    for (int i = 0; i < 3; i++)
        ask(&a, 1, &tally);
    turn(&a);
    redis_kill();
    settle(&a, &tally);
    CHECK_INT(tally.lost, ==, 3);
    CHECK(!ask(&a, 1, &tally));
    check_health("down");
    redis_start(NULL, NULL);
    wait_until_up(&a);
    check_health("ok");
    end_gateway(&a);
    redis_kill();
}

static void
check_sickness(int words, const char *const *ill, const char *const *well)
{
    struct tally tally;
    struct gateway a;

    redis_start(NULL, NULL);
    a = new_gateway(SLOW, 1000, 60000);
    wait_until_up(&a);
    CHECK_INT(redis_say(NULL, 0, words, ill), ==, 0);
    tally = ask_until_down(&a);
    CHECK_INT(tally.errors, <=, 5);
    CHECK_INT(tally.errors, >=, 4);
    turn(&a);
    check_health("down");
    CHECK_INT(redis_say(NULL, 0, words, well), ==, 0);
    wait_until_up(&a);
    end_gateway(&a);
    redis_kill();
}

TEST(a_Redis_that_is_full_is_not_asked_until_it_has_room)
{
    check_sickness(4, (const char *[]){ "CONFIG", "SET", "maxmemory", "1" },
                   (const char *[]){ "CONFIG", "SET", "maxmemory", "0" });
}

TEST(a_Redis_that_may_only_be_read_is_not_asked_until_it_is_writable)
{
    check_sickness(3, (const char *[]){ "REPLICAOF", "127.0.0.1", "1" },
                   (const char *[]){ "REPLICAOF", "NO", "ONE" });
}

TEST(replies_that_come_too_late_are_for_nobody)
{
    struct tally tally = { 0 };
    struct gateway a;

    redis_start(NULL, NULL);
    a = new_gateway(SLOW, 1000, 5);
    wait_until_up(&a);
    redis_hang(true);
    ask(&a, 1, &tally);
    settle(&a, &tally);
    CHECK_INT(tally.timeouts, ==, 1);
    redis_hang(false);
    wait_until_up(&a); // the late reply came before
    CHECK_INT(tally.open, ==, 0);
    CHECK_INT(tally.allowed + tally.limited, ==, 0);
    end_gateway(&a);
    redis_kill();
}

TEST(Redis_may_be_a_port_of_a_host_with_a_name)
{
    static const char *const HOSTS[] = { "127.0.0.1", "localhost" };
    struct pl_arena *arena = pl_arena_new();

    for (size_t i = 0; i < 2; i++) {
        const char *port = pl_arena_printf(arena, "%d", pl_test_port());
        struct tally tally = { 0 };
        struct gateway a;

        redis_start("--port", port);
        a = new_gateway_at(pl_arena_printf(arena, "redis://%s:%s", HOSTS[i], port), SLOW, 5, 60000);
        wait_until_up(&a);
        ask(&a, 1, &tally);
        settle(&a, &tally);
        CHECK_INT(tally.allowed, ==, 1);
        end_gateway(&a);
        redis_kill();
    }
    pl_arena_destroy(&arena);
}

TEST(a_name_that_nobody_knows_is_down)
{
    struct pl_arena *arena = pl_arena_new();
    struct gateway a = new_gateway_at("redis://no-such-host.invalid", SLOW, 5, 60000);

    pl_health_forget("redis");
    while (strcmp(health(arena), "down") != 0)
        turn(&a);
    end_gateway(&a);
    pl_arena_destroy(&arena);
}
