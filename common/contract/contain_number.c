/* Numbers: all bounds and units are whole numbers after a shift of the decimal point, so that
 * what is asked for lies on a grid. */
#include "contain.h"

#include "decimal.h"

#include <string.h>

#define MOST_DIGITS 34
#define MOST_SHIFT  24
#define TRIES       2000 // points of the grid looked at
#define QUESTIONS   200  // of the validator

typedef __int128 whole;

struct range {
    struct con_state *state;
    int shift; // decimal places
    whole least, most, step;
    bool has_least, has_most, lost; // lost: a number that is too long for us
    whole avoid[32];
    int avoid_count;
};

static whole
power(int n)
{
    whole out = 1;

    while (n-- > 0)
        out *= 10;
    return out;
}

static int
places(const struct pl_node *number)
{
    struct decimal decimal = decimal_read(number->text, number->length);
    int64_t n = (int64_t)decimal.count - decimal.point;

    return n < 0 || decimal.count == 0 ? 0 : n > 100 ? 100 : (int)n;
}

static whole
shifted(struct range *range, const struct pl_node *number)
{
    struct decimal decimal = decimal_read(number->text, number->length);
    int64_t digits = decimal.point + range->shift;
    whole out = 0;

    if (decimal.count == 0 || digits <= 0)
        return 0;
    if (digits > MOST_DIGITS) {
        range->lost = true;
        return 0;
    }
    for (int64_t i = 0; i < digits; i++)
        out = out * 10 + (i < (int64_t)decimal.count ? decimal_digit(&decimal, (size_t)i) : 0);
    return decimal.negative ? -out : out;
}

static void
at_least(struct range *range, whole bound)
{
    if (!range->has_least || bound > range->least)
        range->least = bound;
    range->has_least = true;
}

static void
at_most(struct range *range, whole bound)
{
    if (!range->has_most || bound < range->most)
        range->most = bound;
    range->has_most = true;
}

static whole
common_multiple(struct range *range, whole a, whole b)
{
    whole x = a, y = b;

    while (y) {
        whole rest = x % y;

        x = y;
        y = rest;
    }
    if (a / x > power(MOST_DIGITS) / b) {
        range->lost = true;
        return a;
    }
    return a / x * b;
}

static const struct pl_node *const *
numbers_of(const struct con_schema *schema, const struct pl_node *out[5])
{
    out[0] = schema->minimum;
    out[1] = schema->maximum;
    out[2] = schema->more_than;
    out[3] = schema->less_than;
    out[4] = schema->multiple;
    return out;
}

static void
look_at_places(struct range *range, const struct con_schema *schema)
{
    const struct pl_node *numbers[5];

    numbers_of(schema, numbers);
    for (int i = 0; i < 5; i++)
        if (pl_node_is(numbers[i], PL_NUMBER) && places(numbers[i]) > range->shift)
            range->shift = places(numbers[i]);
}

static bool
is_integer_format(const char *name)
{
    return name && strncmp(name, "int", 3) == 0;
}

static whole
largest(const char *format)
{
    return strcmp(format, "int32") == 0 ? INT32_MAX : INT64_MAX;
}

static void
obey(struct range *range, const struct con_schema *schema)
{
    if (pl_node_is(schema->minimum, PL_NUMBER))
        at_least(range, shifted(range, schema->minimum));
    if (pl_node_is(schema->more_than, PL_NUMBER))
        at_least(range, shifted(range, schema->more_than) + 1);
    if (pl_node_is(schema->maximum, PL_NUMBER))
        at_most(range, shifted(range, schema->maximum));
    if (pl_node_is(schema->less_than, PL_NUMBER))
        at_most(range, shifted(range, schema->less_than) - 1);
    if (pl_node_is(schema->multiple, PL_NUMBER) && shifted(range, schema->multiple) > 0)
        range->step = common_multiple(range, range->step, shifted(range, schema->multiple));
    if (is_integer_format(schema->format) && range->state->type == CMP_INTEGER) {
        at_most(range, largest(schema->format) * power(range->shift));
        at_least(range, (-largest(schema->format) - 1) * power(range->shift));
    }
}

