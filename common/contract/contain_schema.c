/* The keywords of a schema, found once, as the dialect of its document has them. */
#include "contain.h"

#include "document_private.h"
#include "schema_private.h"

#include <string.h>

#define NEW    (1u << PL_DIALECT_2020_12 | 1u << PL_DIALECT_OAS31)
#define DRAFT4 (1u << PL_DIALECT_4)
#define OAS30  (1u << PL_DIALECT_OAS30)
#define OLD    (OAS30 | DRAFT4)
#define ALL    (NEW | OLD)

#define AT(member) offsetof(struct con_schema, member)

static const struct {
    const char *name;
    unsigned dialects;
    size_t at;
    unsigned implies; // the type it speaks of
} KEYWORDS[] = {
    { "enum", ALL, AT(values), 0 },
    { "const", NEW, AT(constant), 0 },
    { "minimum", ALL, AT(minimum), 0 },
    { "maximum", ALL, AT(maximum), 0 },
    { "exclusiveMinimum", NEW, AT(more_than), 0 },
    { "exclusiveMaximum", NEW, AT(less_than), 0 },
    { "multipleOf", ALL, AT(multiple), 0 },
    { "minLength", ALL, AT(min_length), 0 },
    { "maxLength", ALL, AT(max_length), 0 },
    { "pattern", ALL, AT(pattern), 0 },
    { "prefixItems", NEW, AT(prefix), 0 },
    { "items", ALL, AT(items), CMP_ARRAY },
    { "contains", NEW, AT(contains), 0 },
    { "minContains", NEW, AT(min_contains), 0 },
    { "maxContains", NEW, AT(max_contains), 0 },
    { "minItems", ALL, AT(min_items), 0 },
    { "maxItems", ALL, AT(max_items), 0 },
    { "unevaluatedItems", NEW, AT(unevaluated_items), 0 },
    { "properties", ALL, AT(properties), CMP_OBJECT },
    { "patternProperties", NEW | DRAFT4, AT(patterns), 0 },
    { "additionalProperties", ALL, AT(additional), CMP_OBJECT },
    { "propertyNames", NEW, AT(names), 0 },
    { "required", ALL, AT(required), 0 },
    { "dependentRequired", NEW, AT(needs), 0 },
    { "dependencies", DRAFT4, AT(needs), 0 },
    { "dependentSchemas", NEW, AT(needs_schema), 0 },
    { "dependencies", DRAFT4, AT(needs_schema), 0 },
    { "minProperties", ALL, AT(min_properties), 0 },
    { "maxProperties", ALL, AT(max_properties), 0 },
    { "unevaluatedProperties", NEW, AT(unevaluated), 0 },
    { "allOf", ALL, AT(all), 0 },
    { "anyOf", ALL, AT(any), 0 },
    { "oneOf", ALL, AT(one), 0 },
    { "not", ALL, AT(not ), 0 },
    { "if", NEW, AT(when), 0 },
    { "then", NEW, AT(then), 0 },
    { "else", NEW, AT(otherwise), 0 },
    { "$dynamicRef", NEW, AT(dynamic), 0 },
};

static unsigned
named_type(const struct pl_node *name)
{
    struct pl_node *made = (struct pl_node *)name;
    struct pl_member member = { .key = "type", .key_length = 4, .value = made };
    struct pl_node holder = { .kind = PL_OBJECT, .count = 1, .members = &member };

    return cmp_own_types(&holder);
}

static void
read_types(struct con_schema *self, unsigned implied)
{
    const struct pl_node *type = pl_node_get(self->node, "type");
    unsigned own = type ? named_type(type) : CMP_ALL;
    bool old = (1u << self->side->document->dialect & OLD) != 0;

    if (type && own != CMP_ALL && old &&
        (pl_node_true(pl_node_get(self->node, "x-nullable"), false) ||
         (self->side->document->dialect == PL_DIALECT_OAS30 &&
          pl_node_true(pl_node_get(self->node, "nullable"), false))))
        own |= CMP_NULL;
    self->types = self->declared = own;
    if (own == CMP_ALL && self->values == NULL && self->constant == NULL && implied)
        self->declared = implied;
}

static void
read_format(struct con_schema *self)
{
    const char *name = pl_node_text(pl_node_get(self->node, "format"), NULL);

    for (const struct schema_format *one = schema_formats; name && one->name; one++)
        if (strcmp(one->name, name) == 0)
            self->format = one->name;
}

/* `exclusiveMinimum: true` beside a bound makes it the other kind of bound. */
static void
turn_old_bounds(struct con_schema *self)
{
    if (pl_node_true(pl_node_get(self->node, "exclusiveMinimum"), false)) {
        self->more_than = self->minimum;
        self->minimum = NULL;
    }
    if (pl_node_true(pl_node_get(self->node, "exclusiveMaximum"), false)) {
        self->less_than = self->maximum;
        self->maximum = NULL;
    }
}

