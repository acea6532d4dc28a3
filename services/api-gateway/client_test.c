/* Whose request it is: the connection's address, or what a trusted proxy says. */
#include "client.h"
#include "exchange.h"
#include "settings.h"

#include "pl_check.h"

#include <string.h>

static void
trust(const char *proxies, const char *header)
{
    struct pl_err err = { 0 };

    settings.trusted_proxies = proxies;
    settings.client_header = header;
    CHECK_INT(client_check(&err), ==, 0);
}

static const char *
found(const char *peer, const char *name, const char *first, const char *second)
{
    static struct exchange exchange;
    struct field fields[3] = { { "Host", "a", 4, 1 } };

    exchange = (struct exchange){ 0 };
    snprintf(exchange.client, sizeof exchange.client, "%s", peer);
    exchange.head.fields = fields;
    exchange.head.count = 1;
    for (const char *values[] = { first, second }, **v = values; v < values + 2 && *v; v++)
        fields[exchange.head.count++] = (struct field){
            .name = name, .value = *v, .name_length = strlen(name), .value_length = strlen(*v)
        };
    client_find(&exchange);
    return exchange.client;
}

TEST(nobody_is_believed_who_is_no_trusted_proxy)
{
    trust("", "X-Forwarded-For");
    CHECK_STR(found("10.0.0.1", "X-Forwarded-For", "1.2.3.4", NULL), "10.0.0.1");
    trust("10.0.0.0/8, ::1", "X-Forwarded-For");
    CHECK_STR(found("11.0.0.1", "X-Forwarded-For", "1.2.3.4", NULL), "11.0.0.1");
    CHECK_STR(found("10.0.0.1", "Forwarded", "for=1.2.3.4", NULL), "10.0.0.1");
}

TEST(the_last_address_that_is_no_proxy_counts_and_what_the_client_wrote_does_not)
{
    trust("10.0.0.0/9,::1,2001:db8::/32", "x-forwarded-for");
    CHECK_STR(found("10.0.0.1", "X-Forwarded-For", "1.2.3.4", NULL), "1.2.3.4");
    CHECK_STR(found("::ffff:10.0.0.1", "X-Forwarded-For", "1.2.3.4:555", NULL), "1.2.3.4");
    CHECK_STR(found("10.0.0.1", "X-Forwarded-For", "6.6.6.6, 1.2.3.4 , 10.1.1.1", NULL), "1.2.3.4");
    CHECK_STR(found("10.0.0.1", "X-Forwarded-For", "6.6.6.6", "7.7.7.7,10.1.1.1"), "7.7.7.7");
    CHECK_STR(found("10.0.0.1", "X-Forwarded-For", "6.6.6.6", "10.1.1.1"), "6.6.6.6");
    CHECK_STR(found("10.0.0.1", "X-Forwarded-For", "10.200.0.1", NULL), "10.200.0.1");
    CHECK_STR(found("2001:db8:7::1", "X-Forwarded-For", "2001:db9::5", NULL), "2001:db9::5");
    CHECK_STR(found("::1", "X-Forwarded-For", "[2001:db9::5]:99, [2001:db8::5]", NULL),
              "2001:db9::5");
}

TEST(what_cannot_be_read_counts_for_the_proxy_that_wrote_it)
{
    static const char *const ODD[] = { "",       ",",         "unknown",  "_hidden",
                                       "1.2.3",  "1.2.3.4.5", "[::1",     "[1.2.3.4]x",
                                       "evil\"", "::g",       "999.1.1.1" };

    trust("10.0.0.0/8", "X-Forwarded-For");
    for (size_t i = 0; i < sizeof ODD / sizeof *ODD; i++)
        CHECK_THAT(strcmp(found("10.0.0.1", "X-Forwarded-For", ODD[i], NULL), "10.0.0.1") == 0,
                   "%s", ODD[i]);
    CHECK_STR(found("10.0.0.1", "X-Forwarded-For", "x, 10.0.0.2", NULL), "10.0.0.2");
}

TEST(Forwarded_is_read_by_its_for)
{
    trust("10.0.0.0/8", "Forwarded");
    CHECK_STR(found("10.0.0.1", "Forwarded", "for=1.2.3.4;proto=https;by=10.0.0.2", NULL),
              "1.2.3.4");
    CHECK_STR(found("10.0.0.1", "Forwarded", "proto=http; For=\"[2001:db9::5]:4711\"", NULL),
              "2001:db9::5");
    CHECK_STR(found("10.0.0.1", "Forwarded", "for=6.6.6.6, for=10.0.0.9", NULL), "6.6.6.6");
    CHECK_STR(found("10.0.0.1", "Forwarded", "for=unknown", NULL), "10.0.0.1");
    CHECK_STR(found("10.0.0.1", "Forwarded", "by=6.6.6.6", NULL), "10.0.0.1");
}

TEST(proxies_that_cannot_be_read_stop_the_start)
{
    static const char *const WRONG[] = { "10.0.0.0/33", "::/129",     "proxy",
                                         "10.0.0.0/",   "10.0.0.1/x", "10.0.0.1 banana" };
    struct pl_err err = { 0 };

    settings.client_header = "X-Forwarded-For";
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        settings.trusted_proxies = WRONG[i];
        CHECK_THAT(client_check(&err), "%s", WRONG[i]);
    }
    settings.trusted_proxies = "";
    settings.client_header = "X-Real-IP";
    CHECK(client_check(&err));
    trust("", "X-Forwarded-For");
}
