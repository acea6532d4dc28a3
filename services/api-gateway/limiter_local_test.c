/* The rule, row by row, and the table of this process. */
#include "limiter_cases.h"
#include "limiter_key.h"
#include "limiter_local.h"

#include "pl_check.h"

static struct limit_verdict
ask_one(const struct limit *limit, uint64_t client, int64_t now_us)
{
    struct limit_local ask = { .limit = *limit, .client = client, .cost = 1 };

    limit_ask_all_locally(&ask, 1, now_us);
    return ask.verdict;
}

TEST(the_rule_gives_what_the_table_of_cases_says)
{
    int64_t tat = 0;

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct limit_case *c = &CASES[i];
        struct limit_verdict got =
            limit_ask(&CASES_LIMIT, &tat, CASES_BEGIN + c->at * CASES_TICK, c->cost);

        CHECK_THAT(got.allowed == c->allowed, "row %zu: allowed %d", i, got.allowed);
        CHECK_INT(got.remaining, ==, c->remaining);
        CHECK_INT(got.retry_us, ==, c->retry < 0 ? -1 : c->retry * CASES_TICK);
        CHECK_INT(got.reset_us, ==, c->reset * CASES_TICK);
    }
}

TEST(a_clock_that_was_set_back_locks_nobody_out_for_longer_than_a_full_bucket_takes)
{
    const struct limit limit = { 100000, 20 };
    int64_t tat = 0;

    limit_ask(&limit, &tat, 100000000, 1);
    CHECK(!limit_ask(&limit, &tat, 50000000, 1).allowed);
    CHECK_INT(limit_ask(&limit, &tat, 50000000, 1).retry_us, ==, 100000);
    CHECK(limit_ask(&limit, &tat, 100000000, 1).allowed);
}

TEST(no_edge_of_a_second_lets_more_through_than_burst_and_rate)
{
    const struct limit limit = { 100000, 20 };
    int64_t tat = 0;
    int allowed = 0;

    for (int i = 0; i < 100; i++)
        allowed += limit_ask(&limit, &tat, 1999000, 1).allowed;
    for (int i = 0; i < 100; i++)
        allowed += limit_ask(&limit, &tat, 2001000, 1).allowed;
    CHECK_INT(allowed, ==, 20);
}

TEST(each_client_has_a_bucket_of_its_own)
{
    const struct limit limit = { 1000000, 3 };

    limit_local_forget();
    for (uint64_t client = 1; client <= 50; client++)
        for (int i = 0; i < 4; i++)
            CHECK(ask_one(&limit, client, 5000000).allowed == (i < 3));
    CHECK_INT(limit_local_count(5000000), ==, 50);
    CHECK_INT(limit_local_count(9000000), ==, 0);
    CHECK(ask_one(&limit, 7, 6000000).allowed);
    CHECK(!ask_one(&limit, 7, 6000000).allowed);
}

TEST(of_several_buckets_none_is_charged_unless_all_that_are_no_shadows_allow_it)
{
    struct limit_local asks[] = { { .limit = { 1000000, 9 }, .client = 1, .cost = 2 },
                                  { .limit = { 1000000, 3 }, .client = 2, .cost = 2 } };

    limit_local_forget();
    limit_ask_all_locally(asks, 2, 5000000);
    CHECK(asks[0].verdict.allowed && asks[1].verdict.allowed);
    limit_ask_all_locally(asks, 2, 5000000);
    CHECK(asks[0].verdict.allowed && !asks[1].verdict.allowed);
    asks[1].shadow = true;
    limit_ask_all_locally(asks, 2, 5000000);
    CHECK_INT(asks[0].verdict.remaining, ==, 5);
    limit_forget_locally(2);
    limit_ask_all_locally(asks, 2, 5000000);
    CHECK(asks[1].verdict.allowed);
    limit_local_forget();
}

TEST(of_a_million_clients_the_table_keeps_a_bounded_number_and_those_who_asked_most)
{
    const struct limit limit = { 1000000, 20 };
    int kept = 0;

    limit_local_forget();
    for (uint64_t client = 1; client <= 64; client++)
        for (int i = 0; i < 20; i++)
            ask_one(&limit, client << 32, 5000000);
    for (uint64_t client = 1; client <= 1000000; client++)
        CHECK(ask_one(&limit, client, 5000000).allowed);
    CHECK_INT(limit_local_count(5000000), <=, LIMIT_LOCAL_KEYS);
    CHECK_INT(limit_local_count(5000000), >, LIMIT_LOCAL_KEYS / 2);
    for (uint64_t client = 1; client <= 64; client++)
        kept += !ask_one(&limit, client << 32, 5000000).allowed;
    CHECK_INT(kept, ==, 64);
    limit_local_forget();
}

TEST(a_client_is_an_IPv4_address_or_an_IPv6_network_of_64_bits)
{
    CHECK(limit_client("192.0.2.1") == limit_client("::ffff:192.0.2.1"));
    CHECK(limit_client("192.0.2.1") != limit_client("192.0.2.2"));
    CHECK(limit_client("2001:db8:0:1::1") == limit_client("2001:db8:0:1:ffff::2"));
    CHECK(limit_client("2001:db8:0:1::1") != limit_client("2001:db8:0:2::1"));
    CHECK(limit_client("::1") != limit_client("127.0.0.1"));
    CHECK(limit_client("") == limit_client("nonsense"));
    CHECK(limit_client("") != limit_client("255.255.255.255"));
}
