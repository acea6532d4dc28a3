/* pl_health -- what this process depends on and how that is at present.
 *
 * Whoever talks to a dependency says how it went; pl.Health and /health list it.  Readiness
 * means "can answer, even with 503": dependencies are listed, never ANDed (RULINGS 44).
 */
#ifndef PL_HEALTH_H
#define PL_HEALTH_H

#include "pl_arena.h"

#include "envelope.pb-c.h"

#include <stdbool.h>

/* Say how ${dependency} is: "ok", "degraded" or "down", and a few words for people.  All are
 * copied.  Thread-safe; cheap when nothing changed.  A change is logged. */
void pl_health_set(const char *dependency, const char *state, const char *detail);

/* Forget a dependency that is not used any more. */
void pl_health_forget(const char *dependency);

/* Is the process ready, i.e. is its door open?  pl_server and the gateway say so. */
void pl_health_ready(bool ready);
bool pl_health_is_ready(void);

/* How busy the workers are; pl_server says so, pl.Health and the metrics show it. */
void pl_health_load(int workers, int busy, int queue);

/* Bring the gauges about the process itself up to date (memory, CPU, descriptors, load); called
 * before metrics are printed. */
void pl_health_sample(void);

/* Fill in a reply from what is known: service, version, status, uptime and dependencies. */
void pl_health_fill(Pl__HealthReply *reply, struct pl_arena *arena);

/* The process's name, for the reply; pl_app sets it. */
void pl_health_open(const char *service);

#endif
