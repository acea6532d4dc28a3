#include "secrets.h"

#include <sodium.h>
#include <string.h>

#define ID_BYTES 10
#define NONCE    crypto_secretbox_NONCEBYTES

char *
secret_id(struct pl_arena *arena, const char *prefix)
{
    unsigned char raw[ID_BYTES];
    char hex[ID_BYTES * 2 + 1];

    randombytes_buf(raw, sizeof raw);
    return pl_arena_printf(arena, "%s%s", prefix, sodium_bin2hex(hex, sizeof hex, raw, sizeof raw));
}

static char *
encode(struct pl_arena *arena, const char *prefix, const unsigned char raw[TOKEN_BYTES])
{
    char text[TOKEN_BYTES * 2];

    sodium_bin2base64(text, sizeof text, raw, TOKEN_BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return pl_arena_printf(arena, "%s%s", prefix, text);
}

char *
secret_token(struct pl_arena *arena, const char *prefix)
{
    unsigned char raw[TOKEN_BYTES];
    char *token;

    randombytes_buf(raw, sizeof raw);
    token = encode(arena, prefix, raw);
    sodium_memzero(raw, sizeof raw);
    return token;
}

void
secret_hash(const char *token, unsigned char hash[HASH_BYTES])
{
    crypto_generichash(hash, HASH_BYTES, (const unsigned char *)token, strlen(token), NULL, 0);
}

/* Not the hash that the database has. */
static void
key_of(const char *token, unsigned char key[crypto_secretbox_KEYBYTES])
{
    static const char PURPOSE[] = "plumbline refresh successor 1";

    crypto_generichash(key, crypto_secretbox_KEYBYTES, (const unsigned char *)token, strlen(token),
                       (const unsigned char *)PURPOSE, sizeof PURPOSE - 1);
}

void
secret_seal(const char *token, const char *key_token, const char *prefix,
            unsigned char sealed[SEALED_BYTES])
{
    unsigned char key[crypto_secretbox_KEYBYTES], raw[TOKEN_BYTES] = { 0 };
    const char *text = token + strlen(prefix);

    sodium_base642bin(raw, sizeof raw, text, strlen(text), NULL, NULL, NULL,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    key_of(key_token, key);
    randombytes_buf(sealed, NONCE);
    crypto_secretbox_easy(sealed + NONCE, raw, sizeof raw, sealed, key);
    sodium_memzero(key, sizeof key);
    sodium_memzero(raw, sizeof raw);
}

char *
secret_open(const unsigned char *sealed, size_t length, const char *key_token, const char *prefix,
            struct pl_arena *arena)
{
    unsigned char key[crypto_secretbox_KEYBYTES], raw[TOKEN_BYTES];
    char *token = NULL;

    if (length != SEALED_BYTES)
        return NULL;
    key_of(key_token, key);
    if (crypto_secretbox_open_easy(raw, sealed + NONCE, SEALED_BYTES - NONCE, sealed, key) == 0)
        token = encode(arena, prefix, raw);
    sodium_memzero(key, sizeof key);
    sodium_memzero(raw, sizeof raw);
    return token;
}
