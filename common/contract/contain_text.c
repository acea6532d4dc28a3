/* The shortest text that matches some patterns and avoids others: all automata run side by side,
 * breadth first. */
#include "contain.h"

#include "node_private.h"
#include "pl_utf8.h"
#include "regular.h"

#include <stdlib.h>
#include <string.h>

#define MOST_NODES    20000
#define MOST_STEPS    3000000
#define MOST_PATTERNS 34

struct automaton {
    struct regular *regular;
    bool avoid;
    int first; // bit of its first state
};

struct place { // of all automata at once
    uint64_t *bits;
    struct place *before, *next; // next: to be visited
    uint32_t code;               // that led here
    uint64_t length;             // up to the least that is wanted
    uint64_t real;
};

struct walk {
    struct pl_arena *arena;
    struct automaton automata[MOST_PATTERNS];
    int count, words;
    uint32_t *codes; // one for each kind of character
    int code_count;
    struct cmp_map known;
    struct place *last;
    int64_t places, steps;
    uint64_t least, most;
};

static bool
has(const uint64_t *bits, int at)
{
    return bits[at / 64] >> (at % 64) & 1;
}

/* Everything that can be reached without a character. */
static void
close_over(struct walk *walk, const struct automaton *one, uint64_t *bits, int from, bool begin,
           bool end)
{
    const struct regular_state *state = &one->regular->states[from];
    int at = one->first + from;

    walk->steps++;
    if (has(bits, at) && !(end && state->kind == REGULAR_END))
        return;
    if (state->kind == REGULAR_BEGIN && !begin)
        return;
    if (has(bits, at) && has(bits, one->first + state->next))
        return;
    bits[at / 64] |= UINT64_C(1) << (at % 64);
    if (state->kind == REGULAR_SPLIT) {
        close_over(walk, one, bits, state->next, begin, end);
        close_over(walk, one, bits, state->other, begin, end);
    } else if (state->kind == REGULAR_BEGIN || (state->kind == REGULAR_END && end)) {
        close_over(walk, one, bits, state->next, begin, end);
    }
}

static bool
matches(const struct automaton *one, const uint64_t *bits)
{
    for (int i = 0; i < one->regular->count; i++)
        if (one->regular->states[i].kind == REGULAR_MATCH && has(bits, one->first + i))
            return true;
    return false;
}

static bool
is_wanted(struct walk *walk, const struct place *place)
{
    uint64_t *bits = pl_arena_alloc(walk->arena, (size_t)walk->words * sizeof *bits);

    if (place->real < walk->least)
        return false;
    memcpy(bits, place->bits, (size_t)walk->words * sizeof *bits);
    for (int k = 0; k < walk->count; k++) {
        const struct automaton *one = &walk->automata[k];

        for (int i = 0; i < one->regular->count; i++)
            if (one->regular->states[i].kind == REGULAR_END && has(bits, one->first + i))
                close_over(walk, one, bits, i, place->before == NULL, true);
        if (matches(one, bits) == one->avoid)
            return false;
    }
    return true;
}

/* Nothing can come of it any more. */
static bool
is_dead(const struct walk *walk, const uint64_t *bits)
{
    for (int k = 0; k < walk->count; k++)
        if (walk->automata[k].avoid && matches(&walk->automata[k], bits))
            return true;
    return false;
}

static void
visit_later(struct walk *walk, struct place *place)
{
    uint64_t key = node_hash_bytes(place->bits, (size_t)walk->words * sizeof *place->bits);
    struct place **slot;

    for (;; key++) {
        slot = (struct place **)cmp_map_slot(&walk->known,
                                             (struct cmp_key){ NULL, NULL, key + place->length });
        if (*slot == NULL)
            break;
        if ((*slot)->length == place->length &&
            memcmp((*slot)->bits, place->bits, (size_t)walk->words * sizeof *place->bits) == 0)
            return;
    }
    *slot = place;
    walk->places++;
    if (walk->last)
        walk->last->next = place;
    walk->last = place;
}

static void
step(struct walk *walk, struct place *from, uint32_t code)
{
    struct place *to = pl_arena_alloc(walk->arena, sizeof *to);

    to->bits = pl_arena_alloc(walk->arena, (size_t)walk->words * sizeof *to->bits);
    for (int k = 0; k < walk->count; k++) {
        const struct automaton *one = &walk->automata[k];

        for (int i = 0; i < one->regular->count; i++) {
            const struct regular_state *state = &one->regular->states[i];

            if (!has(from->bits, one->first + i))
                continue;
            if (state->kind == REGULAR_MATCH)
                close_over(walk, one, to->bits, i, false, false);
            else if (state->kind == REGULAR_SET &&
                     regular_set_has(&one->regular->sets[state->set], code))
                close_over(walk, one, to->bits, state->next, false, false);
        }
        walk->steps += one->regular->count;
    }
    to->before = from;
    to->code = code;
    to->real = from->real + 1;
    to->length = to->real < walk->least ? to->real : walk->least;
    if (!is_dead(walk, to->bits))
        visit_later(walk, to);
}

