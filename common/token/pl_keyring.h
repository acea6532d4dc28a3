/* pl_keyring -- the registry of several keys that sign access tokens.
 *
 * A text file, one key a line: `<sign from> <verify until> <seed>`, the times in UNIX seconds (0: as
 * long as nobody says otherwise), the seed 32 bytes in base64.  Lines that begin with # are comments.
 * Rotating adds a key that signs a little later, when every gateway knows it, and lets the ones
 * before verify until the last token that they signed has expired.
 */
#ifndef PL_KEYRING_H
#define PL_KEYRING_H

#include "pl_jwt.h"

struct pl_ring_key {
    int64_t sign_from, verify_until; // 0: no end
    unsigned char seed[PL_JWK_BYTES];
};

struct pl_keyring {
    struct pl_ring_key keys[PL_JWK_MOST];
    int count;
};

/* Read the file's text.  MALFORMED with the line, INVALID for none or too many. */
int pl_keyring_parse(struct pl_keyring *out, const char *text, struct pl_err *err);

/* Append the file's text. */
void pl_keyring_write(struct pl_buf *out, const struct pl_keyring *self);

/* Add a fresh key that signs ${lead} seconds from ${now}; the others verify for ${overlap} more
 * seconds after that, and those whose time is over go.  The first key signs at once.  INVALID if
 * there is no room. */
int pl_keyring_rotate(struct pl_keyring *self, int64_t now, int64_t lead, int64_t overlap,
                      struct pl_err *err);

/* The key that signs now: the one that began last.  NULL if none may. */
const struct pl_ring_key *pl_keyring_signer(const struct pl_keyring *self, int64_t now);

#endif
