/* From the tree of a pattern to an automaton (Thompson's construction). */
#include "regular.h"

#include <string.h>

#define MOST_STATES  6000
#define LONGEST_TREE 3000 // of things one behind the other: the stack

static int
state(struct regular *self, enum regular_kind kind, int next, int other)
{
    if (self->count == MOST_STATES) {
        self->failed = true;
        return 0;
    }
    if (self->count == self->room) {
        int room = self->room ? self->room * 2 : 64;
        struct regular_state *all = pl_arena_alloc(self->arena, (size_t)room * sizeof *all);

        if (self->count)
            memcpy(all, self->states, (size_t)self->count * sizeof *all);
        self->states = all;
        self->room = room;
    }
    self->states[self->count] = (struct regular_state){ kind, -1, next, other };
    return self->count++;
}

static int
add_set(struct regular *self, const struct regular_set *set)
{
    if (self->set_count == self->set_room) {
        int room = self->set_room ? self->set_room * 2 : 16;
        struct regular_set *all = pl_arena_alloc(self->arena, (size_t)room * sizeof *all);

        if (self->set_count)
            memcpy(all, self->sets, (size_t)self->set_count * sizeof *all);
        self->sets = all;
        self->set_room = room;
    }
    self->sets[self->set_count] = *set;
    return self->set_count++;
}

static int build(struct regular *self, const struct regular_tree *tree, int next, int depth);

static int
build_times(struct regular *self, const struct regular_tree *tree, int next, int depth)
{
    int start = next;

    if (tree->most == UINT32_MAX) {
        start = state(self, REGULAR_SPLIT, -1, next);
        if (!self->failed) {
            int inside = build(self, tree->left, start, depth);

            self->states[start].next = inside;
        }
    } else {
        for (uint32_t i = tree->least; i < tree->most && !self->failed; i++)
            start = state(self, REGULAR_SPLIT, build(self, tree->left, start, depth), next);
    }
    for (uint32_t i = 0; i < tree->least && !self->failed; i++)
        start = build(self, tree->left, start, depth);
    return start;
}

/* The state that begins ${tree} and goes on with ${next}. */
static int
build(struct regular *self, const struct regular_tree *tree, int next, int depth)
{
    int at;

    if (self->failed || depth > LONGEST_TREE) {
        self->failed = true;
        return 0;
    }
    switch (tree->shape) {
    case REGULAR_EMPTY:
        return next;
    case REGULAR_ONE:
        at = state(self, REGULAR_SET, next, -1);
        if (!self->failed)
            self->states[at].set = add_set(self, &tree->set);
        return at;
    case REGULAR_THEN:
        return build(self, tree->left, build(self, tree->right, next, depth + 1), depth + 1);
    case REGULAR_OR:
        at = build(self, tree->left, next, depth + 1);
        return state(self, REGULAR_SPLIT, at, build(self, tree->right, next, depth + 1));
    case REGULAR_TIMES:
        return build_times(self, tree, next, depth + 1);
    case REGULAR_AT_BEGIN:
        return state(self, REGULAR_BEGIN, next, -1);
    case REGULAR_AT_END:
        return state(self, REGULAR_END, next, -1);
    }
    return next;
}

struct regular *
regular_new(struct pl_arena *arena, const char *pattern)
{
    struct regular *self = pl_arena_alloc(arena, sizeof *self);
    struct regular_tree *tree = regular_parse(arena, pattern);
    struct regular_range all[1] = { { 0, 0x10ffff } };
    struct regular_set any = { all, 1, 1 };
    int inside, loop;

    if (tree == NULL)
        return NULL;
    self->arena = arena;
    any.ranges = pl_arena_alloc(arena, sizeof all);
    any.ranges[0] = all[0];
    inside = build(self, tree, state(self, REGULAR_MATCH, -1, -1), 0);
    loop = state(self, REGULAR_SET, -1, -1); // anything before
    self->start = state(self, REGULAR_SPLIT, inside, loop);
    if (self->failed)
        return NULL;
    self->states[loop].next = self->start;
    self->states[loop].set = add_set(self, &any);
    return self;
}

bool
regular_set_has(const struct regular_set *set, uint32_t code)
{
    for (int i = 0; i < set->count; i++)
        if (code >= set->ranges[i].from && code <= set->ranges[i].to)
            return true;
    return false;
}
