#include "cache_impl.h"

#include "cache_entry.h"
#include "cache_local.h"
#include "exchange.h"
#include "problem.h"
#include "reactor.h"
#include "settings.h"

#include "pl_metric.h"
#include "pl_service.h"

#include <sodium.h>
#include <string.h>

#define FIRST_PAUSE_MS   10 // between looks whether another gateway has fetched it
#define LONGEST_PAUSE_MS 80

PL_COUNTER(results, "gateway_cache_total", "requests of kept answers by what came of it",
           "route,result");
PL_COUNTER(refusals, "gateway_cache_unkept_total", "fetched answers that are not kept, by why",
           "reason");
PL_COUNTER(waits, "gateway_cache_lock_waits_total",
           "answers that another gateway was fetching, by how that ended", "result");

static struct cache *
cache_of(const struct cache_work *work)
{
    return reactor_cache(work->exchange->reactor);
}

// ---- ends of a flight -----------------------------------------------------------------------

void
cache_say(struct exchange *exchange, const char *word, const char *result)
{
    answer_header(exchange, "X-Cache", word);
    pl_inc(&results, exchange_route(exchange), result);
}

static void
serve(struct cache_work *work, const Gateway__CachedAnswer *entry, int64_t left_ms,
      const char *word, const char *result)
{
    if (entry)
        cache_entry_answer(work->exchange, entry, left_ms);
    else
        problem(work->exchange, PL_INTERNAL, "a kept answer cannot be read");
    cache_say(work->exchange, word, result);
}

static void
fetch(struct cache_work *work)
{
    work->before = work->exchange->answer;
    if (cache_of(work)->stopping) {
        problem(work->exchange, PL_UNAVAILABLE, "the gateway is stopping");
        cache_fetched(work->exchange, PL_UNAVAILABLE);
        exchange_done(work->exchange);
    } else
        work->fetch(work->exchange);
}

static struct cache_work *
take_follower(struct flight *flight)
{
    struct cache_work *work = STAILQ_FIRST(&flight->followers);

    if (work)
        STAILQ_REMOVE_HEAD(&flight->followers, next);
    return work;
}

/* Everybody who waits gets this, but for the leader, who is answered already. */
static void
serve_followers(struct flight *flight, ProtobufCBinaryData bytes, int64_t left_ms, const char *word,
                const char *result)
{
    struct cache_work *work;

    while ((work = take_follower(flight))) {
        serve(work, cache_entry_read(work->exchange, bytes), left_ms, word, result);
        exchange_done(work->exchange);
    }
}

/* It was kept and is fresh. */
static void
hit(struct flight *flight, const Gateway__CachedAnswer *entry, ProtobufCBinaryData bytes,
    int64_t left_ms)
{
    LIST_REMOVE(flight, chain);
    serve(flight->leader, entry, left_ms, "HIT", "hit");
    serve_followers(flight, bytes, left_ms, "HIT", "hit");
    exchange_done(flight->leader->exchange);
}

// ---- looking --------------------------------------------------------------------------------

/* True if that settles it; else what is stale is put aside. */
static bool
use(struct flight *flight, ProtobufCBinaryData bytes, int64_t left_ms)
{
    struct exchange *leader = flight->leader->exchange;
    const Gateway__CachedAnswer *entry = bytes.len ? cache_entry_read(leader, bytes) : NULL;

    if (entry == NULL)
        return false;
    if (left_ms > flight->rule->stale_ms) {
        hit(flight, entry, bytes, left_ms);
        return true;
    }
    flight->stale =
        (ProtobufCBinaryData){ bytes.len,
                               (uint8_t *)pl_arena_memdup(leader->arena, bytes.data, bytes.len) };
    flight->stale_left_ms = left_ms;
    return false;
}

void
flight_look_here(struct flight *flight)
{
    struct cache *self = cache_of(flight->leader);
    ProtobufCBinaryData bytes;
    int64_t left_ms;

    flight->shared = false;
    flight->generation = cache_tags_generation(flight->tags, flight->tag_count);
    bytes = cache_local_look(self->local, &flight->key, flight->generation, pl_now_ms(), &left_ms);
    if (!use(flight, bytes, left_ms))
        fetch(flight->leader);
}

static void
wait_for_other(struct cache *self, struct flight *flight, int64_t now)
{
    flight->pause_ms = flight->pause_ms ? 2 * flight->pause_ms : FIRST_PAUSE_MS;
    if (flight->pause_ms > LONGEST_PAUSE_MS)
        flight->pause_ms = LONGEST_PAUSE_MS;
    flight->due_ms = now + flight->pause_ms;
    TAILQ_INSERT_TAIL(&self->waiting, flight, waiting);
}

