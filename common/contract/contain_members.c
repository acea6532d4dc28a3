/* Members: their labels, their names. */
#include "contain_members.h"

#include <string.h>

#define MOST_NAMES 2000

bool
members_match(struct con *con, const struct con_schema *schema, const char *pattern,
              const char *name)
{
    struct pl_node **slot = (struct pl_node **)cmp_map_slot(
        &con->patterns, (struct cmp_key){ pattern, schema->side, 0 });
    struct con_label label = { 0 };

    if (*slot == NULL) {
        *slot = pl_node_object(con->arena);
        pl_node_set(con->arena, *slot, "pattern", pl_node_string(con->arena, pattern));
    }
    con_label_add(con, &label,
                  (struct con_literal){ con_schema(con, schema->side, *slot), NULL, false, false });
    return con_fits(con, &label, pl_node_string(con->arena, name)) > 0;
}

int
members_name_fits(struct con *con, struct con_schema *schema, const char *name)
{
    struct con_label label = { 0 };

    con_label_add(con, &label, (struct con_literal){ schema, NULL, false, false });
    return con_fits(con, &label, pl_node_string(con->arena, name));
}

static bool
lists(const struct pl_node *names, const char *name)
{
    size_t length = strlen(name);

    for (uint32_t i = 0; pl_node_is(names, PL_ARRAY) && i < names->count; i++) {
        const struct pl_node *one = names->items[i]; // asked most often of all

        if (one->length == length && one->kind == PL_STRING &&
            (one->text == name || memcmp(one->text, name, length) == 0))
            return true;
    }
    return false;
}

/* By the source: what an alternative of the other side requires is not declared by that. */
static bool
is_required(const struct con_state *state, const char *name)
{
    for (int i = 0; i < state->pos_count; i++)
        if (state->pos[i].source && lists(state->pos[i].schema->required, name))
            return true;
    return false;
}

static bool
is_needed(const struct con_schema *schema, const char *name)
{
    const struct pl_node *map = schema->needs;

    for (uint32_t i = 0; pl_node_is(map, PL_OBJECT) && i < map->count; i++)
        if (lists(map->members[i].value, name))
            return true;
    return false;
}

/* Does somebody besides the source speak of this name? */
static bool
is_known_elsewhere(const struct con_state *state, const char *name)
{
    for (int i = 0; i < state->neg_count; i++)
        if (pl_node_get(state->neg[i]->properties, name))
            return true;
    for (int i = 0; i < state->pos_count; i++)
        if (!state->pos[i].source && pl_node_get(state->pos[i].schema->properties, name))
            return true;
    return false;
}

static bool
matches_pattern(struct con *con, const struct con_schema *schema, const char *name)
{
    const struct pl_node *map = schema->patterns;

    for (uint32_t i = 0; pl_node_is(map, PL_OBJECT) && i < map->count; i++)
        if (members_match(con, schema, map->members[i].key, name))
            return true;
    return false;
}

/* What is written down about members that have no name: NULL if nothing. */
static struct con_schema *
rest_of(struct con *con, const struct con_schema *schema)
{
    struct pl_node *rest = schema->additional ? schema->additional : schema->unevaluated;

    return rest ? con_schema(con, schema->side, rest) : NULL;
}

static bool
has_source(const struct con_state *state)
{
    for (int i = 0; i < state->pos_count; i++)
        if (state->pos[i].source)
            return true;
    return false;
}

/* Is a member of this name a declared one? */
static bool
is_declared(struct con_state *state, const char *name)
{
    struct con *con = state->self;

    if (con->openly || !has_source(state) || is_required(state, name))
        return true;
    for (int i = 0; i < state->pos_count; i++) {
        const struct con_schema *schema = state->pos[i].schema;
        struct pl_node *property = pl_node_get(schema->properties, name);
        const struct con_schema *rest;

        if (!state->pos[i].source)
            continue;
        if (property && !con_is_hidden(con, schema->side, property))
            return true;
        rest = rest_of(con, schema);
        if (!property && rest && !rest->never &&
            (!rest->trivial || !is_known_elsewhere(state, name)))
            return true;
        if (is_needed(schema, name) || matches_pattern(con, schema, name))
            return true;
    }
    return false;
}

static void
add_child(struct con *con, struct con_label *label, const struct con_positive *pos,
          struct pl_node *node)
{
    con_label_add(
        con, label,
        (struct con_literal){ con_schema(con, pos->schema->side, node), NULL, false, pos->source });
}

