/* The rule, row by row, and the table of this process. */
#include "limiter.h"
#include "limiter_cases.h"
#include "limiter_local.h"

#include "pl_check.h"

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
            CHECK(limit_ask_locally(&limit, client, 5000000).allowed == (i < 3));
    CHECK_INT(limit_local_count(5000000), ==, 50);
    CHECK_INT(limit_local_count(9000000), ==, 0);
    CHECK(limit_ask_locally(&limit, 7, 6000000).allowed);
    CHECK(!limit_ask_locally(&limit, 7, 6000000).allowed);
}

TEST(of_a_million_clients_the_table_keeps_a_bounded_number_and_those_who_asked_most)
{
    const struct limit limit = { 1000000, 20 };
    int kept = 0;

    limit_local_forget();
    for (uint64_t client = 1; client <= 64; client++)
        for (int i = 0; i < 20; i++)
            limit_ask_locally(&limit, client << 32, 5000000);
    for (uint64_t client = 1; client <= 1000000; client++)
        CHECK(limit_ask_locally(&limit, client, 5000000).allowed);
    CHECK_INT(limit_local_count(5000000), <=, LIMIT_LOCAL_KEYS);
    CHECK_INT(limit_local_count(5000000), >, LIMIT_LOCAL_KEYS / 2);
    for (uint64_t client = 1; client <= 64; client++)
        kept += !limit_ask_locally(&limit, client << 32, 5000000).allowed;
    CHECK_INT(kept, ==, 64);
    limit_local_forget();
}

TEST(a_client_is_an_IPv4_address_or_an_IPv6_network_of_64_bits)
{
    CHECK(limiter_client("192.0.2.1") == limiter_client("::ffff:192.0.2.1"));
    CHECK(limiter_client("192.0.2.1") != limiter_client("192.0.2.2"));
    CHECK(limiter_client("2001:db8:0:1::1") == limiter_client("2001:db8:0:1:ffff::2"));
    CHECK(limiter_client("2001:db8:0:1::1") != limiter_client("2001:db8:0:2::1"));
    CHECK(limiter_client("::1") != limiter_client("127.0.0.1"));
    CHECK(limiter_client("") == limiter_client("nonsense"));
    CHECK(limiter_client("") != limiter_client("255.255.255.255"));
}
