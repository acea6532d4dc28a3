/* record -- what every change of an input or experiment shares: who asks, whether it is still as
 * the caller saw it, the line in the history, the event.
 */
#ifndef RECORD_H
#define RECORD_H

#include "bridge.h"

/* Who asks: the principal's subject. */
char *record_actor(const struct pl_call *call);

/* The ETag of a version; lives as long as the call. */
const char *record_etag(const struct pl_call *call, int64_t version);

/* Fails with PRECONDITION unless ${if_match} (NULL: whatever it is now) names ${version}.  A
 * "W/" before it is accepted: the gateway adds it where it compresses an answer. */
int record_check_match(struct pl_call *call, const char *if_match, int64_t version);

/* Write one changed field into the history; ${change} has field, before, after and comment. */
int record_change(struct pl_call *call, const Bridge__Input *input, Bridge__Change change);

/* Emit bridge.${what} about an input; ${previous} is its status or owner before, or NULL. */
int record_input_event(struct pl_call *call, const char *type, const Bridge__Input *input,
                       const char *previous_status, const char *previous_owner);
int record_experiment_event(struct pl_call *call, const char *type,
                            const Bridge__Experiment *experiment);

#endif
