/* guesses -- one look at a password, counted so that nobody gets too many (RULINGS 13). */
#ifndef GUESSES_H
#define GUESSES_H

#include "pl_service.h"
#include "store.h"

/* Is that the account's password?  ${account} NULL: nobody has that (folded) login; it is counted and
 * takes as long all the same.
 *
 * *right tells; if the guess was not even looked at because of a lock, *locked is set and the time
 * of a look has passed.  A transaction is open on return if the password was looked at, with the
 * guess's end and what it locked in it: the handler writes the rest and commits.  UNAVAILABLE when
 * too many are being looked at. */
int guess_password(struct pl_call *call, const struct account *account, const char *login,
                   const char *password, bool *right, bool *locked);

#endif
