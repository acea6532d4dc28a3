/* Literals become facts and choices, as soon as they are added: what has no way out shows at
 * once, what has one is no choice. */
#include "contain.h"

#include <string.h>

#define GROWN(self, items, count, room)                                                  \
    do {                                                                                 \
        if ((count) == (room)) {                                                         \
            int larger = (room) ? (room)*2 : 8;                                          \
            void *all = pl_arena_alloc((self)->arena, (size_t)larger * sizeof *(items)); \
                                                                                         \
            if (count)                                                                   \
                memcpy(all, items, (size_t)(count) * sizeof *(items));                   \
            (items) = all;                                                               \
            (room) = larger;                                                             \
        }                                                                                \
    } while (0)

static void
push_fact(struct con_state *state, const struct con_atom *atom)
{
    GROWN(state->self, state->facts, state->fact_count, state->fact_room);
    state->facts[state->fact_count++] = *atom;
}

static bool
push_choice(struct con_state *state, struct con_atom *options, int count)
{
    if (count == 0)
        return false;
    if (count == 1)
        return con_apply(state, &options[0]);
    GROWN(state->self, state->choices, state->choice_count, state->choice_room);
    state->choices[state->choice_count++] =
        (struct con_choice){ .options = options, .count = count };
    return true;
}

static bool
push_denial(struct con_state *state, struct con_atom *options, int count,
            const struct con_literal *denied)
{
    if (count < 2)
        return push_choice(state, options, count);
    GROWN(state->self, state->denials, state->denial_count, state->denial_room);
    state->denials[state->denial_count++] = (struct con_choice){ options, count, *denied };
    return true;
}

static bool
same_words(struct con *self, struct con_schema *a, struct con_schema *b)
{
    return a == b || (a->side->document->dialect == b->side->document->dialect &&
                      con_digest(self, a) == con_digest(self, b));
}

static bool
is_denied(const struct con_state *state, struct con_schema *schema)
{
    for (int i = 0; i < state->neg_count; i++)
        if (same_words(state->self, state->neg[i], schema))
            return true;
    return false;
}

static bool
is_affirmed(const struct con_state *state, struct con_schema *schema)
{
    for (int i = 0; i < state->pos_count; i++)
        if (same_words(state->self, state->pos[i].schema, schema))
            return true;
    return false;
}

static bool
add_child(struct con_state *state, struct con_schema *of, struct pl_node *node, bool negative,
          bool source, struct con_schema *whole)
{
    return con_add(state, (struct con_literal){ con_schema(state->self, of->side, node),
                                                negative ? whole : NULL, negative, source });
}

static struct con_atom *
options_for(struct con_state *state, uint32_t count)
{
    return pl_arena_alloc(state->self->arena, (count + 1) * sizeof(struct con_atom));
}

/* One of a list; for `oneOf` no other of it. */
static bool
choose_one(struct con_state *state, struct con_schema *schema, struct pl_node *list, bool source,
           bool only)
{
    struct con_atom *options;
    int count = 0;

    if (!pl_node_is(list, PL_ARRAY) || list->count == 0)
        return true;
    options = options_for(state, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        struct con_schema *one = con_schema(state->self, schema->side, list->items[i]);

        if (one->never || !((source ? one->declared : one->types) & state->type))
            continue;
        options[count++] = (struct con_atom){ .kind = only ? CON_ONLY : CON_IS,
                                              .owner = schema,
                                              .schema = one,
                                              .list = list,
                                              .index = i,
                                              .source = source };
    }
    return push_choice(state, options, count);
}

static bool
choose_if(struct con_state *state, struct con_schema *schema, bool source)
{
    struct con_atom *options = options_for(state, 2);

    options[0] = (struct con_atom){ .kind = CON_IF, .owner = schema, .source = source };
    options[1] = (struct con_atom){ .kind = CON_ELSE, .owner = schema, .source = source };
    return push_choice(state, options, 2);
}

static bool
choose_dependents(struct con_state *state, struct con_schema *schema, bool source)
{
    const struct pl_node *map = schema->needs_schema;

    for (uint32_t i = 0; pl_node_is(map, PL_OBJECT) && i < map->count; i++) {
        struct con_atom *options;

        if (map->members[i].value->kind == PL_ARRAY)
            continue;
        options = options_for(state, 2);
        options[0] = (struct con_atom){ .kind = CON_ABSENT, .name = map->members[i].key };
        options[1] = (struct con_atom){ .kind = CON_PRESENT_IS,
                                        .owner = schema,
                                        .schema = con_schema(state->self, schema->side,
                                                             map->members[i].value),
                                        .name = map->members[i].key,
                                        .source = source };
        if (!push_choice(state, options, 2))
            return false;
    }
    return true;
}

static bool
add_parts(struct con_state *state, struct con_schema *schema, bool source)
{
    if (schema->ref && !add_child(state, schema, schema->ref, false, source, NULL))
        return false;
    for (uint32_t i = 0; pl_node_is(schema->all, PL_ARRAY) && i < schema->all->count; i++)
        if (!add_child(state, schema, schema->all->items[i], false, source, NULL))
            return false;
    if (schema->not &&!add_child(state, schema, schema->not, true, false, NULL))
        return false;
    if (schema->dynamic)
        state->murky = true;
    return choose_one(state, schema, schema->any, source, false) &&
           choose_one(state, schema, schema->one, source, !state->self->loosely) &&
           (schema->when == NULL || (schema->then == NULL && schema->otherwise == NULL) ||
            choose_if(state, schema, source)) &&
           (state->type != CMP_OBJECT || choose_dependents(state, schema, source));
}

