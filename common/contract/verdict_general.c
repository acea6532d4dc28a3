/* What no rule saw: conditions that only together take values away.
 *
 * Each pair of schemas is asked, the deepest first, so that a cause is told where it is and not at
 * everything around it: where something is said already, of the pair or of a part of it, the
 * answer of the whole adds nothing, unless the accepting side objects to the very place. */
#include "verdict.h"

#include <string.h>

#define USUAL 12000 // steps for one question: most need fewer than 100
#define BRIEF 300   // steps for what has parts that are told: only what is plain

struct general {
    struct verdict *verdict;
    int *first, *parents; // of pair ${n}: parents[first[n]] up to parents[first[n + 1]]
    int *stack;
    bool spent; // the steps of the whole comparison, and it was said
};

/* Something of the pair itself that is told, and why values may be gone. */
static bool
is_told(const struct cmp_pair *pair)
{
    for (const struct cmp_found *found = pair->found; found; found = found->next) {
        enum verdict_class class = verdict_rule(found->rule)->class;

        if (class == VERDICT_LESS || class == VERDICT_UNSURE ||
            pl_rules[found->rule].level == PL_LEVEL_WARN ||
            pl_rules[found->rule].level == PL_LEVEL_ERROR)
            return true;
    }
    return false;
}

static bool
is_listed(const struct cmp_pair *pair)
{
    return pair->kind == CMP_PAIR_SCHEMA && pair->listed;
}

/* Children know no parents: count, then place. */
static void
find_parents(struct general *self)
{
    struct verdict *verdict = self->verdict;
    struct pl_arena *arena = verdict->cmp->arena;
    int *next = pl_arena_alloc(arena, (size_t)(verdict->count + 1) * sizeof *next);
    int edges = 0;

    self->first = pl_arena_alloc(arena, (size_t)(verdict->count + 1) * sizeof *self->first);
    self->stack = pl_arena_alloc(arena, (size_t)(verdict->count + 1) * sizeof *self->stack);
    for (int i = 0; i < verdict->count; i++)
        for (int k = 0; k < verdict->pairs[i]->child_count; k++)
            if (is_listed(verdict->pairs[i]->children[k]))
                next[verdict->pairs[i]->children[k]->number]++;
    for (int i = 0; i < verdict->count; i++) {
        int count = next[i];

        self->first[i] = next[i] = edges;
        edges += count;
    }
    self->first[verdict->count] = edges;
    self->parents = pl_arena_alloc(arena, (size_t)(edges + 1) * sizeof *self->parents);
    for (int i = 0; i < verdict->count; i++)
        for (int k = 0; k < verdict->pairs[i]->child_count; k++)
            if (is_listed(verdict->pairs[i]->children[k]))
                self->parents[next[verdict->pairs[i]->children[k]->number]++] = i;
}

/* The pair is told of, and all that it is a part of. */
static void
mark(struct general *self, struct cmp_pair *pair)
{
    int count = 0;

    if (pair->told_below)
        return;
    pair->told_below = true;
    self->stack[count++] = pair->number;
    while (count > 0) {
        int at = self->stack[--count];

        for (int i = self->first[at]; i < self->first[at + 1]; i++) {
            struct cmp_pair *parent = self->verdict->pairs[self->parents[i]];

            if (parent->told_below)
                continue;
            parent->told_below = true;
            self->stack[count++] = parent->number;
        }
    }
}

/* Only the values at the root of what travels as text are read as texts, so that the question of a
 * list or a union of them would be another one than that of its parts. */
static bool
is_made_of_texts(struct verdict *self, const struct cmp_pair *pair)
{
    const struct cmp_view *b = cmp_view(&self->cmp->views, pair->base);
    const struct cmp_view *h = cmp_view(&self->cmp->views, pair->head);

    return pair->text && (b->union_count || h->union_count || b->items.node || h->items.node ||
                          b->property_count || h->property_count);
}

/* Does the accepting side object to the value itself, by a keyword that has no parts?  (What an
 * alternative objects to is said as if the whole did.) */
static bool
is_own_cause(struct general *self, const struct cmp_pair *pair,
             const struct pl_contain_answer *answer)
{
    const struct cmp_view *target =
        cmp_view(&self->verdict->cmp->views, pair->reply ? pair->base : pair->head);

    static const char *const COMBINING[] = { "oneOf", "anyOf", "allOf", "not",         "if",
                                             "then",  "else",  "$ref",  "$dynamicRef", "" };

    if (target->union_count || answer->pointer == NULL || *answer->pointer ||
        answer->keyword == NULL)
        return false;
    for (size_t i = 0; i < sizeof COMBINING / sizeof *COMBINING; i++)
        if (strcmp(COMBINING[i], answer->keyword) == 0)
            return false;
    return true;
}

