/* bridge_test -- for tests of handlers: the whole service below the socket, bytes to bytes, against a
 * real database that each test makes and drops.
 */
#ifndef BRIDGE_TEST_H
#define BRIDGE_TEST_H

#include "bridge.h"

#include "pl_dispatch.h"

extern struct pl_worker worker;
extern struct pl_arena *arena;
extern const char *key;       // the Idempotency-Key of what is asked next, or NULL
extern const Pl__Reply *said; // what came with the last reply

void set_up(void);
void tear_down(void);

/* The reply of ${operation}, or NULL if it failed. */
const void *call(const char *operation, const ProtobufCMessage *message);

/* The one text that ${sql} selects. */
const char *ask(const char *sql);

/* The types of all events in their order, joined by spaces. */
const char *events(void);

/* Each makes one call; NULL if it failed. */
const Bridge__Input *submit(char *title, char *tag, char *owner, int64_t impact);
const Bridge__Input *move(const char *id, const char *status, const char *if_match);
const Bridge__Experiment *approve(const char *id);

#endif
