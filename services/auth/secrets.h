/* secrets -- random ids and tokens, their hashes, and the box with a refresh token's successor. */
#ifndef SECRETS_H
#define SECRETS_H

#include "pl_arena.h"
#include "store.h"

#define TOKEN_BYTES 32

/* "usr_<20 hex digits>": ids stand in paths and logs, so that none looks like an option or a
 * secret. */
char *secret_id(struct pl_arena *arena, const char *prefix);

/* A fresh random text behind a prefix, which secret scanners know it by. */
char *secret_token(struct pl_arena *arena, const char *prefix);

/* What is kept of a token: 32 random bytes need no slow hash. */
void secret_hash(const char *token, unsigned char hash[HASH_BYTES]);

/* Lock ${token} up so that only who has ${key}, another token, can read it. */
void secret_seal(const char *token, const char *key, const char *prefix,
                 unsigned char sealed[SEALED_BYTES]);

/* Open that box; NULL if it is damaged or of another key. */
char *secret_open(const unsigned char *sealed, size_t length, const char *key, const char *prefix,
                  struct pl_arena *arena);

#endif
