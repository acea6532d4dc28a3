/* compare_union -- oneOf and anyOf: which alternative became which?
 *
 * By name first, then by what they say, then by their tag (a constant property or a title), then
 * by containment; what is left over in equal numbers is paired in order, the rest was added or
 * removed.
 */
#include "compare.h"

#include <string.h>

#define MOST_QUESTIONS 256     // of containment, for one union
#define MOST_MEETINGS  1000000 // of branches of large unions, for one comparison

struct side {
    const struct cmp_spot *branches;
    int count;
    bool *matched;
};

static const struct cmp_rules BRANCH = { CMP_REQUEST_BRANCH_REMOVED, CMP_REQUEST_BRANCH_ADDED,
                                         CMP_RESPONSE_BRANCH_ADDED, CMP_RESPONSE_BRANCH_REMOVED };

/* The one value of the first property that has only one: what tells alternatives apart. */
static const struct pl_node *
constant_of(struct cmp *self, struct cmp_spot branch, const char **property)
{
    const struct cmp_view *view = cmp_view(&self->views, branch);

    for (int i = 0; i < view->property_count; i++) {
        const struct cmp_view *value;

        if (view->properties[i].schema.node == NULL)
            continue;
        value = cmp_view(&self->views, view->properties[i].schema);
        if (value->has_values && value->value_count == 1) {
            *property = view->properties[i].name;
            return value->values[0];
        }
    }
    return NULL;
}

static bool
same_name(struct cmp *self, struct cmp_spot b, struct cmp_spot h, bool reply)
{
    (void)self;
    (void)reply;
    return b.trail->component && h.trail->component && b.trail->up == NULL && h.trail->up == NULL &&
           strcmp(b.trail->label, h.trail->label) == 0;
}

static bool
same_tag(struct cmp *self, struct cmp_spot b, struct cmp_spot h, bool reply)
{
    const char *b_property = NULL, *h_property = NULL;
    const struct pl_node *b_value = constant_of(self, b, &b_property);
    const struct pl_node *h_value = constant_of(self, h, &h_property);
    const char *title = pl_node_text(pl_node_get(b.node, "title"), NULL);

    (void)reply;
    if (b_value && h_value)
        return strcmp(b_property, h_property) == 0 && pl_node_equal(b_value, h_value);
    return title && strcmp(title, pl_node_text(pl_node_get(h.node, "title"), "")) == 0;
}

static bool
same_text(struct cmp *self, struct cmp_spot b, struct cmp_spot h, bool reply)
{
    (void)reply;
    return cmp_same(self, b, h);
}

static bool
may_meet(struct cmp *self, struct cmp_spot b, struct cmp_spot h)
{
    return (cmp_view(&self->views, b)->types & cmp_view(&self->views, h)->types &
            ~(unsigned)CMP_NULL) != 0;
}

/* Written differently, but nothing is found between them. */
static bool
same_values(struct cmp *self, struct cmp_spot b, struct cmp_spot h, bool reply)
{
    struct cmp_pair *question;

    if (!may_meet(self, b, h))
        return false;
    question = cmp_pair_schemas(self, NULL, b, h, reply);
    return question == NULL || cmp_identical(self, question);
}

/* Pair every unmatched branch with the first unmatched one that ${alike} accepts. */
static void
match(struct cmp *self, struct cmp_pair *pair, struct side *base, struct side *head,
      bool (*alike)(struct cmp *, struct cmp_spot, struct cmp_spot, bool))
{
    for (int i = 0; i < base->count; i++) {
        for (int k = 0; k < head->count && !base->matched[i]; k++) {
            if (head->matched[k] || !alike(self, base->branches[i], head->branches[k], pair->reply))
                continue;
            base->matched[i] = head->matched[k] = true;
            cmp_pair_schemas(self, pair, base->branches[i], head->branches[k], pair->reply);
        }
    }
}

/* Is the branch let in by some branch of the other side?  Any will do, matched or not. */
static bool
is_let_in(struct cmp *self, struct cmp_pair *pair, struct cmp_spot branch, struct side *others,
          bool branch_is_base, int *questions)
{
    for (int k = 0; k < others->count; k++) {
        struct cmp_spot b = branch_is_base ? branch : others->branches[k];
        struct cmp_spot h = branch_is_base ? others->branches[k] : branch;
        struct cmp_pair *question;

        if (!may_meet(self, b, h) || ++*questions > MOST_QUESTIONS)
            continue;
        question = cmp_pair_schemas(self, NULL, b, h, pair->reply);
        if (question && !cmp_contained(self, question))
            continue;
        if (question && !others->matched[k]) // its lesser findings count
            cmp_pair_schemas(self, pair, b, h, pair->reply);
        others->matched[k] = true;
        return true;
    }
    return false;
}

/* Requests ask whether each old branch is still let in, responses each new one. */
static void
match_contained(struct cmp *self, struct cmp_pair *pair, struct side *base, struct side *head)
{
    struct side *asking = pair->reply ? head : base, *asked = pair->reply ? base : head;
    int questions = 0;

    for (int i = 0; i < asking->count; i++)
        if (!asking->matched[i])
            asking->matched[i] =
                is_let_in(self, pair, asking->branches[i], asked, !pair->reply, &questions);
}

