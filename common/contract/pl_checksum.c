#include "pl_checksum.h"

#include "sha256.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void
pl_sha256_hex(const void *bytes, size_t length, char out[PL_SHA256_HEX])
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    sha256(bytes, length, digest);
    sodium_bin2hex(out, PL_SHA256_HEX, digest, sizeof digest);
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* SHA-256 of the digests, sorted and joined (RULINGS 8). */
static void
aggregate_digests(const char **digests, int count, char out[PL_SHA256_HEX])
{
    crypto_hash_sha256_state state;
    unsigned char digest[crypto_hash_sha256_BYTES];

    if (count > 0)
        qsort(digests, (size_t)count, sizeof *digests, by_text);
    crypto_hash_sha256_init(&state);
    for (int i = 0; i < count; i++)
        crypto_hash_sha256_update(&state, (const unsigned char *)digests[i], strlen(digests[i]));
    crypto_hash_sha256_final(&state, digest);
    sodium_bin2hex(out, PL_SHA256_HEX, digest, sizeof digest);
}

void
pl_checksum_aggregate(const struct pl_checksum *sums, int count, char out[PL_SHA256_HEX])
{
    struct pl_arena *arena = pl_arena_new();
    const char **digests = pl_arena_alloc(arena, (size_t)count * sizeof *digests);

    for (int i = 0; i < count; i++)
        digests[i] = sums[i].sha256;
    aggregate_digests(digests, count, out);
    pl_arena_destroy(&arena);
}

static int
by_path(const void *a, const void *b)
{
    return strcmp(((const struct pl_checksum *)a)->path, ((const struct pl_checksum *)b)->path);
}

struct pl_node *
pl_checksum_document(struct pl_arena *arena, struct pl_checksum *sums, int count)
{
    struct pl_node *document = pl_node_object(arena), *artifacts = pl_node_array(arena);
    char aggregate[PL_SHA256_HEX];

    if (count > 0)
        qsort(sums, (size_t)count, sizeof *sums, by_path);
    pl_checksum_aggregate(sums, count, aggregate);
    pl_node_set(arena, document, "algorithm", pl_node_string(arena, "sha256"));
    pl_node_set(arena, document, "aggregate_method",
                pl_node_string(arena, "sha256(concat(sort(hex)))"));
    pl_node_set(arena, document, "aggregate_sha256", pl_node_string(arena, aggregate));
    pl_node_set(arena, document, "count", pl_node_integer(arena, count));
    pl_node_set(arena, document, "artifacts", artifacts);
    for (int i = 0; i < count; i++) {
        struct pl_node *row = pl_node_push(arena, artifacts, pl_node_object(arena));

        pl_node_set(arena, row, "path", pl_node_string(arena, sums[i].path));
        pl_node_set(arena, row, "sha256", pl_node_string(arena, sums[i].sha256));
        pl_node_set(arena, row, "size", pl_node_integer(arena, (int64_t)sums[i].size));
    }
    return document;
}

/* Do the figures of checksums.json agree with each other? */
int
pl_checksum_check(const struct pl_node *checksums, struct pl_arena *arena, struct pl_err *err)
{
    const struct pl_node *artifacts = pl_node_get(checksums, "artifacts");
    const char *claimed = pl_node_text(pl_node_get(checksums, "aggregate_sha256"), "");
    const char *algorithm = pl_node_text(pl_node_get(checksums, "algorithm"), "sha256");
    char actual[PL_SHA256_HEX];
    const char **digests;

    if (!pl_node_is(artifacts, PL_ARRAY))
        return pl_fail(err, INVALID, "the checksums name no artifacts");
    if (strcmp(algorithm, "sha256") != 0)
        return pl_fail(err, INVALID, "the checksum algorithm \"%.40s\" is not known", algorithm);
    if (pl_node_int(pl_node_get(checksums, "count"), -1) != (int64_t)artifacts->count)
        return pl_fail(err, INVALID, "the checksums name %u artifacts but count says otherwise",
                       artifacts->count);
    digests = pl_arena_alloc(arena, artifacts->count * sizeof *digests);
    for (uint32_t i = 0; i < artifacts->count; i++) {
        const struct pl_node *row = artifacts->items[i];
        const char *path = pl_node_text(pl_node_get(row, "path"), "");

        digests[i] = pl_node_text(pl_node_get(row, "sha256"), "");
        if (*path == '\0' || strlen(digests[i]) != PL_SHA256_HEX - 1 ||
            strspn(digests[i], "0123456789abcdef") != PL_SHA256_HEX - 1)
            return pl_fail(err, INVALID, "the checksum of artifact %u (\"%.80s\") is not usable", i,
                           path);
    }
    aggregate_digests(digests, (int)artifacts->count, actual);
    if (strcmp(actual, claimed) != 0)
        return pl_fail(err, INVALID, "the aggregate is %s, the checksums say \"%.64s\"", actual,
                       claimed);
    return 0;
}
