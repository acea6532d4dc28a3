/* governance -- what the files of this service share: settings, the worker, the handlers.
 */
#ifndef GOVERNANCE_H
#define GOVERNANCE_H

#include "pl_service.h"

#include "governance.pb-c.h"

struct documents;

/* What one worker thread owns beside its connection. */
struct governance {
    struct documents *documents; // read documents, kept for the next comparison
};

/* settings.c */
extern const struct pl_setting governance_settings[];
extern const char *default_visibility;
extern int64_t document_cache_mib, max_depth, max_nodes, max_aliases, max_steps, max_total_steps,
    max_memory;

int governance_start(struct pl_err *err);
int governance_open_worker(void **self_out, struct pl_err *err);
void governance_close_worker(void **self_p);

/* dispatch.c */
extern const struct pl_endpoint governance_endpoints[];
extern const struct pl_embedded governance_engine_migrations[];

/* handlers_*.c */
pl_handler_fn put_api, get_api, delete_api, list_apis;
pl_handler_fn list_achievements;
pl_handler_fn create_run;
pl_handler_fn list_runs, get_run, list_findings, get_document;
pl_handler_fn list_issues, put_issue_labels;
pl_handler_fn accept_finding, list_accepted, withdraw_acceptance;
pl_handler_fn get_run_record;

/* Set a field of a message that has a has_ beside it. */
#define PUT(message, field, value) ((message)->has_##field = 1, (message)->field = (value))

#endif
