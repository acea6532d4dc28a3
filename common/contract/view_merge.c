/* view_merge -- the keywords of one schema object, each narrowing the view. */
#include "view.h"

#include "value_set.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned types;
} TYPES[] = {
    { "null", CMP_NULL },     { "boolean", CMP_BOOLEAN }, { "object", CMP_OBJECT },
    { "array", CMP_ARRAY },   { "string", CMP_STRING },   { "integer", CMP_INTEGER },
    { "number", CMP_NUMBER }, { "file", CMP_STRING },
};

const char *const cmp_limit_names[CMP_LIMIT_COUNT] = {
    "minimum",  "maximum",     "multipleOf",  "minLength",   "maxLength",     "minItems",
    "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties",
};

/* Compared only as a whole: one added narrows, one removed widens, one changed is undecided. */
static const char *const EXTRAS[] = {
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "prefixItems",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "contentSchema",
    "patternProperties",
    "unevaluatedItems",
    "contentEncoding",
    "contentMediaType",
    "$dynamicRef",
    "collectionFormat",
};

static unsigned
type_bits(const char *name)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp(name, TYPES[i].name) == 0)
            return TYPES[i].types;
    return CMP_ALL;
}

unsigned
cmp_kind_bit(const struct pl_node *value)
{
    double number = pl_node_double(value, 0.5);

    switch (value->kind) {
    case PL_NULL:
        return CMP_NULL;
    case PL_BOOL:
        return CMP_BOOLEAN;
    case PL_NUMBER: // beyond 2^53 every double is whole
        return (number > 9e15 || number < -9e15 || (double)(int64_t)number == number)
                   ? CMP_INTEGER
                   : CMP_FRACTION;
    case PL_STRING:
        return CMP_STRING;
    case PL_ARRAY:
        return CMP_ARRAY;
    case PL_OBJECT:
        break;
    }
    return CMP_OBJECT;
}

static unsigned
value_types(const struct pl_node *schema)
{
    const struct pl_node *values = pl_node_get(schema, "enum");
    const struct pl_node *constant = pl_node_get(schema, "const");
    unsigned types = constant ? cmp_kind_bit(constant) : CMP_ALL, listed = 0;

    if (!pl_node_is(values, PL_ARRAY) || values->count == 0)
        return types;
    for (uint32_t i = 0; i < values->count; i++)
        listed |= cmp_kind_bit(values->items[i]);
    return types & listed;
}

/* What `type`, `nullable`, `enum` and `const` say; without them an object keyword means object
 * and `items` array.  Whether null is allowed is the type's word, not the list's. */
unsigned
cmp_own_types(const struct pl_node *schema)
{
    const struct pl_node *type = pl_node_get(schema, "type");
    unsigned types = 0, values = value_types(schema);

    if (pl_node_is(type, PL_STRING))
        types = type_bits(type->text);
    for (uint32_t i = 0; pl_node_is(type, PL_ARRAY) && i < type->count; i++)
        types |= type_bits(pl_node_text(type->items[i], ""));
    if (types)
        return types & (values | CMP_NULL);
    if (values != CMP_ALL)
        return values;
    if (pl_node_is(pl_node_get(schema, "properties"), PL_OBJECT) ||
        pl_node_get(schema, "additionalProperties"))
        return CMP_OBJECT;
    return pl_node_get(schema, "items") ? CMP_ARRAY : CMP_ALL;
}

/* Keep what is in both lists; null is left to the types. */
static void
merge_values(struct cmp_views *self, struct cmp_view *view, struct pl_node *const *values,
             uint32_t count)
{
    const struct pl_node **kept = pl_arena_alloc(self->arena, (count + 1) * sizeof *kept);
    struct cmp_map before = { .arena = self->arena }, now = { .arena = self->arena };
    int n = 0;

    for (int i = 0; i < view->value_count; i++)
        cmp_value_add(&before, view->values[i]);
    for (uint32_t i = 0; i < count; i++) {
        if (values[i]->kind == PL_NULL)
            continue;
        if ((!view->has_values || cmp_value_known(&before, values[i])) &&
            cmp_value_add(&now, values[i]))
            kept[n++] = values[i];
    }
    view->values = kept;
    view->value_count = n;
    view->has_values = true;
}

static void
add_property(struct cmp_views *self, struct cmp_view *view, struct cmp_property one)
{
    int n = view->property_count;

    if ((n & (n - 1)) == 0) { // room doubles at each power of two
        struct cmp_property *all =
            pl_arena_alloc(self->arena, (size_t)(n ? n * 2 : 1) * sizeof *all);

        if (n)
            memcpy(all, view->properties, (size_t)n * sizeof *all);
        view->properties = all;
    }
    one.order = (uint32_t)n;
    view->properties[view->property_count++] = one;
}

static struct cmp_spot
hold_both(struct cmp_views *self, struct cmp_spot old, struct cmp_spot new)
{
    return old.node && old.node != new.node ? cmp_both(self, old, new) : new;
}

static void
merge_properties(struct cmp_views *self, struct cmp_view *view, struct cmp_spot spot)
{
    struct cmp_spot map = cmp_spot_get(spot, "properties", self->arena);
    const struct pl_node *required = pl_node_get(spot.node, "required");
    struct cmp_spot additional = cmp_spot_get(spot, "additionalProperties", self->arena);
    struct cmp_spot unevaluated = cmp_spot_get(spot, "unevaluatedProperties", self->arena);

    for (uint32_t i = 0; pl_node_is(map.node, PL_OBJECT) && i < map.node->count; i++) {
        const char *name = map.node->members[i].key;

        add_property(
            self, view,
            (struct cmp_property){ .name = name, .schema = cmp_spot_get(map, name, self->arena) });
    }
    for (uint32_t i = 0; pl_node_is(required, PL_ARRAY) && i < required->count; i++) {
        const char *name = pl_node_text(required->items[i], NULL);

        if (name)
            add_property(self, view, (struct cmp_property){ .name = name, .required = true });
    }
    for (int i = 0; i < 2; i++) {
        struct cmp_spot rest = i == 0 ? additional : unevaluated;

        if (pl_node_is(rest.node, PL_BOOL) && !rest.node->truth)
            view->closed = true;
        else if (rest.node)
            view->additional = hold_both(self, view->additional, rest);
    }
}

