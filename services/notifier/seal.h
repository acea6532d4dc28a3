/* seal -- URLs and signing secrets as they lie in the database: XSalsa20-Poly1305 with a
 * key derived from PLUMB_SECRET_KEY.  A webhook's URL is a credential: it is opened only in the
 * moment of sending.
 */
#ifndef SEAL_H
#define SEAL_H

#include "pl_arena.h"
#include "pl_err.h"

#include <stdbool.h>
#include <stddef.h>

/* Derive the key, once, before threads start.  INVALID in production for a
 * missing or default key or one under 32 characters; elsewhere a fixed key stands in for "". */
int seal_key(const char *secret, bool production, struct pl_err *err);

struct sealed {
    const void *bytes; // NULL: nothing
    size_t length;
};

/* Encrypt ${text}; NULL seals to nothing. */
struct sealed seal(struct pl_arena *arena, const char *text);

/* Decrypt.  INTERNAL if it was sealed under another key or altered; *out is NULL for nothing. */
int unseal(struct pl_arena *arena, struct sealed box, char **out, struct pl_err *err);

/* "prefix_" and 26 characters of base32: random, or made from ${seed} (the same seed gives the
 * same id). */
char *new_id(struct pl_arena *arena, const char *prefix);
char *id_from(struct pl_arena *arena, const char *prefix, const char *seed);

#endif
