/* Several buckets in one question, tokens in advance, and who shares a limit. */
#include "limiter_fixture.h"
#include "redis_fixture.h"

#include "pl_check.h"

#include <stdlib.h>
#include <string.h>

NEEDS_ENV("REDIS_SERVER");

/* The last answers to two questions. */
struct pair {
    struct limit_answer answers[2];
    int open;
};

static void
keep_pair(void *arg, const struct limit_answer *answers, const char *why)
{
    struct pair *pair = arg;

    CHECK_STR(why ? why : "", "");
    memcpy(pair->answers, answers, sizeof pair->answers);
    pair->open = 0;
}

static struct pair
ask_pair(struct gateway *self, const struct limit_question *questions)
{
    struct pair pair = { .open = 1 };

    if (!limiter_redis_ask(self->limiter, questions, 2, keep_pair, &pair))
        abort();
    while (pair.open)
        turn(self);
    return pair;
}

TEST(of_several_buckets_all_are_charged_or_none)
{
    struct limit_question questions[] = {
        { .key = { 1, 1 }, .limit = { SLOW, 10 }, .cost = 1 },
        { .key = { 1, 2 }, .limit = { SLOW, 2 }, .cost = 1 },
    };
    struct gateway a;
    struct pair pair;

    redis_start(NULL, NULL);
    a = new_gateway(SLOW, 5, 60000);
    wait_until_up(&a);
    for (int i = 0; i < 2; i++)
        ask_pair(&a, questions);
    pair = ask_pair(&a, questions);
    CHECK(!pair.answers[1].verdict.allowed);
    questions[1].shadow = true; // refuses itself, and not the other
    pair = ask_pair(&a, questions);
    CHECK(!pair.answers[1].verdict.allowed);
    CHECK(pair.answers[0].verdict.allowed);
    CHECK_INT(pair.answers[0].verdict.remaining, ==, 7);
    end_gateway(&a);
    redis_kill();
}

TEST(tokens_in_advance_are_debited_bounded_and_never_more_than_the_burst_with_what_is_left)
{
    struct limit_question questions[] = {
        { .key = { 2, 1 }, .limit = { 1000, 1000 }, .cost = 1, .wish = 50, .hold_us = 60000000 },
        { .key = { 2, 2 }, .limit = { 1000, 1000 }, .cost = 1, .wish = 5000, .hold_us = 60000000 },
    };
    struct gateway a;
    struct pair pair;

    redis_start(NULL, NULL);
    a = new_gateway(SLOW, 5, 60000);
    wait_until_up(&a);
    pair = ask_pair(&a, questions);
    CHECK_INT(pair.answers[0].given, ==, 50);
    CHECK_INT(pair.answers[0].verdict.remaining, ==, 1000 - 51);
    CHECK_INT(pair.answers[1].given, ==, 499); // half of what remains, for one gateway
    for (int i = 0; i < 40; i++)
        pair = ask_pair(&a, questions);
    CHECK_INT(pair.answers[0].given, ==, 0); // half of the burst is out, in this period
    CHECK_INT(pair.answers[0].verdict.remaining, <, 500);
    end_gateway(&a);
    redis_kill();
}

TEST(gateways_that_share_the_limit_are_counted)
{
    struct gateway a, b;

    redis_start(NULL, NULL);
    a = new_gateway(SLOW, 5, 60000);
    wait_until_up(&a);
    b = new_gateway(SLOW, 5, 60000);
    wait_until_up(&b);
    while (limiter_redis_gateways(b.limiter) != 2)
        turn(&b);
    while (limiter_redis_gateways(a.limiter) != 2)
        turn(&a);
    end_gateway(&a);
    end_gateway(&b);
    redis_kill();
}

TEST(a_debt_is_charged_even_where_the_answer_is_no)
{
    struct limit_question questions[] = {
        { .key = { 3, 1 }, .limit = { SLOW, 10 }, .cost = 1, .debt = 4 },
        { .key = { 3, 2 }, .limit = { SLOW, 5 }, .cost = 1, .debt = 100 },
    };
    struct gateway a;
    struct pair pair;

    redis_start(NULL, NULL);
    a = new_gateway(SLOW, 5, 60000);
    wait_until_up(&a);
    pair = ask_pair(&a, questions);
    CHECK(pair.answers[0].verdict.allowed && !pair.answers[1].verdict.allowed);
    questions[0].debt = questions[1].debt = 0;
    questions[1].shadow = true;
    pair = ask_pair(&a, questions);
    CHECK_INT(pair.answers[0].verdict.remaining, ==, 5); // 10, less the debt, less one
    CHECK_INT(pair.answers[1].verdict.remaining, ==, 0); // no deeper than empty
    end_gateway(&a);
    redis_kill();
}
