/* limiter_local -- GCRA, the rule of every rate limit here, and a table of it in this process.
 *
 * The rule (ITU-T I.371): a client's TAT is when its bucket will be full again.  A request moves
 * it by the interval and is refused where that leads further ahead than the bucket is deep.  One
 * number a client is all there is to keep.  limiter.lua is the same rule in Redis.
 */
#ifndef LIMITER_LOCAL_H
#define LIMITER_LOCAL_H

#include <stdbool.h>
#include <stdint.h>

/* ${burst} requests at once, and one more each ${interval_us}. */
struct limit {
    int64_t interval_us, burst;
};

struct limit_verdict {
    bool allowed;
    int64_t remaining; // how many more would be allowed now
    int64_t retry_us;  // until as many as were asked for are; 0: allowed, -1: never
    int64_t reset_us;  // until the bucket is full
};

/* Ask for ${cost} at ${now_us} and move *tat if they are allowed.  A TAT that is further ahead
 * than the bucket is deep, for a clock was set back or the limit lowered, is cut to it. */
struct limit_verdict limit_ask(const struct limit *limit, int64_t *tat, int64_t now_us,
                               int64_t cost);

/* One bucket in the table that all threads of the process share. */
struct limit_local {
    struct limit limit;
    uint64_t client;
    int64_t cost;
    bool shadow; // does not refuse the others
    struct limit_verdict verdict;
};

/* Ask for all of them: unless all that are no shadows allow it, none is charged.  The table holds
 * LIMIT_LOCAL_KEYS buckets; of too many, those go first that are the fullest. */
void limit_ask_all_locally(struct limit_local *asks, int count, int64_t now_us);

/* Charge one with what was allowed elsewhere, as far as it holds so much. */
void limit_charge_locally(const struct limit *limit, uint64_t client, int64_t cost, int64_t now_us);

/* Forget one: it is full again. */
void limit_forget_locally(uint64_t client);

#define LIMIT_LOCAL_KEYS 65536

/* How many clients the table holds at ${now_us} whose buckets are not full, and empty it: for
 * tests. */
int limit_local_count(int64_t now_us);
void limit_local_forget(void);

#endif
