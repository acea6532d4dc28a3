/* issues -- what a bad record opens and a recovery closes (E-28, E-32, E-34, E-08, AMB-14).
 */
#ifndef ISSUES_H
#define ISSUES_H

#include "run.h"

struct pl_pg;

/* At a run of the default branch, judged and inserted: open and close what is due, with the
 * events that say so.  Inside the run's transaction. */
int follow_issues(struct pl_pg *db, const Governance__Run *run, const struct judging *judging,
                  struct pl_arena *arena, struct pl_err *err);

#endif
