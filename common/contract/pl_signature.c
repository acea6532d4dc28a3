/* The signed payload, the signature document and its check (F-06..F-11, RULINGS 9, 32). */
#include "pl_checksum.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define BASE64     sodium_base64_VARIANT_ORIGINAL
#define KEY_BYTES  crypto_sign_PUBLICKEYBYTES
#define SIGN_BYTES crypto_sign_BYTES

static int
by_path(const void *a, const void *b)
{
    return strcmp(pl_node_text(pl_node_get(*(struct pl_node *const *)a, "path"), ""),
                  pl_node_text(pl_node_get(*(struct pl_node *const *)b, "path"), ""));
}

/* The {path, sha256} pairs, sorted by path. */
static struct pl_node *
signed_artifacts(struct pl_arena *arena, const struct pl_node *checksums)
{
    const struct pl_node *artifacts = pl_node_get(checksums, "artifacts");
    struct pl_node *out = pl_node_array(arena);

    for (uint32_t i = 0; artifacts && i < artifacts->count; i++) {
        struct pl_node *row = pl_node_push(arena, out, pl_node_object(arena));

        for (int k = 0; k < 2; k++) {
            const char *key = k == 0 ? "path" : "sha256";
            const char *text = pl_node_text(pl_node_get(artifacts->items[i], key), "");

            pl_node_set(arena, row, key, pl_node_string(arena, text));
        }
    }
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_path);
    return out;
}

int
pl_checksum_payload(struct pl_buf *out, const struct pl_node *checksums, int format,
                    struct pl_err *err)
{
    struct pl_arena *arena = out->arena;
    struct pl_node *payload = pl_node_object(arena);
    const char *aggregate = pl_node_text(pl_node_get(checksums, "aggregate_sha256"), "");
    int64_t count = pl_node_int(pl_node_get(checksums, "count"), 0);

    if (format != 1 && format != 2)
        return pl_fail(err, INVALID, "the signature format %d is not known", format);
    pl_node_set(arena, payload, "aggregate_sha256", pl_node_string(arena, aggregate));
    pl_node_set(arena, payload, "count", pl_node_integer(arena, count));
    if (format == 2)
        pl_node_set(arena, payload, "artifacts", signed_artifacts(arena, checksums));
    return pl_node_canonical(out, payload, err);
}

static int
decode(const char *text, unsigned char *out, size_t size, const char *what, struct pl_err *err)
{
    size_t length = 0;

    if (text == NULL ||
        sodium_base642bin(out, size, text, strlen(text), " \t\r\n", &length, NULL, BASE64) != 0 ||
        length != size)
        return pl_fail(err, INVALID, "the %s is not base64 of %zu bytes", what, size);
    return 0;
}

static const char *
encode(struct pl_arena *arena, const unsigned char *bytes, size_t size)
{
    char *text = pl_arena_alloc(arena, sodium_base64_ENCODED_LEN(size, BASE64));

    return sodium_bin2base64(text, sodium_base64_ENCODED_LEN(size, BASE64), bytes, size, BASE64);
}

int
pl_signer_open(struct pl_signer *out, const char *seed_base64, struct pl_err *err)
{
    unsigned char seed[crypto_sign_SEEDBYTES];

    if (sodium_init() < 0)
        return pl_fail(err, INTERNAL, "could not start the cryptography library");
    if (decode(seed_base64, seed, sizeof seed, "signing key", err) < 0)
        return -1;
    crypto_sign_seed_keypair(out->public_key, out->secret_key, seed);
    sodium_memzero(seed, sizeof seed);
    return 0;
}

/* Sign ${payload} and set the signature as base64 under ${key}. */
static void
set_signature(struct pl_node *document, const char *key, const struct pl_buf *payload,
              const struct pl_signer *signer)
{
    struct pl_arena *arena = payload->arena;
    unsigned char signature[SIGN_BYTES];

    crypto_sign_detached(signature, NULL, (const unsigned char *)payload->data, payload->length,
                         signer->secret_key);
    pl_node_set(arena, document, key, pl_node_string(arena, encode(arena, signature, SIGN_BYTES)));
}

/* What the set is, beyond its files: which run, and which set came before (RULINGS 32). */
static struct pl_node *
full_metadata(struct pl_arena *arena, const struct pl_node *checksums, const char *previous,
              const struct pl_node *metadata)
{
    struct pl_node *out = pl_node_object(arena);

    pl_node_set(arena, out, "aggregate_sha256", pl_node_get(checksums, "aggregate_sha256"));
    if (previous && *previous)
        pl_node_set(arena, out, "previous_aggregate_sha256", pl_node_string(arena, previous));
    for (uint32_t i = 0; metadata && i < metadata->count; i++)
        if (pl_node_get(out, metadata->members[i].key) == NULL)
            pl_node_set(arena, out, metadata->members[i].key, metadata->members[i].value);
    return out;
}

