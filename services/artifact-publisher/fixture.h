/* fixture -- a database of the publisher's own for tests, emptied before each of them. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "publisher.h"
#include "store.h"

#include "pl_pg.h"

struct fixture {
    struct pl_pg *db;
    struct pl_arena *arena;
    struct pl_err err;
};

/* An empty database, the engine as sample.c tells it, the sample's key. */
struct fixture fixture_open(void);
void fixture_close(struct fixture *self);

/* One more connection to it, for a second replica. */
struct pl_pg *fixture_connect(void);

/* Hear of run ${seq} of the api "museum". */
void fixture_hear(struct fixture *self, int64_t seq);

/* Let every job be due, and run the timer until there is none to take. */
void fixture_publish(struct fixture *self);

/* Run one statement without parameters. */
void fixture_sql(struct fixture *self, const char *sql);

/* The first column of the first row, as a number. */
int64_t fixture_int(struct fixture *self, const char *sql);

#endif
