/* operations_security -- who may ask: the alternatives of an operation, each a set of schemes,
 * described by what they are (type, place), not by what the document calls them. */
#include "operations.h"

#include <stdlib.h>
#include <string.h>

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
by_scheme(const void *a, const void *b)
{
    return strcmp(((const struct cmp_credential *)a)->scheme,
                  ((const struct cmp_credential *)b)->scheme);
}

struct cmp_spot
cmp_security_scheme(struct cmp_spot root, const char *name, struct pl_arena *arena)
{
    struct cmp_spot map = cmp_spot_get(root, "securityDefinitions", arena);

    if (map.node == NULL)
        map = cmp_spot_get(cmp_spot_get(root, "components", arena), "securitySchemes", arena);
    return cmp_spot_follow(cmp_spot_get(map, name, arena), arena);
}

/* Swagger's "basic" is OpenAPI's "http" with the scheme "basic". */
static const char *
describe_scheme(struct cmp_spot root, const char *name, struct pl_arena *arena)
{
    static const char *const PARTS[] = { "type", "scheme", "in", "name", "openIdConnectUrl" };
    struct cmp_spot scheme = cmp_security_scheme(root, name, arena);
    struct pl_buf out = { .arena = arena };

    if (scheme.node == NULL)
        return pl_arena_printf(arena, "unknown %s", name);
    if (strcmp(pl_node_text(pl_node_get(scheme.node, "type"), ""), "basic") == 0)
        return "http basic   ";
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        const char *part = pl_node_text(pl_node_get(scheme.node, PARTS[i]), "");
        bool is_name = strcmp(PARTS[i], "scheme") == 0 || strcmp(PARTS[i], "name") == 0;

        pl_buf_str(&out, i ? " " : "");
        pl_buf_str(&out, is_name ? cmp_lower(part, arena) : part);
    }
    return pl_buf_text(&out);
}

static struct cmp_alternative
read_alternative(struct cmp_spot spot, struct cmp_spot root, struct pl_arena *arena)
{
    struct cmp_alternative out = { 0 };

    if (!pl_node_is(spot.node, PL_OBJECT))
        return out;
    out.all = pl_arena_alloc(arena, (spot.node->count + 1) * sizeof *out.all);
    for (uint32_t i = 0; i < spot.node->count; i++) {
        struct cmp_credential *one = &out.all[out.count++];
        const struct pl_node *scopes = spot.node->members[i].value;

        one->name = spot.node->members[i].key;
        one->scheme = describe_scheme(root, one->name, arena);
        if (!pl_node_is(scopes, PL_ARRAY) || scopes->count == 0)
            continue;
        one->scopes = pl_arena_alloc(arena, scopes->count * sizeof *one->scopes);
        for (uint32_t k = 0; k < scopes->count; k++)
            one->scopes[one->scope_count++] = pl_node_text(scopes->items[k], "");
        qsort(one->scopes, (size_t)one->scope_count, sizeof *one->scopes, by_text);
    }
    if (out.count)
        qsort(out.all, (size_t)out.count, sizeof *out.all, by_scheme);
    return out;
}

void
cmp_read_security(struct cmp_operation *out, struct cmp_spot root, struct pl_arena *arena)
{
    struct cmp_spot own = cmp_spot_get(out->spot, "security", arena);

    // The document's security is that of its own operations, not of what the server calls.
    out->security = own.node || out->reversed ? own : cmp_spot_get(root, "security", arena);
    if (!pl_node_is(out->security.node, PL_ARRAY))
        return;
    out->alternatives =
        pl_arena_alloc(arena, (out->security.node->count + 1) * sizeof *out->alternatives);
    for (uint32_t i = 0; i < out->security.node->count; i++)
        out->alternatives[out->alternative_count++] =
            read_alternative(cmp_spot_at(out->security, i, arena), root, arena);
}
