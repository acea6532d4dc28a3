/* From a value at some place inside to one at the root, where anyone can check it. */
#include "verdict.h"

#include <string.h>

#define MOST_ROOTS 30
#define DEEPEST    60

static bool
leads_to(struct verdict *self, struct cmp_spot spot, const struct cmp_pair *child, bool head)
{
    return spot.node &&
           cmp_view(&self->cmp->views, spot)->spot.node == (head ? child->head : child->base).node;
}

/* The step from a pair to its child: false if there is none, since both are about one value. */
static bool
step_between(struct verdict *self, const struct cmp_pair *from, const struct cmp_pair *to,
             const char **step)
{
    bool head = from->reply; // the side that witnesses come from
    const struct cmp_view *view = cmp_view(&self->cmp->views, head ? from->head : from->base);
    const struct cmp_view *other = cmp_view(&self->cmp->views, head ? from->base : from->head);

    for (int i = 0; i < view->property_count; i++)
        if (leads_to(self, view->properties[i].schema, to, head)) {
            const struct cmp_property *twin = cmp_view_property(other, view->properties[i].name);

            *step = view->properties[i].name;
            if (twin == NULL || leads_to(self, twin->schema, to, !head))
                return true;
        }
    *step = NULL;
    if (leads_to(self, view->items, to, head))
        return true;
    *step = "other";
    if (!leads_to(self, view->additional, to, head))
        return false;
    for (int i = 0; i < other->property_count; i++)
        if (leads_to(self, other->properties[i].schema, to, !head))
            *step = other->properties[i].name;
    return true;
}

/* Is the schema pair the root of a body, a parameter or a header? */
static bool
is_root(const struct cmp_pair *pair)
{
    return pair->via == NULL;
}

/* The pointer of the schema that judges the pair's values; NULL where that was made up here, as it
 * is for what travels as text: no other validator could ask it. */
static const char *
schema_of_root(struct verdict *self, const struct cmp_pair *pair, bool head)
{
    struct cmp_spot spot = head ? pair->head : pair->base;

    return is_root(pair) && verdict_node(self, pair, head) == spot.node
               ? cmp_spot_pointer(spot, self->cmp->arena)
               : NULL;
}

struct pl_witness
verdict_value(struct verdict *self, const struct cmp_pair *pair,
              const struct pl_contain_answer *answer)
{
    struct pl_buf text = { .arena = self->cmp->arena };

    pl_node_write(&text, answer->witness, PL_COMPACT);
    return (struct pl_witness){ .kind = PL_WITNESS_VALUE,
                                .side = pair->reply ? "response" : "request",
                                .value = pl_buf_text(&text),
                                .valid_in = pair->reply ? "head" : "base",
                                .invalid_in = pair->reply ? "base" : "head",
                                .pointer = pl_arena_strdup(self->cmp->arena, answer->pointer),
                                .keyword = answer->keyword,
                                .base_schema = schema_of_root(self, pair, false),
                                .head_schema = schema_of_root(self, pair, true) };
}

/* ${value}, at the end of the way that leads from the root to ${pair}. */
static struct pl_contain_answer
lift(struct verdict *self, const struct cmp_pair *pair, struct pl_node *value,
     const struct cmp_pair **root)
{
    const char *steps[DEEPEST];
    int at = DEEPEST;

    *root = pair;
    while (!is_root(*root)) {
        const char *step;

        if (at > 0 && step_between(self, (*root)->via, *root, &step))
            steps[--at] = step;
        *root = (*root)->via;
        if (at == 0)
            return (struct pl_contain_answer){ .verdict = PL_UNDECIDED,
                                               .cause = "the place is too deep" };
    }
    return pl_contain_at(self->contain, verdict_node(self, *root, false),
                         verdict_node(self, *root, true), pair->reply, steps + at, DEEPEST - at,
                         value);
}

/* Mark what ${root} reaches, so that `via` leads to it; does it reach ${pair}? */
static bool
reach_from(struct verdict *self, struct cmp_pair *root, const struct cmp_pair *pair,
           struct cmp_pair **queue)
{
    unsigned stamp = ++self->cmp->stamp;
    int from = 0, to = 0;

    root->stamp = stamp;
    root->via = NULL;
    queue[to++] = root;
    while (from < to) {
        struct cmp_pair *next = queue[from++];

        if (next == pair)
            return true;
        for (int i = 0; i < next->child_count; i++) {
            struct cmp_pair *child = next->children[i];

            if (child->kind != CMP_PAIR_SCHEMA || child->stamp == stamp || to == self->count)
                continue;
            child->stamp = stamp;
            child->via = next;
            queue[to++] = child;
        }
    }
    return false;
}

/* Accepted at the root that was found first: another one may refuse it. */
static bool
try_other_roots(struct verdict *self, const struct cmp_pair *pair, struct pl_node *value,
                const struct cmp_pair *tried, struct pl_witness *out)
{
    struct cmp_pair **queue =
        pl_arena_alloc(self->cmp->arena, (size_t)(self->count + 1) * sizeof(void *));
    int asked = 0;

    for (int i = 0; i < self->count && asked < MOST_ROOTS; i++) {
        struct pl_contain_answer answer;
        const struct cmp_pair *root;

        if (!self->pairs[i]->is_root || self->pairs[i] == tried)
            continue;
        asked++;
        if (!reach_from(self, self->pairs[i], pair, queue))
            continue;
        answer = lift(self, pair, value, &root);
        if (answer.verdict == PL_NOT_CONTAINED) {
            *out = verdict_value(self, root, &answer);
            return true;
        }
    }
    return false;
}

bool
verdict_prove(struct verdict *self, const struct cmp_pair *pair, struct pl_node *value,
              struct pl_witness *out)
{
    const struct cmp_pair *root;
    struct pl_contain_answer answer = lift(self, pair, value, &root);

    if (answer.verdict == PL_CONTAINED) {
        if (try_other_roots(self, pair, value, root, out))
            return true;
        return false;
    }
    if (answer.verdict == PL_NOT_CONTAINED)
        *out = verdict_value(self, root, &answer);
    else
        *out = (struct pl_witness){ .reason = pl_arena_printf(
                                        self->cmp->arena, "no value of the whole was found: %s",
                                        answer.cause ? answer.cause : "the search gave up") };
    return true;
}
