/* produce_checksums.c -- the hashes, their signature and the key to check it with (F-01..F-10).
 *
 * The metadata, which is signed too, names the run and the set before it, so that the sets of
 * an api form a chain (RULINGS 32). */
#include "producers.h"

#include <sodium.h>
#include <string.h>

int
make_checksums(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    (void)err;
    file_write(out, set->checksums);
    return 0;
}

static void
put(struct pl_arena *arena, struct pl_node *object, const char *key, const char *text)
{
    if (text && text[0])
        pl_node_set(arena, object, key, pl_node_string(arena, text));
}

static struct pl_node *
metadata(const struct artifact_set *set)
{
    const Governance__Run *run = set->from->record->run;
    struct pl_node *node = pl_node_object(set->arena);

    put(set->arena, node, "api", set->from->record->api->api);
    put(set->arena, node, "run", run->id);
    pl_node_set(set->arena, node, "seq", pl_node_integer(set->arena, run->seq));
    put(set->arena, node, "sha", run->sha);
    put(set->arena, node, "branch", run->branch);
    put(set->arena, node, "previous_run", set->from->previous_run);
    put(set->arena, node, "signed_at", set->from->published_at);
    put(set->arena, node, "key_fingerprint", signer_fingerprint(set->from->signer, set->arena));
    return node;
}

int
make_signature(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    const struct publication *from = set->from;
    struct pl_node *document;

    if (from->signer == NULL)
        return 0;
    document = pl_signature_document(set->arena, from->signer, set->checksums,
                                     from->previous_aggregate, metadata(set), err);
    if (document == NULL)
        return -1;
    file_write(out, document);
    return 0;
}

int
make_public_key(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    const struct pl_signer *signer = set->from->signer;
    char text[sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL)];

    (void)err;
    if (signer == NULL)
        return 0;
    sodium_bin2base64(text, sizeof text, signer->public_key, sizeof signer->public_key,
                      sodium_base64_VARIANT_ORIGINAL);
    pl_buf_str(out, text);
    pl_buf_char(out, '\n');
    return 0;
}

char *
signer_fingerprint(const struct pl_signer *signer, struct pl_arena *arena)
{
    char hex[PL_SHA256_HEX];

    pl_sha256_hex(signer->public_key, sizeof signer->public_key, hex);
    return pl_arena_printf(arena, "sha256:%s", hex);
}
