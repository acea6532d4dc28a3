/* Arrays: how long, and a label for each item. */
#include "contain.h"

#include <string.h>

#define LONGEST 300 // items that we build
#define CAUSE   "conditions on the items of an array"

#define MOST_EXTRAS 24

struct extra {
    uint32_t from, to; // `to` is not among them
    struct con_literal literal;
};

struct array {
    struct con_state *state;
    uint32_t least, most;
    bool unique, exact;              // exact: nothing was arranged in one of several ways
    struct extra extra[MOST_EXTRAS]; // what items must be besides
    int extra_count;
    uint32_t shift; // of the item that is to be no item of the rest
    uint32_t used;  // items that something was placed on
    struct pl_node *twin;
    uint32_t twins[2];
};

static uint32_t
size32(const struct pl_node *node, uint32_t otherwise)
{
    uint64_t size = con_size(node, otherwise);

    return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
}

/* The items from ${from} to ${to}, as far as there are any. */
static bool
put_all(struct array *self, uint32_t from, uint32_t to, struct con_literal literal)
{
    if (self->extra_count == MOST_EXTRAS)
        return false;
    self->extra[self->extra_count++] = (struct extra){ from, to, literal };
    return true;
}

/* Items that must be there, too. */
static bool
put(struct array *self, uint32_t from, uint32_t count, struct con_literal literal)
{
    if (from > LONGEST || count > LONGEST - from)
        return false;
    if (from + count > self->used)
        self->used = from + count;
    return count == 0 || put_all(self, from, from + count, literal);
}

static uint32_t
prefix_of(const struct con_schema *schema)
{
    return pl_node_is(schema->prefix, PL_ARRAY) ? schema->prefix->count : 0;
}

/* Beyond what all prefixes speak of, places are alike. */
static uint32_t
longest_prefix(const struct con_state *state)
{
    uint32_t most = 0;

    for (int i = 0; i < state->pos_count; i++)
        if (prefix_of(state->pos[i].schema) > most)
            most = prefix_of(state->pos[i].schema);
    return most;
}

static struct con_label
label_of(struct array *self, uint32_t index)
{
    struct con_state *state = self->state;
    struct con *con = state->self;
    struct con_label label = { 0 };

    for (int i = 0; i < state->pos_count; i++) {
        struct con_schema *schema = state->pos[i].schema;
        uint32_t prefix = prefix_of(schema);
        struct pl_node *node = index < prefix ? schema->prefix->items[index] : schema->items;

        if (node && !pl_node_is(node, PL_ARRAY))
            con_label_add(con, &label,
                          (struct con_literal){ con_schema(con, schema->side, node), NULL, false,
                                                state->pos[i].source });
    }
    for (int i = 0; i < self->extra_count; i++)
        if (index >= self->extra[i].from && index < self->extra[i].to)
            con_label_add(con, &label, self->extra[i].literal);
    return label;
}

static void
obey(struct array *self, const struct con_positive *pos)
{
    const struct con_schema *schema = pos->schema;
    uint32_t least = size32(schema->min_items, 0), most = size32(schema->max_items, UINT32_MAX);

    self->least = least > self->least ? least : self->least;
    self->most = most < self->most ? most : self->most;
    self->unique = self->unique || schema->unique;
    if (schema->unevaluated_items)
        self->state->murky = true;
}

/* Items that fit `contains`: as many as it wants, from the first free place on. */
static bool
place_contained(struct array *self, const struct con_positive *pos)
{
    struct con_schema *schema = pos->schema;
    struct con *con = self->state->self;
    uint32_t least = schema->contains ? size32(schema->min_contains, 1) : 0;
    uint32_t most = size32(schema->max_contains, UINT32_MAX), from = longest_prefix(self->state);
    struct con_literal literal;

    if (schema->contains == NULL)
        return true;
    literal = (struct con_literal){ con_schema(con, schema->side, schema->contains), NULL, false,
                                    pos->source };
    if (from || most != UINT32_MAX)
        self->exact = false;
    self->state->murky = self->state->murky || most != UINT32_MAX;
    if (self->used > from && least) { // beside what was placed before, if there is room
        self->exact = self->exact && !self->unique && self->used + least <= self->most;
        from = self->used + least <= self->most ? self->used : from;
    }
    if (self->most < UINT32_MAX && from + least > self->most)
        from = self->most > least ? self->most - least : 0;
    if (!put(self, from, least, literal))
        return false;
    literal.negative = true;
    if (most == UINT32_MAX)
        return true;
    if (longest_prefix(self->state) == 0 && from + least <= most) // any of the first few may fit
        return put_all(self, most, UINT32_MAX, literal);
    return put_all(self, 0, from, literal) && put_all(self, from + least, UINT32_MAX, literal);
}

static bool
place_fact(struct array *self, const struct con_atom *fact)
{
    struct con_literal literal = { fact->schema, NULL, true, false };
    uint32_t rest;

    switch ((int)fact->kind) {
    case CON_ITEM_NOT:
        return put(self, fact->index, 1, literal);
    case CON_REST_NOT:
        self->state->murky = self->state->murky || fact->name;
        rest = fact->index + self->shift;
        return put(self, rest, 1, literal);
    case CON_MANY:
        literal.negative = false;
        self->exact = self->exact && longest_prefix(self->state) == 0 && self->used == 0;
        return put(self, 0, fact->index + 1, literal);
    case CON_FEW: // none but the first few
        self->exact = self->exact && fact->index == 1;
        return put_all(self, fact->index - 1, UINT32_MAX, literal);
    case CON_FEWER_ITEMS:
        self->most = fact->index - 1 < self->most ? fact->index - 1 : self->most;
        return true;
    case CON_MORE_ITEMS:
        self->least = fact->index + 1 > self->least ? fact->index + 1 : self->least;
        return true;
    case CON_TWINS:
        self->used = self->used < 2 ? 2 : self->used;
        return true;
    default:
        return true;
    }
}

