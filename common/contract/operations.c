#include "operations.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *const METHODS[] = { "get",     "put",  "post",  "delete",
                                       "options", "head", "patch", "trace" };
#define METHOD_COUNT (sizeof METHODS / sizeof *METHODS)

const char *
cmp_lower(const char *text, struct pl_arena *arena)
{
    char *out = pl_arena_strdup(arena, text);

    for (char *at = out; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return out;
}

static const char *
upper(const char *text, struct pl_arena *arena)
{
    char *out = pl_arena_strdup(arena, text);

    for (char *at = out; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return out;
}

/* Parameters of a media type are kept but for the charset: that is about bytes. */
const char *
cmp_media_type(const char *text, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };
    const char *lower = cmp_lower(text, arena);

    while (*lower) {
        size_t length = strcspn(lower, ";");
        const char *part = lower + strspn(lower, " \t");

        if (length > (size_t)(part - lower) && strncmp(part, "charset", 7) != 0) {
            size_t size = length - (size_t)(part - lower);

            while (size > 0 && isspace((unsigned char)part[size - 1]))
                size--;
            if (out.length)
                pl_buf_char(&out, ';');
            pl_buf_add(&out, part, size);
        }
        lower += length + (lower[length] == ';');
    }
    return pl_buf_text(&out);
}

const char *
cmp_path_key(const char *path, struct pl_arena *arena)
{
    char *out = pl_arena_strdup(arena, path), *to = out;

    for (const char *at = path; *at; at++) {
        const char *close = *at == '{' ? strchr(at, '}') : NULL;

        *to++ = *at;
        if (close) {
            *to++ = '}';
            at = close;
        }
    }
    *to = '\0';
    return out;
}

/* "path 2" for the second {parameter} of the template; NULL if it is not in there. */
static const char *
position_key(const char *path, const char *name, struct pl_arena *arena)
{
    size_t length = strlen(name);
    int n = 0;

    for (const char *at = strchr(path, '{'); at; at = strchr(at + 1, '{')) {
        n++;
        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '}')
            return pl_arena_printf(arena, "path %d", n);
    }
    return NULL;
}

/* A path parameter whose name the template does not have is that of the first {parameter} that
 * no other names. */
static const char *
left_over_key(const struct cmp_operation *operation, struct pl_arena *arena)
{
    int n = 0;

    for (const char *at = strchr(operation->path, '{'); at; at = strchr(at + 1, '{')) {
        const char *key = pl_arena_printf(arena, "path %d", ++n);
        bool taken = false;

        for (int i = 0; i < operation->parameter_count && !taken; i++)
            taken = strcmp(operation->parameters[i].key, key) == 0;
        if (!taken)
            return key;
    }
    return NULL;
}

static const char *
path_key_of(const struct cmp_operation *operation, const char *name, struct pl_arena *arena)
{
    const char *key = position_key(operation->path, name, arena);

    key = key ? key : left_over_key(operation, arena);
    return key ? key : pl_arena_printf(arena, "path %s", name);
}

void
cmp_name_parameter(struct cmp_parameter *out, const struct cmp_operation *operation,
                   struct cmp_spot spot, struct pl_arena *arena)
{
    out->name = pl_node_text(pl_node_get(spot.node, "name"), "");
    out->in = pl_node_text(pl_node_get(spot.node, "in"), "");
    out->required = pl_node_true(pl_node_get(spot.node, "required"), false);
    out->deprecated = pl_node_true(pl_node_get(spot.node, "deprecated"), false);
    if (strcmp(out->in, "path") == 0)
        out->key = path_key_of(operation, out->name, arena);
    else if (strcmp(out->in, "header") == 0)
        out->key = pl_arena_printf(arena, "header %s", cmp_lower(out->name, arena));
    else
        out->key = pl_arena_printf(arena, "%s %s", out->in, out->name);
    out->spot = cmp_spot_label(
        spot, pl_arena_printf(arena, "%s parameter `%s`", out->in, out->name), arena);
}

static uint32_t
list_length(struct cmp_spot owner)
{
    const struct pl_node *list = pl_node_get(owner.node, "parameters");

    return pl_node_is(list, PL_ARRAY) ? list->count : 0;
}

int
cmp_parameter_total(const struct cmp_operation *operation, struct cmp_spot path_item)
{
    return (int)(list_length(operation->spot) + list_length(path_item));
}

/* First the operation's own, then those of the path; references followed. */
struct cmp_spot
cmp_parameter_at(struct cmp_operation *operation, struct cmp_spot path_item, int i,
                 struct pl_arena *arena)
{
    uint32_t own = list_length(operation->spot), n = (uint32_t)i;
    struct cmp_spot owner = n < own ? operation->spot : path_item;
    struct cmp_spot list = cmp_spot_get(owner, "parameters", arena);

