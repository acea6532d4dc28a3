/* limiter_key -- what a bucket is called: a hash of fixed size of its policy and of the value that
 * the policy counts by, so that no client's text becomes a key. */
#ifndef LIMITER_KEY_H
#define LIMITER_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limit_key {
    uint64_t high, low;
};

#define LIMIT_KEY_TEXT 48 // "plumb:limit:" and 32 digits

struct limit_key limit_key_make(const char *policy, const void *value, size_t length);
bool limit_key_equal(struct limit_key a, struct limit_key b);

/* What it is called in Redis. */
void limit_key_print(struct limit_key key, char out[LIMIT_KEY_TEXT]);

/* The client with that address: an IPv4 address or an IPv6 /64, as one number. */
uint64_t limit_client(const char *address);

#endif
