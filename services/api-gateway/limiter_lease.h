/* limiter_lease -- what a reactor knows of buckets without asking Redis: tokens that it was given
 * in advance, and until when a bucket is empty.
 *
 * Tokens were taken from the shared bucket before they came here, so that the sum over all
 * gateways never exceeds what is allowed; those that are not used in time are lost.  As many are
 * wished for as were used in the last period of the bucket, at most what its rate gives in one.
 * An empty bucket is believed to be empty until the time that Redis said, a second at most, for
 * somebody may reset it.  A bounded table; what is forgotten costs a question.
 */
#ifndef LIMITER_LEASE_H
#define LIMITER_LEASE_H

#include "limiter_key.h"
#include "limiter_redis.h"
#include "limits.h"

struct limiter_leases;

enum lease { LEASE_ASK, LEASE_TAKEN, LEASE_EMPTY };

struct limiter_leases *limiter_leases_new(void);
void limiter_leases_destroy(struct limiter_leases **self_p);

/* Take ${cost} tokens that are here; if they are, or if the bucket is known to be empty, *verdict
 * says so.  Else Redis has to be asked, with *wish. */
enum lease limiter_lease_take(struct limiter_leases *self, const struct policy *policy,
                              struct limit_key key, int64_t cost, int64_t now_us,
                              struct limit_verdict *verdict, int64_t *wish);

/* Give tokens back that were taken for a request that was refused. */
void limiter_lease_return(struct limiter_leases *self, struct limit_key key, int64_t cost);

/* What Redis said about a question that was asked at ${asked_us}; NULL: nothing.  Did it wish for
 * tokens?  Was the request refused, by whatever bucket? */
void limiter_lease_told(struct limiter_leases *self, const struct policy *policy,
                        struct limit_key key, const struct limit_answer *answer, bool wished,
                        bool refused, int64_t asked_us, int64_t now_us);

/* What is owed to a bucket: allowed here while it could not be asked.  Add to it (or, negative,
 * forgive), and take all of it, to be told with the next question.  Only that of a
 * short while counts: after a long one the buckets have filled again, and nobody knows how far. */
void limiter_lease_owe(struct limiter_leases *self, struct limit_key key, int64_t cost,
                       int64_t now_us);
int64_t limiter_lease_debt(struct limiter_leases *self, struct limit_key key, int64_t now_us);

/* Forget one bucket; or which ones are empty, for the limits changed. */
void limiter_lease_forget(struct limiter_leases *self, struct limit_key key);
void limiter_leases_forget_denials(struct limiter_leases *self);

#endif
