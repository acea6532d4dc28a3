/* cache_impl -- what cache.c and cache_flight.c share. */
#ifndef CACHE_IMPL_H
#define CACHE_IMPL_H

#include "answer.h"
#include "cache.h"
#include "cache_store.h"
#include "cache_tags.h"

#include <sys/queue.h>

#define CACHE_BUCKETS 256

struct cache_local;
struct cache_work;

/* One answer that is looked for, in the memory of the exchange that began. */
struct flight {
    LIST_ENTRY(flight) chain;
    TAILQ_ENTRY(flight) waiting;
    struct cache_key key;
    const struct cache_rule *rule;
    uint64_t tags[MOST_TAGS], generation;
    int tag_count;
    struct cache_work *leader;
    STAILQ_HEAD(, cache_work) followers;
    bool shared; // Redis has said under which generations
    char generations[GENERATIONS_SIZE];
    ProtobufCBinaryData stale; // what is there if nobody answers
    int64_t stale_left_ms;
    int64_t began_ms, due_ms, pause_ms; // waits for another gateway until then, for so long
};

/* What an exchange has to do with it. */
struct cache_work {
    STAILQ_ENTRY(cache_work) next;
    struct exchange *exchange;
    struct flight *flight; // of the one who fetches it; NULL: for itself alone
    cache_fetch_fn *fetch;
    struct answer before; // the service's
};

struct cache {
    struct cache_store *store; // NULL: no Redis
    struct cache_local *local;
    bool stopping;
    LIST_HEAD(, flight) flights[CACHE_BUCKETS];
    TAILQ_HEAD(, flight) waiting;
};

/* Look for it: answered, pending or fetched afterwards.  look_here: only in this reactor. */
void flight_look(struct cache *self, struct flight *flight);
void flight_look_here(struct flight *flight);

/* The last words of an answer: what the client is told, what is counted. */
void cache_say(struct exchange *exchange, const char *word, const char *result);

#endif
