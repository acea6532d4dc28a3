#include "compare.h"

#include "pl_utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DEEPEST_QUESTION 12 // of unions in unions, asked for containment

static void (*const COMPARERS[])(struct cmp *, struct cmp_pair *) = {
    [CMP_PAIR_OPERATION] = cmp_operation, [CMP_PAIR_PARAMETER] = cmp_parameter,
    [CMP_PAIR_BODY] = cmp_body,           [CMP_PAIR_RESPONSE] = cmp_response,
    [CMP_PAIR_HEADER] = cmp_header,       [CMP_PAIR_SECURITY] = cmp_security,
    [CMP_PAIR_SERVERS] = cmp_servers,     [CMP_PAIR_SCHEMA] = cmp_schema,
    [CMP_PAIR_SCHEME] = cmp_scheme,
};

static void
add_child(struct cmp *self, struct cmp_pair *parent, struct cmp_pair *child)
{
    int n = parent->child_count;

    if (n == 0 || (n & (n - 1)) == 0) { // room doubles at each power of two
        struct cmp_pair **all = pl_arena_alloc(self->arena, (size_t)(n ? n * 2 : 1) * sizeof *all);

        if (n)
            memcpy(all, parent->children, (size_t)n * sizeof *all);
        parent->children = all;
    }
    parent->children[parent->child_count++] = child;
}

struct cmp_pair *
cmp_pair(struct cmp *self, struct cmp_pair *parent, struct cmp_pair like, uint64_t extra)
{
    struct cmp_key key = { like.base.node, like.head.node,
                           extra * 32 + (uint64_t)like.kind * 2 + like.reply };
    struct cmp_pair **slot = (struct cmp_pair **)cmp_map_slot(&self->pairs, key);
    struct cmp_pair *pair = *slot;

    if (pair == NULL) {
        pair = *slot = pl_arena_alloc(self->arena, sizeof *pair);
        *pair = like;
        if (self->last)
            self->last->next = pair;
        else
            self->first = pair;
        self->last = pair;
    }
    if (parent)
        add_child(self, parent, pair);
    return pair;
}

static struct cmp_pair *
pair_schemas(struct cmp *self, struct cmp_pair *parent, struct cmp_spot base, struct cmp_spot head,
             bool reply, unsigned char text)
{
    struct cmp_pair like = { .kind = CMP_PAIR_SCHEMA, .reply = reply, .text = text };

    if (base.node == NULL || head.node == NULL || cmp_plainly_same(base.node, head.node))
        return NULL;
    like.base = cmp_view(&self->views, base)->spot;
    like.head = cmp_view(&self->views, head)->spot;
    if (cmp_plainly_same(like.base.node, like.head.node))
        return NULL;
    return cmp_pair(self, parent, like, text);
}

struct cmp_pair *
cmp_pair_schemas(struct cmp *self, struct cmp_pair *parent, struct cmp_spot base,
                 struct cmp_spot head, bool reply)
{
    return pair_schemas(self, parent, base, head, reply,
                        parent && parent->text ? CMP_TEXT_INSIDE : 0);
}

struct cmp_pair *
cmp_pair_texts(struct cmp *self, struct cmp_pair *parent, struct cmp_spot base,
               struct cmp_spot head, bool reply)
{
    return pair_schemas(self, parent, base, head, reply, CMP_TEXT_WHOLE);
}

/* A sentence has no line ends, whatever the names and values in it have. */
static void
one_line(char *text)
{
    for (; *text; text++)
        if (*text == '\n' || *text == '\r' || *text == '\t')
            *text = ' ';
}

void
cmp_found(struct cmp *self, struct cmp_pair *pair, enum cmp_rule rule, const char *kind,
          struct cmp_spot base, struct cmp_spot head, const char *fmt, ...)
{
    struct cmp_found *found = pl_arena_alloc(self->arena, sizeof *found);
    char text[1000];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    pl_utf8_mend(text); // values are cut to be shown
    one_line(text);
    *found = (struct cmp_found){ .rule = rule,
                                 .kind = kind,
                                 .base = base,
                                 .head = head,
                                 .text = pl_arena_strdup(self->arena, text) };
    if (pair->last_found)
        pair->last_found->next = found;
    else
        pair->found = found;
    pair->last_found = found;
    if (pl_rules[rule].level == PL_LEVEL_ERROR)
        pair->has_error = true;
    if (rule == CMP_REQUEST_PROPERTY_REMOVED || rule == CMP_RESPONSE_PROPERTY_ADDED)
        pair->unlike = true;
}

void
cmp_about(struct cmp_pair *pair, const char *name)
{
    pair->last_found->about = name;
}

void
cmp_proven(struct cmp_pair *pair, struct pl_witness witness)
{
    pair->last_found->witness = witness;
}

