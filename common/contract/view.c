#include "view.h"

#include <stdlib.h>
#include <string.h>

#define DEEPEST 512 // of allOf in allOf, for the sake of the stack

static unsigned merge(struct cmp_views *self, struct cmp_view *view, struct cmp_spot spot,
                      int depth);

static bool
is_null_schema(struct cmp_spot spot)
{
    const struct pl_node *type = pl_node_get(spot.node, "type");
    const struct pl_node *values = pl_node_get(spot.node, "enum");

    if (pl_node_is(type, PL_ARRAY) && type->count == 1)
        type = type->items[0];
    if (strcmp(pl_node_text(type, ""), "null") == 0)
        return true;
    return pl_node_is(pl_node_get(spot.node, "const"), PL_NULL) ||
           (pl_node_is(values, PL_ARRAY) && values->count == 1 &&
            pl_node_is(values->items[0], PL_NULL));
}

static void
add_union(struct cmp_views *self, struct cmp_view *view, const struct cmp_union *one)
{
    struct cmp_union *all =
        pl_arena_alloc(self->arena, (size_t)(view->union_count + 1) * sizeof *all);

    if (view->union_count)
        memcpy(all, view->unions, (size_t)view->union_count * sizeof *all);
    all[view->union_count++] = *one;
    view->unions = all;
}

/* A union of one is no union; a branch that is only null makes the rest nullable. */
static unsigned
merge_union(struct cmp_views *self, struct cmp_view *view, struct cmp_spot list, bool one_of,
            int depth)
{
    struct cmp_union made = { .one_of = one_of, .spot = list };
    unsigned types = 0;

    if (!pl_node_is(list.node, PL_ARRAY) || list.node->count == 0)
        return CMP_ALL;
    made.branches = pl_arena_alloc(self->arena, list.node->count * sizeof *made.branches);
    for (uint32_t i = 0; i < list.node->count; i++) {
        struct cmp_spot branch = cmp_spot_follow(cmp_spot_at(list, i, self->arena), self->arena);

        if (is_null_schema(branch))
            types |= CMP_NULL;
        else
            made.branches[made.count++] = branch;
    }
    if (made.count == 0)
        return CMP_NULL;
    if (made.count == 1)
        return types | merge(self, view, made.branches[0], depth + 1);
    add_union(self, view, &made);
    for (int i = 0; i < made.count; i++) {
        unsigned own = cmp_own_types(made.branches[i].node);

        // A branch that names its types speaks of null itself; the union does not repeat it.
        types |= own == CMP_ALL ? own : own & ~(unsigned)CMP_NULL;
    }
    return types;
}

static bool
has_siblings(const struct pl_node *node)
{
    for (uint32_t i = 0; i < node->count; i++) {
        const char *key = node->members[i].key;

        if (strcmp(key, "$ref") != 0 && strcmp(key, "description") != 0 &&
            strcmp(key, "summary") != 0)
            return true;
    }
    return false;
}

static unsigned
merge_object(struct cmp_views *self, struct cmp_view *view, struct cmp_spot spot, int depth)
{
    struct cmp_spot all_of = cmp_spot_get(spot, "allOf", self->arena);
    unsigned types = cmp_own_types(spot.node);

    for (uint32_t i = 0; all_of.node && i < all_of.node->count; i++)
        types &= merge(self, view, cmp_spot_at(all_of, i, self->arena), depth + 1);
    types &= merge_union(self, view, cmp_spot_get(spot, "oneOf", self->arena), true, depth);
    types &= merge_union(self, view, cmp_spot_get(spot, "anyOf", self->arena), false, depth);
    if (pl_node_true(pl_node_get(spot.node, "nullable"), false) ||
        pl_node_true(pl_node_get(spot.node, "x-nullable"), false))
        types |= CMP_NULL;
    cmp_merge_keywords(self, view, spot);
    return types;
}

static unsigned
merge_once(struct cmp_views *self, struct cmp_view *view, struct cmp_spot spot, int depth)
{
    unsigned types = CMP_ALL;

    if (pl_node_is(spot.node, PL_BOOL))
        view->never = view->never || !spot.node->truth;
    if (!pl_node_is(spot.node, PL_OBJECT))
        return CMP_ALL;
    if (pl_node_is(pl_node_get(spot.node, "$ref"), PL_STRING)) {
        struct cmp_spot target = cmp_spot_follow(spot, self->arena);

        if (target.node != spot.node)
            types = merge(self, view, target, depth + 1);
        if (spot.document->spec != PL_OPENAPI_31 || !has_siblings(spot.node))
            return types;
    }
    return types & merge_object(self, view, spot, depth);
}

