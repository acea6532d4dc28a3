/* outcome -- what an attempt means: is it done, may it be tried again, must the endpoint stop.
 *
 * Pure.  Rules: 2xx is delivered; a redirect is a failure, never followed; 410 (and Slack's 404
 * "no_service") disables the endpoint; everything else is tried again while the schedule
 * lasts; Retry-After holds back the whole endpoint.  Some receivers say no inside a 200.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "http_send.h"

struct outcome {
    bool delivered, disable;
    const char *error_class; // "" if delivered
    const char *error;       // for people, in the arena
    int64_t retry_after_ms;  // 0: it did not say
};

/* Judge what ${kind} ("slack", ...) answered at ${now}. */
struct outcome outcome_of(const char *kind, const struct http_answer *answer, time_t now,
                          struct pl_arena *arena);

#endif
