/* regular -- the regular part of ECMA-262 patterns as automata.
 *
 * A pattern is found anywhere in a text unless `^` and `$` say otherwise.  Not regular, or not
 * done: look-around, back references, word boundaries, Unicode properties; then there is no
 * automaton.  Texts are sequences of code points.
 */
#ifndef CON_REGULAR_H
#define CON_REGULAR_H

#include "pl_arena.h"

#include <stdbool.h>
#include <stdint.h>

struct regular_range {
    uint32_t from, to; // both are in it
};

struct regular_set {
    struct regular_range *ranges;
    int count, room;
};

enum regular_kind { REGULAR_SET, REGULAR_SPLIT, REGULAR_BEGIN, REGULAR_END, REGULAR_MATCH };

struct regular_state {
    enum regular_kind kind;
    int set;         // of REGULAR_SET
    int next, other; // other: of REGULAR_SPLIT
};

struct regular {
    struct pl_arena *arena;
    struct regular_state *states;
    struct regular_set *sets;
    int count, room, set_count, set_room, start;
    bool failed;
};

/* The automaton of a pattern (UTF-8); NULL if it has none that we can make, or a very large one. */
struct regular *regular_new(struct pl_arena *arena, const char *pattern);

bool regular_set_has(const struct regular_set *set, uint32_t code);

/* regular_parse.c for regular.c: what a pattern is made of. */
enum regular_shape {
    REGULAR_EMPTY,
    REGULAR_ONE, // a character of a set
    REGULAR_THEN,
    REGULAR_OR,
    REGULAR_TIMES,
    REGULAR_AT_BEGIN,
    REGULAR_AT_END,
};

struct regular_tree {
    enum regular_shape shape;
    struct regular_tree *left, *right;
    struct regular_set set;
    uint32_t least, most; // of REGULAR_TIMES; most UINT32_MAX: without end
};

struct regular_tree *regular_parse(struct pl_arena *arena, const char *pattern);

#endif
