/* token_cache -- what auth said about a token, for at most 30 seconds (RULINGS 28).
 *
 * Keyed by a hash of the token under a key of this process, so that neither memory nor timing
 * tells one.  Each reactor has its own; a revocation reaches all of them.
 */
#ifndef TOKEN_CACHE_H
#define TOKEN_CACHE_H

#include "pl_arena.h"

#include "envelope.pb-c.h"

#include <stdint.h>

struct token_cache;

/* Make one, known to token_cache_revoke() until it is destroyed. */
struct token_cache *token_cache_new(void);
void token_cache_destroy(struct token_cache **self_p);

/* Whose token is it?  A copy in the arena; NULL if it is not known (any more). */
Pl__Principal *token_cache_get(struct token_cache *self, const char *token, int64_t now_ms,
                               struct pl_arena *arena);

/* Changes with every revocation: an answer that was asked for under another epoch is not kept,
 * for the token may have been revoked meanwhile. */
uint64_t token_cache_epoch(struct token_cache *self);

/* Remember auth's answer; ${id} is the token's id, ${lives_s} < 0: it does not expire. */
void token_cache_put(struct token_cache *self, const char *token, const char *id,
                     const Pl__Principal *principal, int64_t lives_s, int64_t now_ms,
                     uint64_t epoch);

/* Forget the token with that id in every cache.  NULL: forget all tokens.  Thread-safe. */
void token_cache_revoke(const char *id);

#endif
