#include "addresses.h"

#include "pl_check.h"

#include <arpa/inet.h>
#include <sys/socket.h>

static const struct sockaddr *
address(const char *text)
{
    static struct sockaddr_in v4;
    static struct sockaddr_in6 v6;

    v4 = (struct sockaddr_in){ .sin_family = AF_INET };
    v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return (struct sockaddr *)&v4;
    if (inet_pton(AF_INET6, text, &v6.sin6_addr) != 1)
        abort();
    return (struct sockaddr *)&v6;
}

TEST(each_address_is_counted_by_itself)
{
    struct addresses *self = addresses_new(1);

    addresses_add(self, address("192.0.2.1"));
    addresses_add(self, address("192.0.2.1"));
    addresses_add(self, address("192.0.2.2"));
    CHECK_INT(addresses_count(self, address("192.0.2.1")), ==, 2);
    CHECK_INT(addresses_count(self, address("192.0.2.2")), ==, 1);
    CHECK_INT(addresses_count(self, address("192.0.2.3")), ==, 0);
    addresses_remove(self, address("192.0.2.1"));
    addresses_remove(self, address("192.0.2.2"));
    addresses_remove(self, address("192.0.2.3"));
    CHECK_INT(addresses_count(self, address("192.0.2.1")), ==, 1);
    CHECK_INT(addresses_count(self, address("192.0.2.2")), ==, 0);
    addresses_destroy(&self);
}

TEST(an_IPv6_network_is_one_client_and_a_mapped_address_is_its_IPv4_one)
{
    struct addresses *self = addresses_new(1);

    addresses_add(self, address("2001:db8:0:1::1"));
    CHECK_INT(addresses_count(self, address("2001:db8:0:1:ffff::2")), ==, 1);
    CHECK_INT(addresses_count(self, address("2001:db8:0:2::1")), ==, 0);
    addresses_add(self, address("::ffff:192.0.2.1"));
    CHECK_INT(addresses_count(self, address("192.0.2.1")), ==, 1);
    CHECK_INT(addresses_count(self, address("::ffff:192.0.2.2")), ==, 0);
    addresses_destroy(&self);
}

TEST(more_addresses_than_expected_are_still_told_apart)
{
    struct addresses *self = addresses_new(1);
    char text[32];

    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "10.0.%d.%d", i / 250, i % 250);
        addresses_add(self, address(text));
    }
    for (int i = 0; i < 1000; i += 2) {
        snprintf(text, sizeof text, "10.0.%d.%d", i / 250, i % 250);
        addresses_remove(self, address(text));
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "10.0.%d.%d", i / 250, i % 250);
        CHECK_INT(addresses_count(self, address(text)), ==, i % 2);
    }
    addresses_destroy(&self);
}

TEST(what_has_no_address_is_not_counted)
{
    struct addresses *self = addresses_new(1);
    const struct sockaddr local = { .sa_family = AF_UNIX };

    addresses_add(self, &local);
    addresses_add(self, NULL);
    CHECK_INT(addresses_count(self, &local), ==, 0);
    CHECK_INT(addresses_count(self, NULL), ==, 0);
    addresses_destroy(&self);
}
