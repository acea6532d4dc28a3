/* Schemas that also let null in, in one wording: `type: [T, "null"]` and `type: T` with `nullable`
 * say what `anyOf` of a T and of null says, if nothing beside them speaks of null. */
#include "contain.h"

#include <string.h>

/* Keywords that only look at values of other types than null. */
static bool
is_silent_about_null(const char *key)
{
    // clang-format off
    static const char *const KEYS[] = {
        "properties", "patternProperties", "additionalProperties", "required", "propertyNames",
        "minProperties", "maxProperties", "items", "prefixItems", "minItems", "maxItems",
        "uniqueItems", "contains", "minContains", "maxContains", "dependentRequired",
        "dependentSchemas", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "multipleOf", "minLength", "maxLength", "pattern", "format", "contentEncoding",
        "contentMediaType", "title", "description", "example", "examples", NULL
    };
    // clang-format on

    for (int i = 0; KEYS[i]; i++)
        if (strcmp(KEYS[i], key) == 0)
            return true;
    return false;
}

/* The type beside null; NULL if that is not how the schema says it. */
static const char *
other_type(const struct pl_node *schema, enum pl_dialect dialect)
{
    const struct pl_node *type = pl_node_get(schema, "type");
    bool old = dialect == PL_DIALECT_OAS30 || dialect == PL_DIALECT_4;
    const char *first, *second;

    if (old && pl_node_true(pl_node_get(schema, "nullable"), false))
        return pl_node_text(type, NULL);
    if (old || !pl_node_is(type, PL_ARRAY) || type->count != 2)
        return NULL;
    first = pl_node_text(type->items[0], "");
    second = pl_node_text(type->items[1], "");
    if (strcmp(first, "null") == 0)
        return second;
    return strcmp(second, "null") == 0 ? first : NULL;
}

struct pl_node *
con_null_apart(struct con *self, struct pl_node *schema, enum pl_dialect dialect)
{
    const char *type = other_type(schema, dialect);
    struct pl_node *out, *list, *rest;

    if (type == NULL || strcmp(type, "null") == 0 || dialect == PL_DIALECT_4)
        return NULL;
    rest = pl_node_object(self->arena);
    pl_node_set(self->arena, rest, "type", pl_node_string(self->arena, type));
    for (uint32_t i = 0; i < schema->count; i++) {
        const struct pl_member *member = &schema->members[i];

        if (strcmp(member->key, "type") == 0 || strcmp(member->key, "nullable") == 0)
            continue;
        if (!is_silent_about_null(member->key))
            return NULL;
        pl_node_set(self->arena, rest, member->key, member->value);
    }
    out = pl_node_object(self->arena);
    list = pl_node_set(self->arena, out, "anyOf", pl_node_array(self->arena));
    pl_node_push(self->arena, list, rest);
    rest = pl_node_push(self->arena, list, pl_node_object(self->arena));
    pl_node_set(self->arena, rest, "type", pl_node_string(self->arena, "null"));
    return out;
}
