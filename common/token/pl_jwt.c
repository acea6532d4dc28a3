#include "pl_jwt.h"

#include "pl_node.h"

#include <sodium.h>
#include <string.h>

#define ALGORITHM "EdDSA" // "Ed25519" (RFC 9864) is accepted, too
#define TYPE      "at+jwt"
#define DIGITS    12 // of a time

static const struct pl_limits LIMITS = { .bytes = PL_JWT_LONGEST, .depth = 3, .nodes = 100 };

bool
pl_jwt_signature(const unsigned char key[PL_JWK_BYTES], const void *message, size_t length,
                 const void *signature, size_t signature_length)
{
    return signature_length == crypto_sign_BYTES &&
           crypto_sign_verify_detached(signature, message, length, key) == 0;
}

/* libsodium takes some bytes above 0x7f for others: only the alphabet itself goes to it. */
static bool
is_base64url(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = text[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return length > 0;
}

/* Undo base64url as strictly as it was done: no padding, no stray bits (libsodium checks). */
static const char *
decode(const char *text, size_t length, struct pl_arena *arena, size_t *out_length)
{
    unsigned char *bytes = pl_arena_alloc(arena, length + 1);

    if (!is_base64url(text, length) ||
        sodium_base642bin(bytes, length, text, length, NULL, out_length, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING))
        return NULL;
    return (const char *)bytes;
}

/* A segment's JSON object, which begins and ends with its braces. */
static struct pl_node *
read_object(const char *text, size_t length, struct pl_arena *arena)
{
    size_t size = 0;
    const char *json = decode(text, length, arena, &size);
    struct pl_err err = { 0 };
    struct pl_node *node;

    if (json == NULL || size < 2 || json[0] != '{' || json[size - 1] != '}')
        return NULL;
    node = pl_json_parse(arena, json, size, &LIMITS, &err);
    return pl_node_is(node, PL_OBJECT) ? node : NULL;
}

/* A text of 1 to 1000 printable characters; NULL for anything else. */
static const char *
text_of(const struct pl_node *object, const char *name)
{
    const struct pl_node *node = pl_node_get(object, name);

    if (!pl_node_is(node, PL_STRING) || node->length < 1 || node->length > 1000)
        return NULL;
    for (size_t i = 0; i < node->length; i++)
        if ((unsigned char)node->text[i] < 0x20 || node->text[i] == 0x7f)
            return NULL;
    return node->text;
}

/* Whole seconds, plainly written; -1 for anything else. */
static int64_t
time_of(const struct pl_node *object, const char *name)
{
    const struct pl_node *node = pl_node_get(object, name);

    if (!pl_node_is(node, PL_NUMBER) || node->length > DIGITS ||
        strspn(node->text, "0123456789") != node->length)
        return -1;
    return pl_node_int(node, -1);
}

static bool
is_for(const struct pl_node *claims, const char *audience)
{
    const struct pl_node *node = pl_node_get(claims, "aud");
    const char *one = text_of(claims, "aud");
    bool found = one && strcmp(one, audience) == 0;

    if (!pl_node_is(node, PL_ARRAY))
        return found;
    for (uint32_t i = 0; i < node->count; i++) {
        if (!pl_node_is(node->items[i], PL_STRING) ||
            strlen(node->items[i]->text) != node->items[i]->length)
            return false;
        found = found || strcmp(node->items[i]->text, audience) == 0;
    }
    return found;
}

static const char *
check_header(const struct pl_node *header, const struct pl_jwks *keys, const struct pl_jwk **key)
{
    const char *algorithm = text_of(header, "alg"), *type = text_of(header, "typ");
    const char *kid = text_of(header, "kid");

    if (header == NULL)
        return "the header cannot be read";
    if (header->count != 3 || algorithm == NULL || type == NULL || kid == NULL)
        return "the header must have alg, typ and kid and nothing else";
    if (strcmp(algorithm, ALGORITHM) != 0 && strcmp(algorithm, "Ed25519") != 0)
        return "the algorithm is not accepted";
    if (strcmp(type, TYPE) != 0)
        return "it is no access token (typ)";
    *key = NULL;
    for (int i = 0; i < keys->count; i++)
        if (strcmp(keys->keys[i].kid, kid) == 0)
            *key = &keys->keys[i];
    return *key ? NULL : "no such key";
}

static const char *
check_times(const struct pl_node *claims, int64_t now, struct pl_claims *out)
{
    int64_t not_before = pl_node_get(claims, "nbf") ? time_of(claims, "nbf") : 0;

    out->issued_at = time_of(claims, "iat");
    out->expires_at = time_of(claims, "exp");
    if (out->issued_at < 0 || out->expires_at < 0 || not_before < 0)
        return "iat, exp or nbf is no time";
    if (out->expires_at <= out->issued_at)
        return "it ends before it begins";
    if (out->issued_at > now + PL_JWT_LEEWAY_S || not_before > now + PL_JWT_LEEWAY_S)
        return "it is not valid yet";
    return now >= out->expires_at + PL_JWT_LEEWAY_S ? "it has expired" : NULL;
}

static const char *
check_claims(const struct pl_node *claims, const struct pl_jwt_rules *rules, struct pl_claims *out)
{
    const struct pl_node *scope = pl_node_get(claims, "scope");

    if (claims == NULL)
        return "the claims cannot be read";
    out->issuer = text_of(claims, "iss");
    out->subject = text_of(claims, "sub");
    out->session = text_of(claims, "sid");
    out->id = text_of(claims, "jti");
    out->scope = text_of(claims, "scope");
    out->binding = pl_node_get(claims, "bnd") ? text_of(claims, "bnd") : "";
    out->audience = rules->audience;
    if (out->issuer == NULL || strcmp(out->issuer, rules->issuer) != 0)
        return "the issuer is another one";
    if (!is_for(claims, rules->audience))
        return "it is for another audience";
    if (out->scope == NULL && pl_node_is(scope, PL_STRING) && scope->length == 0)
        out->scope = "";
    if (!out->subject || !out->session || !out->id || !out->scope || !out->binding)
        return "sub, sid, jti, scope or bnd is missing or no text";
    return check_times(claims, rules->now, out);
}

const char *
pl_jwt_verify(const char *token, size_t length, const struct pl_jwks *keys,
              const struct pl_jwt_rules *rules, struct pl_arena *arena, struct pl_claims *out)
{
    const char *first, *second, *signature, *why;
    const struct pl_jwk *key;
    size_t size = 0;

    memset(out, 0, sizeof *out);
    if (length > PL_JWT_LONGEST)
        return "it is too long";
    first = memchr(token, '.', length);
    second = first ? memchr(first + 1, '.', length - (size_t)(first + 1 - token)) : NULL;
    if (second == NULL)
        return "it has not three parts";
    why = check_header(read_object(token, (size_t)(first - token), arena), keys, &key);
    if (why)
        return why;
    signature = decode(second + 1, length - (size_t)(second + 1 - token), arena, &size);
    if (signature == NULL ||
        !pl_jwt_signature(key->key, token, (size_t)(second - token), signature, size))
        return "the signature does not fit";
    return check_claims(read_object(first + 1, (size_t)(second - first - 1), arena), rules, out);
}

// --- signing -----------------------------------------------------------------------------

void
pl_jwt_signer_open(struct pl_jwt_signer *out, const unsigned char seed[PL_JWK_BYTES])
{
    crypto_sign_seed_keypair(out->key, out->secret, seed);
    pl_jwk_thumbprint(out->key, out->kid);
}

static void
add_segment(struct pl_buf *out, const void *bytes, size_t length)
{
    size_t room = sodium_base64_encoded_len(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = pl_arena_alloc(out->arena, room);

    sodium_bin2base64(text, room, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    pl_buf_str(out, text);
}

static void
add_object(struct pl_buf *out, const struct pl_node *node)
{
    struct pl_buf json = { .arena = out->arena };

    pl_node_write(&json, node, PL_COMPACT);
    add_segment(out, json.data, json.length);
}

static struct pl_node *
claims_node(const struct pl_claims *claims, struct pl_arena *arena)
{
    struct pl_node *node = pl_node_object(arena);

    pl_node_set(arena, node, "iss", pl_node_string(arena, claims->issuer));
    pl_node_set(arena, node, "aud", pl_node_string(arena, claims->audience));
    pl_node_set(arena, node, "sub", pl_node_string(arena, claims->subject));
    pl_node_set(arena, node, "sid", pl_node_string(arena, claims->session));
    pl_node_set(arena, node, "scope", pl_node_string(arena, claims->scope));
    pl_node_set(arena, node, "iat", pl_node_integer(arena, claims->issued_at));
    pl_node_set(arena, node, "exp", pl_node_integer(arena, claims->expires_at));
    pl_node_set(arena, node, "jti", pl_node_string(arena, claims->id));
    if (claims->binding && *claims->binding)
        pl_node_set(arena, node, "bnd", pl_node_string(arena, claims->binding));
    return node;
}

char *
pl_jwt_sign(const struct pl_jwt_signer *self, const struct pl_claims *claims,
            struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };
    struct pl_node *header = pl_node_object(arena);
    unsigned char signature[crypto_sign_BYTES];

    pl_node_set(arena, header, "alg", pl_node_string(arena, ALGORITHM));
    pl_node_set(arena, header, "typ", pl_node_string(arena, TYPE));
    pl_node_set(arena, header, "kid", pl_node_string(arena, self->kid));
    add_object(&out, header);
    pl_buf_char(&out, '.');
    add_object(&out, claims_node(claims, arena));
    crypto_sign_detached(signature, NULL, (const unsigned char *)out.data, out.length,
                         self->secret);
    pl_buf_char(&out, '.');
    add_segment(&out, signature, sizeof signature);
    return out.data;
}
