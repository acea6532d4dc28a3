#include "pl_utf8.h"

#include <string.h>

/* Length of the well-formed character at ${at}, 0 if there is none (Unicode table 3-7). */
static size_t
character(const unsigned char *at, size_t left)
{
    unsigned char first = at[0];
    unsigned char low = 0x80, high = 0xbf; // what the second byte may be
    size_t length;

    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first == 0xe0)
        low = 0xa0;
    else if (first == 0xed)
        high = 0x9f;
    else if (first == 0xf0)
        low = 0x90;
    else if (first == 0xf4)
        high = 0x8f;
    if (left < length || at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (at[i] < 0x80 || at[i] > 0xbf)
            return 0;
    return length;
}

size_t
pl_utf8_check(const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes;
    size_t i = 0;

    while (i < length) {
        uint64_t eight;
        size_t step;

        if (length - i >= sizeof eight) { // most documents are ASCII: eight at a time
            memcpy(&eight, at + i, sizeof eight);
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                i += sizeof eight;
                continue;
            }
        }
        step = character(at + i, length - i);
        if (step == 0)
            return i;
        i += step;
    }
    return length;
}

size_t
pl_utf8_length(const char *text, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

char *
pl_utf8_repair(struct pl_arena *arena, const char *text, size_t *length)
{
    const unsigned char *at = (const unsigned char *)text;
    char *out;
    size_t used = 0;

    if (pl_utf8_check(text, *length) == *length)
        return pl_arena_memdup(arena, text, *length);
    out = pl_arena_alloc(arena, *length * 3 + 1);
    for (size_t i = 0; i < *length;) {
        size_t step = character(at + i, *length - i);

        if (step == 0) {
            used += pl_utf8_put(out + used, 0xfffd);
            i++;
            continue;
        }
        memcpy(out + used, text + i, step);
        used += step;
        i += step;
    }
    *length = used;
    return out;
}

void
pl_utf8_mend(char *text)
{
    size_t length = strlen(text), bad;

    while ((bad = pl_utf8_check(text, length)) < length) {
        text[bad] = '?';
        text += bad + 1;
        length -= bad + 1;
    }
}

/* Bytewise order is code point order.  It differs from UTF-16 order only where a character
 * above U+FFFF (a surrogate pair, D800..DFFF) meets one of U+E000..U+FFFF. */
int
pl_utf8_order_utf16(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t shorter = a_length < b_length ? a_length : b_length;

    for (size_t i = 0; i < shorter; i++) {
        unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];

        if (x == y)
            continue;
        if (x >= 0xf0 && y < 0xf0 && y >= 0xee)
            return -1;
        if (y >= 0xf0 && x < 0xf0 && x >= 0xee)
            return 1;
        return x < y ? -1 : 1;
    }
    return a_length == b_length ? 0 : a_length < b_length ? -1 : 1;
}

size_t
pl_utf8_put(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}
