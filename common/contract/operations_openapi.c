/* operations_openapi -- the parts of an operation as OpenAPI 3.0 and 3.1 write them. */
#include "operations.h"

#include <stdlib.h>
#include <string.h>

static int
by_media_type(const void *a, const void *b)
{
    return strcmp(((const struct cmp_media *)a)->type, ((const struct cmp_media *)b)->type);
}

static struct cmp_content
read_content(struct cmp_spot owner, const char *label, struct pl_arena *arena)
{
    struct cmp_spot map = cmp_spot_get(owner, "content", arena);
    struct cmp_content out = { 0 };

    if (!pl_node_is(map.node, PL_OBJECT))
        return out;
    out.media = pl_arena_alloc(arena, (map.node->count + 1) * sizeof *out.media);
    for (uint32_t i = 0; i < map.node->count; i++) {
        struct cmp_media *media = &out.media[out.count++];

        media->type = cmp_media_type(map.node->members[i].key, arena);
        media->spot = cmp_spot_get(map, map.node->members[i].key, arena);
        media->schema = cmp_spot_get(media->spot, "schema", arena);
        media->encoding = cmp_spot_get(media->spot, "encoding", arena);
        if (media->schema.node)
            media->schema = cmp_spot_label(media->schema, label, arena);
    }
    if (out.count)
        qsort(out.media, (size_t)out.count, sizeof *out.media, by_media_type);
    return out;
}

/* `Accept`, `Content-Type` and `Authorization` are described elsewhere (OpenAPI 3.x, "in"). */
static bool
is_ignored(const struct cmp_parameter *parameter)
{
    static const char *const NAMES[] = { "header accept", "header content-type",
                                         "header authorization" };

    for (size_t i = 0; i < 3; i++)
        if (strcmp(parameter->key, NAMES[i]) == 0)
            return true;
    return *parameter->name == '\0';
}

static bool
is_known(const struct cmp_operation *operation, const char *key)
{
    for (int i = 0; i < operation->parameter_count; i++)
        if (strcmp(operation->parameters[i].key, key) == 0)
            return true;
    return false;
}

static void
read_parameter(struct cmp_parameter *out, struct pl_arena *arena)
{
    struct cmp_spot content = cmp_spot_get(out->spot, "content", arena);
    bool form = strcmp(out->in, "query") == 0 || strcmp(out->in, "cookie") == 0;

    out->style = pl_node_text(pl_node_get(out->spot.node, "style"), form ? "form" : "simple");
    out->explode =
        pl_node_true(pl_node_get(out->spot.node, "explode"), strcmp(out->style, "form") == 0);
    out->allow_reserved = pl_node_true(pl_node_get(out->spot.node, "allowReserved"), false);
    out->schema = cmp_spot_get(out->spot, "schema", arena);
    if (out->schema.node == NULL && pl_node_is(content.node, PL_OBJECT) && content.node->count) {
        out->is_content = true;
        out->explode = false;
        out->style = content.node->members[0].key;
        out->schema = cmp_spot_get(cmp_spot_get(content, out->style, arena), "schema", arena);
    }
}

static void
read_parameters(struct cmp_operation *out, struct cmp_spot path_item, struct pl_arena *arena)
{
    int total = cmp_parameter_total(out, path_item);

    out->parameters = pl_arena_alloc(arena, (size_t)(total + 1) * sizeof *out->parameters);
    for (int i = 0; i < total; i++) {
        struct cmp_parameter *one = &out->parameters[out->parameter_count];

        *one = (struct cmp_parameter){ 0 };
        cmp_name_parameter(one, out, cmp_parameter_at(out, path_item, i, arena), arena);
        if (is_ignored(one) || is_known(out, one->key))
            continue;
        read_parameter(one, arena);
        out->parameter_count++;
    }
}

/* The schema of the one media type that a header may be written in. */
static struct cmp_spot
content_schema(struct cmp_spot owner, struct pl_arena *arena)
{
    struct cmp_spot map = cmp_spot_get(owner, "content", arena);

    if (!pl_node_is(map.node, PL_OBJECT) || map.node->count == 0)
        return (struct cmp_spot){ 0 };
    return cmp_spot_get(cmp_spot_get(map, map.node->members[0].key, arena), "schema", arena);
}

static void
read_headers(struct cmp_response *out, struct pl_arena *arena)
{
    struct cmp_spot map = cmp_spot_get(out->spot, "headers", arena);

    if (!pl_node_is(map.node, PL_OBJECT))
        return;
    out->headers = pl_arena_alloc(arena, (map.node->count + 1) * sizeof *out->headers);
    for (uint32_t i = 0; i < map.node->count; i++) {
        const char *name = map.node->members[i].key;
        struct cmp_header *header = &out->headers[out->header_count];

        header->name = cmp_lower(name, arena);
        if (strcmp(header->name, "content-type") == 0)
            continue; // described by the media types
        header->spot = cmp_spot_follow(cmp_spot_get(map, name, arena), arena);
        header->spot = cmp_spot_label(
            header->spot,
            pl_arena_printf(arena, "header `%s` of the %s response", name, out->status), arena);
        header->required = pl_node_true(pl_node_get(header->spot.node, "required"), false);
        header->schema = cmp_spot_get(header->spot, "schema", arena);
        if (header->schema.node == NULL)
            header->schema = content_schema(header->spot, arena);
        out->header_count++;
    }
}

static void
read_responses(struct cmp_operation *out, struct pl_arena *arena)
{
    struct cmp_spot map = cmp_spot_get(out->spot, "responses", arena);

    if (!pl_node_is(map.node, PL_OBJECT))
        return;
    out->responses = pl_arena_alloc(arena, (map.node->count + 1) * sizeof *out->responses);
    for (uint32_t i = 0; i < map.node->count; i++) {
        struct cmp_response *one = &out->responses[out->response_count];
        const char *label;

        one->status = map.node->members[i].key;
        if (strncmp(one->status, "x-", 2) == 0)
            continue;
        label = pl_arena_printf(arena, "the %s response", one->status);
        one->spot = cmp_spot_follow(cmp_spot_get(map, one->status, arena), arena);
        one->spot = cmp_spot_label(one->spot, label, arena);
        one->content = read_content(one->spot, label, arena);
        read_headers(one, arena);
        one->links = cmp_spot_get(one->spot, "links", arena);
        out->response_count++;
    }
}

void
cmp_read_openapi(struct cmp_operation *out, struct cmp_spot path_item, struct pl_arena *arena)
{
    struct cmp_spot body = cmp_spot_follow(cmp_spot_get(out->spot, "requestBody", arena), arena);

    read_parameters(out, path_item, arena);
    read_responses(out, arena);
    if (!pl_node_is(body.node, PL_OBJECT))
        return;
    out->body = pl_arena_alloc(arena, sizeof *out->body);
    out->body->spot = cmp_spot_label(body, "the request body", arena);
    out->body->required = pl_node_true(pl_node_get(body.node, "required"), false);
    out->body->content = read_content(out->body->spot, "the request body", arena);
}
