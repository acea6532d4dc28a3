/* Patterns of ECMA-262, read into a tree. */
#include "regular.h"

#include <string.h>

#define LAST_CODE 0x10ffffu
#define DEEPEST   60

struct parser {
    struct pl_arena *arena;
    const unsigned char *at;
    int depth;
    bool failed;
};

static struct regular_tree *parse_or(struct parser *self);

static struct regular_tree *
make(struct parser *self, enum regular_shape shape, struct regular_tree *left,
     struct regular_tree *right)
{
    struct regular_tree *tree = pl_arena_alloc(self->arena, sizeof *tree);

    tree->shape = shape;
    tree->left = left;
    tree->right = right;
    return tree;
}

static void
add_range(struct parser *self, struct regular_set *set, uint32_t from, uint32_t to)
{
    if (set->count == set->room) {
        int room = set->room ? set->room * 2 : 8;
        struct regular_range *all = pl_arena_alloc(self->arena, (size_t)room * sizeof *all);

        if (set->count)
            memcpy(all, set->ranges, (size_t)set->count * sizeof *all);
        set->ranges = all;
        set->room = room;
    }
    set->ranges[set->count++] = (struct regular_range){ from, to };
}

/* All other characters. */
static struct regular_set
negated(struct parser *self, const struct regular_set *set)
{
    struct regular_set out = { 0 };
    uint32_t from = 0;

    for (;;) {
        uint32_t end = LAST_CODE + 1;

        for (int i = 0; i < set->count; i++) // the first that begins at or behind `from`
            if (set->ranges[i].to >= from && set->ranges[i].from < end)
                end = set->ranges[i].from > from ? set->ranges[i].from : from;
        if (end > from)
            add_range(self, &out, from, end - 1);
        if (end > LAST_CODE)
            return out;
        from = end;
        for (int i = 0; i < set->count; i++)
            if (set->ranges[i].from <= from && set->ranges[i].to >= from)
                from = set->ranges[i].to + 1, i = -1;
        if (from > LAST_CODE)
            return out;
    }
}

static void
add_class(struct parser *self, struct regular_set *set, char name)
{
    static const struct regular_range spaces[] = {
        { 9, 13 },          { 32, 32 },         { 0xa0, 0xa0 },     { 0x1680, 0x1680 },
        { 0x2000, 0x200a }, { 0x2028, 0x2029 }, { 0x202f, 0x202f }, { 0x205f, 0x205f },
        { 0x3000, 0x3000 }, { 0xfeff, 0xfeff },
    };
    struct regular_set made = { 0 };

    if (name == 'd' || name == 'D') {
        add_range(self, &made, '0', '9');
    } else if (name == 'w' || name == 'W') {
        add_range(self, &made, '0', '9');
        add_range(self, &made, 'A', 'Z');
        add_range(self, &made, '_', '_');
        add_range(self, &made, 'a', 'z');
    } else {
        for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
            add_range(self, &made, spaces[i].from, spaces[i].to);
    }
    if (name == 'D' || name == 'W' || name == 'S')
        made = negated(self, &made);
    for (int i = 0; i < made.count; i++)
        add_range(self, set, made.ranges[i].from, made.ranges[i].to);
}

static uint32_t
take_code(struct parser *self)
{
    const unsigned char *at = self->at;
    int more = *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : *at >= 0xc0 ? 1 : 0;
    uint32_t code = more == 3 ? *at & 7u : more == 2 ? *at & 15u : more ? *at & 31u : *at;

    for (int i = 1; i <= more && at[i]; i++)
        code = code << 6 | (at[i] & 63u);
    self->at += more + 1;
    return code;
}

static uint32_t
take_hex(struct parser *self, int digits)
{
    uint32_t code = 0;

    for (int i = 0; i < digits; i++) {
        unsigned char c = *self->at;
        uint32_t digit = c >= '0' && c <= '9'                 ? (uint32_t)c - '0'
                         : (c | 32) >= 'a' && (c | 32) <= 'f' ? (uint32_t)(c | 32) - 'a' + 10
                                                              : 16;

        if (digit == 16) {
            self->failed = true;
            return 0;
        }
        code = code * 16 + digit;
        self->at++;
    }
    return code;
}

/* Behind a backslash: a single character.  Classes are taken before. */
static uint32_t
take_escape(struct parser *self)
{
    unsigned char c = *self->at;

    if (c == 0 || (c >= '1' && c <= '9') || strchr("bBpPkuxc", c)) {
        self->failed = c != 'u' && c != 'x';
        if (self->failed)
            return 0;
        self->at++;
        if (*self->at == '{') { // \u{...}: rare
            self->failed = true;
            return 0;
        }
        return take_hex(self, c == 'u' ? 4 : 2);
    }
    switch (c) {
    case 't':
        return self->at++, '\t';
    case 'n':
        return self->at++, '\n';
    case 'r':
        return self->at++, '\r';
    case 'f':
        return self->at++, '\f';
    case 'v':
        return self->at++, '\v';
    case '0':
        return self->at++, 0;
    default:
        return take_code(self);
    }
}

static bool
is_class(unsigned char c)
{
    return c && strchr("dDwWsS", c);
}

static uint32_t
take_class_member(struct parser *self)
{
    if (*self->at != '\\')
        return take_code(self);
    self->at++;
    if (*self->at == 'b')
        return self->at++, '\b';
    return take_escape(self);
}