static void
looked(void *arg, const struct cache_seen *seen)
{
    struct flight *flight = arg;
    int64_t now = pl_now_ms();

    if (seen == NULL) {
        flight_look_here(flight);
        return;
    }
    flight->shared = true;
    memcpy(flight->generations, seen->generations, sizeof flight->generations);
    if (use(flight, seen->bytes, seen->left_ms)) {
        if (flight->pause_ms)
            pl_inc(&waits, "answered");
    } else if (seen->mine || seen->left_ms > flight->rule->stale_ms)
        fetch(flight->leader);
    else if (now >= flight->began_ms + settings.cache_follow_ms) {
        pl_inc(&waits, "given_up"); // whoever has the lock may be gone
        fetch(flight->leader);
    } else
        wait_for_other(cache_of(flight->leader), flight, now);
}

void
flight_look(struct cache *self, struct flight *flight)
{
    flight->leader->exchange->pending = true;
    if (self->store == NULL ||
        !cache_store_look(self->store, &flight->key, flight->tags, flight->tag_count,
                          flight->rule->stale_ms, looked, flight))
        flight_look_here(flight);
}

// ---- what was fetched -----------------------------------------------------------------------

static int64_t
life_ms(const struct cache_rule *rule)
{
    uint32_t spread = (uint32_t)(rule->ttl_ms * rule->jitter / 100);

    return rule->ttl_ms - randombytes_uniform(spread + 1) + rule->stale_ms;
}

/* Into Redis or, while that is away, here; an empty one only lets go of the lock. */
static void
keep(struct cache *self, const struct flight *flight, ProtobufCBinaryData bytes, int64_t lives_ms)
{
    if (flight->shared && self->store)
        cache_store_keep(self->store, &flight->key, flight->generations, bytes, lives_ms);
    else if (!flight->shared && lives_ms)
        cache_local_keep(self->local, &flight->key, flight->generation, bytes, pl_now_ms(),
                         lives_ms);
}

static void
keep_nothing(struct cache *self, const struct flight *flight, const char *why)
{
    pl_inc(&refusals, why);
    keep(self, flight, (ProtobufCBinaryData){ 0, NULL }, 0);
}

/* Nobody could answer, but this was the answer a while ago. */
static void
serve_stale(struct cache *self, struct flight *flight)
{
    struct exchange *leader = flight->leader->exchange;

    leader->answered = false;
    leader->answer = flight->leader->before;
    serve(flight->leader, cache_entry_read(leader, flight->stale), flight->stale_left_ms, "STALE",
          "stale");
    keep_nothing(self, flight, "failed");
    serve_followers(flight, flight->stale, flight->stale_left_ms, "STALE", "stale");
}

static void
pass_on(struct cache *self, struct flight *flight)
{
    struct exchange *leader = flight->leader->exchange;
    int64_t lives_ms = life_ms(flight->rule);
    ProtobufCBinaryData bytes;

    if (leader->answer.cache_control == NULL)
        leader->answer.cache_control = "private, no-cache"; // ask again: it may have ended by then
    bytes = cache_entry_write(leader, flight->leader->before.extra_count, lives_ms);
    if (bytes.len <= (size_t)settings.cache_entry_bytes)
        keep(self, flight, bytes, lives_ms);
    else
        keep_nothing(self, flight, "too_large");
    cache_say(leader, "MISS", "miss");
    serve_followers(flight, bytes, lives_ms, "HIT", "joined");
}

void
cache_fetched(struct exchange *exchange, enum pl_code code)
{
    struct cache_work *work = exchange->cache, *follower;
    struct flight *flight = work ? work->flight : NULL;
    struct cache *self = reactor_cache(exchange->reactor);

    if (flight == NULL) {
        if (work)
            cache_say(exchange, "MISS", "miss");
        return;
    }
    work->flight = NULL;
    LIST_REMOVE(flight, chain);
    if (flight->stale.len && (code == PL_UNAVAILABLE || code == PL_TIMEOUT))
        serve_stale(self, flight);
    else if (cache_entry_may_keep(exchange))
        pass_on(self, flight);
    else {
        keep_nothing(self, flight, "answer");
        cache_say(exchange, "MISS", "miss");
    }
    while ((follower = take_follower(flight))) // an answer that is not kept is for nobody else
        fetch(follower);
}
