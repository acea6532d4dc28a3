#include "pl_keyring.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
read_line(struct pl_keyring *out, const char *line, int number, struct pl_err *err)
{
    struct pl_ring_key *key = &out->keys[out->count];
    char seed[64];
    long long from, until;
    size_t length = 0;
    int end = 0;

    if (out->count == PL_JWK_MOST)
        return pl_fail(err, INVALID, "there are more than %d keys", PL_JWK_MOST);
    if (sscanf(line, "%lld %lld %63[A-Za-z0-9+/=] %n", &from, &until, seed, &end) != 3 ||
        line[end] || from < 0 || until < 0 ||
        sodium_base642bin(key->seed, PL_JWK_BYTES, seed, strlen(seed), NULL, &length, NULL,
                          sodium_base64_VARIANT_ORIGINAL) ||
        length != PL_JWK_BYTES)
        return pl_fail(err, MALFORMED, "line %d is no key", number);
    key->sign_from = from;
    key->verify_until = until;
    out->count++;
    sodium_memzero(seed, sizeof seed);
    return 0;
}

int
pl_keyring_parse(struct pl_keyring *out, const char *text, struct pl_err *err)
{
    int number = 0;

    memset(out, 0, sizeof *out);
    while (*text) {
        size_t length = strcspn(text, "\n");
        char line[200];

        number++;
        if (length >= sizeof line && *text != '#')
            return pl_fail(err, MALFORMED, "line %d is too long", number);
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        text += length + (text[length] == '\n');
        if (line[0] != '#' && line[strspn(line, " \t\r")] && read_line(out, line, number, err))
            return -1;
    }
    return out->count ? 0 : pl_fail(err, INVALID, "there is no key in it");
}

void
pl_keyring_write(struct pl_buf *out, const struct pl_keyring *self)
{
    char seed[64];

    pl_buf_str(out, "# Keys of access tokens: sign from, verify until, seed.  Secret; `plumb keys "
                    "rotate` writes it.\n");
    for (int i = 0; i < self->count; i++) {
        const struct pl_ring_key *key = &self->keys[i];

        sodium_bin2base64(seed, sizeof seed, key->seed, PL_JWK_BYTES,
                          sodium_base64_VARIANT_ORIGINAL);
        pl_buf_printf(out, "%lld %lld %s\n", (long long)key->sign_from,
                      (long long)key->verify_until, seed);
    }
    sodium_memzero(seed, sizeof seed);
}

static bool
is_over(const struct pl_ring_key *key, int64_t now)
{
    return key->verify_until && key->verify_until <= now;
}

int
pl_keyring_rotate(struct pl_keyring *self, int64_t now, int64_t lead, int64_t overlap,
                  struct pl_err *err)
{
    int kept = 0;

    for (int i = 0; i < self->count; i++) {
        struct pl_ring_key key = self->keys[i];

        if (is_over(&key, now))
            continue;
        if (key.verify_until == 0 || key.verify_until > now + lead + overlap)
            key.verify_until = now + lead + overlap > 0 ? now + lead + overlap : 1;
        self->keys[kept++] = key;
    }
    self->count = kept;
    if (self->count == PL_JWK_MOST)
        return pl_fail(err, INVALID, "there are %d keys, all still needed: wait for one to end",
                       PL_JWK_MOST);
    self->keys[self->count] = (struct pl_ring_key){ .sign_from = kept ? now + lead : 0 };
    randombytes_buf(self->keys[self->count++].seed, PL_JWK_BYTES);
    return 0;
}

const struct pl_ring_key *
pl_keyring_signer(const struct pl_keyring *self, int64_t now)
{
    const struct pl_ring_key *found = NULL;

    for (int i = 0; i < self->count; i++) {
        const struct pl_ring_key *key = &self->keys[i];

        if (key->sign_from <= now && !is_over(key, now) &&
            (found == NULL || key->sign_from >= found->sign_from))
            found = key;
    }
    return found;
}
