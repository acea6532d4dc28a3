/* fixture_fake -- what the tests with a database share: a schema of their own, one worker, a
 * receiver, and short ways to call an operation, to let an event arrive and to run a timer.
 */
#ifndef FIXTURE_FAKE_H
#define FIXTURE_FAKE_H

#include "notifier.h"
#include "receiver_fake.h"

#include "events.pb-c.h"
#include "notifier.pb-c.h"

#include "pl_dispatch.h"
#include "pl_pg.h"
#include "pl_test_db.h"

struct fixture {
    struct pl_test_db *test;
    struct pl_worker worker;
    struct pl_arena *arena;
    struct receiver *receiver;
    Pl__Principal principal; // all powerful unless a test says otherwise
};

/* Settings are those of the environment after "${schedule}" is put in for NOTIFY_SCHEDULE. */
void fixture_set_up(struct fixture *self, const char *schedule);
void fixture_tear_down(struct fixture *self);

/* Ask an operation; the code, and the reply unpacked (NULL unless PL_OK).  */
enum pl_code fixture_call(struct fixture *self, const char *operation,
                          const ProtobufCMessage *request, void **reply);

/* The text of the last refusal. */
extern char fixture_refusal[400];

/* Make an endpoint of ${kind} at ${url} (NULL: the receiver's /hook); its id. */
char *fixture_endpoint(struct fixture *self, const char *name, const char *kind, const char *url);

/* One more endpoint's secret, as it was shown. */
extern char *fixture_secret;

/* Let a notice arrive as event ${id}; 0 or -1. */
int fixture_notice(struct fixture *self, const char *id, const Events__Notice *notice);
int fixture_published(struct fixture *self, const char *id, const char *run);

/* A notice about run "run_1" of "museum": semver_fail, new at this run. */
Events__Notice fixture_example(void);

/* Run the sending timer until it has nothing to do; how many it sent, -1 on failure. */
int fixture_send(struct fixture *self);

/* The same, waiting for what comes due soon, until ${state} has ${count} deliveries; 0, or -1
 * after ten seconds. */
int fixture_send_until(struct fixture *self, const char *state, int count);

/* All deliveries, newest first. */
Notifier__ListDeliveriesReply *fixture_deliveries(struct fixture *self, const char *state);
Notifier__GetDeliveryReply *fixture_delivery(struct fixture *self, const char *id);
Notifier__Endpoint *fixture_get_endpoint(struct fixture *self, const char *id);

/* Run any statement as the service; the first field of its first row, "" if none. */
char *fixture_sql(struct fixture *self, const char *sql);

#endif
