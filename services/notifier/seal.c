#include "seal.h"

#include <sodium.h>
#include <string.h>

#define CONTEXT "plumbline notifier: urls and secrets, 1"

static const char DEVELOPMENT_KEY[] = "plumbline-development-key-not-for-production";
static const unsigned char VERSION = 1; // first byte of every box

static unsigned char key[crypto_secretbox_KEYBYTES];

int
seal_key(const char *secret, bool production, struct pl_err *err)
{
    bool given = secret && *secret;

    if (sodium_init() < 0)
        return pl_fail(err, INTERNAL, "libsodium could not start");
    if (production && !given)
        return pl_fail(err, INVALID, "PLUMB_SECRET_KEY must be set in production");
    if (production && (strlen(secret) < 32 || strcmp(secret, DEVELOPMENT_KEY) == 0))
        return pl_fail(err, INVALID,
                       "PLUMB_SECRET_KEY must be your own and at least 32 characters long");
    if (!given)
        secret = DEVELOPMENT_KEY;
    crypto_generichash(key, sizeof key, (const unsigned char *)secret, strlen(secret),
                       (const unsigned char *)CONTEXT, sizeof CONTEXT - 1);
    return 0;
}

struct sealed
seal(struct pl_arena *arena, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    size_t size = 1 + crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + length;
    unsigned char *box;

    if (text == NULL)
        return (struct sealed){ 0 };
    box = pl_arena_alloc(arena, size);
    box[0] = VERSION;
    randombytes_buf(box + 1, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(box + 1 + crypto_secretbox_NONCEBYTES, (const unsigned char *)text,
                          length, box + 1, key);
    return (struct sealed){ box, size };
}

int
unseal(struct pl_arena *arena, struct sealed box, char **out, struct pl_err *err)
{
    const unsigned char *bytes = box.bytes;
    size_t head = 1 + crypto_secretbox_NONCEBYTES;

    *out = NULL;
    if (bytes == NULL || box.length == 0)
        return 0;
    if (box.length < head + crypto_secretbox_MACBYTES || bytes[0] != VERSION)
        return pl_fail(err, INTERNAL, "a stored secret has an unknown form");
    *out = pl_arena_alloc(arena, box.length - head - crypto_secretbox_MACBYTES + 1);
    if (crypto_secretbox_open_easy((unsigned char *)*out, bytes + head, box.length - head,
                                   bytes + 1, key) != 0) {
        *out = NULL;
        return pl_fail(err, INTERNAL, "a stored secret cannot be opened with PLUMB_SECRET_KEY");
    }
    return 0;
}

static char *
base32_id(struct pl_arena *arena, const char *prefix, const unsigned char bytes[17])
{
    static const char ALPHABET[] = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's
    char text[27] = "";

    for (int i = 0; i < 26; i++) {
        int bit = i * 5;
        unsigned two = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];

        text[i] = ALPHABET[two >> (11 - bit % 8) & 31];
    }
    return pl_arena_printf(arena, "%s_%s", prefix, text);
}

char *
new_id(struct pl_arena *arena, const char *prefix)
{
    unsigned char bytes[18];

    randombytes_buf(bytes, sizeof bytes);
    return base32_id(arena, prefix, bytes);
}

char *
id_from(struct pl_arena *arena, const char *prefix, const char *seed)
{
    unsigned char bytes[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(bytes, (const unsigned char *)seed, strlen(seed));
    return base32_id(arena, prefix, bytes);
}
