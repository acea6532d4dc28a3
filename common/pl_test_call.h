/* pl_test_call -- for tests of handlers: a service below its socket, bytes to bytes, on a database of
 * the test's own (pl_test_db).
 *
 *     pl_test_worker_open(&worker, &service, test);
 *     Pl__Request how = PL__REQUEST__INIT;
 *     how.principal = &who;
 *     said = pl_test_call(&worker, &how, "bridge.GetInput", &request.base, arena, &reply);
 */
#ifndef PL_TEST_CALL_H
#define PL_TEST_CALL_H

#include "pl_dispatch.h"
#include "pl_test_db.h"

#include "envelope.pb-c.h"

/* A worker with an arena and a connection; failing prints why and exits. */
void pl_test_worker_open(struct pl_worker *self, const struct pl_service *service,
                         const struct pl_test_db *test);
void pl_test_worker_close(struct pl_worker *self);

/* What ${operation} says to ${message}.  ${how} names who asks, with which key, from where; without a
 * time it has a minute.  *reply (may be NULL) gets the answer, NULL if it failed; all is in ${arena}. */
const Pl__Reply *pl_test_call(struct pl_worker *worker, Pl__Request *how, const char *operation,
                              const ProtobufCMessage *message, struct pl_arena *arena,
                              void **reply);

/* The first field of what ${sql} brings, or why it failed; in ${arena}. */
char *pl_test_sql(struct pl_worker *worker, const char *sql, struct pl_arena *arena);

#endif
