/* milestones -- weighted completion from an api's project_milestones.json (E-42).
 *
 *     {"categories": [{"name": "auth", "weight": 2,
 *                      "milestones": [{"name": "login", "weight": 1, "complete": true}]}]}
 *
 * A weight that is absent is 1, a `complete` that is absent is false; it may be a share 0..1.
 */
#ifndef MILESTONES_H
#define MILESTONES_H

#include "pl_node.h"
#include "pl_service.h"

#include "governance.pb-c.h"

/* Check the JSON; every problem becomes a violation under /milestones.  Returns whether it is
 * good. */
bool milestones_check(struct pl_call *call, ProtobufCBinaryData json);

/* Completion of each category and, in percent, of all; nothing for an empty ${json}. */
int milestones_count(ProtobufCBinaryData json, struct pl_arena *arena, Governance__Milestone ***out,
                     size_t *count, double *percent, struct pl_err *err);

#endif
