/* store -- the access tokens.  All SQL of this service is in store.c.
 *
 * Every function takes the database first and the error last, returns 0 or -1, and hands out
 * memory from the arena. */
#ifndef AUTH_STORE_H
#define AUTH_STORE_H

#include "pl_arena.h"
#include "pl_err.h"

#include <stdint.h>

struct pl_pg;

#define HASH_BYTES 32

struct token {
    int64_t seq;
    char *id, *name, *created_by;
    char **scopes, **apis;
    size_t scope_count, api_count;
    char *created_at, *expires_at, *last_used_at, *revoked_at; // "" if never
    int64_t expires_in_s;                                      // -1: does not expire
};

/* Keep a new token; its ${id} is chosen by the caller, its other times come back filled in.
 * ${days} 0: it does not expire. */
int store_add_token(struct pl_pg *db, struct token *token, const unsigned char hash[HASH_BYTES],
                    int64_t days, struct pl_arena *arena, struct pl_err *err);

/* The live token with that hash, and note that it was used (to the minute); UNAUTHENTICATED if
 * there is none, or it is expired or revoked. */
int store_use_token(struct pl_pg *db, const unsigned char hash[HASH_BYTES], struct pl_arena *arena,
                    struct token *out, struct pl_err *err);

/* Tokens older than ${before} (0: from the newest), at most ${limit}. */
int store_list_tokens(struct pl_pg *db, int64_t before, int64_t limit, struct pl_arena *arena,
                      struct token **out, size_t *count, struct pl_err *err);

/* Revoke; *name is what it was called, NULL if it was revoked before.  NOT_FOUND if there is
 * no such token. */
int store_revoke_token(struct pl_pg *db, const char *id, struct pl_arena *arena, char **name,
                       struct pl_err *err);

#endif
