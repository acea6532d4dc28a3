/* access -- who is asking, and may they? (RULINGS 28)
 *
 * A bearer token is looked up in the reactor's cache; else a session's token is verified here
 * (verifier.h), and auth is asked about any other.  With auth away cached
 * tokens go on working; others are 503, for nobody can tell.
 */
#ifndef ACCESS_H
#define ACCESS_H

struct exchange;

/* If the token is in the cache, see whose it is and what they may: so that the limits of an address and of a
 * user are one question.  Nobody is asked and nothing is verified, for the limit comes before that. */
void access_recall(struct exchange *self);

/* Find out who is asking, unless that is known.  When it returns, the exchange is either answered (refused), pending
 * (auth is asked), or may go on; then its principal is set, or NULL where there is no token and
 * none is needed. */
void access_begin(struct exchange *self);

#endif
