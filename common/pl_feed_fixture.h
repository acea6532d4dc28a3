/* pl_feed_fixture -- the Feed end to end, for its tests: real sockets with CURVE, a real database,
 * two replicas on each side.  The service "alpha" hears itself; its second replica and its
 * consumers live in the same process.
 */
#ifndef PL_FEED_FIXTURE_H
#define PL_FEED_FIXTURE_H

#include "pl_feed_consumer.h"
#include "pl_feed_producer.h"
#include "pl_pg.h"
#include "pl_service.h"
#include "pl_test_db.h"

#define PATIENCE_MS 30000

/* The producers' database and the consumers', each with a connection of the test's own. */
extern struct pl_test_db *from, *to;
extern struct pl_pg *out_db, *in_db;
extern struct pl_arena *arena;
extern struct pl_err err;

extern const struct pl_feed_limits limits;
extern const struct pl_listener listeners[];
extern struct pl_feed_producer *producers[2];
extern struct pl_feed_consumer_thread *consumers[2];

/* What the listener shall do: take poison after all, be unavailable, fail now and then, cut its own
 * connection at the nth event; and how often it was unavailable. */
extern _Atomic bool cured, away;
extern _Atomic int flaky, cuts, refused;

/* Databases, keys and addresses; nothing is started yet. */
void set_up(void);
void tear_down(void);

/* One replica of the producer, or of the consumer. */
int start_producer(int i);
int start_consumer(int i);

/* One that waits a minute before it tries an event again. */
int start_patient_consumer(int i);

/* Emit one governance.api.changed; the title "poison" cannot be applied. */
int emit(const char *api, const char *title);

/* The number that ${sql} answers, or -1. */
int64_t ask(struct pl_pg *db, const char *sql);

/* Wait until the consumers' database answers ${wanted}. */
bool becomes(const char *sql, int64_t wanted);

#define EFFECTS "SELECT count(*) FROM effect"
#define CURSOR  "SELECT position FROM feed_cursor"
#define OPEN    "SELECT count(*) FROM dead_letter WHERE state IN ('dead', 'replay')"
#define DISORDER \
    "SELECT count(*) FROM effect a JOIN effect b ON a.n < b.n AND a.position >= b.position"

#endif
