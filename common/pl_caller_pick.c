/* Which instance a call goes to: the least loaded one that is there and whose breaker allows. */
#include "pl_caller_impl.h"

#include "pl_log.h"
#include "pl_metric.h"

#define FAILURES_TO_OPEN 5
#define OPEN_MS          1000
#define OPEN_MS_MOST     30000

PL_COUNTER(opened, "plumb_breaker_opened_total", "circuit breakers that opened", "service");

bool
pl_instance_usable(const struct instance *instance)
{
    return instance->normal.live && !instance->draining && !instance->doomed;
}

bool
pl_instance_hung(const struct instance *instance, int64_t now)
{
    return instance->in_flight > 0 && now - instance->served_at >= PL_HUNG_MS;
}

bool
pl_breaker_open(const struct instance *instance, int64_t now)
{
    return instance->open_until > now || (instance->open_until && instance->probing);
}

void
pl_breaker_good(struct instance *instance)
{
    if (instance->open_until)
        pl_info("breaker.closed", PL_S("service", instance->peer->name),
                PL_S("instance", instance->address));
    instance->failures = 0;
    instance->opened = 0;
    instance->open_until = 0;
    instance->hung = false;
    instance->probing = false;
}

/* A call got no answer although it had its time and nothing else was heard either. */
void
pl_breaker_bad(struct instance *instance, int64_t now)
{
    int64_t pause = OPEN_MS;

    instance->failures++;
    instance->probing = false;
    if (instance->failures < FAILURES_TO_OPEN)
        return;
    for (int i = 0; i < instance->opened && pause < OPEN_MS_MOST; i++)
        pause *= 2;
    if (instance->open_until <= now) {
        instance->opened++;
        pl_inc(&opened, instance->peer->name);
        pl_warn("breaker.opened", PL_S("service", instance->peer->name),
                PL_S("instance", instance->address), PL_I("ms", pause));
    }
    instance->open_until = now + (pause < OPEN_MS_MOST ? pause : OPEN_MS_MOST);
}

static bool
better(const struct outgoing *call, const struct instance *a, const struct instance *b, int64_t now)
{
    if (b == NULL)
        return true;
    if ((a == call->last) != (b == call->last))
        return b == call->last;
    if (pl_instance_hung(a, now) != pl_instance_hung(b, now))
        return pl_instance_hung(b, now);
    return a->in_flight < b->in_flight;
}

struct instance *
pl_pick(struct outgoing *call, int64_t now, bool *blocked)
{
    struct peer *peer = call->peer;
    struct instance *best = NULL;
    unsigned count = 0, skip;

    *blocked = false;
    for (struct instance *i = peer->instances; i; i = i->next)
        count++;
    /* Start at another place each time, so that equals share the work. */
    skip = count ? peer->turn++ % count : 0;
    for (unsigned n = 0; n < 2 * count; n++) {
        struct instance *i = peer->instances;

        if (n < skip || n >= skip + count)
            continue;
        for (unsigned k = n % count; k; k--)
            i = i->next;
        if (!pl_instance_usable(i) || (call->only && strcmp(call->only, i->address) != 0))
            continue;
        if (pl_breaker_open(i, now) && !(call->builtin && i->hung))
            *blocked = true;
        else if (better(call, i, best, now))
            best = i;
    }
    if (best)
        *blocked = false;
    return best;
}