/* Below the lower bounds of the schema, or above the upper ones. */
static void
violate(struct range *range, const struct con_atom *atom)
{
    const struct con_schema *owner = atom->owner;
    bool under = atom->kind == CON_UNDER, set = false;
    const struct pl_node *closed = under ? owner->minimum : owner->maximum;
    const struct pl_node *open = under ? owner->more_than : owner->less_than;
    whole bound = 0, sign = under ? 1 : -1;

    if (atom->name) {
        bound = under ? (-largest(atom->name) - 1) * power(range->shift) - 1
                      : largest(atom->name) * power(range->shift) + 1;
    } else {
        if (pl_node_is(closed, PL_NUMBER)) {
            bound = shifted(range, closed) - sign;
            set = true;
        }
        if (pl_node_is(open, PL_NUMBER) && (!set || (shifted(range, open) - bound) * sign > 0))
            bound = shifted(range, open);
    }
    if (under)
        at_most(range, bound);
    else
        at_least(range, bound);
}

static void
avoid(struct range *range, whole unit)
{
    if (range->avoid_count < 32 && unit > 0)
        range->avoid[range->avoid_count++] = unit;
    else
        range->lost = true;
}

static void
read_facts(struct range *range)
{
    struct con_state *state = range->state;

    for (int i = 0; i < state->pos_count; i++)
        look_at_places(range, state->pos[i].schema);
    for (int i = 0; i < state->fact_count; i++)
        if (state->facts[i].owner)
            look_at_places(range, state->facts[i].owner);
    range->shift += state->type == CMP_FRACTION;
    if (range->shift > MOST_SHIFT) {
        range->lost = true;
        return;
    }
    range->step = state->type == CMP_INTEGER ? power(range->shift) : 1;
    if (state->type == CMP_FRACTION)
        avoid(range, power(range->shift));
    for (int i = 0; i < state->pos_count; i++)
        obey(range, state->pos[i].schema);
    for (int i = 0; i < state->fact_count; i++) {
        const struct con_atom *fact = &state->facts[i];

        if (fact->kind == CON_UNDER || fact->kind == CON_OVER)
            violate(range, fact);
        else if (fact->kind == CON_NO_MULTIPLE)
            avoid(range, shifted(range, fact->owner->multiple));
    }
}

static struct pl_node *
number_of(const struct range *range, whole value, struct pl_arena *arena)
{
    char digits[64], text[80];
    int n = 0, at = 0, shift = range->shift;
    bool negative = value < 0;

    if (negative)
        value = -value;
    for (; shift > 0 && value % 10 == 0; shift--)
        value /= 10;
    do {
        digits[n++] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value || n <= shift);
    if (negative)
        text[at++] = '-';
    while (n > 0) {
        if (n == shift)
            text[at++] = '.';
        text[at++] = digits[--n];
    }
    text[at] = '\0';
    return pl_node_number(arena, text);
}

static bool
is_avoided(const struct range *range, whole value)
{
    for (int i = 0; i < range->avoid_count; i++)
        if (value % range->avoid[i] == 0)
            return true;
    return false;
}

/* The point of the grid at or above ${from}. */
static whole
on_grid(const struct range *range, whole from)
{
    whole rest = from % range->step;

    if (rest < 0)
        rest += range->step;
    return rest ? from + range->step - rest : from;
}

static struct con_answer
walk_grid(struct range *range)
{
    struct con *self = range->state->self;
    whole zero = range->has_least && range->least > 0 ? range->least
                 : range->has_most && range->most < 0 ? range->most - range->step + 1
                                                      : 0;
    whole start = on_grid(range, zero);
    int questions = 0;
    bool more = true;

    for (int i = 0; i < TRIES && more; i++) {
        more = false;
        for (int side = 0; side < 2; side++) {
            whole value = side ? start - i * range->step : start + i * range->step;
            struct pl_node *node;
            int fits;

            if ((side && i == 0) || (range->has_least && value < range->least) ||
                (range->has_most && value > range->most))
                continue;
            more = true;
            if (is_avoided(range, value))
                continue;
            if (++questions > QUESTIONS)
                return con_unknown("numbers that could not all be tried");
            node = number_of(range, value, self->arena);
            fits = con_fits(self, range->state->label, node);
            if (fits)
                return fits > 0 ? (struct con_answer){ .is = CON_YES, .value = node }
                                : con_unknown("a schema that the validator cannot apply");
        }
    }
    return more ? con_unknown("numbers that could not all be tried")
                : (struct con_answer){ .is = CON_NO };
}

struct con_answer
con_solve_number(struct con_state *state)
{
    struct range range = { .state = state, .step = 1 };

    read_facts(&range);
    if (range.lost || range.step > power(28))
        return con_unknown("numbers with too many digits");
    if (range.has_least && range.has_most && range.least > range.most)
        return (struct con_answer){ .is = CON_NO };
    for (int i = 0; i < range.avoid_count; i++)
        if (range.step % range.avoid[i] == 0)
            return (struct con_answer){ .is = CON_NO };
    return walk_grid(&range);
}