void
verdict_count(struct pl_diff *diff, const struct pl_contain_answer *answer)
{
    diff->asked += answer->verdict != PL_UNDECIDED; // else verdict_unknown() counts it
    diff->contained += answer->verdict == PL_CONTAINED;
    diff->refuted += answer->verdict == PL_NOT_CONTAINED;
}

void
verdict_unknown(struct verdict *self, const char *cause)
{
    struct pl_diff *diff = self->diff;
    int at = 0;

    cause = cause ? cause : "the search gave up";
    diff->asked++;
    while (at < diff->unknown_count && strcmp(diff->unknowns[at].cause, cause) != 0)
        at++;
    if (at == diff->unknown_count) {
        struct pl_unknowns *all = pl_arena_alloc(self->cmp->arena, (size_t)(at + 1) * sizeof *all);

        if (at)
            memcpy(all, diff->unknowns, (size_t)at * sizeof *all);
        all[at].cause = cause;
        diff->unknowns = all;
        diff->unknown_count++;
    }
    diff->unknowns[at].pairs++;
    for (; at > 0 && strcmp(diff->unknowns[at - 1].cause, diff->unknowns[at].cause) > 0; at--) {
        struct pl_unknowns one = diff->unknowns[at];

        diff->unknowns[at] = diff->unknowns[at - 1];
        diff->unknowns[at - 1] = one;
    }
}

static void
tell_unknown(struct general *self, struct cmp_pair *pair, const char *cause)
{
    struct cmp *cmp = self->verdict->cmp;

    // written otherwise, but keyword by keyword nothing differs, here and below
    if (pair->told_below || cmp_identical(cmp, pair))
        return;
    pair->undecided = true;
    verdict_unknown(self->verdict, cause);
    if (self->spent)
        return;
    self->spent = pl_contain_is_spent(self->verdict->contain);
    cmp_changed(cmp, pair, CMP_NOT_COMPARED,
                self->spent
                    ? "whether %s and schemas around it take values away was not asked: the "
                      "documents are too large"
                    : "whether %s takes values away could not be decided",
                cmp_pair_words(cmp, pair));
    pair->last_found->witness.reason = pl_arena_printf(cmp->arena, "could not be decided: %s",
                                                       cause ? cause : "the search gave up");
    mark(self, pair);
}

static void
tell_refuted(struct general *self, struct cmp_pair *pair, const struct pl_contain_answer *answer)
{
    struct cmp *cmp = self->verdict->cmp;
    struct pl_witness witness = { 0 };
    const char *keyword = pl_arena_strdup(cmp->arena, answer->keyword ? answer->keyword : "");

    if (pair->told_below && !is_own_cause(self, pair, answer))
        return;
    if (!verdict_prove(self->verdict, pair, answer->witness, &witness))
        return;
    cmp_changed(cmp, pair, pair->reply ? CMP_RESPONSE_VALUES_WIDENED : CMP_REQUEST_VALUES_NARROWED,
                pair->reply ? "%s may have values that `%s` excluded"
                            : "%s no longer takes all values that it took: `%s` refuses some",
                cmp_pair_words(cmp, pair), keyword);
    cmp_about(pair, keyword);
    pair->last_found->witness = witness;
    if (witness.kind == PL_WITNESS_NONE)
        pair->last_found->level = PL_LEVEL_WARN;
    mark(self, pair);
}

static void
ask_pair(struct general *self, struct cmp_pair *pair)
{
    struct pl_contain_answer answer;

    if (is_told(pair) || pair->undecided || cmp_same(self->verdict->cmp, pair->base, pair->head) ||
        is_made_of_texts(self->verdict, pair))
        return;
    pl_contain_limit(self->verdict->contain, pair->told_below ? BRIEF : USUAL);
    answer = verdict_ask(self->verdict, pair, pair->reply);
    pl_contain_limit(self->verdict->contain, 0);
    verdict_count(self->verdict->diff, &answer);
    if (answer.verdict == PL_UNDECIDED)
        tell_unknown(self, pair, answer.cause);
    else if (answer.verdict == PL_NOT_CONTAINED)
        tell_refuted(self, pair, &answer);
}

void
verdict_general(struct verdict *verdict)
{
    struct general self = { .verdict = verdict };

    find_parents(&self);
    for (int i = 0; i < verdict->count; i++)
        if (is_told(verdict->pairs[i]))
            mark(&self, verdict->pairs[i]);
    for (int i = verdict->count - 1; i >= 0; i--) {
        pl_contain_tidy(verdict->contain);
        ask_pair(&self, verdict->pairs[i]);
    }
}