static int
by_code(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The one that people read best among ${from} to ${to}; 0xffffffff if there is none that may
 * stand in a text. */
static uint32_t
best_code(uint32_t from, uint32_t to)
{
    static const char order[] =
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_- .";

    for (const char *c = order; *c; c++)
        if ((unsigned char)*c >= from && (unsigned char)*c <= to)
            return (unsigned char)*c;
    if (from < 0x20 && to >= 0x20)
        from = 0x20;
    if (from >= 0xd800 && from <= 0xdfff)
        from = 0xe000;
    if (from == 0 && to > 0)
        from = 1;
    return from <= to && from ? from : UINT32_MAX;
}

/* No automaton tells the characters between two borders apart. */
static void
find_codes(struct walk *walk)
{
    uint32_t *borders;
    int count = 1, n = 0;

    for (int k = 0; k < walk->count; k++)
        for (int i = 0; i < walk->automata[k].regular->set_count; i++)
            count += 2 * walk->automata[k].regular->sets[i].count;
    borders = pl_arena_alloc(walk->arena, (size_t)count * sizeof *borders);
    borders[n++] = 0;
    for (int k = 0; k < walk->count; k++)
        for (int i = 0; i < walk->automata[k].regular->set_count; i++) {
            const struct regular_set *set = &walk->automata[k].regular->sets[i];

            for (int r = 0; r < set->count; r++) {
                borders[n++] = set->ranges[r].from;
                borders[n++] = set->ranges[r].to + 1;
            }
        }
    qsort(borders, (size_t)n, sizeof *borders, by_code);
    walk->codes = pl_arena_alloc(walk->arena, (size_t)(n + 1) * sizeof *walk->codes);
    for (int i = 0; i < n; i++) {
        uint32_t to = i + 1 < n ? borders[i + 1] - 1 : 0x10ffff;
        uint32_t code;

        if ((i + 1 < n && borders[i + 1] == borders[i]) || borders[i] > 0x10ffff)
            continue;
        code = best_code(borders[i], to);
        if (code != UINT32_MAX)
            walk->codes[walk->code_count++] = code;
    }
}

static void
add_automaton(struct walk *walk, const char *pattern, bool avoid, const char **cause)
{
    struct regular *regular = regular_new(walk->arena, pattern);

    if (regular == NULL || walk->count == MOST_PATTERNS) {
        *cause = "a pattern that is no regular expression";
        return;
    }
    walk->automata[walk->count++] = (struct automaton){ regular, avoid, walk->words * 64 };
    walk->words += (regular->count + 63) / 64;
}

static struct pl_node *
text_of(struct con *self, struct walk *walk, const struct place *place)
{
    char *text = pl_arena_alloc(walk->arena, place->real * 4 + 1);
    uint32_t *codes = pl_arena_alloc(walk->arena, (place->real + 1) * sizeof *codes);
    uint64_t n = 0;
    size_t length = 0;

    for (; place->before; place = place->before)
        codes[n++] = place->code;
    while (n > 0)
        length += pl_utf8_put(text + length, codes[--n]);
    text[length] = '\0';
    return pl_node_string(self->arena, text);
}

static struct con_answer
search(struct con *self, struct walk *walk)
{
    struct place *at = pl_arena_alloc(walk->arena, sizeof *at);

    at->bits = pl_arena_alloc(walk->arena, (size_t)(walk->words + 1) * sizeof *at->bits);
    for (int k = 0; k < walk->count; k++)
        close_over(walk, &walk->automata[k], at->bits, walk->automata[k].regular->start, true,
                   false);
    find_codes(walk);
    if (!is_dead(walk, at->bits))
        visit_later(walk, at);
    else
        at = NULL;
    for (; at; at = at->next) {
        if (is_wanted(walk, at))
            return (struct con_answer){ .is = CON_YES, .value = text_of(self, walk, at) };
        if (walk->places > MOST_NODES || walk->steps > MOST_STEPS)
            return con_unknown("a pattern with too many states");
        for (int i = 0; i < walk->code_count && at->real < walk->most; i++)
            step(walk, at, walk->codes[i]);
    }
    return (struct con_answer){ .is = CON_NO };
}

struct con_answer
con_text(struct con *self, const struct con_text *wanted)
{
    struct walk walk = { .arena = pl_arena_new(), .least = wanted->least, .most = wanted->most };
    struct con_answer out;
    const char *cause = NULL;

    walk.known.arena = walk.arena;
    for (int i = 0; i < wanted->match_count; i++)
        add_automaton(&walk, wanted->match[i], false, &cause);
    for (int i = 0; i < wanted->avoid_count; i++)
        add_automaton(&walk, wanted->avoid[i], true, &cause);
    out = search(self, &walk);
    out.cause = out.cause ? out.cause : cause;
    pl_arena_destroy(&walk.arena);
    return out;
}
