/* compare_limits -- bounds of numbers, lengths and counts. */
#include "compare.h"

#include <math.h>

static const struct cmp_rules NUMBER = { CMP_REQUEST_NUMBER_TIGHTENED, CMP_REQUEST_NUMBER_LOOSENED,
                                         CMP_RESPONSE_NUMBER_LOOSENED,
                                         CMP_RESPONSE_NUMBER_TIGHTENED };
static const struct cmp_rules LENGTH = { CMP_REQUEST_LENGTH_TIGHTENED, CMP_REQUEST_LENGTH_LOOSENED,
                                         CMP_RESPONSE_LENGTH_LOOSENED,
                                         CMP_RESPONSE_LENGTH_TIGHTENED };
static const struct cmp_rules ITEMS = { CMP_REQUEST_ITEMS_TIGHTENED, CMP_REQUEST_ITEMS_LOOSENED,
                                        CMP_RESPONSE_ITEMS_LOOSENED, CMP_RESPONSE_ITEMS_TIGHTENED };
static const struct cmp_rules MEMBERS = { CMP_REQUEST_MEMBERS_TIGHTENED,
                                          CMP_REQUEST_MEMBERS_LOOSENED,
                                          CMP_RESPONSE_MEMBERS_LOOSENED,
                                          CMP_RESPONSE_MEMBERS_TIGHTENED };

enum shape { AT_LEAST, AT_MOST, MULTIPLE, SWITCH };

/* What a limit is about, and the bound that is the same as none. */
static const struct {
    const struct cmp_rules *rules;
    unsigned types;
    enum shape shape;
    bool none_is_zero;
} KINDS[CMP_LIMIT_COUNT] = {
    [CMP_MINIMUM] = { &NUMBER, CMP_NUMBER, AT_LEAST, false },
    [CMP_MAXIMUM] = { &NUMBER, CMP_NUMBER, AT_MOST, false },
    [CMP_MULTIPLE_OF] = { &NUMBER, CMP_NUMBER, MULTIPLE, false },
    [CMP_MIN_LENGTH] = { &LENGTH, CMP_STRING, AT_LEAST, true },
    [CMP_MAX_LENGTH] = { &LENGTH, CMP_STRING, AT_MOST, false },
    [CMP_MIN_ITEMS] = { &ITEMS, CMP_ARRAY, AT_LEAST, true },
    [CMP_MAX_ITEMS] = { &ITEMS, CMP_ARRAY, AT_MOST, false },
    [CMP_UNIQUE_ITEMS] = { &ITEMS, CMP_ARRAY, SWITCH, false },
    [CMP_MIN_CONTAINS] = { &ITEMS, CMP_ARRAY, AT_LEAST, true },
    [CMP_MAX_CONTAINS] = { &ITEMS, CMP_ARRAY, AT_MOST, false },
    [CMP_MIN_PROPERTIES] = { &MEMBERS, CMP_OBJECT, AT_LEAST, true },
    [CMP_MAX_PROPERTIES] = { &MEMBERS, CMP_OBJECT, AT_MOST, false },
};

struct bound {
    bool set, exclusive;
    double value;
    const struct pl_node *node;
};

/* For whole numbers an exclusive bound is the next inclusive one. */
static struct bound
bound_of(const struct cmp_view *view, enum cmp_limit kind)
{
    const struct pl_node *node = view->limits ? view->limits->value[kind] : NULL;
    struct bound out = { .set = node != NULL, .node = node, .value = pl_node_double(node, 0) };
    bool whole = (view->types & CMP_NUMBER) == CMP_INTEGER;

    if (!out.set || kind > CMP_MAXIMUM)
        return out.value == 0 && KINDS[kind].none_is_zero ? (struct bound){ 0 } : out;
    out.exclusive = view->limits->exclusive[kind];
    if (!whole)
        return out;
    if (kind == CMP_MINIMUM)
        out.value = out.exclusive ? floor(out.value) + 1 : ceil(out.value);
    else
        out.value = out.exclusive ? ceil(out.value) - 1 : floor(out.value);
    out.exclusive = false;
    return out;
}

static bool
is_multiple(double of, double value)
{
    double times = of / value;

    return value != 0 && fabs(times - round(times)) < 1e-9;
}

/* Does ${to} take values away that ${from} allows? */
static bool
takes_away(enum shape shape, const struct bound *from, const struct bound *to)
{
    if (!to->set)
        return false;
    if (!from->set)
        return true;
    if (shape == SWITCH)
        return false;
    if (shape == MULTIPLE)
        return !is_multiple(from->value, to->value);
    if (from->value == to->value)
        return to->exclusive && !from->exclusive;
    return shape == AT_LEAST ? to->value > from->value : to->value < from->value;
}

static const char *
bound_text(const struct bound *bound, struct pl_arena *arena)
{
    const char *value = cmp_value_text(bound->node, arena);

    return bound->set && bound->exclusive ? pl_arena_printf(arena, "%s (exclusive)", value)
           : bound->set                   ? value
                                          : "none";
}

static void
compare_limit(struct cmp *self, struct cmp_pair *pair, enum cmp_limit kind, struct bound from,
              struct bound to)
{
    bool less = takes_away(KINDS[kind].shape, &from, &to);
    bool more = takes_away(KINDS[kind].shape, &to, &from);

    for (int k = 0; k < 2; k++)
        if (k == 0 ? less : more) {
            cmp_changed(self, pair, cmp_rule_of(KINDS[kind].rules, pair->reply, k == 0),
                        "`%s` of %s changed from %s to %s", cmp_limit_names[kind],
                        cmp_pair_words(self, pair), bound_text(&from, self->arena),
                        bound_text(&to, self->arena));
            cmp_about(pair, cmp_limit_names[kind]);
            cmp_detail(self, pair, "%s%d %s%d", cmp_value_whole(from.node, self->arena),
                       from.exclusive, cmp_value_whole(to.node, self->arena), to.exclusive);
        }
}

void
cmp_schema_limits(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                  const struct cmp_view *h)
{
    if (b->limits == NULL && h->limits == NULL)
        return;
    for (int i = 0; i < CMP_LIMIT_COUNT; i++) {
        enum cmp_limit kind = (enum cmp_limit)i;

        if (b->types & h->types & KINDS[kind].types)
            compare_limit(self, pair, kind, bound_of(b, kind), bound_of(h, kind));
    }
}
