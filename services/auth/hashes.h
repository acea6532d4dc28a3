/* hashes -- Argon2id in a bounded pool (OWASP: m = 19 MiB, t = 2, p = 1).
 *
 * At most settings.hash_threads passwords are hashed at a time, on whatever thread asks, a little
 * nicer than the rest of the process; at most settings.hash_queue calls wait for their turn, and
 * beyond that the answer is UNAVAILABLE at once, so that a flood of logins slows nothing else.
 */
#ifndef HASHES_H
#define HASHES_H

#include "pl_err.h"

#include <stdbool.h>
#include <stdint.h>

#define HASH_TEXT 128

/* Make the hash that is compared where there is no account.  Once, after the settings. */
int hashes_open(struct pl_err *err);

/* Hash a password.  ${deadline} is a pl_now_ms(): UNAVAILABLE if its turn does not come before. */
int hashes_make(const char *password, char out[HASH_TEXT], int64_t deadline, struct pl_err *err);

/* Does it fit?  ${hash} NULL compares with the hash of nobody: false, after the same time. */
int hashes_check(const char *hash, const char *password, bool *good, int64_t deadline,
                 struct pl_err *err);

/* Was it made with other parameters than new ones are? */
bool hashes_is_old(const char *hash);

/* Take as long as a comparison took lately, without making one. */
void hashes_pretend(void);

#endif