    return cmp_spot_follow(cmp_spot_at(list, n < own ? n : n - own, arena), arena);
}

/* The path without ${strip}; a path is never empty. */
static const char *
stripped(const char *path, const char *strip)
{
    size_t length = strip ? strlen(strip) : 0;

    while (length > 0 && strip[length - 1] == '/')
        length--;
    if (length == 0 || strncmp(path, strip, length) != 0)
        return path;
    return path[length] == '/' ? path + length : path[length] == '\0' ? "/" : path;
}

static void
read_operation(struct cmp_operation *out, struct cmp_model *model, struct cmp_spot item,
               const char *method, const char *path, struct pl_arena *arena)
{
    struct cmp_spot root = model->root;
    struct cmp_spot spot = cmp_spot_get(item, method, arena);

    out->spot = spot;
    out->ref = (struct pl_operation_ref){ upper(method, arena), path,
                                          pl_node_text(pl_node_get(spot.node, "operationId"), "") };
    out->path = stripped(path, model->strip);
    out->key = cmp_path_key(out->path, arena);
    out->servers = cmp_servers_of(model, spot, item, arena);
    if (out->servers->base_path && !out->reversed)
        out->full_key = *out->servers->base_path
                            ? pl_arena_printf(arena, "%s%s", out->servers->base_path, out->key)
                            : out->key;
    out->deprecated = pl_node_true(pl_node_get(spot.node, "deprecated"), false);
    out->callbacks = cmp_spot_get(spot, "callbacks", arena);
    if (root.document->spec == PL_SWAGGER_20)
        cmp_read_swagger(out, root, item, arena);
    else
        cmp_read_openapi(out, item, arena);
    cmp_read_security(out, root, arena);
}

static struct cmp_operation *
new_operation(struct cmp_model *model, struct pl_arena *arena)
{
    if (model->count == model->room) {
        int room = model->room ? model->room * 2 : 64;
        struct cmp_operation *all = pl_arena_alloc(arena, (size_t)room * sizeof *all);

        if (model->count)
            memcpy(all, model->operations, (size_t)model->count * sizeof *all);
        model->operations = all;
        model->room = room;
    }
    return &model->operations[model->count++];
}

void
cmp_add_operations(struct cmp_model *model, struct cmp_spot item, const char *path,
                   const struct cmp_operation *like, struct pl_arena *arena)
{
    for (size_t k = 0; k < METHOD_COUNT; k++) {
        struct cmp_operation *out;

        if (!pl_node_is(pl_node_get(item.node, METHODS[k]), PL_OBJECT))
            continue;
        out = new_operation(model, arena);
        *out = *like;
        read_operation(out, model, item, METHODS[k], path, arena);
        if (out->parent == NULL)
            cmp_add_callbacks(model, model->count - 1, arena);
    }
}

static void
add_paths(struct cmp_model *model, const char *member, bool reversed, struct pl_arena *arena)
{
    struct cmp_spot paths = cmp_spot_get(model->root, member, arena);
    struct cmp_operation like = { .reversed = reversed,
                                  .what = reversed ? "webhook" : "operation" };

    for (uint32_t i = 0; pl_node_is(paths.node, PL_OBJECT) && i < paths.node->count; i++) {
        const char *path = paths.node->members[i].key;
        struct cmp_spot item = cmp_spot_follow(cmp_spot_get(paths, path, arena), arena);

        if (!reversed && *path != '/')
            continue; // an extension
        cmp_add_operations(model, item,
                           reversed ? pl_arena_printf(arena, "webhook %s", path) : path, &like,
                           arena);
    }
}

static int
by_path(const void *a, const void *b)
{
    const struct cmp_operation *one = a, *two = b;
    int order = strcmp(one->ref.path, two->ref.path);

    return order ? order : strcmp(one->ref.method, two->ref.method);
}

struct cmp_model *
cmp_model(const struct pl_document *document, const char *strip, struct pl_arena *arena)
{
    struct cmp_model *model = pl_arena_alloc(arena, sizeof *model);

    model->document = document;
    model->root = cmp_spot_root(document, arena);
    model->strip = strip;
    cmp_read_servers(model, arena);
    add_paths(model, "paths", false, arena);
    add_paths(model, "webhooks", true, arena);
    if (model->count)
        qsort(model->operations, (size_t)model->count, sizeof *model->operations, by_path);
    return model;
}
