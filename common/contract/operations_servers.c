/* operations_servers -- where operations are found: the `servers` of the operation, else of its
 * path, else of the document; schemes, host and basePath of Swagger 2.0.
 *
 * A variable with an enum stands for its values: an address for each.  Lists with the same
 * addresses are one list, so that what many operations repeat is compared once. */
#include "operations.h"

#include <ctype.h>
#include <string.h>

#define MOST_ADDRESSES 64 // of one server by its variables; beyond, the template is the address

/* What stands behind the host of an address, without the slash at its end. */
static const char *
path_of(const char *address, struct pl_arena *arena)
{
    const char *scheme = strstr(address, "://");
    const char *path = scheme ? strchr(scheme + 3, '/') : strchr(address, '/');
    char *out = pl_arena_strdup(arena, path ? path : "");
    size_t length = strcspn(out, "?#");

    while (length > 0 && out[length - 1] == '/')
        length--;
    out[length] = '\0';
    return out;
}

/* Scheme and host in lower case (RFC 3986, 6.2.2.1), variables without a list as {}, no slash at
 * the end. */
static const char *
normal(const char *url, struct pl_arena *arena)
{
    char *out = pl_arena_strdup(arena, cmp_path_key(url, arena));
    const char *scheme = strstr(out, "://");
    size_t host = scheme ? (size_t)(scheme + 3 - out) + strcspn(scheme + 3, "/") : 0;
    size_t length = strlen(out);

    for (size_t i = 0; i < host; i++)
        out[i] = (char)tolower((unsigned char)out[i]);
    while (length > 1 && out[length - 1] == '/')
        out[--length] = '\0';
    return out;
}

struct reading {
    struct cmp_servers *out;
    const struct pl_node *variables;
    struct cmp_spot spot;
    struct pl_arena *arena;
    int room;
};

static void
add_address(struct reading *self, const char *text)
{
    struct cmp_servers *out = self->out;

    if (out->count == self->room) {
        int room = self->room ? self->room * 2 : 4;
        struct cmp_address *all = pl_arena_alloc(self->arena, (size_t)room * sizeof *all);

        if (out->count)
            memcpy(all, out->all, (size_t)out->count * sizeof *all);
        out->all = all;
        self->room = room;
    }
    out->all[out->count++] = (struct cmp_address){ text, normal(text, self->arena), self->spot };
}

/* The list of the first {variable} at or behind ${at} that has one; *open and *close are its
 * braces.  NULL: there is none. */
static const struct pl_node *
next_list(const struct reading *self, const char *at, const char **open, const char **close)
{
    for (at = strchr(at, '{'); at; at = strchr(at + 1, '{')) {
        const char *end = strchr(at, '}');
        const struct pl_node *list;

        if (end == NULL)
            return NULL;
        list =
            pl_node_get(pl_node_get(self->variables, pl_arena_printf(self->arena, "%.*s",
                                                                     (int)(end - at) - 1, at + 1)),
                        "enum");
        if (pl_node_is(list, PL_ARRAY) && list->count > 0) {
            *open = at;
            *close = end;
            return list;
        }
    }
    return NULL;
}

/* How many addresses the lists make. */
static size_t
combinations(const struct reading *self, const char *url)
{
    const char *open, *close = url;
    const struct pl_node *list;
    size_t product = 1;

    while (product <= MOST_ADDRESSES && (list = next_list(self, close, &open, &close)))
        product *= list->count;
    return product;
}

static void
expand(struct reading *self, const char *url, const char *from)
{
    const char *open, *close;
    const struct pl_node *list = next_list(self, from, &open, &close);

    if (list == NULL) {
        add_address(self, url);
        return;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const char *value = pl_node_text(list->items[i], "");
        const char *next =
            pl_arena_printf(self->arena, "%.*s%s%s", (int)(open - url), url, value, close + 1);

        expand(self, next, next + (open - url) + strlen(value));
    }
}

/* The base path that all of them have, variables as {}. */
static void
join_base_path(struct cmp_servers *out, const char *url, bool first, struct pl_arena *arena)
{
    const char *path = cmp_path_key(path_of(url, arena), arena);

    if (first)
        out->base_path = path;
    else if (out->base_path && strcmp(path, out->base_path) != 0)
        out->base_path = NULL;
}