static int
unmatched(const struct side *side)
{
    int n = 0;

    for (int i = 0; i < side->count; i++)
        n += !side->matched[i];
    return n;
}

static bool
any_pair(struct cmp *self, struct cmp_spot b, struct cmp_spot h, bool reply)
{
    (void)reply;
    return may_meet(self, b, h);
}

static const char *
branch_words(struct cmp *self, struct cmp_spot branch)
{
    const char *title = pl_node_text(pl_node_get(branch.node, "title"), NULL);
    const struct cmp_view *view = cmp_view(&self->views, branch);

    if (branch.trail->component && branch.trail->up == NULL)
        return pl_arena_printf(self->arena, "`%s`", branch.trail->label);
    if (title)
        return pl_arena_printf(self->arena, "`%s`", title);
    return cmp_types_text(view->types, self->arena);
}

static void
report(struct cmp *self, struct cmp_pair *pair, const struct side *side, bool gone)
{
    for (int i = 0; i < side->count; i++) {
        struct cmp_spot branch = side->branches[i];

        if (side->matched[i])
            continue;
        cmp_found(self, pair, cmp_rule_of(&BRANCH, pair->reply, gone), gone ? "removed" : "added",
                  gone ? branch : pair->base, gone ? pair->head : branch,
                  gone ? "the alternative %s of %s was removed"
                       : "the alternative %s of %s was added",
                  branch_words(self, branch), cmp_pair_words(self, pair));
        cmp_detail(self, pair, "%s", branch_words(self, branch));
        pair->last_found->within = gone ? pair->base : pair->head;
    }
}

static void
compare_branches(struct cmp *self, struct cmp_pair *pair, struct side base, struct side head)
{
    int64_t meetings = (int64_t)base.count * head.count;

    if (meetings > MOST_QUESTIONS && (self->meetings += meetings) > MOST_MEETINGS) {
        if (!cmp_same(self, pair->base, pair->head))
            cmp_changed(self, pair, CMP_NOT_COMPARED,
                        "the alternatives of %s are too many to be compared; look at them by hand",
                        cmp_pair_words(self, pair));
        return;
    }
    base.matched = pl_arena_alloc(self->arena, (size_t)base.count + 1);
    head.matched = pl_arena_alloc(self->arena, (size_t)head.count + 1);
    match(self, pair, &base, &head, same_name);
    match(self, pair, &base, &head, same_text);
    match(self, pair, &base, &head, same_tag);
    if ((int64_t)unmatched(&base) * unmatched(&head) <= MOST_QUESTIONS)
        match(self, pair, &base, &head, same_values);
    match_contained(self, pair, &base, &head);
    if (unmatched(&base) == unmatched(&head))
        match(self, pair, &base, &head, any_pair);
    report(self, pair, &base, true);
    report(self, pair, &head, false);
}

/* Does the view say anything beside its union? */
static bool
is_only_union(const struct cmp_view *view)
{
    return view->union_count == 1 && view->property_count == 0 && !view->has_values &&
           view->limits == NULL && view->extra_count == 0 && view->items.node == NULL &&
           view->pattern_count == 0;
}

static void
one_sided(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
          const struct cmp_view *h)
{
    static const struct cmp_rules CONSTRAINT = { CMP_REQUEST_CONSTRAINT_ADDED,
                                                 CMP_REQUEST_CONSTRAINT_REMOVED,
                                                 CMP_RESPONSE_CONSTRAINT_REMOVED,
                                                 CMP_RESPONSE_CONSTRAINT_ADDED };
    bool now = h->union_count > 0;

    cmp_found(self, pair, cmp_rule_of(&CONSTRAINT, pair->reply, now), now ? "added" : "removed",
              now ? pair->base : b->unions[0].spot, now ? h->unions[0].spot : pair->head,
              now ? "%s must be one of alternatives" : "%s need no longer be one of alternatives",
              cmp_pair_words(self, pair));
    cmp_schema_parts(self, pair, b, h);
}

void
cmp_schema_unions(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                  const struct cmp_view *h)
{
    if (b->union_count == h->union_count) {
        for (int i = 0; i < b->union_count; i++)
            compare_branches(self, pair,
                             (struct side){ b->unions[i].branches, b->unions[i].count, NULL },
                             (struct side){ h->unions[i].branches, h->unions[i].count, NULL });
        cmp_schema_parts(self, pair, b, h);
    } else if (b->union_count == 0 && is_only_union(h)) {
        compare_branches(self, pair, (struct side){ &pair->base, 1, NULL },
                         (struct side){ h->unions[0].branches, h->unions[0].count, NULL });
    } else if (h->union_count == 0 && is_only_union(b)) {
        compare_branches(self, pair,
                         (struct side){ b->unions[0].branches, b->unions[0].count, NULL },
                         (struct side){ &pair->head, 1, NULL });
    } else if (b->union_count == 0 || h->union_count == 0) {
        one_sided(self, pair, b, h);
    } else if (!cmp_same(self, pair->base, pair->head)) {
        cmp_changed(self, pair, CMP_NOT_COMPARED,
                    "the alternatives of %s were regrouped; look at them by hand",
                    cmp_pair_words(self, pair));
        cmp_schema_parts(self, pair, b, h);
    }
}
