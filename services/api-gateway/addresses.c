#include "addresses.h"

#include <netinet/in.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define KEY_SIZE 16

struct entry {
    unsigned char key[KEY_SIZE];
    size_t count; // never 0
    struct entry *next;
};

struct addresses {
    unsigned char secret[crypto_shorthash_KEYBYTES];
    size_t mask; // buckets - 1
    struct entry *buckets[];
};

struct addresses *
addresses_new(size_t expected)
{
    struct addresses *self;
    size_t buckets = 64;

    while (buckets < expected)
        buckets *= 2;
    self = calloc(1, sizeof *self + buckets * sizeof *self->buckets);
    if (self == NULL)
        return NULL;
    self->mask = buckets - 1;
    crypto_shorthash_keygen(self->secret);
    return self;
}

void
addresses_destroy(struct addresses **self_p)
{
    struct addresses *self = *self_p;

    if (self == NULL)
        return;
    for (size_t i = 0; i <= self->mask; i++)
        while (self->buckets[i]) {
            struct entry *entry = self->buckets[i];

            self->buckets[i] = entry->next;
            free(entry);
        }
    free(self);
    *self_p = NULL;
}

/* IPv4 as ::ffff:a.b.c.d, whichever way it came; of IPv6 the first half.  False: no address. */
static bool
make_key(unsigned char key[KEY_SIZE], const struct sockaddr *of)
{
    memset(key, 0, KEY_SIZE);
    if (of && of->sa_family == AF_INET) {
        key[10] = key[11] = 0xff;
        memcpy(key + 12, &((const struct sockaddr_in *)of)->sin_addr, 4);
        return true;
    }
    if (of && of->sa_family == AF_INET6) {
        const struct in6_addr *address = &((const struct sockaddr_in6 *)of)->sin6_addr;

        memcpy(key, address, IN6_IS_ADDR_V4MAPPED(address) ? KEY_SIZE : KEY_SIZE / 2);
        return true;
    }
    return false;
}

/* Where the entry with that key is linked from; its end of the chain if there is none. */
static struct entry **
find(struct addresses *self, const unsigned char key[KEY_SIZE])
{
    unsigned char hash[crypto_shorthash_BYTES];
    struct entry **at;
    uint64_t number;

    crypto_shorthash(hash, key, KEY_SIZE, self->secret);
    memcpy(&number, hash, sizeof number);
    at = &self->buckets[number & self->mask];
    while (*at && memcmp((*at)->key, key, KEY_SIZE) != 0)
        at = &(*at)->next;
    return at;
}

size_t
addresses_count(const struct addresses *self, const struct sockaddr *of)
{
    unsigned char key[KEY_SIZE];
    const struct entry *entry;

    if (!make_key(key, of))
        return 0;
    entry = *find((struct addresses *)(uintptr_t)self, key);
    return entry ? entry->count : 0;
}

void
addresses_add(struct addresses *self, const struct sockaddr *of)
{
    unsigned char key[KEY_SIZE];
    struct entry **at;

    if (!make_key(key, of))
        return;
    at = find(self, key);
    if (*at == NULL && (*at = calloc(1, sizeof **at)) != NULL)
        memcpy((*at)->key, key, KEY_SIZE);
    if (*at)
        (*at)->count++;
}

void
addresses_remove(struct addresses *self, const struct sockaddr *of)
{
    unsigned char key[KEY_SIZE];
    struct entry **at, *entry;

    if (!make_key(key, of))
        return;
    at = find(self, key);
    entry = *at;
    if (entry && --entry->count == 0) {
        *at = entry->next;
        free(entry);
    }
}
