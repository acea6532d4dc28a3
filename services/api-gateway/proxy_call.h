/* proxy_call -- one request to an upstream and its answer, as a transfer of libcurl. */
#ifndef PROXY_CALL_H
#define PROXY_CALL_H

#include "routes.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <sys/queue.h>

struct exchange;
struct proxy_call;

TAILQ_HEAD(proxy_calls, proxy_call);

/* Begin the exchange's request; or ask for a route's health.  False: libcurl refuses. */
bool proxy_call_start(CURLM *multi, struct proxy_calls *all, struct exchange *exchange);
bool proxy_call_health(CURLM *multi, struct proxy_calls *all, const struct upstream_route *route);

/* That of a handle; what it is about: NULL if it asks for health; the status that came back. */
struct proxy_call *proxy_call_of(CURL *easy);
const struct upstream_route *proxy_call_route(const struct proxy_call *self);
struct exchange *proxy_call_exchange(const struct proxy_call *self);
long proxy_call_status(const struct proxy_call *self);

/* What came back as the exchange's answer. */
void proxy_call_answer(struct proxy_call *self);

/* Forget it. */
void proxy_call_end(CURLM *multi, struct proxy_calls *all, struct proxy_call **self_p);

#endif