static bool
is_component(struct cmp_spot spot)
{
    return spot.trail->component && spot.trail->up == NULL;
}

const char *
cmp_pair_words(const struct cmp *self, const struct cmp_pair *pair)
{
    bool base = is_component(pair->base), head = is_component(pair->head);

    if (base && head && strcmp(pair->base.trail->label, pair->head.trail->label) != 0)
        return pl_arena_printf(self->arena, "`%s` (was `%s`)", pair->head.trail->label,
                               pair->base.trail->label);
    return cmp_spot_words(head && !base ? pair->base : pair->head, self->arena);
}

static void
compare_once(struct cmp *self, struct cmp_pair *pair)
{
    if (pair->done)
        return;
    pair->done = true; // before: a circle that comes back finds it done
    COMPARERS[pair->kind](self, pair);
}

/* The pairs still to visit; they come out in the order of the children. */
struct stack {
    struct cmp_pair **items;
    size_t count, room;
};

static void
push_children(struct cmp *self, struct stack *stack, const struct cmp_pair *pair)
{
    size_t needed = stack->count + (size_t)pair->child_count;

    if (needed > stack->room) {
        struct cmp_pair **items = pl_arena_alloc(self->arena, needed * 2 * sizeof *items);

        if (stack->count)
            memcpy(items, stack->items, stack->count * sizeof *items);
        stack->items = items;
        stack->room = needed * 2;
    }
    for (int i = pair->child_count - 1; i >= 0; i--)
        stack->items[stack->count++] = pair->children[i];
}

/* Children never change the answer of one who asked while they were still being compared. */
static bool
ask(struct cmp *self, struct cmp_pair *pair, bool strict)
{
    struct cmp_pair *none[1] = { pair };
    struct stack stack = { none, 1, 1 };
    unsigned stamp = ++self->stamp;
    bool fine = self->depth < DEEPEST_QUESTION;

    self->depth++;
    while (fine && stack.count > 0) {
        struct cmp_pair *next = stack.items[--stack.count];

        if (next->stamp == stamp)
            continue;
        compare_once(self, next);
        next->stamp = stamp; // after: a question inside may have stamped it
        fine = strict ? next->found == NULL : !next->has_error && !next->unlike;
        push_children(self, &stack, next);
    }
    self->depth--;
    return fine;
}

bool
cmp_contained(struct cmp *self, struct cmp_pair *pair)
{
    return ask(self, pair, false);
}

bool
cmp_identical(struct cmp *self, struct cmp_pair *pair)
{
    return ask(self, pair, true);
}

/* Operations are walked in order: their numbers come sorted. */
static void
add_hit(struct cmp *self, struct cmp_pair *pair, int number)
{
    int n = pair->operations;

    if ((n & (n - 1)) == 0) { // room doubles at each power of two
        int *all = pl_arena_alloc(self->arena, (size_t)(n ? n * 2 : 1) * sizeof *all);

        if (n)
            memcpy(all, pair->hits, (size_t)n * sizeof *all);
        pair->hits = all;
    }
    pair->hits[pair->operations++] = number;
}

static void
walk(struct cmp *self, struct cmp_pair *operation, int number, bool *hit)
{
    struct cmp_pair *none[1] = { operation };
    struct stack stack = { none, 1, 1 };
    unsigned stamp = ++self->walks;

    while (stack.count > 0) {
        struct cmp_pair *next = stack.items[--stack.count];

        if (next->walked == stamp)
            continue;
        compare_once(self, next);
        next->walked = stamp;
        if (hit && next->found) {
            *hit = true;
            add_hit(self, next, number);
        }
        push_children(self, &stack, next);
    }
}

void
cmp_walk(struct cmp *self, struct cmp_pair *operation)
{
    walk(self, operation, 0, NULL);
}

void
cmp_count(struct cmp *self, struct cmp_pair *operation, int number, bool *hit)
{
    walk(self, operation, number, hit);
}

enum cmp_rule
cmp_rule_of(const struct cmp_rules *rules, bool reply, bool less)
{
    if (reply)
        return less ? rules->reply_less : rules->reply_more;
    return less ? rules->request_less : rules->request_more;
}

const char *
cmp_value_whole(const struct pl_node *value, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    if (value)
        pl_node_write(&out, value, PL_COMPACT | PL_SORTED);
    return pl_buf_text(&out);
}

const char *
cmp_value_text(const struct pl_node *value, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    if (value == NULL)
        return "nothing";
    if (value->kind == PL_STRING)
        return pl_arena_printf(arena, "`%.60s%s`", value->text, value->length > 60 ? "..." : "");
    pl_node_write(&out, value, PL_COMPACT | PL_SORTED);
    return pl_arena_printf(arena, "`%.60s%s`", pl_buf_text(&out), out.length > 60 ? "..." : "");
}