/* Returns whether some keyword looks at the member. */
static bool
add_of_schema(struct con *con, struct con_label *label, const struct con_positive *pos,
              const char *name)
{
    const struct con_schema *schema = pos->schema;
    struct pl_node *property = pl_node_get(schema->properties, name);
    const struct pl_node *map = schema->patterns;
    bool covered = property != NULL;

    if (property)
        add_child(con, label, pos, property);
    for (uint32_t i = 0; pl_node_is(map, PL_OBJECT) && i < map->count; i++)
        if (members_match(con, schema, map->members[i].key, name)) {
            add_child(con, label, pos, map->members[i].value);
            covered = true;
        }
    if (!covered && schema->additional)
        add_child(con, label, pos, schema->additional);
    return covered || schema->additional;
}

static struct con_label
label_of(struct con_state *state, const char *name)
{
    struct con_label label = { 0 };
    bool covered = false;

    for (int i = 0; i < state->pos_count; i++)
        covered = add_of_schema(state->self, &label, &state->pos[i], name) || covered;
    for (int i = 0; i < state->pos_count && !covered; i++)
        if (state->pos[i].schema->unevaluated)
            add_child(state->self, &label, &state->pos[i], state->pos[i].schema->unevaluated);
    return label;
}

static bool
may_be_there(struct con_state *state, const char *name)
{
    for (int i = 0; i < state->fact_count; i++) {
        const struct con_atom *fact = &state->facts[i];

        if ((fact->kind == CON_ABSENT && strcmp(fact->name, name) == 0) ||
            (fact->kind == CON_LACKS && strcmp(fact->second, name) == 0))
            return false;
    }
    for (int i = 0; i < state->pos_count; i++) {
        const struct con_schema *schema = state->pos[i].schema;

        if (schema->names &&
            members_name_fits(state->self, con_schema(state->self, schema->side, schema->names),
                              name) == 0)
            return false;
    }
    return is_declared(state, name);
}

static struct con_answer
need_others(struct members *self, const char *name)
{
    struct con_answer out = { .is = CON_YES };

    for (int i = 0; i < self->state->pos_count; i++) {
        const struct pl_node *names = pl_node_get(self->state->pos[i].schema->needs, name);

        for (uint32_t k = 0; pl_node_is(names, PL_ARRAY) && k < names->count; k++) {
            out = members_need(self, pl_node_text(names->items[k], ""), NULL);
            if (out.is != CON_YES)
                return out;
        }
    }
    return out;
}

static struct member_plan *
planned(const struct members *self, const char *name)
{
    struct member_plan *plan = self->last;

    while (plan && plan->name != name && (*plan->name != *name || strcmp(plan->name, name) != 0))
        plan = plan->next;
    return plan;
}

struct con_answer
members_need(struct members *self, const char *name, const struct con_literal *extra)
{
    struct con_state *state = self->state;
    struct member_plan *before = planned(self, name), *plan;
    struct con_label label;
    struct con_answer out;

    if (before && extra == NULL)
        return (struct con_answer){ .is = CON_YES };
    if (before == NULL && (self->count == self->most || !may_be_there(state, name)))
        return (struct con_answer){ .is = CON_NO };
    label = before ? before->label : label_of(state, name);
    if (extra)
        con_label_add(state->self, &label, *extra);
    out = con_ask(state->self, &label);
    if (out.is != CON_YES)
        return out;
    plan = pl_arena_alloc(state->self->arena, sizeof *plan);
    *plan = (struct member_plan){ name, label, out.value, self->last };
    self->last = plan;
    self->count += before == NULL;
    return before ? out : need_others(self, name);
}

static void
add_name(struct con *con, struct names *names, const char *name)
{
    for (int i = 0; i < names->count; i++)
        if (*names->items[i] == *name && strcmp(names->items[i], name) == 0)
            return;
    if (names->count == MOST_NAMES) {
        names->complete = false;
        return;
    }
    if (names->count == names->room) {
        int room = names->room ? names->room * 2 : 16;
        const char **items = pl_arena_alloc(con->arena, (size_t)room * sizeof *items);

        if (names->count)
            memcpy(items, names->items, (size_t)names->count * sizeof *items);
        names->items = items;
        names->room = room;
    }
    names->items[names->count++] = name;
}

