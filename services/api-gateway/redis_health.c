#include "redis_health.h"

#include "pl_health.h"
#include "pl_metric.h"

#include <stdatomic.h>

PL_COUNTER(transitions, "gateway_breaker_transitions_total", "times that a breaker changed",
           "dependency,to");
PL_GAUGE(open_breakers, "gateway_breaker_open",
         "connections that are not used until a probe succeeds", "dependency");

static atomic_int links, links_up; // that have said how they are

void
redis_health_tell(struct redis_health *self, bool up, const char *why)
{
    int all, good;

    if (self->told && self->up == up)
        return;
    all = atomic_fetch_add(&links, !self->told) + !self->told;
    good = atomic_fetch_add(&links_up, up ? 1 : -self->told) + (up ? 1 : -self->told);
    self->told = true;
    self->up = up;
    pl_gauge_set(&open_breakers, all - good, "redis");
    pl_inc(&transitions, "redis", up ? "closed" : "open");
    pl_health_set("redis", good == all ? "ok" : good ? "degraded" : "down", why);
}

void
redis_health_forget(struct redis_health *self)
{
    if (!self->told)
        return;
    atomic_fetch_sub(&links, 1);
    atomic_fetch_sub(&links_up, self->up);
    *self = (struct redis_health){ 0 };
}
