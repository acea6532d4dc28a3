/* events -- what this service tells the others (proto/events.proto).  Each belongs into the
 * transaction that makes it true, after the api's row was locked (RULINGS 38).
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "run.h"

struct pl_pg;

/* governance.api.changed */
int emit_api(struct pl_pg *db, const Governance__Api *api, struct pl_err *err);

/* governance.run.completed */
int emit_run(struct pl_pg *db, const Governance__Run *run, struct pl_err *err);

/* governance.notice; only for a run of the default branch that has a reason. */
int emit_notice(struct pl_pg *db, const Governance__Run *run, const struct judging *judging,
                struct pl_arena *arena, struct pl_err *err);

/* governance.issue.opened, governance.issue.closed */
int emit_issue(struct pl_pg *db, const char *type, const Governance__Issue *issue, const char *run,
               struct pl_err *err);

/* governance.finding.accepted, governance.acceptance.withdrawn; ${by}: who asked */
int emit_acceptance(struct pl_pg *db, const char *type, const Governance__Acceptance *acceptance,
                    const char *by, struct pl_err *err);

#endif
