/* Schemas as containment is asked about them: without what is no part of a schema. */
#include "verdict.h"

#include <string.h>

/* A parameter of Swagger 2.0 is its own schema, but `required` means something else there. */
static struct pl_node *
without_parameter(struct cmp *self, struct pl_node *node)
{
    static const char *const OTHERS[] = {
        "name", "in", "required", "collectionFormat", "allowEmptyValue", NULL
    };
    struct pl_node *out;

    if (!pl_node_is(pl_node_get(node, "in"), PL_STRING) ||
        !pl_node_is(pl_node_get(node, "name"), PL_STRING))
        return node;
    out = pl_node_object(self->arena);
    for (uint32_t i = 0; i < node->count; i++) {
        const char *const *other = OTHERS;

        while (*other && strcmp(*other, node->members[i].key) != 0)
            other++;
        if (*other == NULL)
            pl_node_set(self->arena, out, node->members[i].key, node->members[i].value);
    }
    return out;
}

/* Numbers and truth values, written down, are strings: a string without conditions takes them. */
static struct pl_node *
as_text(struct cmp *self, struct pl_node *node, const struct cmp_view *view)
{
    static const char *const TAKEN[] = { "number", "boolean" };
    struct pl_node *out, *list, *one;

    if (!(view->types & CMP_STRING) || view->has_values || view->limits || view->pattern_count ||
        *view->format || view->union_count || view->extra_count)
        return node;
    out = pl_node_object(self->arena);
    list = pl_node_set(self->arena, out, "anyOf", pl_node_array(self->arena));
    pl_node_push(self->arena, list, node);
    for (int i = 0; i < 2; i++) {
        one = pl_node_push(self->arena, list, pl_node_object(self->arena));
        pl_node_set(self->arena, one, "type", pl_node_string(self->arena, TAKEN[i]));
    }
    return out;
}

static bool
names_type(const struct pl_node *name)
{
    static const char *const TYPES[] = { "null",   "boolean", "object", "array",
                                         "number", "integer", "string", "file" };

    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp(pl_node_text(name, "string"), TYPES[i]) == 0)
            return true;
    return false;
}

/* Nobody can say what `type: int` accepts; what the other keywords refuse is refused all the same,
 * so that a value shows it. */
static struct pl_node *
without_no_type(struct cmp *self, struct pl_node *node)
{
    struct pl_node *out;

    if (!pl_node_is(node, PL_OBJECT) || names_type(pl_node_get(node, "type")))
        return node;
    out = pl_node_object(self->arena);
    for (uint32_t i = 0; i < node->count; i++)
        if (strcmp(node->members[i].key, "type") != 0)
            pl_node_set(self->arena, out, node->members[i].key, node->members[i].value);
    return out;
}

struct pl_node *
verdict_node(struct verdict *self, const struct cmp_pair *pair, bool head)
{
    struct cmp_spot spot = head ? pair->head : pair->base;
    struct pl_node *node = without_parameter(self->cmp, spot.node);

    if (head != pair->reply &&
        names_type(pl_node_get((head ? pair->base : pair->head).node, "type")))
        node = without_no_type(self->cmp, node); // of the accepting side
    if (pair->text && head != pair->reply)
        node = as_text(self->cmp, node, cmp_view(&self->cmp->views, spot));
    return node;
}
