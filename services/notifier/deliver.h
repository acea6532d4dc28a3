/* deliver -- send one body to one endpoint and say what it means: used by the timer that sends
 * and by the test button. */
#ifndef DELIVER_H
#define DELIVER_H

#include "notifier.h"
#include "outcome.h"
#include "store.h"

/* Sign, send, judge.  Never fails: what goes wrong is in *out, and counted.  *answer keeps the
 * timings. */
void deliver(struct notifier *self, const struct endpoint *endpoint, const char *webhook_id,
             const char *body, struct pl_arena *arena, struct http_answer *answer,
             struct outcome *out);

/* The attempt as it is stored and shown; ${number} counts from 1. */
struct attempt attempt_of(int64_t number, const char *trigger, const struct http_answer *answer,
                          const struct outcome *outcome);

#endif
