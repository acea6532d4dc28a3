#include "limits.h"

#include "limiter.h"
#include "settings.h"

#include "pl_embed.h"
#include "pl_node.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_NAME 32
#define MOST_COSTS   1000
#define LEASE_FROM   200.0 // a second: below, each request asks Redis (DESIGN section 8)
#define SHORT_LEASE  10000 // us
#define LONG_LEASE   100000

extern const struct pl_embedded gateway_limits[];

static const char *const BY[] = { "address", "user", "token", "global" };
static const char *const AWAY[] = { "local", "open", "closed" };

static const struct {
    const char *name;
    double seconds;
} PERIODS[] = { { "second", 1 }, { "minute", 60 }, { "hour", 3600 }, { "day", 86400 } };

// ---- reading --------------------------------------------------------------------------------

static int
check_members(const struct pl_node *node, const char *const *known, const char *what,
              struct pl_err *err)
{
    if (!pl_node_is(node, PL_OBJECT))
        return pl_fail(err, INVALID, "%s is no object", what);
    for (uint32_t i = 0; i < node->count; i++) {
        const char *const *name = known;

        while (*name && strcmp(*name, node->members[i].key) != 0)
            name++;
        if (*name == NULL)
            return pl_fail(err, INVALID, "line %u: \"%s\" means nothing in %s",
                           node->members[i].line, node->members[i].key, what);
    }
    return 0;
}

static int
read_word(const struct pl_node *node, const char *key, const char *const *words, int count,
          int otherwise, int *out, struct pl_err *err)
{
    const struct pl_node *value = pl_node_get(node, key);
    const char *text = pl_node_text(value, "");

    *out = otherwise;
    if (value == NULL)
        return 0;
    for (*out = 0; *out < count; ++*out)
        if (strcmp(words[*out], text) == 0)
            return 0;
    return pl_fail(err, INVALID, "line %u: %s cannot be \"%s\"", value->line, key, text);
}

static int
read_period(const struct pl_node *node, double *out, struct pl_err *err)
{
    const struct pl_node *value = pl_node_get(node, "per");

    *out = 1;
    if (value == NULL)
        return 0;
    for (size_t i = 0; i < sizeof PERIODS / sizeof *PERIODS; i++)
        if (strcmp(PERIODS[i].name, pl_node_text(value, "")) == 0) {
            *out = PERIODS[i].seconds;
            return 0;
        }
    return pl_fail(err, INVALID, "line %u: per is second, minute, hour or day", value->line);
}

