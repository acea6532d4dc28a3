/* Reading and ordering version numbers: Semantic Versioning 2.0, else three integers. */
#include "pl_semver.h"

#include <ctype.h>
#include <string.h>

/* Digits at *${at}, at most 18 of them, so that no sum can overflow. */
static bool
read_number(const char **at, bool leading_zero, int64_t *out)
{
    const char *start = *at;
    int64_t value = 0;

    while (isdigit((unsigned char)**at)) {
        if (*at - start >= 18)
            return false;
        value = value * 10 + (*(*at)++ - '0');
    }
    *out = value;
    return *at > start && (leading_zero || *start != '0' || *at == start + 1);
}

/* Dot-separated identifiers up to ${end}; numeric ones of a prerelease have no leading zero. */
static bool
identifiers_ok(const char *at, const char *end, bool numeric_rule)
{
    while (true) {
        const char *start = at;
        bool digits = true;

        for (; at < end && (isalnum((unsigned char)*at) || *at == '-'); at++)
            digits = digits && isdigit((unsigned char)*at);
        if (at == start || (numeric_rule && digits && *start == '0' && at > start + 1))
            return false;
        if (at == end)
            return true;
        if (*at++ != '.')
            return false;
    }
}

static bool
parse_strict(const char *text, struct pl_version *out)
{
    const char *at = text, *build = strchr(text, '+');
    const char *end = build ? build : text + strlen(text);

    if (!read_number(&at, false, &out->major) || *at++ != '.' ||
        !read_number(&at, false, &out->minor) || *at++ != '.' ||
        !read_number(&at, false, &out->patch))
        return false;
    out->prerelease = "";
    if (*at == '-') {
        out->prerelease = ++at;
        if (!identifiers_ok(at, end, true))
            return false;
        at = end;
    }
    return at == end && (build == NULL || identifiers_ok(build + 1, build + strlen(build), false));
}

/* v1, 1.41, 2025.09.17+abc, 2022-11-15, 2020-09-14_1.645.0: integers joined by dots or dashes;
 * what follows the third is ignored if something that is no letter parts it. */
static bool
parse_lenient(const char *text, struct pl_version *out)
{
    int64_t *parts[] = { &out->major, &out->minor, &out->patch };
    const char *at = text;
    int n = 0;

    out->prerelease = "";
    out->major = out->minor = out->patch = 0;
    if (*at == 'v' || *at == 'V')
        at++;
    while (true) {
        if (!read_number(&at, true, parts[n++]))
            return false;
        if (n == 3 || (*at != '.' && *at != '-') || !isdigit((unsigned char)at[1]))
            break;
        at++;
    }
    if (*at == '-')
        out->prerelease = at + 1;
    return *at == '\0' || *at == '-' || *at == '+' || *at == '_' || *at == ' ' ||
           (n == 3 && *at == '.');
}

bool
pl_version_parse(const char *text, struct pl_version *out)
{
    *out = (struct pl_version){ .prerelease = "" };
    if (text == NULL || *text == '\0')
        return false;
    out->strict = parse_strict(text, out);
    return out->strict || parse_lenient(text, out);
}

static size_t
identifier_length(const char *text)
{
    return strcspn(text, ".+");
}

static int
order_identifiers(const char *a, size_t a_length, const char *b, size_t b_length)
{
    bool a_number = strspn(a, "0123456789") >= a_length;
    bool b_number = strspn(b, "0123456789") >= b_length;
    size_t shorter = a_length < b_length ? a_length : b_length;
    int order;

    if (a_number != b_number)
        return a_number ? -1 : 1;
    if (a_number && a_length != b_length)
        return a_length < b_length ? -1 : 1;
    order = memcmp(a, b, shorter);
    if (order == 0 && a_length != b_length)
        order = a_length < b_length ? -1 : 1;
    return order;
}

/* A version without prerelease is higher than any of its prereleases. */
static int
order_prereleases(const char *a, const char *b)
{
    if (*a == '\0' || *b == '\0')
        return (*a == '\0') - (*b == '\0');
    while (true) {
        size_t a_length = identifier_length(a), b_length = identifier_length(b);
        int order = order_identifiers(a, a_length, b, b_length);

        if (order != 0)
            return order;
        a += a_length;
        b += b_length;
        if (*a != '.' || *b != '.')
            return (*a == '.') - (*b == '.');
        a++;
        b++;
    }
}

int
pl_version_order(const struct pl_version *a, const struct pl_version *b)
{
    if (a->major != b->major)
        return a->major < b->major ? -1 : 1;
    if (a->minor != b->minor)
        return a->minor < b->minor ? -1 : 1;
    if (a->patch != b->patch)
        return a->patch < b->patch ? -1 : 1;
    return order_prereleases(a->prerelease, b->prerelease);
}