struct pl_node *
pl_signature_document(struct pl_arena *arena, const struct pl_signer *signer,
                      const struct pl_node *checksums, const char *previous,
                      const struct pl_node *metadata, struct pl_err *err)
{
    struct pl_node *document = pl_node_object(arena);
    struct pl_node *about = full_metadata(arena, checksums, previous, metadata);
    struct pl_buf payload = { .arena = arena }, signed_about = { .arena = arena };

    if (pl_checksum_payload(&payload, checksums, 2, err) < 0 ||
        pl_node_canonical(&signed_about, about, err) < 0)
        return NULL;
    pl_node_set(arena, document, "signature_format_version", pl_node_integer(arena, 2));
    pl_node_set(arena, document, "algorithm", pl_node_string(arena, "ed25519"));
    pl_node_set(arena, document, "aggregate_sha256", pl_node_get(checksums, "aggregate_sha256"));
    pl_node_set(arena, document, "count", pl_node_get(checksums, "count"));
    pl_node_set(arena, document, "public_key",
                pl_node_string(arena, encode(arena, signer->public_key, KEY_BYTES)));
    set_signature(document, "signature", &payload, signer);
    pl_node_set(arena, document, "metadata", about);
    set_signature(document, "metadata_signature", &signed_about, signer);
    return document;
}

/* Where the signature document repeats a figure of the checksums, it must be the same. */
static int
check_repeated(const struct pl_node *checksums, const struct pl_node *signature, struct pl_err *err)
{
    static const char *const KEYS[] = { "aggregate_sha256", "count" };

    for (int i = 0; i < 2; i++) {
        const struct pl_node *said = pl_node_get(signature, KEYS[i]);

        if (said && !pl_node_equal(said, pl_node_get(checksums, KEYS[i])))
            return pl_fail(err, INVALID, "the signature is of another %s", KEYS[i]);
    }
    return 0;
}

static int
check_signature(const struct pl_node *document, const char *key, const struct pl_buf *payload,
                const unsigned char *public_key, struct pl_err *err)
{
    unsigned char sign[SIGN_BYTES];

    if (decode(pl_node_text(pl_node_get(document, key), NULL), sign, sizeof sign, key, err) < 0)
        return -1;
    if (crypto_sign_verify_detached(sign, (const unsigned char *)payload->data, payload->length,
                                    public_key) != 0)
        return pl_fail(err, INVALID, "the %s does not fit the content and the key", key);
    return 0;
}

/* Format 2 signs its metadata too; other signers of the format may have none. */
static int
check_metadata(const struct pl_node *checksums, const struct pl_node *signature,
               const unsigned char *key, struct pl_arena *arena, struct pl_err *err)
{
    const struct pl_node *about = pl_node_get(signature, "metadata");
    struct pl_buf payload = { .arena = arena };

    if (about == NULL)
        return 0;
    if (pl_node_canonical(&payload, about, err) < 0 ||
        check_signature(signature, "metadata_signature", &payload, key, err) < 0)
        return -1;
    if (!pl_node_equal(pl_node_get(about, "aggregate_sha256"),
                       pl_node_get(checksums, "aggregate_sha256")))
        return pl_fail(err, INVALID, "the metadata is of another aggregate_sha256");
    return 0;
}

int
pl_signature_verify(const struct pl_node *checksums, const struct pl_node *signature,
                    const char *public_key, struct pl_arena *arena, struct pl_err *err)
{
    int64_t format = pl_node_int(pl_node_get(signature, "signature_format_version"), 1);
    const char *algorithm = pl_node_text(pl_node_get(signature, "algorithm"), "ed25519");
    const char *inside = pl_node_text(pl_node_get(signature, "public_key"), NULL);
    unsigned char key[KEY_BYTES];
    struct pl_buf payload = { .arena = arena };

    if (sodium_init() < 0)
        return pl_fail(err, INTERNAL, "could not start the cryptography library");
    if (strcmp(algorithm, "ed25519") != 0)
        return pl_fail(err, INVALID, "the signature algorithm \"%.40s\" is not known", algorithm);
    if (format != 1 && format != 2)
        return pl_fail(err, INVALID, "the signature format %lld is not known", (long long)format);
    if (pl_checksum_check(checksums, arena, err) < 0 ||
        check_repeated(checksums, signature, err) < 0 ||
        decode(public_key ? public_key : inside, key, sizeof key, "public key", err) < 0 ||
        pl_checksum_payload(&payload, checksums, (int)format, err) < 0 ||
        check_signature(signature, "signature", &payload, key, err) < 0)
        return -1;
    return format == 1 ? 0 : check_metadata(checksums, signature, key, arena, err);
}

const char *
pl_signature_previous(const struct pl_node *signature)
{
    return pl_node_text(
        pl_node_get(pl_node_get(signature, "metadata"), "previous_aggregate_sha256"), NULL);
}
