/* pl_example -- the smallest service there is, for tests of the bus and for newcomers.
 *
 *     example.Echo   (ListRunsRequest → ListRunsReply)      says who asked what
 *     example.Now    (ListRunsRequest → ListRunsReply)      the same, without a worker
 *     example.Hold   (ListRunsRequest → ListRunsReply)      answers when pl_example_release() says
 *     example.Take   (CreateRunRequest → CreateRunReply)    measures a body; heavy
 *     example.Give   (GetDocumentRequest → GetDocumentReply) a body of `api` bytes; heavy
 *
 * It borrows other services' messages, having no contract of its own.
 */
#ifndef PL_EXAMPLE_H
#define PL_EXAMPLE_H

#include "pl_service.h"

extern const struct pl_service pl_example;

/* Wait until ${count} calls are held; let them, and all later ones, go on; hold again. */
void pl_example_wait_held(int count);
void pl_example_release(void);
void pl_example_hold(void);

/* How many handlers have run. */
int pl_example_ran(void);

/* What example.Give fills its body with. */
unsigned char pl_example_byte(size_t at);

#endif
