/* limiter_impl -- what limiter.c and limiter_ask.c share. */
#ifndef LIMITER_IMPL_H
#define LIMITER_IMPL_H

#include "limiter.h"

struct limiter_leases;

/* A set of limits and how many exchanges of this reactor still look at it. */
struct limiter_set {
    const struct limits *limits;
    struct limiter_set *next; // older
    int users;
};

struct limiter {
    struct limiter_set *sets; // the first is in force
    unsigned generation;
    struct limiter_redis *redis; // NULL: no Redis
    struct limiter_leases *leases;
};

/* Give back the sets that nobody looks at any more. */
void limiter_tidy(struct limiter *self);

#endif