/* One value for two places. */
static struct con_answer
find_twins(struct array *self)
{
    struct con_answer out = { .is = CON_NO };
    uint32_t reach = longest_prefix(self->state) + 2;

    for (uint32_t i = 0; i < reach && i < 6; i++)
        for (uint32_t k = i + 1; k < reach && k < 7 && k < self->most; k++) {
            struct con_label one = label_of(self, i), two = label_of(self, k);

            for (int n = 0; n < two.count; n++)
                con_label_add(self->state->self, &one, two.items[n]);
            out = con_ask(self->state->self, &one);
            if (out.is == CON_NO)
                continue;
            self->twins[0] = i;
            self->twins[1] = k;
            self->twin = out.value;
            self->used = k + 1 > self->used ? k + 1 : self->used;
            return out;
        }
    return reach > 6 ? con_unknown(CAUSE) : out;
}

static bool
wants_twins(const struct con_state *state)
{
    for (int i = 0; i < state->fact_count; i++)
        if (state->facts[i].kind == CON_TWINS)
            return true;
    return false;
}

static struct con_answer
build(struct array *self, uint32_t length)
{
    struct con *con = self->state->self;
    struct pl_node *list = pl_node_array(con->arena);

    for (uint32_t i = 0; i < length; i++) {
        struct con_label label = label_of(self, i);
        struct con_answer item;

        if (self->twin && (i == self->twins[0] || i == self->twins[1])) {
            pl_node_push(con->arena, list, self->twin);
            continue;
        }
        if (self->unique) {
            label.unlike = list->items;
            label.unlike_count = (int)list->count;
        }
        item = con_ask(con, &label);
        if (item.is == CON_NO && self->unique && i > 0 && longest_prefix(self->state))
            self->exact = false; // other items before it may have left more
        if (item.is != CON_YES)
            return item;
        pl_node_push(con->arena, list, item.value);
    }
    return (struct con_answer){ .is = CON_YES, .value = list };
}

/* An item that `contains` wants and `items` refuses. */
static bool
wants_impossible(struct array *self)
{
    struct con_state *state = self->state;
    struct con *con = state->self;

    for (int i = 0; i < state->pos_count && longest_prefix(state) == 0; i++) {
        struct con_schema *schema = state->pos[i].schema;
        struct con_label label = label_of(self, 0);

        if (schema->contains == NULL || size32(schema->min_contains, 1) == 0)
            continue;
        con_label_add(con, &label,
                      (struct con_literal){ con_schema(con, schema->side, schema->contains), NULL,
                                            false, state->pos[i].source });
        if (con_ask(con, &label).is == CON_NO)
            return true;
    }
    return false;
}

static struct con_answer
attempt(struct con_state *state, uint32_t shift)
{
    struct array whole = { .state = state, .most = UINT32_MAX, .exact = true, .shift = shift };
    struct array *self = &whole;
    struct con_answer out;
    bool placed = true;

    for (int i = 0; i < state->pos_count; i++)
        obey(self, &state->pos[i]);
    if (wants_impossible(self))
        return (struct con_answer){ .is = CON_NO };
    for (int i = 0; i < state->fact_count; i++)
        placed = place_fact(self, &state->facts[i]) && placed;
    if (self->least > self->most)
        return (struct con_answer){ .is = CON_NO };
    for (int i = 0; i < state->pos_count; i++)
        placed = place_contained(self, &state->pos[i]) && placed;
    if (!placed || self->least > LONGEST)
        return con_unknown("arrays that are too long");
    if (wants_twins(state)) {
        out = find_twins(self);
        if (self->unique || out.is != CON_YES)
            return self->unique ? (struct con_answer){ .is = CON_NO } : out;
    }
    if (self->used > self->most)
        return self->exact ? (struct con_answer){ .is = CON_NO } : con_unknown(CAUSE);
    out = build(self, self->used > self->least ? self->used : self->least);
    return out.is == CON_NO && !self->exact ? con_unknown(CAUSE) : out;
}

/* The item that is to be wrong may be any from the end of its prefix on: beyond all prefixes they
 * are alike, before that each is tried. */
struct con_answer
con_solve_array(struct con_state *state)
{
    uint32_t reach = 0;
    int rests = 0;
    struct con_answer out = { .is = CON_NO };

    for (int i = 0; i < state->fact_count; i++)
        rests += state->facts[i].kind == CON_REST_NOT;
    for (int i = 0; i < state->pos_count && rests; i++)
        reach = prefix_of(state->pos[i].schema) > reach ? prefix_of(state->pos[i].schema) : reach;
    for (int i = 0; i < state->neg_count && rests; i++)
        reach = prefix_of(state->neg[i]) > reach ? prefix_of(state->neg[i]) : reach;
    for (uint32_t shift = 0; shift <= reach && shift < 20; shift++) {
        struct con_answer one = attempt(state, shift);

        if (one.is == CON_YES && state->murky &&
            con_fits(state->self, state->label, one.value) <= 0)
            one = con_unknown(CAUSE);
        if (one.is == CON_YES)
            return one;
        if (one.is == CON_UNKNOWN)
            out = one;
    }
    return out.is == CON_NO && reach && (rests > 1 || reach >= 20) ? con_unknown(CAUSE) : out;
}
