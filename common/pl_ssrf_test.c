#include "pl_check.h"
#include "pl_ssrf.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/un.h>

/* The verdict on a connected address given as text. */
static const char *
verdict(const char *text, const struct pl_ssrf_list *allow)
{
    struct sockaddr_in four = { .sin_family = AF_INET };
    struct sockaddr_in6 six = { .sin6_family = AF_INET6 };

    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return pl_ssrf_refuses((const struct sockaddr *)&four, allow);
    if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
        return pl_ssrf_refuses((const struct sockaddr *)&six, allow);
    return "the test is wrong";
}

static const char *const SPECIAL[] = {
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "169.254.169.254",
    "169.254.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "0.0.0.0",
    "0.1.2.3",
    "192.0.0.1",
    "192.0.0.171",
    "192.0.2.1",
    "198.51.100.7",
    "203.0.113.9",
    "192.31.196.1",
    "192.175.48.1",
    "192.52.193.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2001::1",
    "2001:0:53aa::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "3fff::1",
    "3fff:fff::1",
    "2620:4f:8000::1",
    "5f00::1",
    "4000::1",
    "8000::1",
    "e000::1",
    "1fff::1",
};

TEST(special_addresses_are_refused)
{
    for (size_t i = 0; i < sizeof SPECIAL / sizeof SPECIAL[0]; i++)
        CHECK_THAT(verdict(SPECIAL[i], NULL) != NULL, "%s was let through", SPECIAL[i]);
}

static const char *const OPEN[] = {
    "1.1.1.1",         "8.8.8.8",           "9.255.255.255",   "11.0.0.0",
    "100.63.255.255",  "100.128.0.0",       "126.255.255.255", "128.0.0.1",
    "169.253.255.255", "169.255.0.0",       "172.15.255.255",  "172.32.0.0",
    "192.0.1.0",       "192.0.3.0",         "192.167.255.255", "192.169.0.0",
    "198.17.255.255",  "198.20.0.0",        "198.51.99.255",   "198.51.101.0",
    "203.0.112.255",   "203.0.114.0",       "223.255.255.255", "2001:4860:4860::8888",
    "2606:4700::1111", "2a00:1450:4001::1", "2001:200::1",     "2003::1",
    "2400:cb00::1",    "3ffe::1",           "::ffff:8.8.8.8",
};

TEST(public_addresses_are_let_through)
{
    for (size_t i = 0; i < sizeof OPEN / sizeof OPEN[0]; i++)
        CHECK_THAT(verdict(OPEN[i], NULL) == NULL, "%s is refused as %s", OPEN[i],
                   verdict(OPEN[i], NULL));
}

TEST(the_operators_list_opens_exactly_what_it_names)
{
    struct pl_ssrf_list allow;
    struct pl_err err = { 0 };

    CHECK_INT(pl_ssrf_parse("127.0.0.0/8, ::1/128,10.1.0.0/17,fd00::/9", &allow, &err), ==, 0);
    CHECK_INT(allow.count, ==, 4);
    CHECK(verdict("127.9.9.9", &allow) == NULL);
    CHECK(verdict("::ffff:127.0.0.1", &allow) == NULL);
    CHECK(verdict("::1", &allow) == NULL);
    CHECK(verdict("10.1.127.255", &allow) == NULL);
    CHECK(verdict("10.1.128.0", &allow) != NULL);
    CHECK(verdict("fd7f::1", &allow) == NULL);
    CHECK(verdict("fd80::1", &allow) != NULL);
    CHECK(verdict("::2", &allow) != NULL);
    CHECK(verdict("169.254.169.254", &allow) != NULL);
}

TEST(an_empty_list_allows_nothing_and_a_bare_address_itself)
{
    struct pl_ssrf_list allow;
    struct pl_err err = { 0 };

    CHECK_INT(pl_ssrf_parse("", &allow, &err), ==, 0);
    CHECK_INT(allow.count, ==, 0);
    CHECK_INT(pl_ssrf_parse("10.0.0.5", &allow, &err), ==, 0);
    CHECK(verdict("10.0.0.5", &allow) == NULL);
    CHECK(verdict("10.0.0.6", &allow) != NULL);
}

TEST(a_broken_list_is_refused)
{
    static const char *const bad[] = { "localhost",  "127.0.0.0/33", "::1/129",     "10.0.0.0/",
                                       "10.0.0.0/x", "10.0.0/8",     "10.0.0.0/8;", ",",
                                       "10.0.0.0/-1" };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct pl_ssrf_list allow;
        struct pl_err err = { 0 };

        CHECK_THAT(pl_ssrf_parse(bad[i], &allow, &err) == -1, "\"%s\" was taken", bad[i]);
    }
}

TEST(only_internet_sockets_are_opened)
{
    struct sockaddr_un local = { .sun_family = AF_UNIX };

    CHECK(pl_ssrf_refuses((const struct sockaddr *)&local, NULL) != NULL);
}

TEST(a_literal_is_judged_early_and_a_name_is_not)
{
    CHECK_STR(pl_ssrf_refuses_literal("127.0.0.1", NULL), "loopback");
    CHECK_STR(pl_ssrf_refuses_literal("[::1]", NULL), "loopback");
    CHECK_STR(pl_ssrf_refuses_literal("[::ffff:10.0.0.1]", NULL), "a private network");
    CHECK(pl_ssrf_refuses_literal("8.8.8.8", NULL) == NULL);
    CHECK(pl_ssrf_refuses_literal("localhost", NULL) == NULL);
    CHECK(pl_ssrf_refuses_literal("10.0.0.1/8", NULL) == NULL);
}
