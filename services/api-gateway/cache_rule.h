/* cache_rule -- how long answers of an operation may be kept and for whom, as `x-cache` of the contract
 * (or a row of the mounts) says it.
 *
 *     x-cache: {ttl: 30, stale: 300, jitter: 10, vary: rights, events: [governance.run.completed], warm: true}
 *
 * `ttl` seconds it is fresh, less up to `jitter` percent (10 if absent), so that what was kept together
 * does not end together.  For `stale` more seconds (0) it is kept in case nobody can answer.  `vary`
 * says who shares an answer: `all` who may ask, those with the same `rights` (scopes and apis), or one
 * `principal`.  Each of `events` on the Feed ends it at once: where the path has an {api}, that api's
 * only.  `warm` asks once when the gateway starts.
 */
#ifndef CACHE_RULE_H
#define CACHE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#define MOST_CACHE_EVENTS 4

enum cache_vary { VARY_ALL, VARY_RIGHTS, VARY_PRINCIPAL, VARY_COUNT };

struct cache_rule {
    int64_t ttl_ms, stale_ms;
    int jitter; // percent
    enum cache_vary vary;
    bool warm;
    const char *events[MOST_CACHE_EVENTS + 1]; // ends with NULL
};

struct contract;
struct operation;
struct pl_node;

/* The rule of ${node}, an operation, into the contract's arena; NULL if it has none.  What makes no sense
 * is a problem of the contract. */
const struct cache_rule *contract_cache_rule(struct contract *self, const struct operation *op,
                                             const struct pl_node *node);

/* The service that an event comes from; NULL if there is none. */
const char *cache_source(const char *event);

#endif
