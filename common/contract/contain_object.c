/* Objects: which members there must be, which there may be, and a label for each.
 *
 * On the accepting side only declared members exist (RULINGS 55). */
#include "contain.h"
#include "contain_members.h"

#include <string.h>

#define CAUSE "conditions on the names of members"

static void
limit(struct members *self, const struct con_schema *schema)
{
    uint64_t least = con_size(schema->min_properties, 0);
    uint64_t most = con_size(schema->max_properties, UINT32_MAX);

    if (least > self->least)
        self->least = (uint32_t)(least > UINT32_MAX ? UINT32_MAX : least);
    if (most < self->most)
        self->most = (uint32_t)most;
    if (schema->unevaluated)
        self->state->murky = true;
}

static struct con_answer
require(struct members *self)
{
    struct con_state *state = self->state;
    struct con_answer out = { .is = CON_YES };

    for (int i = 0; i < state->pos_count && out.is == CON_YES; i++) {
        const struct pl_node *names = state->pos[i].schema->required;

        for (uint32_t k = 0; pl_node_is(names, PL_ARRAY) && k < names->count; k++) {
            out = members_need(self, pl_node_text(names->items[k], ""), NULL);
            if (out.is != CON_YES)
                break;
        }
    }
    return out;
}

/* Facts that name a member; the others are obligations, met later by any member. */
static struct con_answer
name_members(struct members *self)
{
    struct con_state *state = self->state;
    struct con_answer out = { .is = CON_YES };

    for (int i = 0; i < state->fact_count && out.is == CON_YES; i++) {
        const struct con_atom *fact = &state->facts[i];
        struct con_literal literal = { fact->schema, NULL, true, false };

        if (fact->kind == CON_MEMBER_NOT)
            out = members_need(self, fact->name, &literal);
        else if (fact->kind == CON_PRESENT_IS || fact->kind == CON_PRESENT_NOT ||
                 fact->kind == CON_LACKS)
            out = members_need(self, fact->name, NULL);
    }
    return out;
}

static bool
covers(struct con *con, const struct con_schema *schema, const char *name)
{
    const struct pl_node *map = schema->patterns;

    if (pl_node_get(schema->properties, name))
        return true;
    for (uint32_t i = 0; pl_node_is(map, PL_OBJECT) && i < map->count; i++)
        if (members_match(con, schema, map->members[i].key, name))
            return true;
    return false;
}

/* May a member of that name be what the fact asks for? */
static bool
may_serve(struct con *con, const struct con_atom *fact, const char *name)
{
    if (fact->kind == CON_PATTERN_NOT)
        return members_match(con, fact->owner, fact->name, name);
    if (fact->kind == CON_OTHER_NOT && fact->name) // unevaluated: others may have looked at it
        return pl_node_get(fact->owner->properties, name) == NULL;
    if (fact->kind == CON_OTHER_NOT)
        return !covers(con, fact->owner, name);
    return members_name_fits(con, fact->schema, name) != 1; // CON_NAME_NOT
}

static struct con_answer
try_name(struct members *self, const struct con_atom *fact, const char *name, int next)
{
    struct members before = *self;
    struct con_literal literal = { fact->schema, NULL, true, false };
    struct con_answer out;

    if (!may_serve(self->state->self, fact, name))
        return (struct con_answer){ .is = CON_NO };
    out = members_need(self, name, fact->kind == CON_NAME_NOT ? NULL : &literal);
    if (out.is == CON_YES)
        out = members_oblige(self, next);
    if (out.is == CON_YES && self->state->murky &&
        con_fits(self->state->self, self->state->label, out.value) <= 0)
        out = con_unknown(CAUSE);
    if (out.is != CON_YES)
        *self = before;
    return out;
}

static bool
is_obligation(const struct con_atom *fact)
{
    return fact->kind == CON_PATTERN_NOT || fact->kind == CON_OTHER_NOT ||
           fact->kind == CON_NAME_NOT;
}

/* The obligations from fact ${next} on: each by some member, then the number of members. */
struct con_answer
members_oblige(struct members *self, int next)
{
    struct con_state *state = self->state;
    struct con_answer out = { .is = CON_NO };
    struct names names;

    while (next < state->fact_count && !is_obligation(&state->facts[next]))
        next++;
    if (next == state->fact_count)
        return members_fill(self);
    if (state->facts[next].kind == CON_OTHER_NOT && state->facts[next].name)
        state->murky = true;
    if (!con_spend(state->self))
        return con_unknown(state->self->gave_up);
    members_candidates(self, &state->facts[next], &names);
    for (int i = 0; i < names.count; i++) {
        struct con_answer one = try_name(self, &state->facts[next], names.items[i], next + 1);

        if (one.is == CON_YES)
            return one;
        if (one.is == CON_UNKNOWN)
            out = one;
    }
    return out.is == CON_NO && !names.complete ? con_unknown(CAUSE) : out;
}

struct con_answer
con_solve_object(struct con_state *state)
{
    struct members self = { .state = state, .most = UINT32_MAX };
    struct con_answer out;

    for (int i = 0; i < state->pos_count; i++)
        limit(&self, state->pos[i].schema);
    for (int i = 0; i < state->fact_count; i++) {
        const struct con_atom *fact = &state->facts[i];

        if (fact->kind == CON_FEWER_MEMBERS && fact->index - 1 < self.most)
            self.most = fact->index - 1;
        if (fact->kind == CON_MORE_MEMBERS && fact->index + 1 > self.least)
            self.least = fact->index + 1;
    }
    if (self.least > self.most)
        return (struct con_answer){ .is = CON_NO };
    out = require(&self);
    if (out.is == CON_YES)
        out = name_members(&self);
    if (out.is == CON_YES)
        out = members_oblige(&self, 0);
    return out;
}
