/* pl_jwt -- access tokens: Ed25519-signed JWTs of type at+jwt (RFC 9068, RFC 8037, RFC 9864).
 *
 * One verifier for the gateway, for auth and for `plumb token verify`.  It accepts what our own
 * signer writes and little else (RFC 8725): the algorithm, the type and the claims are fixed
 * here and never chosen by the token; a header with any other member (jwk, jku, x5u, crit, zip,
 * ...) is refused, and so is every second spelling of the same token: padding, other base64
 * alphabets, stray bits, white space, duplicate members, S+L.
 */
#ifndef PL_JWT_H
#define PL_JWT_H

#include "pl_arena.h"
#include "pl_buf.h"
#include "pl_err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_JWT_LONGEST  4096 // bytes of a token
#define PL_JWT_LEEWAY_S 60   // RULINGS 35
#define PL_JWK_BYTES    32   // of a public key and of a seed
#define PL_JWK_MOST     16   // keys in a set
#define PL_KID_ROOM     64

/* The public keys that may have signed. */
struct pl_jwk {
    char kid[PL_KID_ROOM];
    unsigned char key[PL_JWK_BYTES];
};
struct pl_jwks {
    struct pl_jwk keys[PL_JWK_MOST];
    int count;
};

/* The thumbprint of a public key (RFC 7638), which is its kid. */
void pl_jwk_thumbprint(const unsigned char key[PL_JWK_BYTES], char kid[PL_KID_ROOM]);

/* Add a key; false if the set is full. */
bool pl_jwks_add(struct pl_jwks *self, const unsigned char key[PL_JWK_BYTES]);

/* Read a JWK Set (RFC 7517).  Keys of other kinds or for other uses are passed over; MALFORMED
 * for what is no key set, INVALID for one with no Ed25519 key or too many. */
int pl_jwks_parse(struct pl_jwks *out, const char *bytes, size_t length, struct pl_err *err);

/* Append the set as JSON. */
void pl_jwks_write(struct pl_buf *out, const struct pl_jwks *self);

/* What a token says.  Texts end at their NUL, none has one inside. */
struct pl_claims {
    const char *issuer, *audience, *subject, *session, *scope, *id;
    const char *binding;           // "" if the token is bound to nothing
    int64_t issued_at, expires_at; // UNIX seconds
};

/* What a token has to be: by whom, for whom, and what time it is. */
struct pl_jwt_rules {
    const char *issuer, *audience;
    int64_t now; // UNIX seconds
};

/* Is it a good token?  NULL if so, and *out says what is in it (in the arena); else why not, a
 * text without anything of the token. */
const char *pl_jwt_verify(const char *token, size_t length, const struct pl_jwks *keys,
                          const struct pl_jwt_rules *rules, struct pl_arena *arena,
                          struct pl_claims *out);

/* Does that key's signature fit?  Exactly 64 bytes; S below the group's order, no point of small
 * order (RFC 8032 section 5.1.7, strictly). */
bool pl_jwt_signature(const unsigned char key[PL_JWK_BYTES], const void *message, size_t length,
                      const void *signature, size_t signature_length);

/* The half that is kept secret. */
struct pl_jwt_signer {
    char kid[PL_KID_ROOM];
    unsigned char secret[64], key[PL_JWK_BYTES];
};
void pl_jwt_signer_open(struct pl_jwt_signer *out, const unsigned char seed[PL_JWK_BYTES]);

/* A fresh token in the arena. */
char *pl_jwt_sign(const struct pl_jwt_signer *self, const struct pl_claims *claims,
                  struct pl_arena *arena);

#endif
