/* reply -- finishing touches that several handlers put on what they answer.
 */
#ifndef REPLY_H
#define REPLY_H

#include "pl_service.h"

#include "governance.pb-c.h"

/* Read a run for an answer: with its first ${findings} findings and its links.  *record_runs
 * may be NULL. */
int reply_run(struct pl_call *call, const char *api, const char *which, int64_t findings,
              Governance__Run **out, int64_t *record_runs);

#endif
