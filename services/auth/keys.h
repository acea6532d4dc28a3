/* keys -- what access tokens are signed with (RULINGS 12).
 *
 * The registry file wins; without one a single key is derived from SUMMARY_AUTH_SECRET, else from
 * SECRET_KEY.  The file is looked at again every second, so that `plumb keys rotate` needs no
 * restart.  All functions are thread-safe.
 */
#ifndef KEYS_H
#define KEYS_H

#include "pl_err.h"
#include "pl_jwt.h"
#include "pl_keyring.h"

/* Read the registry, or derive the key.  Once, after the settings. */
int keys_open(struct pl_err *err);

/* Read the registry again if it has changed.  A bad one is refused and the old one stays. */
int keys_reload(struct pl_err *err);

/* The key that signs now; UNAVAILABLE if none may. */
int keys_signer(struct pl_jwt_signer *out, int64_t now, struct pl_err *err);

/* A copy of the whole registry; wipe it after use. */
void keys_copy(struct pl_keyring *out);

#endif