static void
read_list(struct reading *self)
{
    for (uint32_t i = 0; i < self->out->spot.node->count; i++) {
        const char *url;

        self->spot = cmp_spot_at(self->out->spot, i, self->arena);
        self->variables = pl_node_get(self->spot.node, "variables");
        url = pl_node_text(pl_node_get(self->spot.node, "url"), "/");
        join_base_path(self->out, url, i == 0, self->arena);
        if (combinations(self, url) <= MOST_ADDRESSES)
            expand(self, url, url);
        else
            add_address(self, url);
    }
}

/* Host and base path by each scheme that ${schemes} names; without a host only the path counts. */
static void
read_schemes(struct reading *self, const struct pl_node *root, struct cmp_spot schemes)
{
    const char *host = pl_node_text(pl_node_get(root, "host"), "");
    const char *path = pl_node_text(pl_node_get(root, "basePath"), "/");
    const char *url = pl_arena_printf(self->arena, "%s%s%s", host, *path == '/' ? "" : "/", path);
    bool many = *host && pl_node_is(schemes.node, PL_ARRAY) && schemes.node->count > 0;

    join_base_path(self->out, url, true, self->arena);
    for (uint32_t i = 0; many && i < schemes.node->count; i++) {
        self->spot = cmp_spot_at(schemes, i, self->arena);
        add_address(self, pl_arena_printf(self->arena, "%s://%s",
                                          pl_node_text(self->spot.node, "http"), url));
    }
    if (!many)
        add_address(self, url);
}

static bool
are_same(const struct cmp_servers *a, const struct cmp_servers *b)
{
    bool same = a->count == b->count;

    for (int i = 0; same && i < a->count; i++)
        same = strcmp(a->all[i].key, b->all[i].key) == 0;
    return same;
}

/* The list at ${spot}, or one that says the same. */
static const struct cmp_servers *
intern(struct cmp_model *model, struct cmp_spot spot, struct pl_arena *arena)
{
    struct cmp_servers *out = pl_arena_alloc(arena, sizeof *out);
    struct reading self = { .out = out, .arena = arena };

    for (const struct cmp_servers *one = model->servers; one; one = one->next)
        if (one->spot.node == spot.node)
            return one;
    out->spot = out->key = spot;
    if (model->document->spec == PL_SWAGGER_20)
        read_schemes(&self, model->root.node, spot);
    else
        read_list(&self);
    for (const struct cmp_servers *one = model->servers; one; one = one->next)
        if (are_same(one, out))
            return one;
    out->next = model->servers->next; // the document's own stays the first
    model->servers->next = out;
    return out;
}

const struct cmp_servers *
cmp_servers_of(struct cmp_model *model, struct cmp_spot operation, struct cmp_spot path_item,
               struct pl_arena *arena)
{
    const struct cmp_spot owners[] = { operation, path_item };
    const char *member = model->document->spec == PL_SWAGGER_20 ? "schemes" : "servers";

    for (size_t i = 0; i < 2; i++) {
        const struct pl_node *list = pl_node_get(owners[i].node, member);

        if (pl_node_is(list, PL_ARRAY) && list->count > 0)
            return intern(model, cmp_spot_get(owners[i], member, arena), arena);
    }
    return model->servers;
}

void
cmp_read_servers(struct cmp_model *model, struct pl_arena *arena)
{
    struct cmp_servers *out = pl_arena_alloc(arena, sizeof *out);
    struct reading self = { .out = out, .arena = arena };
    const struct pl_node *root = model->root.node;

    model->servers = out;
    out->key = model->root;
    if (model->document->spec == PL_SWAGGER_20) {
        out->spot = self.spot = cmp_spot_get(model->root, "basePath", arena);
        read_schemes(&self, root, cmp_spot_get(model->root, "schemes", arena));
        return;
    }
    out->spot = self.spot = cmp_spot_get(model->root, "servers", arena);
    if (pl_node_is(out->spot.node, PL_ARRAY))
        read_list(&self);
    if (out->count == 0) { // nothing said is "/"
        join_base_path(out, "/", true, arena);
        add_address(&self, "/");
    }
}
