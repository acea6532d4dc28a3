#include "routes.h"

#include "settings.h"

#include "pl_buf.h"
#include "pl_node.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LARGEST_FILE (256u * 1024)
#define TIMEOUT_MS   15000
#define LARGEST_BODY (64 * 1024 * 1024)

static struct pl_arena *arena;
static struct upstream_route routes[MAX_ROUTES];
static int route_count;

static int
read_file(struct pl_buf *out, struct pl_err *err)
{
    FILE *file = fopen(settings.routes, "re");
    char part[8192];
    size_t got;

    if (file == NULL)
        return pl_fail(err, INVALID, "could not read %s: %s", settings.routes, strerror(errno));
    while ((got = fread(part, 1, sizeof part, file)) > 0 && out->length <= LARGEST_FILE)
        pl_buf_add(out, part, got);
    fclose(file);
    if (out->length > LARGEST_FILE)
        return pl_fail(err, INVALID, "%s has more than %u bytes", settings.routes, LARGEST_FILE);
    return 0;
}

static int
check_members(const struct pl_node *node, struct pl_err *err)
{
    static const char *const KNOWN[] = { "name",   "host",  "prefix",     "upstream",
                                         "health", "strip", "timeout_ms", "max_body" };

    for (uint32_t i = 0; i < node->count; i++) {
        size_t k = 0;

        while (k < sizeof KNOWN / sizeof *KNOWN && strcmp(KNOWN[k], node->members[i].key) != 0)
            k++;
        if (k == sizeof KNOWN / sizeof *KNOWN)
            return pl_fail(err, INVALID, "line %u: \"%s\" means nothing in a route",
                           node->members[i].line, node->members[i].key);
    }
    return 0;
}

static bool
is_upstream(const char *url)
{
    const char *host = strncmp(url, "http://", 7) == 0    ? url + 7
                       : strncmp(url, "https://", 8) == 0 ? url + 8
                                                          : "";

    return *host && strcspn(host, "/?#@ ") == strlen(host);
}

static int
read_route(struct upstream_route *out, const struct pl_node *node, struct pl_err *err)
{
    struct path prefix;

    if (!pl_node_is(node, PL_OBJECT))
        return pl_fail(err, INVALID, "line %u: a route is an object", node->line);
    if (check_members(node, err))
        return -1;
    *out = (struct upstream_route){
        .name = pl_node_text(pl_node_get(node, "name"), ""),
        .host = pl_node_text(pl_node_get(node, "host"), NULL),
        .prefix = pl_node_text(pl_node_get(node, "prefix"), ""),
        .upstream = pl_node_text(pl_node_get(node, "upstream"), ""),
        .health = pl_node_text(pl_node_get(node, "health"), NULL),
        .strip = pl_node_true(pl_node_get(node, "strip"), false),
        .timeout_ms = pl_node_int(pl_node_get(node, "timeout_ms"), TIMEOUT_MS),
        .max_body = pl_node_int(pl_node_get(node, "max_body"), 1024 * 1024),
    };
    if (*out->name == '\0' || strlen(out->name) > 40)
        return pl_fail(err, INVALID, "line %u: a route has a name", node->line);
    if (path_parse(&prefix, out->prefix, arena, err) || *prefix.query)
        return pl_fail(err, INVALID, "%s: the prefix is no path", out->name);
    out->count = prefix.count;
    memcpy(out->segments, prefix.segments, sizeof out->segments);
    if (!is_upstream(out->upstream))
        return pl_fail(err, INVALID, "%s: the upstream is http://host:port", out->name);
    if (out->health && *out->health != '/')
        return pl_fail(err, INVALID, "%s: health is a path", out->name);
    if (out->timeout_ms < 1 || out->timeout_ms > 600000 || out->max_body < 0 ||
        out->max_body > LARGEST_BODY)
        return pl_fail(err, INVALID, "%s: timeout_ms or max_body is out of range", out->name);
    return 0;
}

static int
read_all(struct pl_err *err)
{
    struct pl_buf text = { .arena = arena };
    const struct pl_node *root, *list;

    if (read_file(&text, err))
        return -1;
    root = pl_document_parse(arena, pl_buf_text(&text), text.length, NULL, err);
    list = pl_node_get(root, "routes");
    if (!pl_node_is(list, PL_ARRAY) || list->count > MAX_ROUTES)
        return pl_fail(err, INVALID, "%s: routes is a list of at most %d routes", settings.routes,
                       MAX_ROUTES);
    for (uint32_t i = 0; i < list->count; i++, route_count++)
        if (read_route(&routes[route_count], list->items[i], err))
            return -1;
    return 0;
}

int
routes_open(struct pl_err *err)
{
    route_count = 0;
    if (*settings.routes == '\0')
        return 0;
    arena = pl_arena_new();
    return read_all(err);
}

void
routes_close(void)
{
    pl_arena_destroy(&arena);
    route_count = 0;
}

const struct upstream_route *
routes_all(int *count)
{
    *count = route_count;
    return routes;
}

static bool
is_host(const char *wanted, const char *host)
{
    size_t length = strlen(wanted);

    return host && strncasecmp(host, wanted, length) == 0 &&
           (host[length] == '\0' || host[length] == ':');
}

const struct upstream_route *
routes_find(const struct path *path, const char *host)
{
    const struct upstream_route *best = NULL;

    for (const struct upstream_route *route = routes; route < routes + route_count; route++) {
        int same = 0;

        while (same < route->count && same < path->count &&
               strcmp(route->segments[same], path->segments[same]) == 0)
            same++;
        if (same < route->count || (route->host && !is_host(route->host, host)))
            continue;
        if (best == NULL || route->count > best->count ||
            (route->count == best->count && route->host && !best->host))
            best = route;
    }
    return best;
}
