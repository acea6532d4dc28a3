/* jwt_fixture -- for tests: a key, its set, and tokens made of any two JSON texts. */
#ifndef JWT_FIXTURE_H
#define JWT_FIXTURE_H

#include "pl_jwt.h"

#include <sodium.h>
#include <string.h>

#define NOW    1800000000
#define ISSUER "https://plumb.example.com"

static const struct pl_jwt_rules RULES = { ISSUER, "plumbline", NOW };
static struct pl_jwt_signer signer;
static struct pl_jwks keys;
static struct pl_arena *arena;

static inline void
fixture_open(void)
{
    unsigned char seed[32];

    if (sodium_init() < 0)
        abort();
    for (int i = 0; i < 32; i++)
        seed[i] = (unsigned char)i;
    arena = pl_arena_new();
    pl_jwt_signer_open(&signer, seed);
    keys = (struct pl_jwks){ .count = 0 };
    pl_jwks_add(&keys, signer.key);
}

static inline struct pl_claims
fixture_claims(void)
{
    return (struct pl_claims){ .issuer = ISSUER,
                               .audience = "plumbline",
                               .subject = "user:usr_1",
                               .session = "ses_1",
                               .scope = "runs:read account",
                               .id = "jti_1",
                               .binding = "",
                               .issued_at = NOW - 10,
                               .expires_at = NOW + 1790 };
}

static inline char *
fixture_base64(const void *bytes, size_t length)
{
    size_t room = sodium_base64_encoded_len(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = pl_arena_alloc(arena, room);

    return sodium_bin2base64(text, room, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* These two texts, rightly signed: whatever is wrong with it is in the texts. */
static inline char *
fixture_token(const void *header, size_t header_length, const void *payload, size_t length)
{
    unsigned char signature[64];
    char *signing = pl_arena_printf(arena, "%s.%s", fixture_base64(header, header_length),
                                    fixture_base64(payload, length));

    crypto_sign_detached(signature, NULL, (const unsigned char *)signing, strlen(signing),
                         signer.secret);
    return pl_arena_printf(arena, "%s.%s", signing, fixture_base64(signature, 64));
}

static inline const char *
fixture_refusal(const char *token, size_t length)
{
    struct pl_claims claims;

    return pl_jwt_verify(token, length, &keys, &RULES, arena, &claims);
}

#endif
