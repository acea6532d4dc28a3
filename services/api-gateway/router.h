/* router -- from a path to what answers it: a tree of segments, literals before parameters.
 *
 * Built once at start, read-only afterwards, so that every reactor may use it.
 */
#ifndef ROUTER_H
#define ROUTER_H

#include "pl_arena.h"
#include "pl_err.h"

#define MAX_METHODS     8
#define MAX_PATH_VALUES 8

struct operation;

/* One path template with what its methods do. */
struct route {
    const char *path; // template as in the contract
    const char *methods[MAX_METHODS];
    const struct operation *operations[MAX_METHODS];
    int count;
    const char *names[MAX_PATH_VALUES]; // of its parameters, in order
    int name_count;
};

/* The values that the parameters have in one request. */
struct path_values {
    const char *names[MAX_PATH_VALUES], *values[MAX_PATH_VALUES];
    int count;
};

struct router;

struct router *router_new(struct pl_arena *arena);

/* Add "/api/v1/apis/{api}".  INVALID if the template is malformed, if two templates differ only
 * in the names of parameters, or if the method is there already. */
int router_add(struct router *self, const char *path, const char *method,
               const struct operation *operation, struct pl_err *err);

/* The route of ${count} decoded segments, or NULL.  A literal wins over a parameter, but a
 * literal that leads nowhere does not hide a parameter that leads somewhere. */
const struct route *router_find(const struct router *self, const char *const *segments, int count,
                                struct path_values *values);

/* What ${method} does there; HEAD finds GET.  NULL if it is not allowed. */
const struct operation *route_method(const struct route *route, const char *method);

/* "GET, HEAD, OPTIONS, PUT": for Allow. */
char *route_allow(const struct route *route, struct pl_arena *arena);

/* The value of a path parameter, or NULL. */
const char *path_value(const struct path_values *values, const char *name);

#endif
