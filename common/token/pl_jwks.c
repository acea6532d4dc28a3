#include "pl_jwt.h"

#include "pl_node.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define X_ROOM 64

static void
encode(const unsigned char *bytes, size_t length, char *text)
{
    sodium_bin2base64(text, X_ROOM, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void
pl_jwk_thumbprint(const unsigned char key[PL_JWK_BYTES], char kid[PL_KID_ROOM])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char x[X_ROOM], json[200];

    encode(key, PL_JWK_BYTES, x);
    snprintf(json, sizeof json, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", x);
    crypto_hash_sha256(digest, (const unsigned char *)json, strlen(json));
    encode(digest, sizeof digest, kid);
}

bool
pl_jwks_add(struct pl_jwks *self, const unsigned char key[PL_JWK_BYTES])
{
    struct pl_jwk *next = &self->keys[self->count];

    if (self->count == PL_JWK_MOST)
        return false;
    memcpy(next->key, key, PL_JWK_BYTES);
    pl_jwk_thumbprint(key, next->kid);
    self->count++;
    return true;
}

static bool
says(const struct pl_node *jwk, const char *name, const char *wanted)
{
    return strcmp(pl_node_text(pl_node_get(jwk, name), ""), wanted) == 0;
}

/* An Ed25519 key for signatures? */
static bool
is_ours(const struct pl_node *jwk)
{
    bool any = pl_node_get(jwk, "alg") == NULL, use = pl_node_get(jwk, "use") == NULL;

    return says(jwk, "kty", "OKP") && says(jwk, "crv", "Ed25519") &&
           (any || says(jwk, "alg", "EdDSA") || says(jwk, "alg", "Ed25519")) &&
           (use || says(jwk, "use", "sig"));
}

/* Take one over, with the name it has; false if there is no room. */
static bool
take(struct pl_jwks *out, const struct pl_node *jwk)
{
    const struct pl_node *x = pl_node_get(jwk, "x"), *kid = pl_node_get(jwk, "kid");
    unsigned char key[PL_JWK_BYTES];
    size_t length = 0;

    if (!is_ours(jwk) || !pl_node_is(x, PL_STRING) ||
        sodium_base642bin(key, sizeof key, x->text, x->length, NULL, &length, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) ||
        length != PL_JWK_BYTES)
        return true;
    if (kid && (!pl_node_is(kid, PL_STRING) || kid->length < 1 || kid->length >= PL_KID_ROOM ||
                strlen(kid->text) != kid->length))
        return true;
    if (!pl_jwks_add(out, key))
        return false;
    if (kid)
        snprintf(out->keys[out->count - 1].kid, PL_KID_ROOM, "%s", kid->text);
    return true;
}

int
pl_jwks_parse(struct pl_jwks *out, const char *bytes, size_t length, struct pl_err *err)
{
    const struct pl_limits limits = { .bytes = 1 << 20, .depth = 8, .nodes = 10000 };
    struct pl_arena *arena = pl_arena_new();
    struct pl_node *root = pl_json_parse(arena, bytes, length, &limits, err);
    const struct pl_node *keys = pl_node_get(root, "keys");
    int failed = 0;

    memset(out, 0, sizeof *out);
    if (root && !pl_node_is(keys, PL_ARRAY))
        failed = pl_fail(err, MALFORMED, "it is no key set: there are no \"keys\"");
    for (uint32_t i = 0; root && !failed && i < keys->count; i++)
        if (!take(out, keys->items[i]))
            failed = pl_fail(err, INVALID, "there are more than %d keys", PL_JWK_MOST);
    if (root && !failed && out->count == 0)
        failed = pl_fail(err, INVALID, "there is no Ed25519 key in it");
    pl_arena_destroy(&arena);
    return root && !failed ? 0 : -1;
}

void
pl_jwks_write(struct pl_buf *out, const struct pl_jwks *self)
{
    struct pl_node *root = pl_node_object(out->arena), *keys = pl_node_array(out->arena);
    char x[X_ROOM];

    pl_node_set(out->arena, root, "keys", keys);
    for (int i = 0; i < self->count; i++) {
        struct pl_node *jwk = pl_node_push(out->arena, keys, pl_node_object(out->arena));

        encode(self->keys[i].key, PL_JWK_BYTES, x);
        pl_node_set(out->arena, jwk, "kty", pl_node_string(out->arena, "OKP"));
        pl_node_set(out->arena, jwk, "crv", pl_node_string(out->arena, "Ed25519"));
        pl_node_set(out->arena, jwk, "use", pl_node_string(out->arena, "sig"));
        pl_node_set(out->arena, jwk, "alg", pl_node_string(out->arena, "EdDSA"));
        pl_node_set(out->arena, jwk, "kid", pl_node_string(out->arena, self->keys[i].kid));
        pl_node_set(out->arena, jwk, "x", pl_node_string(out->arena, x));
    }
    pl_node_write(out, root, PL_COMPACT);
}