/* Behind the opening bracket. */
static struct regular_tree *
parse_class(struct parser *self)
{
    struct regular_tree *tree = make(self, REGULAR_ONE, NULL, NULL);
    bool negative = *self->at == '^';

    self->at += negative;
    while (*self->at != ']' && !self->failed) {
        uint32_t from, to;

        if (*self->at == 0) {
            self->failed = true;
            break;
        }
        if (self->at[0] == '\\' && is_class(self->at[1])) {
            add_class(self, &tree->set, (char)self->at[1]);
            self->at += 2;
            continue;
        }
        from = to = take_class_member(self);
        if (self->at[0] == '-' && self->at[1] != ']' && self->at[1] &&
            !(self->at[1] == '\\' && is_class(self->at[2]))) {
            self->at++;
            to = take_class_member(self);
        }
        self->failed = self->failed || to < from;
        add_range(self, &tree->set, from, to);
    }
    self->at++;
    if (negative)
        tree->set = negated(self, &tree->set);
    return tree;
}

/* Behind the opening parenthesis. */
static struct regular_tree *
parse_group(struct parser *self)
{
    struct regular_tree *tree;

    if (*self->at == '?') {
        if (self->at[1] == ':') {
            self->at += 2;
        } else if (self->at[1] == '<' && self->at[2] != '=' && self->at[2] != '!') {
            self->at += strcspn((const char *)self->at, ">");
            self->at += *self->at == '>';
        } else {
            self->failed = true;
            return make(self, REGULAR_EMPTY, NULL, NULL);
        }
    }
    tree = parse_or(self);
    if (*self->at == ')')
        self->at++;
    else
        self->failed = true;
    return tree;
}

static struct regular_tree *
parse_dot(struct parser *self)
{
    struct regular_tree *tree = make(self, REGULAR_ONE, NULL, NULL);
    struct regular_set ends = { 0 };

    add_range(self, &ends, '\n', '\n');
    add_range(self, &ends, '\r', '\r');
    add_range(self, &ends, 0x2028, 0x2029);
    tree->set = negated(self, &ends);
    return tree;
}

static struct regular_tree *
parse_atom(struct parser *self)
{
    struct regular_tree *tree;
    uint32_t code;

    switch (*self->at++) {
    case '(':
        return parse_group(self);
    case '[':
        return parse_class(self);
    case '.':
        return parse_dot(self);
    case '^':
        return make(self, REGULAR_AT_BEGIN, NULL, NULL);
    case '$':
        return make(self, REGULAR_AT_END, NULL, NULL);
    default:
        self->at--;
    }
    tree = make(self, REGULAR_ONE, NULL, NULL);
    if (self->at[0] == '\\' && is_class(self->at[1])) {
        add_class(self, &tree->set, (char)self->at[1]);
        self->at += 2;
        return tree;
    }
    if (*self->at == '\\') {
        self->at++;
        code = take_escape(self);
    } else {
        self->failed = self->failed || strchr("*+?", *self->at);
        code = take_code(self);
    }
    add_range(self, &tree->set, code, code);
    return tree;
}

static bool
take_number(struct parser *self, uint32_t *out)
{
    const unsigned char *from = self->at;

    for (*out = 0; *self->at >= '0' && *self->at <= '9'; self->at++)
        *out = *out < 100000 ? *out * 10 + (*self->at - '0') : *out;
    return self->at > from;
}

/* `{n}`, `{n,}`, `{n,m}`; anything else is text. */
static bool
take_braces(struct parser *self, uint32_t *least, uint32_t *most)
{
    const unsigned char *from = self->at++;
    bool good = take_number(self, least);

    *most = *least;
    if (good && *self->at == ',') {
        self->at++;
        if (!take_number(self, most))
            *most = UINT32_MAX;
    }
    if (good && *self->at == '}') {
        self->at++;
        return true;
    }
    self->at = from;
    return false;
}

static struct regular_tree *
parse_times(struct parser *self)
{
    struct regular_tree *tree = parse_atom(self);

    while (!self->failed && *self->at) {
        uint32_t least = *self->at == '+', most = *self->at == '?' ? 1 : UINT32_MAX;

        if (strchr("*+?", *self->at))
            self->at++;
        else if (*self->at != '{' || !take_braces(self, &least, &most))
            break;
        self->at += *self->at == '?'; // as few as possible: the same texts
        tree = make(self, REGULAR_TIMES, tree, NULL);
        tree->least = least;
        tree->most = most;
    }
    return tree;
}

static struct regular_tree *
parse_then(struct parser *self)
{
    struct regular_tree *tree = make(self, REGULAR_EMPTY, NULL, NULL);

    while (!self->failed && *self->at && *self->at != '|' && *self->at != ')')
        tree = make(self, REGULAR_THEN, tree, parse_times(self));
    return tree;
}

static struct regular_tree *
parse_or(struct parser *self)
{
    struct regular_tree *tree;

    if (++self->depth > DEEPEST)
        self->failed = true;
    tree = parse_then(self);
    while (!self->failed && *self->at == '|') {
        self->at++;
        tree = make(self, REGULAR_OR, tree, parse_then(self));
    }
    self->depth--;
    return tree;
}

struct regular_tree *
regular_parse(struct pl_arena *arena, const char *pattern)
{
    struct parser self = { .arena = arena, .at = (const unsigned char *)pattern };
    struct regular_tree *tree = parse_or(&self);

    return self.failed || *self.at ? NULL : tree;
}
