#include "sign.h"

#include "pl_buf.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PREFIX    "whsec_"
#define KEY_LEAST 24
#define KEY_MOST  64

char *
sign_new_secret(struct pl_arena *arena)
{
    unsigned char key[32];
    char text[sodium_base64_ENCODED_LEN(sizeof key, sodium_base64_VARIANT_ORIGINAL)];
    char *secret;

    randombytes_buf(key, sizeof key);
    sodium_bin2base64(text, sizeof text, key, sizeof key, sodium_base64_VARIANT_ORIGINAL);
    secret = pl_arena_printf(arena, PREFIX "%s", text);
    sodium_memzero(key, sizeof key);
    sodium_memzero(text, sizeof text);
    return secret;
}

static int
decode(const char *secret, unsigned char key[KEY_MOST], size_t *length, struct pl_err *err)
{
    const char *text = secret + sizeof PREFIX - 1;

    if (strncmp(secret, PREFIX, sizeof PREFIX - 1) != 0 ||
        sodium_base642bin(key, KEY_MOST, text, strlen(text), NULL, length, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        *length < KEY_LEAST)
        return pl_fail(err, INVALID,
                       "a secret must be \"whsec_\" and the base64 of 24 to 64 bytes");
    return 0;
}

int
sign_check_secret(const char *secret, struct pl_err *err)
{
    unsigned char key[KEY_MOST];
    size_t length = 0;
    int rc = decode(secret, key, &length, err);

    sodium_memzero(key, sizeof key);
    return rc;
}

int
sign_header(const char *const *secrets, int count, const char *id, int64_t timestamp,
            const char *body, size_t length, struct pl_arena *arena, char **out, struct pl_err *err)
{
    struct pl_buf header = { .arena = arena };
    char *signed_head = pl_arena_printf(arena, "%s.%" PRId64 ".", id, timestamp);

    for (int i = 0; i < count; i++) {
        crypto_auth_hmacsha256_state state;
        unsigned char key[KEY_MOST], mac[crypto_auth_hmacsha256_BYTES];
        char text[sodium_base64_ENCODED_LEN(sizeof mac, sodium_base64_VARIANT_ORIGINAL)];
        size_t key_length = 0;

        if (decode(secrets[i], key, &key_length, err))
            return -1;
        crypto_auth_hmacsha256_init(&state, key, key_length);
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)signed_head,
                                      strlen(signed_head));
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, length);
        crypto_auth_hmacsha256_final(&state, mac);
        sodium_bin2base64(text, sizeof text, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
        pl_buf_printf(&header, "%sv1,%s", i ? " " : "", text);
        sodium_memzero(key, sizeof key);
        sodium_memzero(&state, sizeof state);
    }
    *out = pl_arena_strdup(arena, pl_buf_text(&header));
    return 0;
}
