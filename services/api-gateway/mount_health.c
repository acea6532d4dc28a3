#include "contract.h"
#include "exchange.h"
#include "mount.h"
#include "reactor.h"

#include "pl_caller.h"
#include "pl_health.h"
#include "pl_node.h"

#include <string.h>

static void
send_json(struct exchange *self, int status, const struct pl_node *node)
{
    struct pl_buf out = { .arena = self->arena };

    pl_node_write(&out, node, PL_COMPACT);
    answer_bytes(self, status, "application/json", out.data, out.length);
}

static struct pl_node *
dependency(struct exchange *self, const char *name, const char *state, const char *detail)
{
    struct pl_arena *arena = self->arena;
    struct pl_node *out = pl_node_object(arena);

    pl_node_set(arena, out, "name", pl_node_string(arena, name));
    pl_node_set(arena, out, "state", pl_node_string(arena, state));
    if (detail && *detail)
        pl_node_set(arena, out, "detail", pl_node_string(arena, detail));
    return out;
}

/* A service is "ok" with all its instances live, "degraded" with some, "down" with none. */
static const char *
add_service(struct exchange *self, struct pl_node *list, const char *service,
            const struct pl_instance *instances, int count)
{
    int known = 0, live = 0;
    const char *state;

    for (int i = 0; i < count; i++)
        if (strcmp(instances[i].service, service) == 0) {
            known++;
            live += instances[i].live && !instances[i].breaker_open;
        }
    state = live == 0 ? "down" : live < known ? "degraded" : "ok";
    pl_node_push(self->arena, list,
                 dependency(self, service, state,
                            pl_arena_printf(self->arena, "%d of %d instances live", live, known)));
    return state;
}

/* What the gateway itself depends on beside the services: Redis, upstreams. */
static bool
add_own(struct exchange *self, struct pl_node *list, const Pl__HealthReply *own)
{
    bool ok = true;

    for (size_t i = 0; i < own->n_dependencies; i++) {
        const Pl__Dependency *d = own->dependencies[i];

        if (strcmp(d->name, "redis") != 0 && strncmp(d->name, "upstream:", 9) != 0)
            continue;
        pl_node_push(self->arena, list, dependency(self, d->name, d->state, d->detail));
        ok = ok && strcmp(d->state, "ok") == 0;
    }
    return ok;
}

/* Always 200 when it can answer: what is away is listed (RULINGS 44). */
void
mount_health(struct exchange *self)
{
    struct pl_arena *arena = self->arena;
    const char *const *services = reactor_contract(self->reactor)->services;
    struct pl_node *out = pl_node_object(arena), *list = pl_node_array(arena);
    struct pl_instance *instances;
    int count = pl_caller_instances(reactor_caller(self->reactor), arena, &instances);
    Pl__HealthReply own = PL__HEALTH_REPLY__INIT;
    bool ok = true;

    for (; *services; services++)
        if (strcmp(add_service(self, list, *services, instances, count), "ok") != 0)
            ok = false;
    pl_health_fill(&own, arena);
    if (!add_own(self, list, &own))
        ok = false;
    pl_node_set(arena, out, "service", pl_node_string(arena, own.service));
    pl_node_set(arena, out, "version", pl_node_string(arena, own.version));
    pl_node_set(arena, out, "status", pl_node_string(arena, ok ? "ok" : "degraded"));
    pl_node_set(arena, out, "uptime_s", pl_node_integer(arena, own.uptime_s));
    pl_node_set(arena, out, "dependencies", list);
    send_json(self, 200, out);
}

static void
send_status(struct exchange *self, int status, const char *word)
{
    struct pl_node *out = pl_node_object(self->arena);

    pl_node_set(self->arena, out, "status", pl_node_string(self->arena, word));
    send_json(self, status, out);
}

void
mount_liveness(struct exchange *self)
{
    send_status(self, 200, "alive");
}

void
mount_readiness(struct exchange *self)
{
    if (reactor_is_draining(self->reactor))
        send_status(self, 503, "draining");
    else
        send_status(self, 200, "ready");
}
