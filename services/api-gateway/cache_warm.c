#include "cache_warm.h"

#include "cache.h"
#include "contract.h"
#include "exchange.h"
#include "mount.h"
#include "reactor.h"
#include "settings.h"

#include "pl_metric.h"
#include "pl_service.h"

#include <stdlib.h>

#define MOST_WARM 64
#define SETTLE_MS 2000 // then without Redis

PL_COUNTER(warmed, "gateway_cache_warmed_total",
           "answers that were asked for at the start, by status", "status");

struct cache_warm {
    struct reactor *reactor;
    int64_t begin_ms; // 0: begun
    int count;
    struct exchange *exchanges[MOST_WARM]; // NULL: over
};

struct cache_warm *
cache_warm_new(struct reactor *reactor)
{
    struct cache_warm *self = calloc(1, sizeof *self);

    if (self == NULL)
        abort();
    self->reactor = reactor;
    self->begin_ms = pl_now_ms() + SETTLE_MS;
    return self;
}

static void
end(struct exchange **exchange_p)
{
    if (*exchange_p)
        exchange_forget(*exchange_p);
    *exchange_p = NULL;
}

void
cache_warm_destroy(struct cache_warm **self_p)
{
    if (*self_p == NULL)
        return;
    for (int i = 0; i < (*self_p)->count; i++)
        end(&(*self_p)->exchanges[i]);
    free(*self_p);
    *self_p = NULL;
}

static void
ask(struct cache_warm *self, const char *target)
{
    if (self->count < MOST_WARM)
        self->exchanges[self->count++] = exchange_unasked(self->reactor, target);
}

static void
begin(struct cache_warm *self)
{
    const struct contract *contract = reactor_contract(self->reactor);

    self->begin_ms = 0;
    for (int i = 0; i < contract->operation_count; i++)
        if (contract->operations[i].cache && contract->operations[i].cache->warm)
            ask(self, contract->operations[i].path);
    ask(self, mount_warm());
}

void
cache_warm_run(struct cache_warm *self)
{
    if (self->begin_ms && settings.cache &&
        (cache_is_settled(reactor_cache(self->reactor)) || pl_now_ms() >= self->begin_ms))
        begin(self);
    for (int i = 0; i < self->count; i++)
        if (self->exchanges[i] && !self->exchanges[i]->pending) {
            pl_inc(&warmed, self->exchanges[i]->answer.status == 200 ? "200" : "other");
            end(&self->exchanges[i]);
        }
}
