/* pl_internal_http -- /health, /health/liveness, /health/readiness and /metrics over HTTP, for
 * balancers and Prometheus.  Internal: it is bound to PLUMB_HTTP_BIND, not to the world. */
#ifndef PL_INTERNAL_HTTP_H
#define PL_INTERNAL_HTTP_H

#include "pl_arena.h"
#include "pl_err.h"

#include "envelope.pb-c.h"

/* Serve on "host:port" (a literal address; port 0 picks one) from a thread of its own. */
int pl_internal_http_start(const char *bind, struct pl_err *err);

/* The port that was bound. */
int pl_internal_http_port(void);

/* Harmless when not started. */
void pl_internal_http_stop(void);

/* A pl.HealthReply as JSON text, in the arena. */
const char *pl_internal_http_health(const Pl__HealthReply *health, struct pl_arena *arena);

#endif
