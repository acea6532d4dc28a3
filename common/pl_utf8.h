/* pl_utf8 -- the little that we must know about UTF-8 (RFC 3629). */
#ifndef PL_UTF8_H
#define PL_UTF8_H

#include "pl_arena.h"

#include <stdint.h>

/* Offset of the first byte that is not well-formed UTF-8 (overlong forms, surrogates and what
 * lies above U+10FFFF included); ${length} if all is well. */
size_t pl_utf8_check(const char *bytes, size_t length);

/* How many characters (code points) well-formed text has. */
size_t pl_utf8_length(const char *text, size_t length);

/* A NUL-terminated copy in which each ill-formed byte became U+FFFD; ${*length} is updated. */
char *pl_utf8_repair(struct pl_arena *arena, const char *text, size_t *length);

/* The same in place, with '?': for a text that may have been cut inside of a character. */
void pl_utf8_mend(char *text);

/* Order as UTF-16 code units, which RFC 8785 sorts members by: < 0, 0, > 0. */
int pl_utf8_order_utf16(const char *a, size_t a_length, const char *b, size_t b_length);

/* Append one code point at ${out} (room for 4).  Returns its length. */
size_t pl_utf8_put(char *out, uint32_t code);

#endif
