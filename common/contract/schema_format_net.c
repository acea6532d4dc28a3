/* Names and addresses. */
#include "schema_formats.h"

#include "decimal.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#define UNRESERVED "-._~"
#define SUB_DELIMS "!$&'()*+,;="

static bool
is_hostname(const char *text, size_t length)
{
    size_t label = 0;

    if (length == 0 || length > 253)
        return false;
    for (size_t i = 0; i <= length; i++) {
        if (i == length || text[i] == '.') {
            if (label == 0 || label > 63 || text[i - 1] == '-' || text[i - label] == '-')
                return false;
            label = 0;
            continue;
        }
        if (!isalnum((unsigned char)text[i]) && text[i] != '-')
            return false;
        label++;
    }
    return true;
}

bool
format_is_hostname(const char *text, size_t length)
{
    return is_hostname(text, length);
}

bool
format_is_ipv4(const char *text, size_t length)
{
    struct in_addr address;

    return strlen(text) == length && inet_pton(AF_INET, text, &address) == 1;
}

bool
format_is_ipv6(const char *text, size_t length)
{
    struct in6_addr address;

    return strlen(text) == length && inet_pton(AF_INET6, text, &address) == 1;
}

/* [192.0.2.1] or [IPv6:2001:db8::1] */
static bool
is_address_literal(const char *text, size_t length)
{
    char inner[64];
    bool six;

    if (length < 3 || length > sizeof inner || text[0] != '[' || text[length - 1] != ']')
        return false;
    six = strncmp(text + 1, "IPv6:", 5) == 0;
    text += six ? 6 : 1;
    length -= six ? 7 : 2;
    memcpy(inner, text, length);
    inner[length] = '\0';
    return six ? format_is_ipv6(inner, length) : format_is_ipv4(inner, length);
}

static bool
is_quoted_local(const char *text, size_t length)
{
    if (length < 2 || text[0] != '"' || text[length - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < length; i++) {
        if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] > 0x7e || text[i] == '"')
            return false;
        if (text[i] == '\\' && ++i + 1 >= length)
            return false;
    }
    return true;
}

static bool
is_local(const char *text, size_t length)
{
    if (length == 0 || length > 64)
        return false;
    if (text[0] == '"')
        return is_quoted_local(text, length);
    for (size_t i = 0; i < length; i++) {
        bool edge = i == 0 || i + 1 == length || text[i + 1] == '.';

        if (text[i] == '.' ? edge
                           : !isalnum((unsigned char)text[i]) &&
                                 (text[i] == '\0' || !strchr("!#$%&'*+-/=?^_`{|}~", text[i])))
            return false;
    }
    return true;
}

bool
format_is_email(const char *text, size_t length)
{
    const char *at = memrchr(text, '@', length);
    size_t local = at ? (size_t)(at - text) : 0;

    if (at == NULL || !is_local(text, local))
        return false;
    return is_hostname(at + 1, length - local - 1) ||
           is_address_literal(at + 1, length - local - 1);
}

bool
format_is_uuid(const char *text, size_t length)
{
    if (length != 36)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}

bool
format_is_json_pointer(const char *text, size_t length)
{
    if (length && text[0] != '/')
        return false;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '~' && text[i + 1] != '0' && text[i + 1] != '1')
            return false;
    return true;
}

static bool
is_within(const char *text, size_t length, const char *least, const char *most)
{
    struct decimal number = decimal_read(text, length);
    struct decimal low = decimal_read(least, strlen(least));
    struct decimal high = decimal_read(most, strlen(most));

    return decimal_order(&number, &low) >= 0 && decimal_order(&number, &high) <= 0;
}

bool
format_is_int32(const char *text, size_t length)
{
    return is_within(text, length, "-2147483648", "2147483647");
}

bool
format_is_int64(const char *text, size_t length)
{
    return is_within(text, length, "-9223372036854775808", "9223372036854775807");
}

/* Only such characters, and percent escapes, up to ${end}. */
static bool
only(const char *at, const char *end, const char *others)
{
    for (; at < end; at++) {
        if (*at == '%') {
            if (end - at < 3 || !isxdigit((unsigned char)at[1]) || !isxdigit((unsigned char)at[2]))
                return false;
            at += 2;
        } else if (!isalnum((unsigned char)*at) && (*at == '\0' || strchr(others, *at) == NULL)) {
            return false;
        }
    }
    return true;
}

static bool
is_port(const char *at, const char *end)
{
    for (; at < end; at++)
        if (!isdigit((unsigned char)*at))
            return false;
    return true;
}

/* userinfo@host:port */
static bool
is_authority(const char *at, const char *end)
{
    const char *sign = memrchr(at, '@', (size_t)(end - at)), *colon;

    if (sign) {
        if (!only(at, sign, UNRESERVED SUB_DELIMS ":"))
            return false;
        at = sign + 1;
    }
    if (at < end && *at == '[') {
        const char *close = memchr(at, ']', (size_t)(end - at));
        char inner[64];
        size_t length = close ? (size_t)(close - at) - 1 : sizeof inner;

        if (length >= sizeof inner)
            return false;
        memcpy(inner, at + 1, length);
        inner[length] = '\0';
        if (inner[0] != 'v' && !format_is_ipv6(inner, length))
            return false;
        at = close + 1;
        return at == end || (*at == ':' && is_port(at + 1, end));
    }
    colon = memchr(at, ':', (size_t)(end - at));
    if (colon && !is_port(colon + 1, end))
        return false;
    return only(at, colon ? colon : end, UNRESERVED SUB_DELIMS);
}

/* What follows the scheme, or a reference without one. */
static bool
is_rest(const char *at, const char *end, bool absolute)
{
    const char *path_end;

    if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
        const char *from = at + 2;

        at = from + strcspn(from, "/?#");
        if (!is_authority(from, at))
            return false;
    }
    path_end = at + strcspn(at, "?#");
    if (!absolute && at[strcspn(at, ":/?#")] == ':') // would read as a scheme
        return false;
    if (!only(at, path_end, UNRESERVED SUB_DELIMS ":@/"))
        return false;
    at = path_end;
    if (*at == '?') {
        const char *query_end = at + strcspn(at, "#");

        if (!only(at + 1, query_end, UNRESERVED SUB_DELIMS ":@/?"))
            return false;
        at = query_end;
    }
    return at == end || only(at + 1, end, UNRESERVED SUB_DELIMS ":@/?");
}

bool
format_is_uri(const char *text, size_t length)
{
    size_t scheme = strcspn(text, ":/?#");

    if (strlen(text) != length || text[scheme] != ':' || !isalpha((unsigned char)text[0]))
        return false;
    for (size_t i = 1; i < scheme; i++)
        if (!isalnum((unsigned char)text[i]) && strchr("+-.", text[i]) == NULL)
            return false;
    return is_rest(text + scheme + 1, text + length, true);
}

bool
format_is_uri_reference(const char *text, size_t length)
{
    return format_is_uri(text, length) ||
           (strlen(text) == length && is_rest(text, text + length, false));
}
