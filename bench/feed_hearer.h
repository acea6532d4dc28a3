/* feed_hearer -- the consuming process of feed_bench, and what both processes know. */
#ifndef FEED_HEARER_H
#define FEED_HEARER_H

#include "histogram.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define FEED_TYPE "governance.api.changed"

struct pl_test_db;

/* Where everything is; made before the second process is. */
struct feed_names {
    struct pl_test_db *from, *to;
    const char *from_dsn, *to_dsn;
    char keys[32], address[64];
    bool plaintext;
};

/* In shared memory.  The writer says go, reset (forget what was seen, then clear it) and stop. */
struct feed_bench {
    _Atomic bool go, reset, stop;
    _Atomic int64_t applied, ended; // events whose effect is committed
    int64_t first_us, last_us;      // when the first and the last of them were seen
    int64_t first_batch;            // how many were there at the first look
    double cpu_s;                   // of the consuming process
    struct histogram times;
};

/* Two databases, keys and a port.  Exits if it cannot. */
void feed_names_make(struct feed_names *out);
void feed_names_forget(struct feed_names *self);

/* Consume from go until stop; the exit status. */
int feed_hear(struct feed_bench *bench, const struct feed_names *names);

#endif
