#include "limiter_key.h"

#include <arpa/inet.h>
#include <endian.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define NOBODY UINT64_MAX

struct limit_key
limit_key_make(const char *policy, const void *value, size_t length)
{
    crypto_generichash_state state;
    struct limit_key out;

    crypto_generichash_init(&state, NULL, 0, sizeof out);
    crypto_generichash_update(&state, (const unsigned char *)policy, strlen(policy) + 1);
    crypto_generichash_update(&state, value, length);
    crypto_generichash_final(&state, (unsigned char *)&out, sizeof out);
    return out;
}

bool
limit_key_equal(struct limit_key a, struct limit_key b)
{
    return a.high == b.high && a.low == b.low;
}

void
limit_key_print(struct limit_key key, char out[LIMIT_KEY_TEXT])
{
    snprintf(out, LIMIT_KEY_TEXT, "plumb:limit:%016" PRIx64 "%016" PRIx64, key.high, key.low);
}

uint64_t
limit_client(const char *address)
{
    static const unsigned char MAPPED[12] = { [10] = 0xff, 0xff };
    unsigned char bytes[16];
    uint64_t prefix;
    uint32_t v4;

    if (inet_pton(AF_INET6, address, bytes) == 1 && memcmp(bytes, MAPPED, 12) != 0) {
        memcpy(&prefix, bytes, 8);
        return be64toh(prefix);
    }
    if (strchr(address, ':') == NULL && inet_pton(AF_INET, address, bytes + 12) != 1)
        return NOBODY;
    memcpy(&v4, bytes + 12, 4);
    return 0xffff000000000000u | be32toh(v4); // ff00::/8 is nobody's own address
}
