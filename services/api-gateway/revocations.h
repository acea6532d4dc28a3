/* revocations -- hears from auth what makes tokens worthless, and new keys (RULINGS 28).
 *
 * An ephemeral reader of auth's Feed: no cursor, nothing retained for it (RULINGS 37).  Whenever it
 * was cut off, all cached tokens are forgotten and the verifier is filled anew by a Call, with the
 * sessions that were revoked meanwhile; so a revocation is heard within a second, and none is
 * lost by a restart of either side.  When auth stays silent for PLUMB_VERIFIER_SECONDS, tokens can
 * no longer be verified.
 */
#ifndef REVOCATIONS_H
#define REVOCATIONS_H

#include "pl_err.h"

/* Start the thread. */
int revocations_start(struct pl_err *err);

/* End it.  Harmless when not started. */
void revocations_stop(void);

#endif
