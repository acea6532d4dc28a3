#include "client.h"

#include "exchange.h"
#include "settings.h"

#include "pl_arena.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_PROXIES 64
#define MOST_HOPS    32

/* Addresses are compared as IPv6; an IPv4 one is ::ffff:a.b.c.d. */
struct network {
    unsigned char address[16];
    int bits;
};

static struct network proxies[MOST_PROXIES];
static int proxy_count;

static bool
read_address(const char *text, unsigned char out[16], bool *v4)
{
    static const unsigned char MAPPED[12] = { [10] = 0xff, 0xff };

    *v4 = false;
    if (inet_pton(AF_INET6, text, out) == 1)
        return true;
    memcpy(out, MAPPED, sizeof MAPPED);
    *v4 = inet_pton(AF_INET, text, out + 12) == 1;
    return *v4;
}

static bool
read_network(char *text, struct network *out)
{
    char *slash = strchr(text, '/'), *end = NULL;
    long bits = -1;
    bool v4;

    if (slash) {
        *slash = '\0';
        bits = strtol(slash + 1, &end, 10);
        if (slash[1] < '0' || slash[1] > '9' || *end)
            return false;
    }
    if (!read_address(text, out->address, &v4))
        return false;
    if (bits > (v4 ? 32 : 128))
        return false;
    out->bits = bits < 0 ? 128 : (int)bits + (v4 ? 96 : 0);
    return true;
}

int
client_check(struct pl_err *err)
{
    struct network networks[MOST_PROXIES];
    const char *at = settings.trusted_proxies;
    int count = 0;

    if (strcasecmp(settings.client_header, "X-Forwarded-For") != 0 &&
        strcasecmp(settings.client_header, "Forwarded") != 0)
        return pl_fail(err, INVALID, "PLUMB_CLIENT_HEADER is X-Forwarded-For or Forwarded");
    for (at += strspn(at, ", "); *at; at += strspn(at, ", ")) {
        size_t length = strcspn(at, ", ");
        char text[64];

        if (count == MOST_PROXIES)
            return pl_fail(err, INVALID, "PLUMB_TRUSTED_PROXIES has more than %d entries",
                           MOST_PROXIES);
        snprintf(text, sizeof text, "%.*s", (int)length, at);
        if (length >= sizeof text || !read_network(text, &networks[count++]))
            return pl_fail(err, INVALID, "PLUMB_TRUSTED_PROXIES: \"%.*s\" is no address or network",
                           (int)(length < 60 ? length : 60), at);
        at += length;
    }
    memcpy(proxies, networks, (size_t)count * sizeof *proxies);
    proxy_count = count;
    return 0;
}

static bool
is_within(const unsigned char address[16], const struct network *network)
{
    int bytes = network->bits / 8, rest = network->bits % 8;

    if (memcmp(address, network->address, (size_t)bytes) != 0)
        return false;
    return rest == 0 || ((address[bytes] ^ network->address[bytes]) & (0xff00 >> rest) & 0xff) == 0;
}

static bool
is_trusted(const unsigned char address[16])
{
    for (int i = 0; i < proxy_count; i++)
        if (is_within(address, &proxies[i]))
            return true;
    return false;
}

static bool
is_proxy(const char *text)
{
    unsigned char address[16];
    bool v4;

    return read_address(text, address, &v4) && is_trusted(address);
}

bool
client_is_proxy(const struct sockaddr *peer)
{
    unsigned char address[16] = { [10] = 0xff, [11] = 0xff };

    if (peer->sa_family == AF_INET)
        memcpy(address + 12, &((const struct sockaddr_in *)peer)->sin_addr, 4);
    else if (peer->sa_family == AF_INET6)
        memcpy(address, &((const struct sockaddr_in6 *)peer)->sin6_addr, sizeof address);
    else
        return false;
    return is_trusted(address);
}

/* One hop as it is written: an address, [IPv6], maybe with a port.  False: no address. */
static bool
read_hop(const char *text, size_t length, char out[64])
{
    unsigned char address[16];
    const char *colon;
    bool v4;

    while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    for (; length && (*text == ' ' || *text == '\t'); length--)
        text++;
    if (length > 1 && *text == '"' && text[length - 1] == '"') {
        text++;
        length -= 2;
    }
    if (length && *text == '[') {
        const char *end = memchr(text, ']', length);

        if (end == NULL || (end + 1 < text + length && end[1] != ':'))
            return false;
        length = (size_t)(end - ++text);
    } else if ((colon = memchr(text, ':', length)) &&
               !memchr(colon + 1, ':', length - 1 - (size_t)(colon - text)))
        length = (size_t)(colon - text); // one colon: IPv4 and a port
    if (length == 0 || length > 45)
        return false;
    snprintf(out, 64, "%.*s", (int)length, text);
    return read_address(out, address, &v4);
}

/* The `for` of one element of Forwarded (RFC 7239); the element itself for X-Forwarded-For. */
static bool
read_element(const char *text, size_t length, char out[64])
{
    if (strcasecmp(settings.client_header, "Forwarded") != 0)
        return read_hop(text, length, out);
    for (const char *at = text, *end = text + length; at < end;) {
        const char *stop = memchr(at, ';', (size_t)(end - at));

        if (stop == NULL)
            stop = end;
        while (at < stop && (*at == ' ' || *at == '\t'))
            at++;
        if (stop - at > 4 && strncasecmp(at, "for=", 4) == 0)
            return read_hop(at + 4, (size_t)(stop - at) - 4, out);
        at = stop + 1;
    }
    return false;
}

/* Walk the elements of one field from its end.  True: the search is over. */
static bool
walk(struct exchange *exchange, const struct field *field, int *hops)
{
    size_t end = field->value_length;

    for (;;) {
        size_t begin = end;
        char hop[64];

        while (begin && field->value[begin - 1] != ',')
            begin--;
        if (++*hops > MOST_HOPS || !read_element(field->value + begin, end - begin, hop))
            return true;
        snprintf(exchange->client, sizeof exchange->client, "%s", hop);
        if (!is_proxy(hop))
            return true;
        if (begin == 0)
            return false;
        end = begin - 1;
    }
}

void
client_find(struct exchange *exchange)
{
    int hops = 0;

    if (proxy_count == 0 || !is_proxy(exchange->client))
        return;
    for (size_t i = exchange->head.count; i-- > 0;) {
        const struct field *field = &exchange->head.fields[i];

        if (field->name_length == strlen(settings.client_header) &&
            strncasecmp(field->name, settings.client_header, field->name_length) == 0 &&
            walk(exchange, field, &hops))
            return;
    }
}
