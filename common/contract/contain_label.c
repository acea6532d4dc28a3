/* Labels: asked once, and inside of themselves not again. */
#include "contain.h"

#include <string.h>

#define DEEPEST 150 // of labels in labels

struct con_answer
con_unknown(const char *cause)
{
    return (struct con_answer){ .is = CON_UNKNOWN, .cause = cause };
}

bool
con_spend(struct con *self)
{
    self->steps++;
    if (self->steps_left > 0 && self->total_left > 0) {
        self->steps_left--;
        self->total_left--;
        return true;
    }
    self->gave_up = self->total_left > 0
                        ? "too many steps (max-steps)"
                        : "too many steps in the whole comparison (max-total-steps)";
    return false;
}

static bool
equal(const struct con_literal *a, const struct con_literal *b)
{
    return a->schema == b->schema && a->negative == b->negative && a->source == b->source &&
           a->whole == b->whole;
}

/* Literals are kept in the order of their schemas, so that equal labels look the same. */
void
con_label_add(struct con *self, struct con_label *label, struct con_literal literal)
{
    struct con_literal *items;
    int at = 0, n = label->count;

    for (int i = 0; i < n; i++)
        if (equal(&label->items[i], &literal))
            return;
    while (at < n && label->items[at].schema->id <= literal.schema->id)
        at++;
    items = pl_arena_alloc(self->arena, (size_t)(n + 1) * sizeof *items);
    if (n) {
        memcpy(items, label->items, (size_t)at * sizeof *items);
        memcpy(items + at + 1, label->items + at, (size_t)(n - at) * sizeof *items);
    }
    items[at] = literal;
    label->items = items;
    label->count++;
}

/* Does the value meet the label?  As the validator has it; -1 if it cannot tell. */
int
con_fits(struct con *self, const struct con_label *label, const struct pl_node *value)
{
    int fits = 1;

    for (int i = 0; i < label->unlike_count; i++)
        if (pl_node_equal(label->unlike[i], value))
            return 0;
    for (int i = 0; i < label->count && fits > 0; i++) {
        struct con_schema *schema = label->items[i].schema;

        if (schema->trivial || schema->never) {
            fits = schema->never == label->items[i].negative;
            continue;
        }
        fits = pl_schema_judge(pl_schema_of(schema->side->set, schema->node), value, self->arena);
        if (fits >= 0)
            fits = fits != label->items[i].negative;
    }
    return fits;
}

static bool
same_schema(struct con *self, struct con_schema *a, struct con_schema *b)
{
    if (a == b)
        return true;
    if (a->side->document->dialect != b->side->document->dialect || a->never != b->never)
        return false;
    return con_digest(self, a) == con_digest(self, b);
}

/* "Is of it" and "is not of it" cannot both be. */
static bool
contradicts_itself(struct con *self, const struct con_label *label)
{
    for (int i = 0; i < label->count; i++)
        for (int k = 0; k < label->count; k++)
            if (!label->items[i].negative && label->items[k].negative &&
                same_schema(self, label->items[i].schema, label->items[k].schema))
                return true;
    return false;
}

static struct con_memo *
find_memo(struct con *self, const struct con_label *label)
{
    uint64_t hash = self->reply;
    struct con_memo **slot;
    struct con_memo *memo;

    for (int i = 0; i < label->count; i++) {
        const struct con_literal *one = &label->items[i];

        hash = hash * 0x9e3779b97f4a7c15u + (uint64_t)one->schema->id * 4 +
               (uint64_t)one->negative * 2 + one->source;
    }
    slot = (struct con_memo **)cmp_map_slot(
        &self->memos,
        (struct cmp_key){ NULL, NULL,
                          hash * 8 + self->openly * 4u + self->loosely * 2u + self->reply });
    for (memo = *slot; memo; memo = memo->next) {
        bool same = memo->count == label->count;

        for (int i = 0; same && i < label->count; i++)
            same = equal(&memo->items[i], &label->items[i]);
        if (same)
            return memo;
    }
    memo = pl_arena_alloc(self->arena, sizeof *memo);
    memo->items = label->items;
    memo->count = label->count;
    memo->next = *slot;
    *slot = memo;
    return memo;
}

/* What was answered while ${until} was first on the list holds for good, or is forgotten. */
static void
settle(struct con *self, struct con_memo *until, bool holds)
{
    while (self->provisional != until) {
        struct con_memo *memo = self->provisional;

        self->provisional = memo->provisional;
        memo->done = holds;
        memo->low = INT32_MAX;
    }
}

/* "No" while some label further out is assumed to be "no" holds as long as that one is asked. */
static void
remember(struct con *self, struct con_memo *memo, struct con_answer answer, int low,
         struct con_memo *before)
{
    memo->answer = answer;
    memo->busy = false;
    memo->done = true;
    memo->low = INT32_MAX;
    if (answer.is == CON_NO && low < memo->depth) {
        memo->low = low;
        memo->provisional = self->provisional;
        self->provisional = memo;
        return;
    }
    settle(self, before, answer.is == CON_NO);
    if (answer.is == CON_UNKNOWN && self->gave_up)
        memo->done = false;
}

static struct con_answer
ask_memo(struct con *self, const struct con_label *label, struct con_memo *memo)
{
    struct con_memo *before = self->provisional;
    int outer = self->low;
    struct con_answer answer;

    memo->busy = true;
    memo->level = self->level;
    memo->depth = ++self->depth;
    self->low = INT32_MAX;
    answer = con_search(self, label);
    self->depth--;
    remember(self, memo, answer, self->low, before);
    if (self->low >= memo->depth)
        self->low = INT32_MAX;
    if (outer < self->low)
        self->low = outer;
    return answer;
}

/* About the same value: an answer may not wait for itself. */
struct con_answer
con_ask_here(struct con *self, const struct con_label *label)
{
    struct con_memo *memo;

    if (contradicts_itself(self, label))
        return (struct con_answer){ .is = CON_NO };
    if (!con_spend(self))
        return con_unknown(self->gave_up);
    if (self->depth >= DEEPEST)
        return con_unknown("schemas are nested too deeply");
    if (label->unlike_count) // asked rarely, and by few
        return con_search(self, label);
    memo = find_memo(self, label);
    if (memo->busy && memo->level == self->level)
        return con_unknown("a question that needs its own answer");
    if (memo->busy) {
        self->low = memo->depth < self->low ? memo->depth : self->low;
        return (struct con_answer){ .is = CON_NO };
    }
    if (memo->done) {
        self->low = memo->low < self->low ? memo->low : self->low;
        return memo->answer;
    }
    return ask_memo(self, label, memo);
}

/* About a part of the value. */
struct con_answer
con_ask(struct con *self, const struct con_label *label)
{
    struct con_answer out;

    self->level++;
    out = con_ask_here(self, label);
    self->level--;
    return out;
}
