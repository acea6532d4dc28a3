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

/* The header fields of every answer about one api (AMB-62): X-API-Version and X-Schema-SHA256 of the
 * last document on the default branch, X-Governance-Status the verdict of the last run there, "none"
 * before the first.  -1 only if the api is not there (any more) or the database is away. */
int reply_headers(struct pl_call *call, const char *api);

#endif
