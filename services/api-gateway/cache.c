#include "cache.h"

#include "cache_impl.h"
#include "cache_local.h"
#include "contract.h"
#include "exchange.h"
#include "reactor.h"
#include "settings.h"

#include "pl_pack.h"
#include "pl_service.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

// ---- the beginning --------------------------------------------------------------------------

static bool
is_refused_by_client(const struct exchange *exchange)
{
    const char *wish = exchange_header(exchange, "Cache-Control");

    return wish && (strcasestr(wish, "no-cache") || strcasestr(wish, "no-store"));
}

static struct flight *
find(struct cache *self, const struct cache_key *key)
{
    struct flight *flight;

    LIST_FOREACH(flight, &self->flights[key->bytes[0]], chain)
    if (memcmp(&flight->key, key, sizeof *key) == 0)
        return flight;
    return NULL;
}

static struct flight *
begin_flight(struct cache *self, struct cache_work *work, const struct cache_key *key,
             const struct cache_question *question)
{
    struct flight *flight = pl_arena_alloc(work->exchange->arena, sizeof *flight);

    flight->key = *key;
    flight->rule = question->rule;
    flight->leader = work;
    flight->began_ms = pl_now_ms();
    flight->tag_count = cache_tags_of(question->rule, question->api, flight->tags);
    STAILQ_INIT(&flight->followers);
    LIST_INSERT_HEAD(&self->flights[key->bytes[0]], flight, chain);
    return flight;
}

void
cache_begin(struct exchange *exchange, const struct cache_question *question)
{
    struct cache *self = reactor_cache(exchange->reactor);
    struct cache_work *work = pl_arena_alloc(exchange->arena, sizeof *work);
    struct flight *flight;
    struct cache_key key;

    if (settings.cache == 0 || is_refused_by_client(exchange)) {
        cache_say(exchange, "BYPASS", "bypass");
        question->fetch(exchange);
        return;
    }
    work->exchange = exchange;
    work->fetch = question->fetch;
    exchange->cache = work;
    key = cache_key_make(reactor_contract(exchange->reactor)->etag, question->call,
                         question->rule->vary, exchange->principal,
                         pl_pack(question->request, exchange->arena));
    flight = find(self, &key);
    if (flight) {
        STAILQ_INSERT_TAIL(&flight->followers, work, next);
        exchange->pending = true;
        return;
    }
    work->flight = begin_flight(self, work, &key, question);
    flight_look(self, work->flight);
}

// ---- its life -------------------------------------------------------------------------------

struct cache *
cache_new(int epoll)
{
    struct cache *self = calloc(1, sizeof *self);

    if (self == NULL)
        abort();
    TAILQ_INIT(&self->waiting);
    self->local = cache_local_new((size_t)settings.cache_memory);
    if (settings.cache)
        self->store = cache_store_new(epoll);
    return self;
}

void
cache_stop(struct cache *self)
{
    struct flight *flight;

    if (self == NULL)
        return;
    self->stopping = true;
    cache_store_destroy(&self->store);
    while ((flight = TAILQ_FIRST(&self->waiting))) {
        TAILQ_REMOVE(&self->waiting, flight, waiting);
        flight_look_here(flight);
    }
}

void
cache_destroy(struct cache **self_p)
{
    if (*self_p == NULL)
        return;
    cache_stop(*self_p);
    cache_local_destroy(&(*self_p)->local);
    free(*self_p);
    *self_p = NULL;
}

void
cache_ready(struct cache *self, int fd, uint32_t events)
{
    if (self->store)
        cache_store_ready(self->store, fd, events);
}

void
cache_run(struct cache *self)
{
    int64_t now = pl_now_ms();
    struct flight *flight, *next;
    uint64_t tag;

    if (self->store)
        cache_store_run(self->store);
    while (cache_tags_take(&tag)) // where Redis is away its next connection ends everything
        if (self->store)
            cache_store_end(self->store, tag);
    for (flight = TAILQ_FIRST(&self->waiting); flight; flight = next) {
        next = TAILQ_NEXT(flight, waiting);
        if (now < flight->due_ms)
            continue;
        TAILQ_REMOVE(&self->waiting, flight, waiting);
        flight_look(self, flight);
    }
}

void
cache_flush(struct cache *self)
{
    if (self->store)
        cache_store_flush(self->store);
}

int64_t
cache_timeout_ms(const struct cache *self, int64_t most)
{
    int64_t now = pl_now_ms(), wait = most;
    const struct flight *flight;

    TAILQ_FOREACH(flight, &self->waiting, waiting)
    if (flight->due_ms - now < wait)
        wait = flight->due_ms > now ? flight->due_ms - now : 0;
    return self->store ? cache_store_timeout_ms(self->store, wait) : wait;
}

bool
cache_is_settled(const struct cache *self)
{
    return self->store == NULL || cache_store_is_up(self->store);
}
