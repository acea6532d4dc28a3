/* decimal -- a JSON number exactly: sign, digits, power of ten.  Private to the contract library.
 *
 * JSON numbers are compared as what was written, not as doubles, so that int64 values and
 * decimals like 0.1 behave as people expect.
 */
#ifndef PL_DECIMAL_H
#define PL_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value is (-1)^negative * 0.d1d2d3... * 10^point over the digits that are not zeros at
 * either end.  Nothing is copied: `digits` points into the number's text, with a '.' possibly
 * inside; `count` says how many digits count.  Zero has count 0. */
struct decimal {
    bool negative;
    const char *digits;
    size_t count;
    int64_t point; // position of the decimal point, clamped to +-2^40
};

/* Read the text of a JSON number. */
struct decimal decimal_read(const char *text, size_t length);

/* < 0, 0, > 0. */
int decimal_order(const struct decimal *a, const struct decimal *b);

/* Has it no fraction? (1.0 and 1e2 are integers.) */
bool decimal_is_integer(const struct decimal *self);

/* Is ${value} an integer multiple of ${unit} (> 0)?  Exact for a unit of up to 18 digits, as
 * doubles beyond. */
bool decimal_is_multiple(const struct decimal *value, const struct decimal *unit);

/* The digit at ${index} of the digits that count. */
int decimal_digit(const struct decimal *self, size_t index);

/* As a double; infinite if too large. */
double decimal_double(const char *text);

#define DECIMAL_TEXT 64 // more than the 26 ever used

/* Print as ECMAScript does (shortest that reads back; RFC 8785 3.2.2.3).  Finite values only. */
void decimal_print(double value, char out[DECIMAL_TEXT]);

#endif
