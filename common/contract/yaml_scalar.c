#include "yaml_scalar.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool
one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static size_t
digits(const char *at)
{
    size_t count = 0;

    while (isdigit((unsigned char)at[count]))
        count++;
    return count;
}

/* 0o17 and 0xff. */
static enum yaml_scalar
other_base(struct pl_arena *arena, const char *text, size_t length, const char **number)
{
    int base = text[1] == 'x' ? 16 : 8;
    size_t longest = base == 16 ? 16 : 21;

    if (text[2] == '\0' ||
        text[2 + strspn(text + 2, base == 16 ? "0123456789abcdefABCDEF" : "01234567")] != '\0')
        return YAML_TEXT;
    if (length - 2 > longest)
        return YAML_NO_JSON;
    *number = pl_arena_printf(arena, "%" PRIu64, (uint64_t)strtoull(text + 2, NULL, base));
    return YAML_NUMBER;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?, into JSON's form: no plus,
 * no zeros in front, digits on both sides of the point. */
static bool
decimal_number(struct pl_arena *arena, const char *text, const char **number)
{
    bool negative = *text == '-';
    const char *whole = text + (*text == '-' || *text == '+'), *fraction = "", *exponent = "";
    size_t whole_length = digits(whole), fraction_length = 0;
    const char *at = whole + whole_length;

    if (*at == '.') {
        fraction = at + 1;
        fraction_length = digits(fraction);
        at = fraction + fraction_length;
    }
    if (whole_length + fraction_length == 0)
        return false;
    if (*at == 'e' || *at == 'E') {
        exponent = at++;
        at += *at == '-' || *at == '+';
        if (digits(at) == 0)
            return false;
        at += digits(at);
    }
    if (*at != '\0')
        return false;
    while (whole_length > 1 && *whole == '0') {
        whole++;
        whole_length--;
    }
    *number = pl_arena_printf(arena, "%s%.*s%s%.*s%s", negative ? "-" : "",
                              whole_length ? (int)whole_length : 1, whole_length ? whole : "0",
                              fraction_length ? "." : "", (int)fraction_length, fraction, exponent);
    return true;
}

enum yaml_scalar
yaml_scalar(struct pl_arena *arena, const char *text, size_t length, const char **number)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
    static const char *const trues[] = { "true", "True", "TRUE", NULL };
    static const char *const falses[] = { "false", "False", "FALSE", NULL };
    static const char *const no_json[] = { ".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf",
                                           "+.INF", "-.inf", "-.Inf", "-.INF", ".nan",
                                           ".NaN",  ".NAN",  NULL };

    if (one_of(text, nulls))
        return YAML_NULL;
    if (one_of(text, trues))
        return YAML_TRUE;
    if (one_of(text, falses))
        return YAML_FALSE;
    if (!isdigit((unsigned char)text[0]) && strchr("+-.", text[0]) == NULL)
        return YAML_TEXT;
    if (one_of(text, no_json))
        return YAML_NO_JSON;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'o'))
        return other_base(arena, text, length, number);
    return decimal_number(arena, text, number) ? YAML_NUMBER : YAML_TEXT;
}
