/* pl_checksum -- hashes, the aggregate, the signed payload and its check (F-01..F-12, RULINGS
 * 8, 9, 32): what the publisher makes and `plumb verify` checks offline.
 */
#ifndef PL_CHECKSUM_H
#define PL_CHECKSUM_H

#include "pl_node.h"

#define PL_SHA256_HEX 65 // with its NUL

/* Lowercase hex SHA-256. */
void pl_sha256_hex(const void *bytes, size_t length, char out[PL_SHA256_HEX]);

struct pl_checksum {
    const char *path; // relative to the status folder
    char sha256[PL_SHA256_HEX];
    uint64_t size;
};

/* sha256(concat(sort(hex))): over the hex digests, sorted bytewise, joined without separator. */
void pl_checksum_aggregate(const struct pl_checksum *sums, int count, char out[PL_SHA256_HEX]);

/* checksums.json; the sums are sorted by path on the way. */
struct pl_node *pl_checksum_document(struct pl_arena *arena, struct pl_checksum *sums, int count);

/* Do the figures of a checksums.json agree with each other?  INVALID otherwise. */
int pl_checksum_check(const struct pl_node *checksums, struct pl_arena *arena, struct pl_err *err);

/* What is signed in format 2: RFC 8785 of {"aggregate_sha256","artifacts","count"} (RULINGS 9);
 * in format 1: of {"aggregate_sha256","count"}. */
int pl_checksum_payload(struct pl_buf *out, const struct pl_node *checksums, int format,
                        struct pl_err *err);

/* Ed25519 from base64 of a 32-byte seed. */
struct pl_signer {
    unsigned char public_key[32], secret_key[64];
};
int pl_signer_open(struct pl_signer *out, const char *seed_base64, struct pl_err *err);

/* checksums-signature.json, format 2.  Its `metadata` holds the aggregate, the aggregate of the
 * set before (${previous}; NULL or "" for the first) and the members of ${metadata} (may be
 * NULL), and has a signature of its own: that makes the sets a chain (RULINGS 32) without
 * changing what format 2 signs.  NULL on failure. */
struct pl_node *pl_signature_document(struct pl_arena *arena, const struct pl_signer *signer,
                                      const struct pl_node *checksums, const char *previous,
                                      const struct pl_node *metadata, struct pl_err *err);

/* Does the signature document sign these checksums, and do they add up?  Recognises formats 1
 * and 2 by itself (F-11).  ${public_key} base64, or NULL to trust the one inside.  That one
 * document alone proves only that nothing changed since somebody signed it. */
int pl_signature_verify(const struct pl_node *checksums, const struct pl_node *signature,
                        const char *public_key, struct pl_arena *arena, struct pl_err *err);

/* The aggregate of the set before, as the (verified) metadata says; NULL for the first. */
const char *pl_signature_previous(const struct pl_node *signature);

#endif
