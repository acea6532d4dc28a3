#include "negotiate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define BLANK " \t"

/* One element of a comma-separated list: its value without parameters, and its q. */
struct element {
    const char *value;
    size_t length;
    double q;
};

static double
quality(const char *parameters, size_t length)
{
    for (size_t i = 0; i + 3 <= length; i++)
        if (parameters[i] == ';') {
            size_t at = i + 1 + strspn(parameters + i + 1, BLANK);

            if (at + 2 < length && tolower((unsigned char)parameters[at]) == 'q' &&
                parameters[at + 1] == '=')
                return strtod(parameters + at + 2, NULL);
        }
    return 1;
}

static bool
next_element(const char **list, struct element *out)
{
    const char *at = *list + strspn(*list, ", \t");
    size_t length = strcspn(at, ",");

    if (*at == '\0')
        return false;
    out->value = at;
    out->length = strcspn(at, ",;");
    while (out->length && strchr(BLANK, at[out->length - 1]))
        out->length--;
    out->q = quality(at, length);
    *list = at + length;
    return true;
}

static bool
is(const struct element *element, const char *value)
{
    return strlen(value) == element->length &&
           strncasecmp(value, element->value, element->length) == 0;
}

bool
negotiate_gzip(const char *accept_encoding)
{
    struct element element;
    bool star = false, star_seen = false;

    while (accept_encoding && next_element(&accept_encoding, &element)) {
        if (is(&element, "gzip") || is(&element, "x-gzip"))
            return element.q > 0;
        if (is(&element, "*")) {
            star = element.q > 0;
            star_seen = true;
        }
    }
    return star_seen && star;
}

/* How exactly ${element} names ${type}: 3 itself, 2 its family, 1 anything, 0 not at all. */
static int
match(const struct element *element, const char *type)
{
    size_t family = strcspn(type, "/") + 1;

    if (is(element, type))
        return 3;
    if (element->length == family + 1 && element->value[family] == '*' &&
        strncasecmp(element->value, type, family) == 0)
        return 2;
    return is(element, "*/*") || is(element, "*") ? 1 : 0;
}

bool
negotiate_type(const char *accept, const char *const *types)
{
    if (accept == NULL || accept[strspn(accept, ", \t")] == '\0')
        return true;
    for (; *types; types++) {
        struct element element;
        int best = 0;
        bool taken = false;

        for (const char *at = accept; next_element(&at, &element);)
            if (match(&element, *types) > best) {
                best = match(&element, *types);
                taken = element.q > 0;
            }
        if (taken)
            return true;
    }
    return false;
}

static bool
is_other_charset(const char *content_type)
{
    const char *charset = strcasestr(content_type, "charset=");

    if (charset == NULL)
        return false;
    charset += strlen("charset=");
    charset += *charset == '"';
    return strncasecmp(charset, "utf-8", 5) != 0 && strncasecmp(charset, "us-ascii", 8) != 0;
}

bool
negotiate_content(const char *content_type, const char *const *types)
{
    const char *rest = content_type;
    struct element element;

    if (content_type == NULL || !next_element(&rest, &element) || is_other_charset(content_type))
        return false;
    for (; *types; types++)
        if (is(&element, *types) || strcmp(*types, "*/*") == 0)
            return true;
    return false;
}

bool
negotiate_http_date(const char *rfc3339, char out[32], long long *seconds)
{
    struct tm tm = { 0 };
    const char *rest = strptime(rfc3339, "%Y-%m-%dT%H:%M:%S", &tm);
    time_t at;

    if (rest && *rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (rest == NULL || strcmp(rest, "Z") != 0)
        return false;
    at = timegm(&tm);
    gmtime_r(&at, &tm); // for the day of the week
    *seconds = at;
    return strftime(out, 32, "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0;
}

bool
negotiate_parse_date(const char *text, long long *seconds)
{
    struct tm tm = { 0 };
    const char *rest = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);

    if (rest == NULL || *rest)
        return false;
    *seconds = timegm(&tm);
    return true;
}