static void
add_matching(struct con *con, struct names *names, const char *pattern)
{
    struct con_text wanted = { &pattern, NULL, 1, 0, 0, 1000 };
    struct con_answer text = con_text(con, &wanted);

    if (text.is == CON_YES)
        add_name(con, names, text.value->text);
    names->complete = false;
}

static void
add_patterned(struct con_state *state, struct names *names, const struct con_schema *schema)
{
    const struct pl_node *map = schema->patterns;

    for (uint32_t i = 0; pl_node_is(map, PL_OBJECT) && i < map->count; i++)
        add_matching(state->self, names, map->members[i].key);
}

/* A name that nobody speaks of: such names are all alike where there are no patterns. */
static void
add_fresh(struct members *self, struct names *names)
{
    static const char *const fresh[] = { "other", "x", "y", "z0", "A_1" };
    struct con_state *state = self->state;
    int before = names->count;

    for (size_t i = 0; i < sizeof fresh / sizeof *fresh; i++)
        if (!is_known_elsewhere(state, fresh[i]))
            add_name(state->self, names, fresh[i]);
    if (names->count == before)
        names->complete = false;
}

void
members_candidates(struct members *self, const struct con_atom *fact, struct names *out)
{
    struct con_state *state = self->state;
    struct con *con = state->self;
    bool open = con->openly || !has_source(state);

    *out = (struct names){ .complete = true };
    for (const struct member_plan *plan = self->last; plan; plan = plan->next)
        add_name(con, out, plan->name);
    for (int i = 0; i < state->pos_count; i++) {
        const struct con_schema *schema = state->pos[i].schema, *rest = rest_of(con, schema);
        const struct pl_node *map = schema->properties;

        for (uint32_t k = 0; pl_node_is(map, PL_OBJECT) && k < map->count; k++)
            add_name(con, out, map->members[k].key);
        open = open || (state->pos[i].source && rest && !rest->never);
    }
    for (int i = 0; i < state->pos_count; i++)
        if (open || state->pos[i].source)
            add_patterned(state, out, state->pos[i].schema);
    out->open = open;
    if (!open)
        return;
    for (int i = 0; i < state->neg_count; i++)
        add_patterned(state, out, state->neg[i]);
    if (fact && fact->kind == CON_PATTERN_NOT) // the schema that refuses is a fact by now
        add_matching(con, out, fact->name);
    if (fact && fact->kind == CON_NAME_NOT) {
        struct con_label label = { 0 };
        struct con_answer name;

        con_label_add(con, &label, (struct con_literal){ fact->schema, NULL, true, false });
        name = con_ask(con, &label);
        if (name.is == CON_YES && name.value->kind == PL_STRING)
            add_name(con, out, name.value->text);
        out->complete = false;
    }
    add_fresh(self, out);
}

static struct con_answer
build(struct members *self)
{
    struct con *con = self->state->self;
    struct pl_node *object = pl_node_object(con->arena);
    const struct member_plan **plans =
        pl_arena_alloc(con->arena, (self->count + 1) * sizeof(void *));
    uint32_t n = 0;

    for (const struct member_plan *plan = self->last; plan; plan = plan->next)
        if (planned(self, plan->name) == plan && n < self->count)
            plans[n++] = plan;
    while (n-- > 0)
        pl_node_set(con->arena, object, plans[n]->name, plans[n]->value);
    return (struct con_answer){ .is = CON_YES, .value = object };
}

struct con_answer
members_fill(struct members *self)
{
    struct con_state *state = self->state;
    struct con_answer out = { .is = CON_NO };
    struct names names;

    if (self->count >= self->least)
        return build(self);
    members_candidates(self, NULL, &names);
    for (int i = 0; i < names.count && self->count < self->least; i++) {
        struct members before = *self;
        struct con_answer one = members_need(self, names.items[i], NULL);

        if (one.is != CON_YES)
            *self = before;
        if (one.is == CON_UNKNOWN)
            out = one;
    }
    for (int i = 0; self->count < self->least && names.open && i < 50; i++)
        if (members_need(self, pl_arena_printf(state->self->arena, "name%d", i), NULL).is ==
            CON_UNKNOWN)
            out = con_unknown("how many members there are");
    if (self->count >= self->least)
        return build(self);
    return out.is == CON_NO && (!names.complete || names.open)
               ? con_unknown("how many members there are")
               : out;
}
