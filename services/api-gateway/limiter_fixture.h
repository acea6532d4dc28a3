/* limiter_fixture -- a gateway's side of the shared limit, alone in an epoll of its own: for tests. */
#ifndef LIMITER_FIXTURE_H
#define LIMITER_FIXTURE_H

#include "limiter_redis.h"

#define SLOW INT64_C(1000000000) // us between two: none comes back during a test

struct gateway {
    struct limiter_redis *limiter;
    struct limit limit;
    int epoll;
};

/* What became of the questions that were asked. */
struct tally {
    int allowed, limited, timeouts, errors, lost, open;
};

/* At the fixture's Redis, or at another address; ended. */
struct gateway new_gateway_at(const char *address, int64_t interval_us, int64_t burst,
                              int64_t wait_ms);
struct gateway new_gateway(int64_t interval_us, int64_t burst, int64_t wait_ms);
void end_gateway(struct gateway *self);
void turn(struct gateway *self);
bool ask(struct gateway *self, uint64_t client, struct tally *tally);
void settle(struct gateway *self, struct tally *tally);
void wait_until_up(struct gateway *self);
struct tally ask_until_down(struct gateway *self);

#endif
