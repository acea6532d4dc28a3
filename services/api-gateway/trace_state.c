#include "trace_state.h"

#include <stdbool.h>
#include <string.h>

#define MOST_MEMBERS  32
#define LARGE_MEMBER  128
#define LONGEST_KEY   256
#define LONGEST_VALUE 256

struct member {
    const char *text;
    size_t length, key; // of all, of the key
};

static bool
is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Are these ${length} characters ones that a key or a part of it is made of, ${most} at most? */
static bool
is_name(const char *text, size_t length, size_t most, bool may_begin_with_digit)
{
    if (length == 0 || length > most)
        return false;
    if (!is_lower(*text) && !(may_begin_with_digit && is_digit(*text)))
        return false;
    for (size_t i = 1; i < length; i++)
        if (!is_lower(text[i]) && !is_digit(text[i]) && !memchr("_-*/", text[i], 4))
            return false;
    return true;
}

/* A simple key, or tenant "@" system. */
static bool
is_key(const char *text, size_t length)
{
    const char *at = memchr(text, '@', length);
    size_t tenant = at ? (size_t)(at - text) : 0;

    if (at == NULL)
        return is_name(text, length, LONGEST_KEY, false);
    return is_name(text, tenant, 241, true) && is_name(at + 1, length - tenant - 1, 14, false);
}

/* Blanks behind it were taken away already. */
static bool
is_value(const char *text, size_t length)
{
    if (length == 0 || length > LONGEST_VALUE)
        return false;
    for (size_t i = 0; i < length; i++)
        if (text[i] < 0x20 || text[i] > 0x7e || text[i] == ',' || text[i] == '=')
            return false;
    return true;
}

static bool
read_member(struct member *out, const char *text, size_t length)
{
    const char *equals = memchr(text, '=', length);
    size_t key = equals ? (size_t)(equals - text) : 0;

    *out = (struct member){ text, length, key };
    return equals && is_key(text, key) && is_value(equals + 1, length - key - 1);
}

static bool
is_repeated(const struct member *members, int count, const struct member *next)
{
    for (int i = 0; i < count; i++)
        if (members[i].key == next->key && memcmp(members[i].text, next->text, next->key) == 0)
            return true;
    return false;
}

/* How many there are; -1 if they are no tracestate. */
static int
read_members(struct member members[MOST_MEMBERS], const char *fields)
{
    int count = 0;

    for (const char *at = fields; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        const char *begin = at + strspn(at, " \t");
        size_t length = strcspn(begin, ",");
        struct member next;

        while (length && strchr(" \t", begin[length - 1]))
            length--;
        if (length == 0)
            continue;
        if (count == MOST_MEMBERS || !read_member(&next, begin, length) ||
            is_repeated(members, count, &next))
            return -1;
        members[count++] = next;
    }
    return count;
}

static size_t
total(const struct member *members, int count)
{
    size_t sum = count ? (size_t)count - 1 : 0; // commas

    for (int i = 0; i < count; i++)
        sum += members[i].length;
    return sum;
}

/* Which one goes if they are too long: the last large one, else the last. */
static int
choose(const struct member *members, int count)
{
    for (int i = count - 1; i >= 0; i--)
        if (members[i].length > LARGE_MEMBER)
            return i;
    return count - 1;
}

void
trace_state(char out[TRACESTATE_SIZE], const char *fields)
{
    struct member members[MOST_MEMBERS];
    int count = read_members(members, fields);

    while (count > 0 && total(members, count) > TRACESTATE_SIZE - 1) {
        int gone = choose(members, count--);

        memmove(members + gone, members + gone + 1, (size_t)(count - gone) * sizeof *members);
    }
    for (int i = 0; i < count; i++) {
        if (i)
            *out++ = ',';
        memcpy(out, members[i].text, members[i].length);
        out += members[i].length;
    }
    *out = '\0';
}
