/* problem -- refusals as application/problem+json (RFC 9457).
 *
 * `type` is urn:plumbline:problem:<slug>, stable: the slugs are those of pl_errors.def and of the
 * few HTTP failures below that no service can cause.  `instance` is the request id.
 */
#ifndef PROBLEM_H
#define PROBLEM_H

#include "pl_err.h"
#include "transcode.h"

#include "envelope.pb-c.h"

#include <stdint.h>

struct exchange;

/* Refuse with the code's status, slug and title; ${detail} is for the caller. */
void problem(struct exchange *self, enum pl_code code, const char *detail, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, listing each violation. */
void problem_violations(struct exchange *self, enum pl_code code, const char *detail,
                        const struct violations *violations);

/* As a service said it. */
void problem_reply(struct exchange *self, enum pl_code code, const char *detail,
                   const Pl__Reply *reply);

/* Too much was asked: 429 with Retry-After, of the type that IANA registered for that;
 * ${policies} are the names of the limits. */
void problem_quota(struct exchange *self, const char *const *policies, int count, int64_t retry_s);

/* A failure of HTTP itself, by its status: 400, 501, 505. */
void problem_http(struct exchange *self, int status, const char *detail);

#endif
