#include "verdict.h"

#include "schema_private.h"

#include <stdlib.h>
#include <string.h>

#define MOST_KEYWORDS 400

struct pl_contain_answer
verdict_ask(struct verdict *self, const struct cmp_pair *pair, bool reply)
{
    return pl_contain_ask(self->contain, verdict_node(self, pair, false),
                          verdict_node(self, pair, true), reply);
}

static bool
is_among(const char *words, const char *word)
{
    size_t length = strlen(word);

    if (length == 0) // a member may be called ""
        return false;
    for (const char *at = words; at && (at = strstr(at, word)); at++)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

/* What is asked of one finding: its keywords, and the name that it is about. */
static bool
is_about(const struct cmp_found *found, const struct pl_contain_keyword *one)
{
    const char *keywords = verdict_rule(found->rule)->keywords;

    if (keywords == NULL) // conditions are named by their keyword
        return found->about && strcmp(found->about, one->keyword) == 0;
    if (!is_among(keywords, one->keyword))
        return false;
    if (found->about == NULL || *one->name == '\0' || is_among(keywords, found->about))
        return found->about == NULL || !is_among(keywords, found->about) ||
               strcmp(found->about, one->keyword) == 0;
    return strcmp(found->about, one->name) == 0;
}

/* A format that no validator asserts narrows nothing, but programs read it. */
static bool
is_silent_format(struct verdict *self, const struct cmp_pair *pair, const struct cmp_found *found)
{
    struct cmp_spot target = pair->reply ? pair->base : pair->head;
    const char *format = cmp_view(&self->cmp->views, target)->format;

    if (found->rule != CMP_REQUEST_FORMAT_NARROWED && found->rule != CMP_RESPONSE_FORMAT_WIDENED)
        return false;
    for (const struct schema_format *one = schema_formats; one->name; one++)
        if (strcmp(one->name, format) == 0)
            return false;
    return true;
}

struct question {
    struct verdict *verdict;
    struct cmp_pair *pair;
    struct pl_contain_answer whole;
    struct pl_contain_keyword keywords[MOST_KEYWORDS];
    int keyword_count;
    int back; // contained the other way round? 1, 0; -1: not asked yet
};

static bool
is_equal_back(struct question *self)
{
    if (self->back < 0)
        self->back =
            verdict_ask(self->verdict, self->pair, !self->pair->reply).verdict == PL_CONTAINED;
    return self->back > 0;
}

/* The verdict on one finding: that of the keywords it is about, else that of the pair. */
static struct pl_contain_answer
answer_for(struct question *self, const struct cmp_found *found)
{
    struct pl_contain_answer out = self->whole;
    bool any = false;

    if (self->whole.verdict != PL_NOT_CONTAINED)
        return out;
    for (int i = 0; i < self->keyword_count; i++) {
        const struct pl_contain_keyword *one = &self->keywords[i];

        if (!is_about(found, one))
            continue;
        if (!any)
            out = (struct pl_contain_answer){ .verdict = PL_CONTAINED };
        any = true;
        if (one->verdict == PL_NOT_CONTAINED)
            return (struct pl_contain_answer){ .verdict = one->verdict, .witness = one->witness };
        if (one->verdict == PL_UNDECIDED)
            out = (struct pl_contain_answer){ .verdict = one->verdict, .cause = one->cause };
    }
    return out;
}

static void
leave_open(struct question *self, struct cmp_found *found, const char *cause)
{
    struct cmp *cmp = self->verdict->cmp;

    found->level = PL_LEVEL_WARN;
    found->witness.reason = pl_arena_printf(cmp->arena, "could not be decided: %s",
                                            cause ? cause : "the search gave up");
}

/* An alternative that is gone is missed, though an open object beside it refuses nothing. */
static bool
is_open_branch(struct question *self, const struct cmp_found *found)
{
    const struct cmp_pair *pair = self->pair;
    struct cmp_views *views = &self->verdict->cmp->views;

    return (found->rule == CMP_REQUEST_BRANCH_REMOVED ||
            found->rule == CMP_RESPONSE_BRANCH_ADDED) &&
           (cmp_view(views, pair->base)->types & cmp_view(views, pair->head)->types & CMP_OBJECT);
}

/* Programs know what validators do not: what a text contains, and that nobody sends what is
 * read-only, though it is required. */
static bool
is_unread(struct question *self, const struct cmp_found *found)
{
    const struct cmp_pair *pair = self->pair;
    const struct cmp_property *property;

    if (found->about == NULL)
        return false;
    if (strncmp(found->about, "content", 7) == 0 && verdict_rule(found->rule)->keywords == NULL)
        return true;
    if (strcmp(found->about, "patternProperties") == 0)
        return pair->base.document->dialect == PL_DIALECT_OAS30; // which does not have it
    if (found->rule != CMP_REQUEST_PROPERTY_BECAME_REQUIRED)
        return false;
    property = cmp_view_property(cmp_view(&self->verdict->cmp->views, pair->base), found->about);
    return property && property->schema.node &&
           cmp_view(&self->verdict->cmp->views, property->schema)->read_only;
}

/* What changed took no values away: did it add some? */
static bool
became_more(struct question *self, struct cmp_found *found)
{
    const struct verdict_rule *rule = verdict_rule(found->rule);
    enum cmp_rule more = self->pair->reply ? rule->reply_more : rule->request_more;

    if (more == 0 || is_equal_back(self))
        return false;
    found->rule = more;
    return true;
}

/* A condition that takes away only values with members that nobody declared: callers do send more
 * than is declared. */
static bool
is_undeclared(struct question *self, const struct cmp_found *found)
{
    const struct cmp_pair *pair = self->pair;
    bool condition = found->rule == CMP_REQUEST_CONSTRAINT_ADDED ||
                     found->rule == CMP_RESPONSE_CONSTRAINT_REMOVED ||
                     found->rule == CMP_CONSTRAINT_CHANGED;

    return condition &&
           pl_contain_openly(self->verdict->contain, verdict_node(self->verdict, pair, false),
                             verdict_node(self->verdict, pair, true), pair->reply, found->about);
}

/* Does the finding stay? */
static bool
judge_less(struct question *self, struct cmp_found *found)
{
    const struct verdict_rule *rule = verdict_rule(found->rule);
    struct pl_contain_answer answer = answer_for(self, found);

    if (is_silent_format(self->verdict, self->pair, found)) {
        found->witness.reason = "validators do not assert this format";
        return true;
    }
    if (answer.verdict == PL_UNDECIDED) {
        if (pl_rules[found->rule].level == PL_LEVEL_ERROR || rule->class == VERDICT_UNSURE)
            leave_open(self, found, answer.cause);
        return true;
    }
    if (answer.verdict == PL_CONTAINED && is_unread(self, found)) {
        if (rule->class == VERDICT_UNSURE && strcmp(found->about, "contentSchema") != 0)
            found->rule = self->pair->reply ? rule->reply : rule->request; // text read otherwise
        found->witness.reason = "validators do not look at this";
        return true;
    }
    if (answer.verdict == PL_CONTAINED && is_open_branch(self, found)) {
        found->witness.reason = "an open object lets the values of the alternative in, unread";
        return true;
    }
    if (answer.verdict == PL_CONTAINED && is_undeclared(self, found)) {
        found->level = PL_LEVEL_WARN;
        found->witness.reason = "only values with members that are not declared";
        return true;
    }
    if (answer.verdict == PL_CONTAINED)
        return became_more(self, found);
    if (!verdict_prove(self->verdict, self->pair, answer.witness, &found->witness))
        return false;
    if (rule->class == VERDICT_UNSURE)
        found->rule = self->pair->reply ? rule->reply : rule->request;
    return true;
}

static bool
judge_found(struct question *self, struct cmp_found *found)
{
    switch (verdict_rule(found->rule)->class) {
    case VERDICT_LESS:
    case VERDICT_UNSURE:
        return judge_less(self, found);
    case VERDICT_MORE:
        return is_unread(self, found) || !is_equal_back(self);
    case VERDICT_NONE:
        break;
    }
    return true;
}

static void
judge_pair(struct verdict *self, struct cmp_pair *pair)
{
    struct question *question;
    struct cmp_found *last = NULL, **link = &pair->found;
    bool less = false, any = false;

    for (const struct cmp_found *found = pair->found; found; found = found->next) {
        enum verdict_class class = verdict_rule(found->rule)->class;

        any = any || class != VERDICT_NONE;
        less = less || class == VERDICT_LESS || class == VERDICT_UNSURE;
    }
    if (!any)
        return;
    question = pl_arena_alloc(self->cmp->arena, sizeof *question);
    question->verdict = self;
    question->pair = pair;
    question->back = -1;
    if (less) {
        question->whole = verdict_ask(self, pair, pair->reply);
        verdict_count(self->diff, &question->whole);
    }
    if (question->whole.verdict == PL_NOT_CONTAINED)
        question->keyword_count = pl_contain_each(self->contain, verdict_node(self, pair, false),
                                                  verdict_node(self, pair, true), pair->reply,
                                                  question->keywords, MOST_KEYWORDS);
    if (question->whole.verdict == PL_UNDECIDED) {
        pair->undecided = true;
        verdict_unknown(self, question->whole.cause);
    }
    while (*link) {
        if (judge_found(question, *link)) {
            last = *link;
            link = &last->next;
        } else {
            *link = (*link)->next;
        }
    }
    pair->last_found = last;
}

/* Breadth first: roots first, so that ways are short. */
static void
add_pair(struct verdict *self, struct cmp_pair *pair, struct cmp_pair *via)
{
    if (pair->kind != CMP_PAIR_SCHEMA || pair->listed)
        return;
    pair->listed = true;
    pair->is_root = via == NULL;
    pair->via = via;
    if (self->count == self->room) {
        int room = self->room ? self->room * 2 : 256;
        struct cmp_pair **all = pl_arena_alloc(self->cmp->arena, (size_t)room * sizeof *all);

        if (self->count)
            memcpy(all, self->pairs, (size_t)self->count * sizeof *all);
        self->pairs = all;
        self->room = room;
    }
    pair->number = self->count;
    self->pairs[self->count++] = pair;
}

static void
list_pairs(struct verdict *self)
{
    for (struct cmp_pair *pair = self->cmp->first; pair; pair = pair->next)
        for (int i = 0; pair->walked && pair->kind != CMP_PAIR_SCHEMA && i < pair->child_count; i++)
            add_pair(self, pair->children[i], NULL);
    for (int n = 0; n < self->count; n++)
        for (int i = 0; i < self->pairs[n]->child_count; i++)
            add_pair(self, self->pairs[n]->children[i], self->pairs[n]);
}

void
cmp_verdicts(struct cmp *cmp, struct pl_diff *diff)
{
    struct verdict self = { .cmp = cmp, .diff = diff };

    list_pairs(&self);
    diff->schema_pairs = self.count;
    if (self.count == 0)
        return;
    self.contain = pl_contain_new(cmp->base, cmp->head, &cmp->options->budget, cmp->arena);
    for (int i = 0; i < self.count; i++) {
        pl_contain_tidy(self.contain);
        judge_pair(&self, self.pairs[i]);
    }
    verdict_general(&self);
    diff->steps = pl_contain_steps(self.contain);
    pl_contain_free(&self.contain);
}
