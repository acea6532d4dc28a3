/* sign -- Standard Webhooks 1.0.0, symmetric (`v1`): HMAC-SHA256 over "{id}.{timestamp}.{body}".
 *
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * A secret is "whsec_" and the base64 of 24 to 64 bytes.  Any of the published verifiers takes
 * what this makes.
 */
#ifndef SIGN_H
#define SIGN_H

#include "pl_arena.h"
#include "pl_err.h"

#include <stddef.h>
#include <stdint.h>

/* Make a fresh secret of 32 bytes. */
char *sign_new_secret(struct pl_arena *arena);

/* INVALID unless ${secret} has the form above. */
int sign_check_secret(const char *secret, struct pl_err *err);

/* The webhook-signature header: one "v1,<base64>" for every secret, separated by spaces; two
 * secrets while one replaces the other.  ${id} must not contain a dot. */
int sign_header(const char *const *secrets, int count, const char *id, int64_t timestamp,
                const char *body, size_t length, struct pl_arena *arena, char **out,
                struct pl_err *err);

#endif
