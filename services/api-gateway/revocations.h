/* revocations -- hears auth.token.revoked and makes every reactor forget that token (RULINGS 28).
 *
 * An ephemeral reader of auth's Feed: no cursor, nothing retained for it (RULINGS 37).  What it
 * misses while the connection is away costs at most the cache's 30 seconds; when the connection
 * is back, all tokens are forgotten, so that it costs less.
 */
#ifndef REVOCATIONS_H
#define REVOCATIONS_H

#include "pl_err.h"

/* Start the thread. */
int revocations_start(struct pl_err *err);

/* End it.  Harmless when not started. */
void revocations_stop(void);

#endif
