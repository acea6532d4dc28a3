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
schema_of(struct verdict *self, const struct cmp_pair *pair, bool head, bool whole)
{
    struct cmp_spot spot = head ? pair->head : pair->base;

    return (is_root(pair) || !whole) && verdict_node(self, pair, head) == spot.node
               ? cmp_spot_pointer(spot, self->cmp->arena)
               : NULL;
}

/* As a witness; ${whole}: of the whole body, parameter or header. */
static struct pl_witness
witness_of(struct verdict *self, const struct cmp_pair *pair,
           const struct pl_contain_answer *answer, bool whole)
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
                                .base_schema = schema_of(self, pair, false, whole),
                                .head_schema = schema_of(self, pair, true, whole) };
}

/* The way from a root to a pair inside: names of members, NULL for the first item. */
struct way {
    const struct cmp_pair *root;
    const char *room[DEEPEST];
    const char *const *steps;
    int count;
};

static bool
find_way(struct verdict *self, const struct cmp_pair *pair, struct way *way)
{
    int at = DEEPEST;

    way->root = pair;
    while (!is_root(way->root)) {
        const char *step;

        if (at > 0 && step_between(self, way->root->via, way->root, &step))
            way->room[--at] = step;
        way->root = way->root->via;
        if (at == 0)
            return false;
    }
    way->steps = way->room + at;
    way->count = DEEPEST - at;
    return true;
}

/* The plainest value with ${value} in its place: most often the refusing side objects to it there,
 * which needs no search for what else it might object to. */
static int
build(struct verdict *self, const struct way *way, struct pl_node *value,
      struct pl_contain_answer *out)
{
    bool reply = way->root->reply;
    struct pl_node *source = verdict_node(self, way->root, reply);
    struct pl_node *target = verdict_node(self, way->root, !reply);
    struct pl_node *whole;
    struct pl_violation objection;
    int built = pl_contain_build(self->contain, source, reply, reply, way->steps, way->count, value,
                                 &whole);

    if (built != 1)
        return built;
    if (pl_contain_judge(self->contain, target, !reply, whole) != 0 ||
        !pl_contain_objection_at(self->contain, target, !reply, whole, way->steps, way->count,
                                 &objection))
        return -1;
    *out = (struct pl_contain_answer){ .verdict = PL_NOT_CONTAINED,
                                       .witness = whole,
                                       .pointer = objection.pointer,
                                       .keyword = objection.keyword };
    return 1;
}

/* Any value with ${value} in its place. */
static struct pl_contain_answer
search(struct verdict *self, const struct way *way, struct pl_node *value)
{
    bool reply = way->root->reply;
    struct pl_violation objection;
    struct pl_contain_answer out =
        pl_contain_at(self->contain, verdict_node(self, way->root, false),
                      verdict_node(self, way->root, true), reply, way->steps, way->count, value);

    if (out.verdict == PL_NOT_CONTAINED &&
        !pl_contain_objection_at(self->contain, verdict_node(self, way->root, !reply), !reply,
                                 out.witness, way->steps, way->count, &objection))
        return (struct pl_contain_answer){ .verdict = PL_UNDECIDED,
                                           .cause = "what was found is refused beside the place" };
    return out;
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

/* What to try at each root: ${plain}: only the plainest value, else whatever the search finds. */
static struct pl_contain_answer
try_root(struct verdict *self, const struct cmp_pair *pair, struct pl_node *value, bool plain,
         struct way *way)
{
    struct pl_contain_answer out = { .verdict = PL_UNDECIDED, .cause = "the place is too deep" };

    if (!find_way(self, pair, way))
        return out;
    if (!plain)
        return search(self, way, value);
    if (build(self, way, value, &out) == 0)
        out.verdict = PL_CONTAINED;
    return out;
}

/* Not refused at the root that was found first: another one may refuse it. */
static bool
try_other_roots(struct verdict *self, const struct cmp_pair *pair, struct pl_node *value,
                const struct cmp_pair *tried, bool plain, struct pl_witness *out)
{
    struct cmp_pair **queue =
        pl_arena_alloc(self->cmp->arena, (size_t)(self->count + 1) * sizeof(void *));
    int asked = 0;

    for (int i = 0; i < self->count && asked < MOST_ROOTS; i++) {
        struct pl_contain_answer answer;
        struct way way;

        if (!self->pairs[i]->is_root || self->pairs[i] == tried)
            continue;
        asked++;
        if (!reach_from(self, self->pairs[i], pair, queue))
            continue;
        answer = try_root(self, pair, value, plain, &way);
        if (answer.verdict == PL_NOT_CONTAINED) {
            *out = witness_of(self, way.root, &answer, true);
            return true;
        }
    }
    return false;
}

/* No whole value has it, but only since alternatives of a `oneOf` around it overlap: programs,
 * which take the first one that fits, do meet it.  Then it is shown for what it is a value of. */
static bool
prove_here(struct verdict *self, const struct cmp_pair *pair, const struct way *way,
           struct pl_node *value, struct pl_witness *out)
{
    bool reply = pair->reply;
    struct pl_contain_answer answer = { .verdict = PL_NOT_CONTAINED, .witness = value };
    struct pl_violation objection;

    if (!pl_contain_loosely_at(self->contain, verdict_node(self, way->root, false),
                               verdict_node(self, way->root, true), reply, way->steps, way->count,
                               value) ||
        pl_contain_judge(self->contain, verdict_node(self, pair, reply), reply, value) != 1 ||
        !pl_contain_objection(self->contain, verdict_node(self, pair, !reply), !reply, value,
                              &objection))
        return false;
    answer.pointer = objection.pointer;
    answer.keyword = objection.keyword;
    *out = witness_of(self, pair, &answer, false);
    return true;
}

bool
verdict_prove(struct verdict *self, const struct cmp_pair *pair, struct pl_node *value,
              struct pl_witness *out)
{
    struct way way;
    struct pl_contain_answer answer = { 0 };

    for (int plain = 1; plain >= 0; plain--) {
        answer = try_root(self, pair, value, plain, &way);
        if (answer.verdict == PL_NOT_CONTAINED) {
            *out = witness_of(self, way.root, &answer, true);
            return true;
        }
        if ((plain || answer.verdict == PL_CONTAINED) &&
            try_other_roots(self, pair, value, way.root, plain, out))
            return true;
    }
    if (answer.verdict == PL_CONTAINED)
        return prove_here(self, pair, &way, value, out);
    *out = (struct pl_witness){ .reason = pl_arena_printf(
                                    self->cmp->arena, "no value of the whole was found: %s",
                                    answer.cause ? answer.cause : "the search gave up") };
    return true;
}
