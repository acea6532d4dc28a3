/* The ways not to be of a schema: one for each keyword that the type may violate. */
#include "contain.h"

#include <string.h>

#define MOST_OVERLAPPING 40 // alternatives: pairs of them are 780 ways

struct list {
    struct con_state *state;
    const struct con_literal *literal;
    struct con_atom *items;
    int count, room;
    struct con_atom unused;
};

/* Is it about a part that would have to be refused by this schema? */
static bool
refuses_part(enum con_kind kind)
{
    return kind == CON_ITEM_NOT || kind == CON_REST_NOT || kind == CON_MEMBER_NOT ||
           kind == CON_PATTERN_NOT || kind == CON_OTHER_NOT || kind == CON_NAME_NOT ||
           kind == CON_PRESENT_NOT;
}

static struct con_atom *
add(struct list *list, enum con_kind kind, struct pl_node *schema)
{
    struct con_schema *owner = list->literal->schema;
    struct con *self = list->state->self;
    struct con_schema *part = schema ? con_schema(self, owner->side, schema) : NULL;

    if (part && part->trivial && refuses_part(kind))
        return &list->unused;

    if (list->count == list->room) {
        int room = list->room ? list->room * 2 : 8;
        struct con_atom *items = pl_arena_alloc(self->arena, (size_t)room * sizeof *items);

        if (list->count)
            memcpy(items, list->items, (size_t)list->count * sizeof *items);
        list->items = items;
        list->room = room;
    }
    list->items[list->count] = (struct con_atom){
        .kind = kind,
        .owner = owner,
        .schema = part,
        .whole = list->literal->whole ? list->literal->whole : owner,
        .negative = true,
    };
    return &list->items[list->count++];
}

static void
add_combinations(struct list *list, struct con_schema *schema)
{
    struct con_atom *atom;

    if (schema->ref)
        add(list, CON_IS_NOT, schema->ref);
    for (uint32_t i = 0; pl_node_is(schema->all, PL_ARRAY) && i < schema->all->count; i++)
        add(list, CON_IS_NOT, schema->all->items[i]);
    if (pl_node_is(schema->any, PL_ARRAY))
        add(list, CON_NONE_OF, NULL)->list = schema->any;
    if (pl_node_is(schema->one, PL_ARRAY))
        add(list, CON_NONE_OF, NULL)->list = schema->one;
    if (schema->not ) {
        atom = add(list, CON_IS, schema->not );
        atom->negative = false;
    }
    if (schema->when && schema->then)
        add(list, CON_IF, NULL);
    if (schema->when && schema->otherwise)
        add(list, CON_ELSE, NULL);
    if (schema->dynamic)
        add(list, CON_ANYTHING, NULL)->name = "$dynamicRef";
}

/* Two alternatives at once: last, since these are many. */
static void
add_overlaps(struct list *list, struct con_schema *schema)
{
    uint32_t count = pl_node_is(schema->one, PL_ARRAY) ? schema->one->count : 0;

    if (list->state->self->loosely)
        return;
    if (count > MOST_OVERLAPPING) {
        add(list, CON_ANYTHING, NULL)->name = "too many alternatives";
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = i + 1; k < count; k++) {
            struct con_atom *atom = add(list, CON_TWO_OF, NULL);

            atom->list = schema->one;
            atom->index = i;
            atom->other = k;
        }
}

static void
add_number(struct list *list, struct con_schema *schema)
{
    if (schema->minimum || schema->more_than)
        add(list, CON_UNDER, NULL);
    if (schema->maximum || schema->less_than)
        add(list, CON_OVER, NULL);
    if (schema->multiple)
        add(list, CON_NO_MULTIPLE, NULL);
    // int64 holds every number in use, and narrows nothing
    if (schema->format && strcmp(schema->format, "int32") == 0 &&
        list->state->type == CMP_INTEGER) {
        add(list, CON_OVER, NULL)->name = schema->format;
        add(list, CON_UNDER, NULL)->name = schema->format;
    }
}

static void
add_string(struct list *list, struct con_schema *schema)
{
    if (con_size(schema->min_length, 0) > 0)
        add(list, CON_SHORTER, NULL);
    if (schema->max_length)
        add(list, CON_LONGER, NULL);
    if (pl_node_is(schema->pattern, PL_STRING))
        add(list, CON_NO_MATCH, NULL)->name = schema->pattern->text;
    if (schema->format && strncmp(schema->format, "int", 3) != 0)
        add(list, CON_NO_FORMAT, NULL)->name = schema->format;
}

