/* limiter_answer -- what a client is told about its limits: the fields RateLimit-Policy and
 * RateLimit (draft-ietf-httpapi-ratelimit-headers), their older names, and the 429. */
#ifndef LIMITER_ANSWER_H
#define LIMITER_ANSWER_H

#include "limits.h"

struct exchange;

/* One bucket of a request and what was said about it. */
struct limit_part {
    const struct policy *policy;
    struct limit_verdict verdict;
};

/* Tell; where one that is no shadow refuses, refuse the request. */
void limiter_answer(struct exchange *exchange, const struct limit_part *parts, int count);

/* Is PLUMB_LIMIT_HEADERS one of its words? */
bool limiter_answer_check(void);

#endif
