/* verifier -- checks access tokens of sessions (JWTs) without asking anybody.
 *
 * One for the process, used by all reactors: the keys, whom tokens are for, and the sessions that
 * were revoked while a token of theirs could still be good.  revocations.c keeps it up to date.
 * Until it has been filled once, and again when auth was silent for too long, it does not know:
 * the answer is then 503, never a guess.
 */
#ifndef VERIFIER_H
#define VERIFIER_H

#include "pl_arena.h"
#include "pl_jwt.h"

#include "envelope.pb-c.h"

#include <stdbool.h>

/* Take over keys and names. */
void verifier_set(const struct pl_jwks *keys, const char *issuer, const char *audience);
void verifier_set_keys(const struct pl_jwks *keys);

/* Tokens of this session are refused for so long. */
void verifier_revoke(const char *session, int64_t lives_s);

/* Auth has been heard, and nothing was missed: good for ${lives_ms} from now. */
void verifier_confirm(int64_t lives_ms);

/* Forget everything. */
void verifier_reset(void);

/* Append the public keys; false if they are not known yet. */
bool verifier_write_keys(struct pl_buf *out);

enum verdict { VERIFIER_GOOD, VERIFIER_BAD, VERIFIER_UNKNOWN };

/* What about this token?  When good, *who is its principal in the arena and *lives_s how long it is;
 * when bad, *why says so, for the log. */
enum verdict verifier_check(const char *token, struct pl_arena *arena, Pl__Principal **who,
                            int64_t *lives_s, const char **why);

#endif