/* Of two limits of one kind the stricter stays. */
static void
merge_limit(struct cmp_limits *limits, enum cmp_limit kind, const struct pl_node *value,
            bool exclusive)
{
    const struct pl_node *present = limits->value[kind];
    bool lower = kind == CMP_MINIMUM || kind == CMP_MIN_LENGTH || kind == CMP_MIN_ITEMS ||
                 kind == CMP_MIN_PROPERTIES || kind == CMP_MIN_CONTAINS;
    double old = pl_node_double(present, 0), new = pl_node_double(value, 0);

    if (present && kind != CMP_UNIQUE_ITEMS) {
        if (old == new && !exclusive)
            return;
        if (old != new && (lower ? new < old : new > old))
            return;
    }
    limits->value[kind] = value;
    if (kind <= CMP_MAXIMUM)
        limits->exclusive[kind] = exclusive;
}

static void
merge_limits(struct cmp_views *self, struct cmp_view *view, const struct pl_node *schema)
{
    static const char *const EXCLUSIVE[] = { "exclusiveMinimum", "exclusiveMaximum" };

    for (int i = 0; i < CMP_LIMIT_COUNT + 2; i++) {
        bool other = i >= CMP_LIMIT_COUNT;
        enum cmp_limit kind = (enum cmp_limit)(other ? i - CMP_LIMIT_COUNT : i);
        const struct pl_node *value =
            pl_node_get(schema, other ? EXCLUSIVE[kind] : cmp_limit_names[kind]);
        bool exclusive = other;

        if (kind == CMP_UNIQUE_ITEMS ? !pl_node_true(value, false) : !pl_node_is(value, PL_NUMBER))
            continue;
        if (view->limits == NULL)
            view->limits = pl_arena_alloc(self->arena, sizeof *view->limits);
        if (!other && kind <= CMP_MAXIMUM) // draft 4: a boolean beside the bound
            exclusive = pl_node_true(pl_node_get(schema, EXCLUSIVE[kind]), false);
        merge_limit(view->limits, kind, value, exclusive);
    }
}

static void
add_pattern(struct cmp_views *self, struct cmp_view *view, const char *pattern)
{
    const char **all = pl_arena_alloc(self->arena, (size_t)(view->pattern_count + 1) * sizeof *all);

    for (int i = 0; i < view->pattern_count; i++)
        if (strcmp(view->patterns[i], pattern) == 0)
            return;
    for (int i = 0; i < view->pattern_count; i++)
        all[i] = view->patterns[i];
    all[view->pattern_count++] = pattern;
    view->patterns = all;
}

static void
add_extra(struct cmp_views *self, struct cmp_view *view, const char *keyword, struct cmp_spot spot)
{
    struct cmp_extra *all =
        pl_arena_alloc(self->arena, (size_t)(view->extra_count + 1) * sizeof *all);

    if (view->extra_count)
        memcpy(all, view->extras, (size_t)view->extra_count * sizeof *all);
    all[view->extra_count++] = (struct cmp_extra){ keyword, spot };
    view->extras = all;
}

static void
merge_extras(struct cmp_views *self, struct cmp_view *view, struct cmp_spot spot)
{
    for (size_t i = 0; i < sizeof EXTRAS / sizeof *EXTRAS; i++) {
        struct cmp_spot value = cmp_spot_get(spot, EXTRAS[i], self->arena);

        if (value.node)
            add_extra(self, view, EXTRAS[i], value);
    }
}

void
cmp_merge_keywords(struct cmp_views *self, struct cmp_view *view, struct cmp_spot spot)
{
    struct pl_node *values = pl_node_get(spot.node, "enum");
    struct pl_node *constant = pl_node_get(spot.node, "const");
    struct cmp_spot items = cmp_spot_get(spot, "items", self->arena);
    struct cmp_spot fallback = cmp_spot_get(spot, "default", self->arena);
    struct cmp_spot discriminator = cmp_spot_get(spot, "discriminator", self->arena);
    const char *format = pl_node_text(pl_node_get(spot.node, "format"), "");
    const char *pattern = pl_node_text(pl_node_get(spot.node, "pattern"), NULL);

    if (pl_node_is(values, PL_ARRAY))
        merge_values(self, view, values->items, values->count);
    if (constant)
        merge_values(self, view, &constant, 1);
    merge_properties(self, view, spot);
    merge_limits(self, view, spot.node);
    merge_extras(self, view, spot);
    if (pl_node_is(items.node, PL_ARRAY))
        add_extra(self, view, "items", items);
    else if (items.node)
        view->items = hold_both(self, view->items, items);
    if (*format)
        view->format = format;
    if (pattern && *pattern)
        add_pattern(self, view, pattern);
    if (fallback.node)
        view->default_value = fallback;
    if (discriminator.node)
        view->discriminator = discriminator;
    view->deprecated |= pl_node_true(pl_node_get(spot.node, "deprecated"), false);
    view->read_only |= pl_node_true(pl_node_get(spot.node, "readOnly"), false);
    view->write_only |= pl_node_true(pl_node_get(spot.node, "writeOnly"), false);
}
