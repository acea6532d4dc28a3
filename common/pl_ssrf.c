#include "pl_ssrf.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), multicast (RFC 5771), and
 * for IPv6 all that is not global unicast (RFC 4291 §2.4).  First match names the reason. */
static const struct {
    const char *range, *why;
} SPECIAL[] = {
    { "127.0.0.0/8", "loopback" },
    { "10.0.0.0/8", "a private network" },
    { "172.16.0.0/12", "a private network" },
    { "192.168.0.0/16", "a private network" },
    { "169.254.0.0/16", "link-local" },
    { "100.64.0.0/10", "a carrier's network" },
    { "0.0.0.0/8", "this network" },
    { "192.0.0.0/24", "reserved for protocols" },
    { "192.0.2.0/24", "for documentation" },
    { "198.51.100.0/24", "for documentation" },
    { "203.0.113.0/24", "for documentation" },
    { "192.31.196.0/24", "an AS112 sink" },
    { "192.175.48.0/24", "an AS112 sink" },
    { "192.52.193.0/24", "for multicast tunnels" },
    { "192.88.99.0/24", "a 6to4 relay" },
    { "198.18.0.0/15", "for benchmarks" },
    { "224.0.0.0/4", "multicast" },
    { "240.0.0.0/4", "reserved" },
    { "::1/128", "loopback" },
    { "::/128", "unspecified" },
    { "64:ff9b::/96", "NAT64" },
    { "64:ff9b:1::/48", "NAT64" },
    { "fc00::/7", "a private network" },
    { "fe80::/10", "link-local" },
    { "ff00::/8", "multicast" },
    { "2001:db8::/32", "for documentation" },
    { "3fff::/20", "for documentation" },
    { "2001::/32", "Teredo" },
    { "2001::/23", "reserved for protocols" },
    { "2002::/16", "6to4" },
    { "2620:4f:8000::/48", "an AS112 sink" },
    { "::/3", "not a public address" },
    { "4000::/2", "not a public address" },
    { "8000::/1", "not a public address" },
};

/* "10.0.0.0/8" or "10.0.0.1"; false if it is neither. */
static bool
parse_range(const char *text, struct pl_ssrf_range *out)
{
    char host[64];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : strlen(text);
    int most;

    if (length >= sizeof host)
        return false;
    memcpy(host, text, length);
    host[length] = '\0';
    *out = (struct pl_ssrf_range){ .family = strchr(host, ':') ? AF_INET6 : AF_INET };
    if (inet_pton(out->family, host, out->bytes) != 1)
        return false;
    most = out->family == AF_INET ? 32 : 128;
    out->bits = most;
    if (slash) {
        size_t digits = strspn(slash + 1, "0123456789");

        if (digits == 0 || digits > 3 || slash[1 + digits] != '\0')
            return false;
        out->bits = atoi(slash + 1);
    }
    return out->bits <= most;
}

int
pl_ssrf_parse(const char *text, struct pl_ssrf_list *out, struct pl_err *err)
{
    const char *s = text;

    *out = (struct pl_ssrf_list){ 0 };
    while (s && *s) {
        size_t length = strcspn(s, ",");
        char one[80];

        while (*s == ' ')
            s++, length--;
        snprintf(one, sizeof one, "%.*s", (int)(length < 79 ? length : 79), s);
        one[strcspn(one, " ")] = '\0';
        if (out->count == PL_SSRF_ALLOW_MAX)
            return pl_fail(err, INVALID, "more than %d ranges are allowed", PL_SSRF_ALLOW_MAX);
        if (!parse_range(one, &out->ranges[out->count++]))
            return pl_fail(err, INVALID, "\"%s\" is not a range of addresses", one);
        s += length;
        if (*s == ',')
            s++;
    }
    return 0;
}

static bool
within(const struct pl_ssrf_range *address, const struct pl_ssrf_range *range)
{
    int whole = range->bits / 8, rest = range->bits % 8;

    if (address->family != range->family || memcmp(address->bytes, range->bytes, (size_t)whole))
        return false;
    return rest == 0 || ((address->bytes[whole] ^ range->bytes[whole]) >> (8 - rest)) == 0;
}

static const char *
refuses(const struct pl_ssrf_range *address, const struct pl_ssrf_list *allow)
{
    for (int i = 0; allow && i < allow->count; i++)
        if (within(address, &allow->ranges[i]))
            return NULL;
    for (size_t i = 0; i < sizeof SPECIAL / sizeof SPECIAL[0]; i++) {
        struct pl_ssrf_range range;

        if (parse_range(SPECIAL[i].range, &range) && within(address, &range))
            return SPECIAL[i].why;
    }
    return NULL;
}

/* An IPv4 address in IPv6 clothes (::ffff:a.b.c.d) is judged as what it is. */
static void
unmap(struct pl_ssrf_range *address)
{
    static const uint8_t MAPPED[12] = { [10] = 0xff, [11] = 0xff };

    if (address->family == AF_INET6 && memcmp(address->bytes, MAPPED, sizeof MAPPED) == 0) {
        memmove(address->bytes, address->bytes + 12, 4);
        address->family = AF_INET;
    }
}

const char *
pl_ssrf_refuses(const struct sockaddr *address, const struct pl_ssrf_list *allow)
{
    struct pl_ssrf_range one = { .family = address->sa_family };

    if (address->sa_family == AF_INET)
        memcpy(one.bytes, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    else if (address->sa_family == AF_INET6)
        memcpy(one.bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    else
        return "not an internet address";
    unmap(&one);
    return refuses(&one, allow);
}

const char *
pl_ssrf_refuses_literal(const char *host, const struct pl_ssrf_list *allow)
{
    struct pl_ssrf_range one;
    char bare[64];
    size_t length = strlen(host);

    if (length > 2 && length < sizeof bare && host[0] == '[' && host[length - 1] == ']')
        snprintf(bare, sizeof bare, "%.*s", (int)(length - 2), host + 1);
    else
        snprintf(bare, sizeof bare, "%s", host);
    if (strchr(bare, '/') || !parse_range(bare, &one))
        return NULL;
    unmap(&one);
    return refuses(&one, allow);
}
