#include "router.h"

#include "pl_buf.h"

#include <string.h>

struct node {
    const char *text;      // of a literal; NULL of a parameter
    struct node *children; // literals
    struct node *next;
    struct node *parameter;
    struct route *route;
};

struct router {
    struct pl_arena *arena;
    struct node root;
};

struct router *
router_new(struct pl_arena *arena)
{
    struct router *self = pl_arena_alloc(arena, sizeof *self);

    self->arena = arena;
    return self;
}

static struct node *
literal(const struct node *parent, const char *text)
{
    for (struct node *child = parent->children; child; child = child->next)
        if (strcmp(child->text, text) == 0)
            return child;
    return NULL;
}

static struct node *
add_literal(struct router *self, struct node *parent, const char *text)
{
    struct node *child = literal(parent, text);

    if (child)
        return child;
    child = pl_arena_alloc(self->arena, sizeof *child);
    child->text = text;
    child->next = parent->children;
    parent->children = child;
    return child;
}

static struct node *
add_parameter(struct router *self, struct node *parent)
{
    if (parent->parameter == NULL)
        parent->parameter = pl_arena_alloc(self->arena, sizeof *parent->parameter);
    return parent->parameter;
}

/* Walk ${path}, making nodes on the way; parameter names go into ${route}. */
static int
walk(struct router *self, const char *path, struct route *route, struct node **out,
     struct pl_err *err)
{
    struct node *node = &self->root;

    if (*path != '/')
        return pl_fail(err, INVALID, "the path \"%s\" does not begin with a slash", path);
    for (const char *at = path; *at; at += strcspn(at, "/")) {
        size_t length = strcspn(++at, "/");
        char *text = pl_arena_memdup(self->arena, at, length);

        if (length == 0)
            return pl_fail(err, INVALID, "the path \"%s\" has an empty segment", path);
        if (text[0] != '{') {
            node = add_literal(self, node, text);
            continue;
        }
        if (text[length - 1] != '}' || length < 3 || strcspn(text + 1, "{}") != length - 2)
            return pl_fail(err, INVALID, "the segment \"%s\" is no parameter", text);
        if (route->name_count == MAX_PATH_VALUES)
            return pl_fail(err, INVALID, "the path \"%s\" has too many parameters", path);
        text[length - 1] = '\0';
        route->names[route->name_count++] = text + 1;
        node = add_parameter(self, node);
    }
    *out = node;
    return 0;
}

int
router_add(struct router *self, const char *path, const char *method,
           const struct operation *operation, struct pl_err *err)
{
    struct route *route = pl_arena_alloc(self->arena, sizeof *route);
    struct node *node = NULL;

    route->path = path;
    if (walk(self, path, route, &node, err))
        return -1;
    if (node->route == NULL)
        node->route = route;
    route = node->route;
    if (strcmp(route->path, path) != 0)
        return pl_fail(err, INVALID, "\"%s\" and \"%s\" are the same path", route->path, path);
    if (route_method(route, method))
        return pl_fail(err, INVALID, "%s %s is there twice", method, path);
    if (route->count == MAX_METHODS)
        return pl_fail(err, INVALID, "the path \"%s\" has too many methods", path);
    route->methods[route->count] = method;
    route->operations[route->count++] = operation;
    return 0;
}

static const struct route *
find(const struct node *node, const char *const *segments, int count, struct path_values *values)
{
    const struct route *route = NULL;
    struct node *child;

    if (count == 0)
        return node->route;
    child = literal(node, *segments);
    if (child)
        route = find(child, segments + 1, count - 1, values);
    if (route || node->parameter == NULL || values->count == MAX_PATH_VALUES)
        return route;
    values->values[values->count++] = *segments;
    route = find(node->parameter, segments + 1, count - 1, values);
    if (route == NULL)
        values->count--;
    return route;
}

const struct route *
router_find(const struct router *self, const char *const *segments, int count,
            struct path_values *values)
{
    const struct route *route;

    *values = (struct path_values){ 0 };
    route = find(&self->root, segments, count, values);
    for (int i = 0; route && i < values->count; i++)
        values->names[i] = route->names[i];
    return route;
}

const struct operation *
route_method(const struct route *route, const char *method)
{
    for (int i = 0; i < route->count; i++)
        if (strcmp(route->methods[i], method) == 0)
            return route->operations[i];
    return strcmp(method, "HEAD") == 0 ? route_method(route, "GET") : NULL;
}

char *
route_allow(const struct route *route, struct pl_arena *arena)
{
    static const char *const ORDER[] = {
        "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"
    };
    struct pl_buf out = { .arena = arena };

    for (size_t i = 0; i < sizeof ORDER / sizeof *ORDER; i++)
        if (strcmp(ORDER[i], "OPTIONS") == 0 || route_method(route, ORDER[i]))
            pl_buf_printf(&out, "%s%s", out.length ? ", " : "", ORDER[i]);
    return out.data;
}

const char *
path_value(const struct path_values *values, const char *name)
{
    for (int i = 0; i < values->count; i++)
        if (strcmp(values->names[i], name) == 0)
            return values->values[i];
    return NULL;
}