static unsigned
read_keywords(struct con_schema *self, unsigned dialect)
{
    unsigned implied = 0;

    for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++) {
        struct pl_node *value = pl_node_get(self->node, KEYWORDS[i].name);

        if (value == NULL || !(KEYWORDS[i].dialects & dialect))
            continue;
        memcpy((char *)self + KEYWORDS[i].at, &value, sizeof value);
        if (implied == 0)
            implied = KEYWORDS[i].implies;
    }
    self->unique = pl_node_true(pl_node_get(self->node, "uniqueItems"), false);
    if (dialect & OLD)
        turn_old_bounds(self);
    if (dialect & DRAFT4 && pl_node_is(self->items, PL_ARRAY)) {
        self->prefix = self->items;
        self->items = pl_node_get(self->node, "additionalItems");
    }
    if (pl_node_is(self->required, PL_BOOL)) // of a parameter in Swagger 2.0
        self->required = NULL;
    return implied;
}

static void
look_closer(struct con_schema *self)
{
    bool plain = self->ref == NULL && self->all == NULL && self->any == NULL && self->one == NULL &&
                 self->not == NULL && self->when == NULL && self->dynamic == NULL;
    bool scalar = self->properties == NULL && self->patterns == NULL && self->additional == NULL &&
                  self->names == NULL && self->required == NULL && self->needs == NULL &&
                  self->min_properties == NULL && self->max_properties == NULL &&
                  self->unevaluated == NULL && self->prefix == NULL && self->items == NULL &&
                  self->contains == NULL && self->min_items == NULL && self->max_items == NULL &&
                  self->unevaluated_items == NULL && !self->unique && self->needs_schema == NULL;
    bool free = self->values == NULL && self->constant == NULL && self->minimum == NULL &&
                self->maximum == NULL && self->more_than == NULL && self->less_than == NULL &&
                self->multiple == NULL && self->min_length == NULL && self->max_length == NULL &&
                self->pattern == NULL && self->format == NULL;

    self->pure = !plain && scalar && free && self->types == CMP_ALL && self->not == NULL &&
                 self->when == NULL && self->dynamic == NULL;
    self->flat = plain && scalar;
    self->trivial = plain && scalar && free && self->types == CMP_ALL;
}

struct con_schema *
con_schema(struct con *self, struct con_side *side, struct pl_node *node)
{
    struct con_schema **slot =
        (struct con_schema **)cmp_map_slot(&self->schemas, (struct cmp_key){ node, side, 0 });
    struct con_schema *schema = *slot;
    unsigned dialect = 1u << side->document->dialect;
    struct pl_node *target;

    if (schema)
        return schema;
    schema = *slot = pl_arena_alloc(self->arena, sizeof *schema);
    *schema = (struct con_schema){ .node = node, .side = side, .id = ++self->next_id };
    schema->types = schema->declared = CMP_ALL;
    schema->never = pl_node_is(node, PL_BOOL) && !node->truth;
    schema->trivial = !schema->never;
    if (!pl_node_is(node, PL_OBJECT))
        return schema;
    if (pl_node_is(pl_node_get(node, "$ref"), PL_STRING)) {
        target = document_target(side->document, pl_node_get(node, "$ref")->text);
        schema->ref = target == node ? NULL : target;
        if (dialect & OLD) {
            schema->trivial = schema->ref == NULL;
            schema->pure = schema->ref != NULL;
            return schema;
        }
    }
    read_types(schema, read_keywords(schema, dialect));
    read_format(schema);
    look_closer(schema);
    return schema;
}

static bool
says_hidden(const struct con *self, const struct pl_node *node)
{
    return pl_node_true(pl_node_get(node, self->reply ? "writeOnly" : "readOnly"), false);
}

/* Is the property no part of what travels in this direction? */
bool
con_is_hidden(struct con *self, struct con_side *side, struct pl_node *property)
{
    struct pl_node *target = property, *parts;

    if (says_hidden(self, property))
        return true;
    if (pl_node_get(property, "$ref"))
        target = pl_document_resolve(side->document, property);
    if (target == NULL || target == property)
        target = property;
    if (says_hidden(self, target))
        return true;
    parts = pl_node_get(target, "allOf");
    for (uint32_t i = 0; pl_node_is(parts, PL_ARRAY) && i < parts->count; i++)
        if (says_hidden(self, parts->items[i]))
            return true;
    return false;
}

/* As the schema of the place says, whichever of its parts says it. */
bool
con_hides(struct con *self, const struct con_schema *whole, const char *name)
{
    static const struct cmp_trail nowhere = { .pointer = "", .label = "" };
    struct cmp_spot spot = { whole->side->document, whole->node, &nowhere };
    const struct cmp_property *property = cmp_view_property(cmp_view(&self->views, spot), name);
    const struct cmp_view *view;

    if (property == NULL || property->schema.node == NULL)
        return false;
    if (says_hidden(self, property->schema.node))
        return true;
    view = cmp_view(&self->views, property->schema);
    return self->reply ? view->write_only : view->read_only;
}

uint64_t
con_size(const struct pl_node *number, uint64_t otherwise)
{
    int64_t size;

    if (!pl_node_is(number, PL_NUMBER))
        return otherwise;
    size = pl_node_int(number, INT64_MAX);
    return size < 0 ? 0 : (uint64_t)size;
}