static bool
add_positive(struct con_state *state, struct con_schema *schema, bool source)
{
    if (schema->never || !((source ? schema->declared : schema->types) & state->type))
        return false;
    for (int i = 0; i < state->pos_count; i++)
        if (state->pos[i].schema == schema && state->pos[i].source == source)
            return true;
    if (is_denied(state, schema))
        return false;
    GROWN(state->self, state->pos, state->pos_count, state->pos_room);
    state->pos[state->pos_count++] = (struct con_positive){ schema, source };
    return schema->trivial || add_parts(state, schema, source);
}

void
con_deny(struct con_state *state, struct con_schema *schema)
{
    GROWN(state->self, state->neg, state->neg_count, state->neg_room);
    state->neg[state->neg_count++] = schema;
}

static bool
add_negative(struct con_state *state, const struct con_literal *literal)
{
    struct con_schema *schema = literal->schema;
    struct con_atom *options;
    int count;

    if (schema->never || !(schema->types & state->type))
        return true;
    if (schema->trivial || is_affirmed(state, schema))
        return false;
    for (int i = 0; i < state->neg_count; i++)
        if (state->neg[i] == schema)
            return true;
    con_deny(state, schema);
    count = con_options(state, literal, &options);
    return push_denial(state, options, count, literal);
}

bool
con_add(struct con_state *state, struct con_literal literal)
{
    if (!con_spend(state->self))
        return true;
    return literal.negative ? add_negative(state, &literal)
                            : add_positive(state, literal.schema, literal.source);
}

static bool
deny_list(struct con_state *state, const struct con_atom *atom, uint32_t except)
{
    for (uint32_t i = 0; i < atom->list->count; i++)
        if (i != except &&
            !add_child(state, atom->owner, atom->list->items[i], true, false, atom->whole))
            return false;
    return true;
}

/* `if` holds and then `then`, or does not, or holds and `then` does not. */
static bool
apply_if(struct con_state *state, const struct con_atom *atom)
{
    struct con_schema *owner = atom->owner;
    bool otherwise = atom->kind == CON_ELSE;
    struct pl_node *branch = otherwise ? owner->otherwise : owner->then;

    return add_child(state, owner, owner->when, otherwise, atom->source, atom->whole) &&
           (branch == NULL ||
            add_child(state, owner, branch, atom->negative, atom->source, atom->whole));
}

/* Is there any value of both alternatives?  Of most unions there is none, which is found once. */
static bool
may_meet(struct con_state *state, const struct con_atom *atom)
{
    struct con *self = state->self;
    struct con_side *side = atom->owner->side;
    struct con_label label = { 0 };

    con_label_add(self, &label,
                  (struct con_literal){ con_schema(self, side, atom->list->items[atom->index]),
                                        NULL, false, false });
    con_label_add(self, &label,
                  (struct con_literal){ con_schema(self, side, atom->list->items[atom->other]),
                                        NULL, false, false });
    return con_ask_here(self, &label).is != CON_NO;
}

static const struct pl_node *
counterpart(const struct con_schema *schema, const struct con_atom *atom)
{
    uint32_t prefix = pl_node_is(schema->prefix, PL_ARRAY) ? schema->prefix->count : 0;

    switch ((int)atom->kind) {
    case CON_PATTERN_NOT:
        return pl_node_get(schema->patterns, atom->name);
    case CON_REST_NOT:
        return atom->name || prefix > atom->index ? NULL : schema->items;
    case CON_FEW:
    case CON_MANY:
        return schema->contains;
    default:
        return NULL;
    }
}

/* What the accepting side says of items and of names by pattern, in the same words, leaves no value
 * that this keyword refuses. */
static bool
is_said(const struct con_state *state, const struct con_atom *atom)
{
    struct con *self = state->self;

    for (int i = 0; i < state->pos_count; i++) {
        const struct con_schema *pos = state->pos[i].schema;
        const struct pl_node *same = counterpart(pos, atom);

        if (same == NULL || pl_node_is(same, PL_ARRAY) ||
            !same_words(self, con_schema(self, pos->side, (struct pl_node *)same), atom->schema))
            continue;
        if (atom->kind == CON_PATTERN_NOT || atom->kind == CON_REST_NOT ||
            (atom->kind == CON_FEW && con_size(pos->min_contains, 1) >= atom->index) ||
            (atom->kind == CON_MANY && pos->max_contains &&
             con_size(pos->max_contains, 0) <= atom->index))
            return true;
    }
    return false;
}

bool
con_apply(struct con_state *state, const struct con_atom *atom)
{
    struct con_literal literal = { atom->schema, NULL, false, atom->source };

    switch ((int)atom->kind) {
    case CON_IS:
        return con_add(state, literal);
    case CON_IS_NOT:
        literal.negative = true;
        literal.whole = atom->schema == atom->whole ? NULL : atom->whole;
        return con_add(state, literal);
    case CON_NONE_OF:
        return deny_list(state, atom, UINT32_MAX);
    case CON_ONLY:
        return con_add(state, literal) && deny_list(state, atom, atom->index);
    case CON_TWO_OF:
        return may_meet(state, atom) &&
               add_child(state, atom->owner, atom->list->items[atom->index], false, false, NULL) &&
               add_child(state, atom->owner, atom->list->items[atom->other], false, false, NULL);
    case CON_IF:
    case CON_ELSE:
        return apply_if(state, atom);
    case CON_PRESENT_NOT:
        literal.negative = true;
        literal.whole = atom->whole;
        push_fact(state, atom);
        return con_add(state, literal);
    case CON_PRESENT_IS:
        push_fact(state, atom);
        return con_add(state, literal);
    case CON_ANYTHING:
        state->murky = true;
        state->cause = atom->name;
        return true;
    default:
        if (is_said(state, atom))
            return false;
        push_fact(state, atom);
        return true;
    }
}