/* Narrow ${view} by one schema; returns the types that it leaves.  What has narrowed it already
 * is not asked again: paths through `allOf` may be more than anybody can walk. */
static unsigned
merge(struct cmp_views *self, struct cmp_view *view, struct cmp_spot spot, int depth)
{
    const struct cmp_key key = { spot.node, view, 0 };
    void **slot;
    unsigned types;

    if (depth > DEEPEST || spot.node == NULL)
        return CMP_ALL;
    slot = cmp_map_slot(&self->merged, key);
    if (*slot)
        return (unsigned)(uintptr_t)*slot - 1;
    *slot = (void *)(uintptr_t)(CMP_ALL + 1); // in a circle
    types = merge_once(self, view, spot, depth);
    *cmp_map_slot(&self->merged, key) = (void *)(uintptr_t)(types + 1);
    return types;
}

static int
by_name(const void *a, const void *b)
{
    const struct cmp_property *one = a, *two = b;
    int order = strcmp(one->name, two->name);

    return order ? order : (one->order > two->order) - (one->order < two->order);
}

struct cmp_spot
cmp_both(struct cmp_views *self, struct cmp_spot a, struct cmp_spot b)
{
    struct pl_node *made = pl_node_object(self->arena);
    struct pl_node *list = pl_node_set(self->arena, made, "allOf", pl_node_array(self->arena));

    pl_node_push(self->arena, list, a.node);
    pl_node_push(self->arena, list, b.node);
    made->line = a.node->line;
    made->column = a.node->column;
    a.node = made;
    return a;
}

/* Sort, and fold entries of one name into one. */
static void
fold_properties(struct cmp_views *self, struct cmp_view *view)
{
    int kept = 0;

    if (view->property_count == 0)
        return;
    qsort(view->properties, (size_t)view->property_count, sizeof *view->properties, by_name);
    for (int i = 0; i < view->property_count; i++) {
        struct cmp_property *from = &view->properties[i];
        struct cmp_property *to = kept ? &view->properties[kept - 1] : NULL;

        if (to == NULL || strcmp(to->name, from->name) != 0) {
            view->properties[kept++] = *from;
            continue;
        }
        to->required = to->required || from->required;
        if (to->schema.node == NULL)
            to->schema = from->schema;
        else if (from->schema.node && from->schema.node != to->schema.node)
            to->schema = cmp_both(self, to->schema, from->schema);
    }
    view->property_count = kept;
}

const struct cmp_view *
cmp_view(struct cmp_views *self, struct cmp_spot spot)
{
    struct cmp_spot target = cmp_spot_follow(spot, self->arena);
    struct cmp_view *view, **slot;

    // In 3.1 a reference may have siblings: then it is the schema, not its target.
    if (spot.node && spot.document->spec == PL_OPENAPI_31 && target.node != spot.node &&
        has_siblings(spot.node))
        target = spot;
    slot = (struct cmp_view **)cmp_map_slot(&self->map, (struct cmp_key){ target.node, NULL, 0 });
    if (*slot)
        return *slot;
    view = *slot = pl_arena_alloc(self->arena, sizeof *view);
    view->spot = target;
    view->format = "";
    view->types = CMP_ALL;
    view->types = merge(self, view, target, 0);
    fold_properties(self, view);
    return view;
}

const struct cmp_property *
cmp_view_property(const struct cmp_view *view, const char *name)
{
    int low = 0, high = view->property_count - 1;

    while (low <= high) {
        int middle = (low + high) / 2, order = strcmp(name, view->properties[middle].name);

        if (order == 0)
            return &view->properties[middle];
        if (order < 0)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return NULL;
}

const char *
cmp_types_text(unsigned types, struct pl_arena *arena)
{
    static const struct {
        unsigned bit;
        const char *name;
    } NAMES[] = { { CMP_STRING, "string" },   { CMP_NUMBER, "number" }, { CMP_INTEGER, "integer" },
                  { CMP_BOOLEAN, "boolean" }, { CMP_OBJECT, "object" }, { CMP_ARRAY, "array" },
                  { CMP_NULL, "null" } };
    struct pl_buf out = { .arena = arena };

    if ((types | CMP_NULL) == CMP_ALL)
        return "any type";
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if ((types & NAMES[i].bit) != NAMES[i].bit)
            continue;
        if (out.length)
            pl_buf_str(&out, " or ");
        pl_buf_str(&out, NAMES[i].name);
        types &= ~NAMES[i].bit;
    }
    return out.length ? pl_buf_text(&out) : "nothing";
}
