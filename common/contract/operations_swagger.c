/* operations_swagger -- the parts of an operation as Swagger 2.0 writes them.
 *
 * A parameter, an item and a header are their own schema there; form fields become one made-up
 * object schema; media types come from `consumes` and `produces`.
 */
#include "operations.h"

#include <string.h>

static bool
is_in(const struct cmp_parameter *parameter, const char *in)
{
    return strcmp(parameter->in, in) == 0;
}

/* One media entry for each type listed by the operation, else by the document. */
static struct cmp_content
content_of(struct cmp_operation *operation, struct cmp_spot root, const char *list,
           const char *otherwise, struct cmp_spot schema, struct pl_arena *arena)
{
    struct cmp_spot types = cmp_spot_get(operation->spot, list, arena);
    struct cmp_content out = { 0 };

    if (types.node == NULL)
        types = cmp_spot_get(root, list, arena);
    if (!pl_node_is(types.node, PL_ARRAY) || types.node->count == 0) {
        out.media = pl_arena_alloc(arena, sizeof *out.media);
        out.media[0] = (struct cmp_media){ .type = otherwise, .spot = schema, .schema = schema };
        out.count = 1;
        return out;
    }
    out.media = pl_arena_alloc(arena, types.node->count * sizeof *out.media);
    for (uint32_t i = 0; i < types.node->count; i++) {
        const char *type = cmp_media_type(pl_node_text(types.node->items[i], ""), arena);

        out.media[out.count++] = (struct cmp_media){ .type = type,
                                                     .spot = cmp_spot_at(types, i, arena),
                                                     .schema = schema };
    }
    return out;
}

static struct cmp_body *
new_body(struct cmp_spot spot, bool required, struct pl_arena *arena)
{
    struct cmp_body *body = pl_arena_alloc(arena, sizeof *body);

    body->spot = cmp_spot_label(spot, "the request body", arena);
    body->required = required;
    return body;
}

static void
read_body(struct cmp_operation *out, const struct cmp_parameter *parameter, struct cmp_spot root,
          struct pl_arena *arena)
{
    struct cmp_spot schema = cmp_spot_get(parameter->spot, "schema", arena);

    schema = schema.node ? cmp_spot_label(schema, "the request body", arena) : schema;
    out->body = new_body(parameter->spot, parameter->required, arena);
    out->body->content = content_of(out, root, "consumes", "application/json", schema, arena);
}

/* Form fields as one object: each field is its property, the required ones are its list. */
struct form {
    struct pl_node *schema, *fields, *required;
    struct cmp_spot spot; // of the first field
    bool has_file;
};

static void
add_field(struct form *form, const struct cmp_parameter *field, struct pl_arena *arena)
{
    const char *type = pl_node_text(pl_node_get(field->spot.node, "type"), "");

    if (form->schema == NULL) {
        form->spot = field->spot;
        form->schema = pl_node_object(arena);
        form->schema->line = field->spot.node->line;
        form->schema->column = field->spot.node->column;
        pl_node_set(arena, form->schema, "type", pl_node_string(arena, "object"));
        form->fields = pl_node_set(arena, form->schema, "properties", pl_node_object(arena));
        form->required = pl_node_set(arena, form->schema, "required", pl_node_array(arena));
    }
    pl_node_set(arena, form->fields, field->name, field->spot.node);
    if (field->required)
        pl_node_push(arena, form->required, pl_node_string(arena, field->name));
    form->has_file = form->has_file || strcmp(type, "file") == 0;
}

static void
read_form(struct cmp_operation *out, const struct form *form, struct cmp_spot root,
          struct pl_arena *arena)
{
    struct cmp_spot schema = form->spot;

    schema.node = form->schema;
    out->body = new_body(schema, form->required->count > 0, arena);
    out->body->content =
        content_of(out, root, "consumes",
                   form->has_file ? "multipart/form-data" : "application/x-www-form-urlencoded",
                   out->body->spot, arena);
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
read_parameters(struct cmp_operation *out, struct cmp_spot root, struct cmp_spot path_item,
                struct pl_arena *arena)
{
    int total = cmp_parameter_total(out, path_item);
    struct form form = { 0 };

    out->parameters = pl_arena_alloc(arena, (size_t)(total + 1) * sizeof *out->parameters);
    for (int i = 0; i < total; i++) {
        struct cmp_parameter *one = &out->parameters[out->parameter_count];

        *one = (struct cmp_parameter){ 0 };
        cmp_name_parameter(one, out, cmp_parameter_at(out, path_item, i, arena), arena);
        if (is_in(one, "body") && out->body == NULL)
            read_body(out, one, root, arena);
        else if (is_in(one, "formData") && pl_node_get(form.fields, one->name) == NULL)
            add_field(&form, one, arena);
        if (*one->name == '\0' || is_in(one, "body") || is_in(one, "formData") ||
            is_known(out, one->key))
            continue;
        one->style = pl_node_text(pl_node_get(one->spot.node, "collectionFormat"), "csv");
        one->schema = one->spot;
        out->parameter_count++;
    }
    if (form.schema)
        read_form(out, &form, root, arena);
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
        struct cmp_header *header = &out->headers[out->header_count++];

        header->name = cmp_lower(name, arena);
        header->spot = cmp_spot_label(
            cmp_spot_get(map, name, arena),
            pl_arena_printf(arena, "header `%s` of the %s response", name, out->status), arena);
        header->schema = header->spot;
    }
}

static void
read_responses(struct cmp_operation *out, struct cmp_spot root, struct pl_arena *arena)
{
    struct cmp_spot map = cmp_spot_get(out->spot, "responses", arena);

    if (!pl_node_is(map.node, PL_OBJECT))
        return;
    out->responses = pl_arena_alloc(arena, (map.node->count + 1) * sizeof *out->responses);
    for (uint32_t i = 0; i < map.node->count; i++) {
        struct cmp_response *one = &out->responses[out->response_count];
        struct cmp_spot schema;
        const char *label;

        one->status = map.node->members[i].key;
        if (strncmp(one->status, "x-", 2) == 0)
            continue;
        label = pl_arena_printf(arena, "the %s response", one->status);
        one->spot = cmp_spot_follow(cmp_spot_get(map, one->status, arena), arena);
        one->spot = cmp_spot_label(one->spot, label, arena);
        schema = cmp_spot_get(one->spot, "schema", arena);
        if (schema.node)
            one->content = content_of(out, root, "produces", "application/json",
                                      cmp_spot_label(schema, label, arena), arena);
        read_headers(one, arena);
        out->response_count++;
    }
}

void
cmp_read_swagger(struct cmp_operation *out, struct cmp_spot root, struct cmp_spot path_item,
                 struct pl_arena *arena)
{
    read_parameters(out, root, path_item, arena);
    read_responses(out, root, arena);
}