static void
add_array(struct list *list, struct con_schema *schema)
{
    uint32_t prefix = pl_node_is(schema->prefix, PL_ARRAY) ? schema->prefix->count : 0;

    for (uint32_t i = 0; i < prefix; i++)
        add(list, CON_ITEM_NOT, schema->prefix->items[i])->index = i;
    if (schema->items && !pl_node_is(schema->items, PL_ARRAY))
        add(list, CON_REST_NOT, schema->items)->index = prefix;
    if (con_size(schema->min_items, 0) > 0)
        add(list, CON_FEWER_ITEMS, NULL)->index =
            (uint32_t)(con_size(schema->min_items, 0) & UINT32_MAX);
    if (schema->max_items && con_size(schema->max_items, 0) < UINT32_MAX)
        add(list, CON_MORE_ITEMS, NULL)->index = (uint32_t)con_size(schema->max_items, 0);
    if (schema->unique)
        add(list, CON_TWINS, NULL);
    if (schema->contains && con_size(schema->min_contains, 1) > 0)
        add(list, CON_FEW, schema->contains)->index =
            (uint32_t)(con_size(schema->min_contains, 1) & UINT32_MAX);
    if (schema->contains && schema->max_contains)
        add(list, CON_MANY, schema->contains)->index =
            (uint32_t)(con_size(schema->max_contains, 0) & UINT32_MAX);
    if (schema->unevaluated_items)
        add(list, CON_REST_NOT, schema->unevaluated_items)->name = "unevaluatedItems";
}

/* Draft 4's `dependencies` has lists of names and schemas in one. */
static void
add_needs(struct list *list, struct con_schema *schema)
{
    for (uint32_t i = 0; pl_node_is(schema->needs, PL_OBJECT) && i < schema->needs->count; i++) {
        const struct pl_member *member = &schema->needs->members[i];

        for (uint32_t k = 0; member->value->kind == PL_ARRAY && k < member->value->count; k++) {
            struct con_atom *atom = add(list, CON_LACKS, NULL);

            atom->name = member->key;
            atom->second = pl_node_text(member->value->items[k], "");
        }
    }
    for (uint32_t i = 0;
         pl_node_is(schema->needs_schema, PL_OBJECT) && i < schema->needs_schema->count; i++) {
        const struct pl_member *member = &schema->needs_schema->members[i];

        if (member->value->kind != PL_ARRAY)
            add(list, CON_PRESENT_NOT, member->value)->name = member->key;
    }
}

static void
add_members(struct list *list, struct con_schema *schema)
{
    struct con *self = list->state->self;
    const struct pl_node *map = schema->properties;

    for (int flat = 1; flat >= 0; flat--) // plain members make the plainest witnesses
        for (uint32_t i = 0; pl_node_is(map, PL_OBJECT) && i < map->count; i++)
            if (con_schema(self, schema->side, map->members[i].value)->flat == flat &&
                !con_is_hidden(self, schema->side, map->members[i].value))
                add(list, CON_MEMBER_NOT, map->members[i].value)->name = map->members[i].key;
    map = schema->patterns;
    for (uint32_t i = 0; pl_node_is(map, PL_OBJECT) && i < map->count; i++)
        add(list, CON_PATTERN_NOT, map->members[i].value)->name = map->members[i].key;
}

static void
add_object(struct list *list, struct con_schema *schema)
{
    struct con *self = list->state->self;
    const struct con_schema *whole = list->literal->whole;

    for (uint32_t i = 0; pl_node_is(schema->required, PL_ARRAY) && i < schema->required->count;
         i++) {
        const char *name = pl_node_text(schema->required->items[i], NULL);

        if (name && !con_hides(self, whole ? whole : schema, name))
            add(list, CON_ABSENT, NULL)->name = name;
    }
    add_members(list, schema);
    if (schema->additional)
        add(list, CON_OTHER_NOT, schema->additional);
    if (schema->unevaluated)
        add(list, CON_OTHER_NOT, schema->unevaluated)->name = "unevaluatedProperties";
    if (schema->names)
        add(list, CON_NAME_NOT, schema->names);
    add_needs(list, schema);
    if (con_size(schema->min_properties, 0) > 0)
        add(list, CON_FEWER_MEMBERS, NULL)->index =
            (uint32_t)(con_size(schema->min_properties, 0) & UINT32_MAX);
    if (schema->max_properties && con_size(schema->max_properties, 0) < UINT32_MAX)
        add(list, CON_MORE_MEMBERS, NULL)->index = (uint32_t)con_size(schema->max_properties, 0);
}

int
con_options(struct con_state *state, const struct con_literal *literal, struct con_atom **options)
{
    struct list list = { .state = state, .literal = literal };
    struct con_schema *schema = literal->schema;

    if (schema->values)
        add(&list, CON_NOT_LISTED, NULL)->list = schema->values;
    if (schema->constant)
        add(&list, CON_NOT_LISTED, NULL)->name = "const";
    if (state->type & CMP_NUMBER)
        add_number(&list, schema);
    if (state->type == CMP_STRING)
        add_string(&list, schema);
    if (state->type == CMP_ARRAY)
        add_array(&list, schema);
    if (state->type == CMP_OBJECT)
        add_object(&list, schema);
    add_combinations(&list, schema);
    add_overlaps(&list, schema);
    *options = list.items;
    return list.count;
}
