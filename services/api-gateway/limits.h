/* limits -- the policies of the rate limit, as a file says them.
 *
 *     policies:
 *       - {name: client, key: address, rate: 10, burst: 20}
 *       - {name: login, key: address, rate: 12, per: minute, burst: 10, routes: [login]}
 *     costs: {createRun: 5}
 *
 * A policy is a bucket for each value of its key, of `burst` requests, that fills with `rate`
 * requests a `per` (second).  It counts the routes it names by operation id, path template or
 * upstream, else all.  `shadow: true` counts and never refuses; `away` says what happens while
 * Redis is away.  A set is read-only once made and shared by reference.
 */
#ifndef LIMITS_H
#define LIMITS_H

#include "limiter_local.h"

#include "pl_arena.h"
#include "pl_err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_POLICIES 32

enum limit_by { BY_ADDRESS, BY_USER, BY_TOKEN, BY_ALL, BY_COUNT };
enum limit_away { AWAY_LOCAL, AWAY_OPEN, AWAY_CLOSED, AWAY_COUNT };

struct policy {
    const char *name;
    enum limit_by by;
    enum limit_away away;
    bool shadow;
    const char **routes; // ends with NULL; NULL: all
    struct limit limit;
    double rate;      // requests a second, for people
    int64_t lease_us; // how long tokens may be held; 0: each request asks Redis (limiter_lease.h)
    char field[96];   // its item of RateLimit-Policy
};

struct limit_cost {
    const char *route;
    int64_t cost;
};

struct limits {
    struct pl_arena *arena;
    struct policy policies[MAX_POLICIES];
    int count;
    struct limit_cost *costs;
    int cost_count;
    int holders; // limits_file.h counts them
};

/* From the text of a file (YAML or JSON).  INVALID names the first thing that is wrong; *out is
 * NULL then. */
int limits_read(struct limits **out, const char *text, size_t length, struct pl_err *err);

/* Those of the settings: PLUMB_LIMIT_RATE and PLUMB_LIMIT_BURST per client, and the classes of
 * operations that the built-in file limits more strictly.  Rate 0: none at all. */
int limits_builtin(struct limits **out, struct pl_err *err);

/* Safe on NULL. */
void limits_destroy(struct limits **self_p);

/* Does the policy count a request to the operation ${id} (or NULL) at ${route}? */
bool policy_counts(const struct policy *policy, const char *id, const char *route);

/* What such a request costs: 1, unless the file says more. */
int64_t limits_cost(const struct limits *self, const char *id, const char *route);

/* The policy of that name, or NULL. */
const struct policy *limits_find(const struct limits *self, const char *name);

/* As the file says it: "address", "local". */
const char *limit_by_name(enum limit_by by);
const char *limit_away_name(enum limit_away away);

#endif
