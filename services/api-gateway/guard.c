#include "guard.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LARGEST_LENGTH_DIGITS 15

static bool
is_token_char(unsigned char c)
{
    static const bool IS_SIGN[128] = {
        ['!'] = true,  ['#'] = true, ['$'] = true, ['%'] = true, ['&'] = true,
        ['\''] = true, ['*'] = true, ['+'] = true, ['-'] = true, ['.'] = true,
        ['^'] = true,  ['_'] = true, ['`'] = true, ['|'] = true, ['~'] = true,
    };

    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c < 128 && IS_SIGN[c]);
}

static bool
is_token(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!is_token_char((unsigned char)text[i]))
            return false;
    return length > 0;
}

static bool
is_value(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool
is_host(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!(is_token_char((unsigned char)text[i]) || strchr("()=,;:[]", text[i])) ||
            strchr("#^`|", text[i]))
            return false;
    return length > 0;
}

static bool
is_digits(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return length > 0 && length <= LARGEST_LENGTH_DIGITS;
}

static bool
is_named(const struct field *field, const char *name)
{
    return field->name_length == strlen(name) && strncasecmp(field->name, name, strlen(name)) == 0;
}

static size_t
find(const struct head *head, const char *name, const struct field **out)
{
    size_t found = 0;

    for (size_t i = head->count; i-- > 0;)
        if (is_named(&head->fields[i], name)) {
            *out = &head->fields[i];
            found++;
        }
    return found;
}

static bool
is_target(const char *target)
{
    for (const unsigned char *c = (const unsigned char *)target; *c; c++)
        if (*c < 0x21 || *c > 0x7e || strchr("#\"<>\\^`{}|", *c))
            return false;
    return true;
}

static int
check_line(const struct head *head, const char **why)
{
    bool is_11 = strcmp(head->version, "HTTP/1.1") == 0;

    *why = "the request line is malformed";
    if (!is_token(head->method, strlen(head->method)) || !is_target(head->target))
        return 400;
    if (!is_11 && strcmp(head->version, "HTTP/1.0") != 0) {
        *why = "only HTTP/1.0 and HTTP/1.1 are spoken here";
        return 505;
    }
    if (strcmp(head->target, "*") == 0)
        return strcmp(head->method, "OPTIONS") == 0 ? 0 : 400;
    if (strcmp(head->method, "CONNECT") == 0) {
        *why = "this is no proxy";
        return 501;
    }
    return head->target[0] == '/' || strncasecmp(head->target, "http://", 7) == 0 ||
                   strncasecmp(head->target, "https://", 8) == 0
               ? 0
               : 400;
}

static int
check_fields(const struct head *head, const char **why)
{
    *why = "a header field is malformed";
    for (size_t i = 0; i < head->count; i++) {
        const struct field *field = &head->fields[i];

        if (!is_token(field->name, field->name_length) ||
            !is_value(field->value, field->value_length))
            return 400;
    }
    return 0;
}

static int
check_host(const struct head *head, const char **why)
{
    const struct field *host = NULL;
    size_t hosts = find(head, "host", &host);

    *why = "exactly one valid Host is needed";
    if (hosts > 1 || (hosts == 0 && strcmp(head->version, "HTTP/1.1") == 0))
        return 400;
    return hosts == 0 || is_host(host->value, host->value_length) ? 0 : 400;
}

static int
check_framing(const struct head *head, const char **why)
{
    const struct field *length = NULL, *coding = NULL;
    size_t lengths = find(head, "content-length", &length);
    size_t codings = find(head, "transfer-encoding", &coding);

    *why = "the length of the body is ambiguous";
    if (lengths > 1 || codings > 1 || (lengths && codings))
        return 400;
    if (lengths && !is_digits(length->value, length->value_length))
        return 400;
    if (codings && strcmp(head->version, "HTTP/1.1") != 0)
        return 400;
    if (codings && (coding->value_length != 7 || strncasecmp(coding->value, "chunked", 7) != 0)) {
        *why = "only the transfer coding \"chunked\" is understood";
        return 501;
    }
    return 0;
}

/* method SP target SP version CRLF, name ": " value CRLF, CRLF */
static int
check_size(const struct head *head, const char **why)
{
    size_t explained =
        strlen(head->method) + strlen(head->target) + strlen(head->version) + 6 + head->blanks;

    for (size_t i = 0; i < head->count; i++)
        explained += head->fields[i].name_length + head->fields[i].value_length + 4;
    *why = "the header block holds folded, cut off, skipped or wrongly ended lines";
    return head->disputed || head->size > explained ? 400 : 0;
}

int
guard_check(const struct head *head, const char **why)
{
    int (*const checks[])(const struct head *, const char **) = {
        check_line, check_fields, check_host, check_framing, check_size,
    };

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        int status = checks[i](head, why);

        if (status)
            return status;
    }
    return 0;
}

long long
guard_body_length(const struct head *head)
{
    const struct field *field = NULL;

    if (find(head, "transfer-encoding", &field))
        return -1;
    if (find(head, "content-length", &field) == 0)
        return 0;
    return strtoll(field->value, NULL, 10);
}
