#include "pl_health.h"

#include "pl_log.h"
#include "pl_metric.h"
#include "pl_service.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define MAX_DEPENDENCIES 64

PL_GAUGE(dependency_up, "plumb_dependency_up", "1 if the dependency answers, else 0", "dependency");

struct dependency {
    char name[64], state[16], detail[200];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct dependency dependencies[MAX_DEPENDENCIES];
static size_t count;
static const char *service_name = "?";
static int64_t started;
static atomic_bool ready;

void
pl_health_open(const char *service)
{
    service_name = service;
    started = pl_now_ms();
}

void
pl_health_ready(bool now)
{
    ready = now;
}

bool
pl_health_is_ready(void)
{
    return ready;
}

static struct dependency *
find(const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(dependencies[i].name, name) == 0)
            return &dependencies[i];
    return NULL;
}

/* The line is written outside the lock by the one who saw the change. */
static bool
change(const char *name, const char *state, const char *detail)
{
    struct dependency *d = find(name);
    bool changed;

    if (d == NULL && count == MAX_DEPENDENCIES)
        return false;
    if (d == NULL) {
        d = &dependencies[count++];
        memset(d, 0, sizeof *d);
        snprintf(d->name, sizeof d->name, "%s", name);
    }
    changed = strncmp(d->state, state, sizeof d->state - 1) != 0;
    snprintf(d->state, sizeof d->state, "%s", state);
    snprintf(d->detail, sizeof d->detail, "%s", detail ? detail : "");
    return changed;
}

void
pl_health_set(const char *name, const char *state, const char *detail)
{
    bool ok = strcmp(state, "ok") == 0;
    bool changed;

    pthread_mutex_lock(&lock);
    changed = change(name, state, detail);
    pthread_mutex_unlock(&lock);
    if (!changed)
        return;
    pl_gauge_set(&dependency_up, ok, name);
    pl_log(ok ? PL_INFO : PL_WARN, "dependency.changed",
           PL_PAIRS(PL_S("dependency", name), PL_S("state", state), PL_S("detail", detail)));
}

void
pl_health_forget(const char *name)
{
    struct dependency *d;

    pthread_mutex_lock(&lock);
    d = find(name);
    if (d)
        *d = dependencies[--count];
    pthread_mutex_unlock(&lock);
    pl_metric_forget(&dependency_up, PL_LABELS(name));
}

static Pl__Dependency *
copy(const struct dependency *from, struct pl_arena *arena)
{
    Pl__Dependency *to = pl_arena_alloc(arena, sizeof *to);

    pl__dependency__init(to);
    to->name = pl_arena_strdup(arena, from->name);
    to->state = pl_arena_strdup(arena, from->state);
    to->detail = *from->detail ? pl_arena_strdup(arena, from->detail) : NULL;
    return to;
}

void
pl_health_fill(Pl__HealthReply *reply, struct pl_arena *arena)
{
    bool all_ok = true;

    pthread_mutex_lock(&lock);
    reply->n_dependencies = count;
    reply->dependencies = pl_arena_alloc(arena, (count + 1) * sizeof *reply->dependencies);
    for (size_t i = 0; i < count; i++) {
        reply->dependencies[i] = copy(&dependencies[i], arena);
        all_ok = all_ok && strcmp(dependencies[i].state, "ok") == 0;
    }
    pthread_mutex_unlock(&lock);
    reply->service = (char *)service_name;
    reply->version = (char *)PL_VERSION;
    reply->status = (char *)(all_ok ? "ok" : "degraded");
    reply->has_uptime_s = 1;
    reply->uptime_s = (pl_now_ms() - started) / 1000;
}