static int
read_name(struct limits *self, struct policy *out, const struct pl_node *node, struct pl_err *err)
{
    const char *name = pl_node_text(pl_node_get(node, "name"), "");
    size_t length = strlen(name);

    if (length == 0 || length > LONGEST_NAME ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
        return pl_fail(err, INVALID,
                       "line %u: a policy has a name of up to %d letters a-z, digits and -",
                       node->line, LONGEST_NAME);
    if (limits_find(self, name))
        return pl_fail(err, INVALID, "line %u: there are two policies \"%s\"", node->line, name);
    out->name = pl_arena_strdup(self->arena, name);
    return 0;
}

static int
read_routes(struct limits *self, struct policy *out, const struct pl_node *node, struct pl_err *err)
{
    const struct pl_node *list = pl_node_get(node, "routes");

    if (list == NULL)
        return 0;
    if (!pl_node_is(list, PL_ARRAY) || list->count == 0)
        return pl_fail(err, INVALID, "line %u: routes is a list of operations and paths",
                       list->line);
    out->routes = pl_arena_alloc(self->arena, (list->count + 1) * sizeof *out->routes);
    for (uint32_t i = 0; i < list->count; i++) {
        out->routes[i] = pl_node_text(list->items[i], NULL);
        if (out->routes[i] == NULL)
            return pl_fail(err, INVALID, "line %u: a route is a text", list->items[i]->line);
    }
    return 0;
}

/* Tokens may be held as long as a quarter of the bucket lasts. */
static int64_t
lease_of(const struct policy *policy)
{
    double us = 1e6 * (double)policy->limit.burst / (4 * policy->rate);

    if (policy->rate < LEASE_FROM || us < SHORT_LEASE)
        return 0;
    return us > LONG_LEASE ? LONG_LEASE : (int64_t)us;
}

static int
read_numbers(struct policy *out, const struct pl_node *node, struct pl_err *err)
{
    double rate = pl_node_double(pl_node_get(node, "rate"), 0), period;
    int64_t burst = pl_node_int(pl_node_get(node, "burst"), 0);

    if (read_period(node, &period, err))
        return -1;
    rate /= period;
    if (!(rate >= 1.0 / 86400 && rate <= 1e5))
        return pl_fail(err, INVALID, "%s: the rate is from 1 a day to 100000 a second", out->name);
    if (burst < 1 || burst > 1000000)
        return pl_fail(err, INVALID, "%s: the burst is from 1 to 1000000", out->name);
    out->rate = rate;
    out->limit = (struct limit){ (int64_t)ceil(1e6 / rate - 1e-6), burst };
    if ((double)out->limit.interval_us * (double)burst > 90.0 * 86400e6)
        return pl_fail(err, INVALID, "%s: its bucket would fill for longer than 90 days",
                       out->name);
    out->lease_us = lease_of(out);
    snprintf(out->field, sizeof out->field, "\"%s\";q=%" PRId64 ";w=%" PRId64, out->name, burst,
             (int64_t)ceil((double)burst / rate));
    return 0;
}

static int
read_policy(struct limits *self, const struct pl_node *node, struct pl_err *err)
{
    static const char *const KNOWN[] = { "name",   "key",    "rate", "per", "burst",
                                         "routes", "shadow", "away", NULL };
    struct policy *out = &self->policies[self->count];
    const struct pl_node *shadow = pl_node_get(node, "shadow");
    int by, away;

    if (check_members(node, KNOWN, "a policy", err) || read_name(self, out, node, err) ||
        read_word(node, "key", BY, BY_COUNT, BY_ADDRESS, &by, err) ||
        read_word(node, "away", AWAY, AWAY_COUNT, (int)limiter_away(), &away, err) ||
        read_routes(self, out, node, err) || read_numbers(out, node, err))
        return -1;
    if (shadow && !pl_node_is(shadow, PL_BOOL))
        return pl_fail(err, INVALID, "line %u: shadow is true or false", shadow->line);
    out->by = (enum limit_by)by;
    out->away = (enum limit_away)away;
    out->shadow = pl_node_true(shadow, false);
    self->count++;
    return 0;
}

static int
read_costs(struct limits *self, const struct pl_node *node, struct pl_err *err)
{
    if (node == NULL)
        return 0;
    if (!pl_node_is(node, PL_OBJECT) || node->count > MOST_COSTS)
        return pl_fail(err, INVALID, "line %u: costs is an object: what a route costs", node->line);
    self->costs = pl_arena_alloc(self->arena, (node->count + 1) * sizeof *self->costs);
    for (uint32_t i = 0; i < node->count; i++) {
        int64_t cost = pl_node_int(node->members[i].value, 0);

        if (cost < 1 || cost > 1000)
            return pl_fail(err, INVALID, "line %u: a cost is a number from 1 to 1000",
                           node->members[i].line);
        self->costs[self->cost_count++] = (struct limit_cost){ node->members[i].key, cost };
    }
    return 0;
}

/* What costs more than fits could never be asked. */
static int
check_costs(const struct limits *self, struct pl_err *err)
{
    for (int i = 0; i < self->cost_count; i++)
        for (int p = 0; p < self->count; p++)
            if (self->costs[i].cost > self->policies[p].limit.burst &&
                policy_counts(&self->policies[p], self->costs[i].route, self->costs[i].route))
                return pl_fail(err, INVALID, "%s costs more than the policy \"%s\" ever holds",
                               self->costs[i].route, self->policies[p].name);
    return 0;
}

static int
read_all(struct limits *self, const char *text, size_t length, struct pl_err *err)
{
    static const char *const KNOWN[] = { "policies", "costs", NULL };
    const struct pl_node *root = pl_document_parse(self->arena, text, length, NULL, err), *list;

    if (root == NULL)
        return -1;
    if (check_members(root, KNOWN, "a file of limits", err))
        return -1;
    list = pl_node_get(root, "policies");
    if (!pl_node_is(list, PL_ARRAY) || list->count > MAX_POLICIES)
        return pl_fail(err, INVALID, "policies is a list of at most %d policies", MAX_POLICIES);
    for (uint32_t i = 0; i < list->count; i++)
        if (read_policy(self, list->items[i], err))
            return -1;
    return read_costs(self, pl_node_get(root, "costs"), err) || check_costs(self, err) ? -1 : 0;
}

int
limits_read(struct limits **out, const char *text, size_t length, struct pl_err *err)
{
    struct limits *self = calloc(1, sizeof *self);

    if (self == NULL)
        abort();
    self->arena = pl_arena_new();
    if (read_all(self, text, length, err)) {
        err->code = PL_INVALID; // also what cannot be read at all
        limits_destroy(&self);
    }
    *out = self;
    return self ? 0 : -1;
}

void
limits_destroy(struct limits **self_p)
{
    if (*self_p == NULL)
        return;
    pl_arena_destroy(&(*self_p)->arena);
    free(*self_p);
    *self_p = NULL;
}

// ---- those of the settings ------------------------------------------------------------------

int
limits_builtin(struct limits **out, struct pl_err *err)
{
    struct policy *client;
    char text[64];
    struct pl_node *node;

    if (settings.limit_rate == 0)
        return limits_read(out, "{\"policies\":[]}", 15, err);
    if (limits_read(out, gateway_limits[0].text, gateway_limits[0].size, err))
        return -1;
    client = (struct policy *)(uintptr_t)limits_find(*out, "client");
    snprintf(text, sizeof text, "{\"rate\":%" PRId64 ",\"burst\":%" PRId64 "}", settings.limit_rate,
             settings.limit_burst);
    node = pl_json_parse((*out)->arena, text, strlen(text), NULL, err);
    return client && node ? read_numbers(client, node, err) : -1;
}

// ---- asking ---------------------------------------------------------------------------------

static bool
is_route(const char *wanted, const char *id, const char *route)
{
    return (id && strcmp(wanted, id) == 0) || strcmp(wanted, route) == 0;
}

bool
policy_counts(const struct policy *policy, const char *id, const char *route)
{
    if (policy->routes == NULL)
        return true;
    for (const char **wanted = policy->routes; *wanted; wanted++)
        if (is_route(*wanted, id, route))
            return true;
    return false;
}

int64_t
limits_cost(const struct limits *self, const char *id, const char *route)
{
    for (int i = 0; i < self->cost_count; i++)
        if (is_route(self->costs[i].route, id, route))
            return self->costs[i].cost;
    return 1;
}

const struct policy *
limits_find(const struct limits *self, const char *name)
{
    for (int i = 0; i < self->count; i++)
        if (strcmp(self->policies[i].name, name) == 0)
            return &self->policies[i];
    return NULL;
}

const char *
limit_by_name(enum limit_by by)
{
    return BY[by];
}

const char *
limit_away_name(enum limit_away away)
{
    return AWAY[away];
}
