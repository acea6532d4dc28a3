/* One label: type by type, choice by choice. */
#include "contain.h"

#include <string.h>

/* In the order in which people like to read witnesses. */
static const unsigned TYPES[] = { CMP_STRING, CMP_INTEGER, CMP_FRACTION, CMP_BOOLEAN,
                                  CMP_OBJECT, CMP_ARRAY,   CMP_NULL };

struct con_mark
con_mark(const struct con_state *state)
{
    return (struct con_mark){ state->pos_count,    state->neg_count, state->fact_count,
                              state->choice_count, state->next,      state->denial_count,
                              state->next_denial,  state->murky };
}

void
con_back(struct con_state *state, struct con_mark mark)
{
    state->pos_count = mark.pos;
    state->neg_count = mark.neg;
    state->fact_count = mark.facts;
    state->choice_count = mark.choices;
    state->next = mark.next;
    state->denial_count = mark.denials;
    state->next_denial = mark.next_denial;
    state->murky = mark.murky;
}

/* Null, true and false are tried, not thought about. */
static struct con_answer
try_values(struct con *self, const struct con_label *label, unsigned type)
{
    struct con_answer out = { .is = CON_NO };

    for (int i = 0; i < (type == CMP_NULL ? 1 : 2); i++) {
        struct pl_node *value =
            type == CMP_NULL ? pl_node_null(self->arena) : pl_node_bool(self->arena, i == 0);
        int fits = con_fits(self, label, value);

        if (fits > 0)
            return (struct con_answer){ .is = CON_YES, .value = value };
        if (fits < 0)
            out = con_unknown("a schema that the validator cannot apply");
    }
    return out;
}

/* With a list of values on the accepting side, these are all there can be. */
static bool
try_listed(struct con_state *state, struct con_answer *out)
{
    for (int i = 0; i < state->pos_count; i++) {
        const struct con_schema *schema = state->pos[i].schema;
        struct pl_node *constant[1] = { schema->constant };
        struct pl_node *const *values =
            pl_node_is(schema->values, PL_ARRAY) ? schema->values->items : constant;
        uint32_t count =
            pl_node_is(schema->values, PL_ARRAY) ? schema->values->count : schema->constant != NULL;

        if (count == 0)
            continue;
        out->is = CON_NO;
        for (uint32_t k = 0; k < count; k++) {
            int fits = cmp_kind_bit(values[k]) == state->type
                           ? con_fits(state->self, state->label, values[k])
                           : 0;

            if (fits > 0) {
                *out = (struct con_answer){ .is = CON_YES, .value = values[k] };
                return true;
            }
            if (fits < 0)
                *out = con_unknown("a schema that the validator cannot apply");
        }
        return true;
    }
    return false;
}

/* Where the search took a liberty, the validator has the last word. */
static struct con_answer
confirm(struct con_state *state, struct con_answer answer)
{
    int fits;

    if (answer.is != CON_YES || !state->murky)
        return answer;
    fits = con_fits(state->self, state->label, answer.value);
    if (fits > 0)
        return answer;
    return con_unknown(state->cause ? state->cause : "no value could be confirmed");
}

static struct con_answer
solve(struct con_state *state)
{
    struct con_answer out = { .is = CON_NO };

    if (try_listed(state, &out))
        return out;
    switch (state->type) {
    case CMP_INTEGER:
    case CMP_FRACTION:
        return con_solve_number(state);
    case CMP_STRING:
        return con_solve_string(state);
    case CMP_ARRAY:
        return confirm(state, con_solve_array(state));
    case CMP_OBJECT:
        return confirm(state, con_solve_object(state));
    default:
        return try_values(state->self, state->label, state->type);
    }
}

/* Several schemas are denied, as by a union on the refusing side: what lies within one of them is
 * out, and a value outside of one may be outside of all. */
static bool
probe(struct con_state *state, struct con_answer *out)
{
    struct con *self = state->self;
    struct con_label common = { 0 };

    for (int i = 0; i < state->pos_count; i++)
        if (!state->pos[i].schema->pure && !state->pos[i].schema->trivial)
            con_label_add(
                self, &common,
                (struct con_literal){ state->pos[i].schema, NULL, false, state->pos[i].source });
    for (int i = 0; i < state->denial_count; i++) {
        struct con_label label = common;
        struct con_answer one;

        con_label_add(self, &label, state->denials[i].denied);
        one = con_ask_here(self, &label);
        if (one.is == CON_YES && con_fits(self, state->label, one.value) <= 0)
            continue;
        *out = one;
        if (one.is != CON_UNKNOWN)
            return true;
    }
    return false;
}

static bool
next_choice(struct con_state *state, struct con_choice *out)
{
    if (state->next < state->choice_count)
        *out = state->choices[state->next++];
    else if (state->next_denial < state->denial_count)
        *out = state->denials[state->next_denial++];
    else
        return false;
    return true;
}

/* "Yes" is the end, "unknown" is remembered, "no" goes on. */
struct con_answer
con_choose(struct con_state *state)
{
    struct con_answer out = { .is = CON_NO };
    struct con_choice choice;
    struct con_mark mark;

    if (!con_spend(state->self))
        return con_unknown(state->self->gave_up);
    if (state->next == state->choice_count && state->next_denial == 0 && state->denial_count > 1 &&
        probe(state, &out))
        return out;
    out = (struct con_answer){ .is = CON_NO };
    if (!next_choice(state, &choice))
        return solve(state);
    mark = con_mark(state);
    for (int i = 0; i < choice.count; i++) {
        struct con_answer one = { .is = CON_NO };

        if (con_apply(state, &choice.options[i]))
            one = con_choose(state);
        con_back(state, mark);
        if (one.is == CON_YES)
            return one;
        if (one.is == CON_UNKNOWN)
            out = one;
        if (state->self->gave_up)
            return con_unknown(state->self->gave_up);
    }
    return out;
}

static unsigned
types_of(const struct con_label *label)
{
    unsigned types = CMP_ALL;

    for (int i = 0; i < label->count; i++)
        if (!label->items[i].negative)
            types &= label->items[i].source ? label->items[i].schema->declared
                                            : label->items[i].schema->types;
    return types;
}

static struct con_answer
search_type(struct con *self, const struct con_label *label, unsigned type)
{
    struct con_state state = { .self = self, .label = label, .type = type };

    if (type == CMP_NULL || type == CMP_BOOLEAN)
        return try_values(self, label, type);
    for (int k = 0; k < 2; k++) // what is, then what is not
        for (int i = 0; i < label->count; i++)
            if (label->items[i].negative == (k == 1) && !con_add(&state, label->items[i]))
                return (struct con_answer){ .is = CON_NO };
    return con_choose(&state);
}

struct con_answer
con_search(struct con *self, const struct con_label *label)
{
    struct con_answer out = { .is = CON_NO };
    unsigned types = types_of(label);

    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        struct con_answer one = { .is = CON_NO };

        if (types & TYPES[i])
            one = search_type(self, label, TYPES[i]);
        if (one.is == CON_YES)
            return one;
        if (one.is == CON_UNKNOWN)
            out = one;
    }
    return out;
}
