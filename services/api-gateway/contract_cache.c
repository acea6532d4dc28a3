#include "cache_rule.h"
#include "contract.h"

#include "pl_node.h"

#include <inttypes.h>
#include <string.h>

#define LONGEST_S      3600
#define MOST_JITTER    50
#define DEFAULT_JITTER 10

static const char *const VARIES[] = {
    [VARY_ALL] = "all", [VARY_RIGHTS] = "rights", [VARY_PRINCIPAL] = "principal"
};

static const char *const SOURCES[][2] = {
    { "artifacts.", "artifact-publisher" }, { "auth.", "auth" },
    { "bridge.", "research-bridge" },       { "governance.", "governance-engine" },
    { "latency.", "latency-sampler" },
};

const char *
cache_source(const char *event)
{
    for (size_t i = 0; i < sizeof SOURCES / sizeof *SOURCES; i++)
        if (strncmp(event, SOURCES[i][0], strlen(SOURCES[i][0])) == 0)
            return SOURCES[i][1];
    return NULL;
}

static int64_t
number(struct contract *self, const struct operation *op, const struct pl_node *rule,
       const char *key, int64_t otherwise, int64_t least, int64_t most)
{
    const struct pl_node *value = pl_node_get(rule, key);
    int64_t found = pl_node_int(value, least - 1);

    if (value == NULL)
        return otherwise;
    if (found >= least && found <= most)
        return found;
    contract_problem(self, "%s: x-cache: %s must be %" PRId64 " to %" PRId64, op->id, key, least,
                     most);
    return otherwise;
}

static enum cache_vary
read_vary(struct contract *self, const struct operation *op, const struct pl_node *rule)
{
    const char *text = pl_node_text(pl_node_get(rule, "vary"), "");

    for (int i = 0; i < VARY_COUNT; i++)
        if (strcmp(VARIES[i], text) == 0)
            return (enum cache_vary)i;
    contract_problem(self, "%s: x-cache: vary is all, rights or principal", op->id);
    return VARY_PRINCIPAL;
}

static void
read_events(struct contract *self, const struct operation *op, const struct pl_node *list,
            struct cache_rule *out)
{
    for (uint32_t i = 0; list && i < list->count; i++) {
        const char *event = pl_node_text(list->items[i], "");

        if (i == MOST_CACHE_EVENTS || cache_source(event) == NULL) {
            contract_problem(self, "%s: x-cache: nobody sends \"%s\", or there are too many",
                             op->id, event);
            return;
        }
        out->events[i] = event;
    }
}

static void
check_members(struct contract *self, const struct operation *op, const struct pl_node *rule)
{
    static const char *const KNOWN[] = { "ttl", "stale", "jitter", "vary", "events", "warm" };

    for (uint32_t i = 0; i < rule->count; i++) {
        bool known = false;

        for (size_t k = 0; k < sizeof KNOWN / sizeof *KNOWN; k++)
            known = known || strcmp(rule->members[i].key, KNOWN[k]) == 0;
        if (!known)
            contract_problem(self, "%s: x-cache: \"%s\" means nothing", op->id,
                             rule->members[i].key);
    }
}

const struct cache_rule *
contract_cache_rule(struct contract *self, const struct operation *op, const struct pl_node *node)
{
    const struct pl_node *rule = pl_node_get(node, "x-cache");
    struct cache_rule *out;

    if (rule == NULL)
        return NULL;
    if (!pl_node_is(rule, PL_OBJECT) || strcmp(op->method, "GET") != 0 || !op->idempotent ||
        strcmp(op->service, "api-gateway") == 0) {
        contract_problem(self, "%s: x-cache is an object at an x-idempotent GET of a service",
                         op->id);
        return NULL;
    }
    out = pl_arena_alloc(self->arena, sizeof *out);
    out->ttl_ms = 1000 * number(self, op, rule, "ttl", 0, 1, LONGEST_S);
    out->stale_ms = 1000 * number(self, op, rule, "stale", 0, 0, LONGEST_S);
    out->jitter = (int)number(self, op, rule, "jitter", DEFAULT_JITTER, 0, MOST_JITTER);
    out->vary = read_vary(self, op, rule);
    out->warm = pl_node_true(pl_node_get(rule, "warm"), false);
    read_events(self, op, pl_node_get(rule, "events"), out);
    check_members(self, op, rule);
    if (out->ttl_ms == 0)
        contract_problem(self, "%s: x-cache: ttl is missing", op->id);
    if (out->warm && (strchr(op->path, '{') || out->vary != VARY_ALL))
        contract_problem(self, "%s: x-cache: only what is the same for all can be warmed", op->id);
    return out;
}
