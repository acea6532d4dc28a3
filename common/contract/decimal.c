#include "decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS   24
#define ROOM     (DECIMAL_TEXT - 1) // without the sign
#define FARTHEST (INT64_C(1) << 40) // exponents beyond are all the same to us

static int64_t
read_exponent(const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    int64_t value = 0;

    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (; at < end && value < FARTHEST; at++)
        value = value * 10 + (*at - '0');
    if (value > FARTHEST)
        value = FARTHEST;
    return negative ? -value : value;
}

struct decimal
decimal_read(const char *text, size_t length)
{
    struct decimal self = { 0 };
    const char *end, *at = text, *last = NULL, *mantissa_end;
    int64_t whole = 0; // digits before the point, from the first that is not zero
    bool fraction = false;

    if (length == 0) // of what is no number
        return self;
    end = text + length;
    if (at < end && *at == '-') {
        self.negative = true;
        at++;
    }
    for (mantissa_end = at; mantissa_end < end; mantissa_end++)
        if (*mantissa_end == 'e' || *mantissa_end == 'E')
            break;
    for (const char *p = at; p < mantissa_end; p++) {
        if (*p == '.') {
            fraction = true;
            continue;
        }
        if (*p != '0') {
            if (self.digits == NULL)
                self.digits = p;
            last = p;
        }
        if (self.digits && !fraction)
            whole++;
        else if (self.digits == NULL && fraction)
            whole--; // 0.00123: the point stands two places left of the first digit
    }
    if (self.digits == NULL)
        return (struct decimal){ 0 }; // zero has no sign
    for (const char *p = self.digits; p <= last; p++)
        self.count += *p != '.';
    self.point = whole;
    if (mantissa_end < end)
        self.point += read_exponent(mantissa_end + 1, end);
    return self;
}

int
decimal_digit(const struct decimal *self, size_t index)
{
    const char *dot;

    if (index >= self->count)
        return 0;
    dot = memchr(self->digits, '.', index + 1);
    return self->digits[index + (dot ? 1 : 0)] - '0';
}

/* Walks the digits one by one; 0 for ever after the last. */
struct walk {
    const char *at;
    size_t left;
};

static int
next_digit(struct walk *self)
{
    if (self->left == 0)
        return 0;
    if (*self->at == '.')
        self->at++;
    self->left--;
    return *self->at++ - '0';
}

static int
order_magnitude(const struct decimal *a, const struct decimal *b)
{
    struct walk x = { a->digits, a->count }, y = { b->digits, b->count };

    if (a->count == 0 || b->count == 0)
        return (a->count > 0) - (b->count > 0);
    if (a->point != b->point)
        return a->point < b->point ? -1 : 1;
    while (x.left || y.left) {
        int d = next_digit(&x), e = next_digit(&y);

        if (d != e)
            return d < e ? -1 : 1;
    }
    return 0;
}

int
decimal_order(const struct decimal *a, const struct decimal *b)
{
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    return a->negative ? -order_magnitude(a, b) : order_magnitude(a, b);
}

bool
decimal_is_integer(const struct decimal *self)
{
    return self->count == 0 || self->point >= (int64_t)self->count;
}

static double
as_double(const struct decimal *self)
{
    double value = 0;
    struct walk walk = { self->digits, self->count < 18 ? self->count : 18 };
    size_t used = walk.left;

    while (walk.left)
        value = value * 10 + next_digit(&walk);
    value *= pow(10, (double)(self->point - (int64_t)used));
    return self->negative ? -value : value;
}

/* Long division, digit by digit.  With value = V * 10^a and unit = U * 10^b, neither V nor U
 * ending in a zero, U * 10^b divides V * 10^a only if a >= b (else V would end in a zero). */
bool
decimal_is_multiple(const struct decimal *value, const struct decimal *unit)
{
    int64_t zeros = value->point - (int64_t)value->count - (unit->point - (int64_t)unit->count);
    struct walk walk = { unit->digits, unit->count };
    unsigned __int128 divisor = 0, rest = 0;

    if (value->count == 0)
        return true;
    if (unit->count == 0 || zeros < 0)
        return false;
    if (unit->count > 18)
        return fmod(as_double(value), as_double(unit)) == 0;
    while (walk.left)
        divisor = divisor * 10 + (unsigned)next_digit(&walk);
    walk = (struct walk){ value->digits, value->count };
    while (walk.left)
        rest = (rest * 10 + (unsigned)next_digit(&walk)) % divisor;
    if (zeros > 64) // U < 2^64 holds no more factors of 2 and 5 than 10^64 does
        zeros = 64;
    for (int64_t i = 0; i < zeros && rest; i++)
        rest = rest * 10 % divisor;
    return rest == 0;
}

double
decimal_double(const char *text)
{
    return strtod(text, NULL);
}

/* Try ${precision} digits: the nearest such decimal, or the one above it.  (Below a power of two
 * doubles lie closer, so the nearest may fail where its upper neighbour reads back.)  The digits
 * go to ${digits}, the result is the decimal exponent as in d.ddd * 10^e. */
static bool
try_digits(double value, int precision, char digits[DIGITS], int *exponent)
{
    char text[DECIMAL_TEXT + 8], *e;
    int used = 0;

    for (int up = 0; up < 2; up++) {
        if (up == 0) {
            snprintf(text, sizeof text, "%.*e", precision - 1, value);
        } else {
            int i = (int)(strchr(text, 'e') - text) - 1;

            if (text[i] == '9') // carries: a shorter form would have been found before
                return false;
            text[i]++;
        }
        if (strtod(text, NULL) == value)
            break;
        if (up)
            return false;
    }
    e = strchr(text, 'e');
    *exponent = atoi(e + 1);
    for (const char *p = text; p < e; p++)
        if (*p != '.' && used < DIGITS - 1)
            digits[used++] = *p;
    digits[used] = '\0';
    return true;
}

/* Number::toString of ECMA-262: k digits, the decimal point after the n-th. */
static void
lay_out(char *out, const char *digits, int k, int n)
{
    if (k <= n && n <= 21)
        snprintf(out, ROOM, "%s%.*s", digits, n - k, "00000000000000000000");
    else if (0 < n && n <= 21)
        snprintf(out, ROOM, "%.*s.%s", n, digits, digits + n);
    else if (-6 < n && n <= 0)
        snprintf(out, ROOM, "0.%.*s%s", -n, "000000", digits);
    else
        snprintf(out, ROOM, "%c%s%se%+d", digits[0], k > 1 ? "." : "", digits + 1, n - 1);
}

void
decimal_print(double value, char out[DECIMAL_TEXT])
{
    char digits[DIGITS] = "0";
    int exponent = 0, precision = 1;

    if (value == 0) { // also -0
        strcpy(out, "0");
        return;
    }
    if (value < 0)
        *out++ = '-';
    while (precision < 17 && !try_digits(fabs(value), precision, digits, &exponent))
        precision++;
    if (precision == 17)
        try_digits(fabs(value), precision, digits, &exponent);
    lay_out(out, digits, (int)strlen(digits), exponent + 1);
}
