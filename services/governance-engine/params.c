#include "params.h"

#include "pl_utf8.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_DEFAULT 50
#define PAGE_LARGEST 500

bool
visibility_ok(const char *text)
{
    return strcmp(text, "private") == 0 || strcmp(text, "badges") == 0 ||
           strcmp(text, "public") == 0;
}

bool
text_ok(const char *text, size_t least, size_t most)
{
    size_t length = strlen(text);

    if (length < least || length > most || pl_utf8_check(text, length) < length)
        return false;
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

/* Does ${text} look like ${shape}, where 0 stands for a digit?  What follows goes into *rest. */
static bool
shaped(const char *text, const char *shape, const char **rest)
{
    for (; *shape; shape++, text++)
        if (*shape == '0' ? !isdigit((unsigned char)*text)
                          : toupper((unsigned char)*text) != *shape)
            return false;
    *rest = text;
    return true;
}

static bool
zone_ok(const char *text)
{
    const char *rest;

    if ((*text == 'Z' || *text == 'z') && text[1] == '\0')
        return true;
    if (*text != '+' && *text != '-')
        return false;
    return shaped(text + 1, "00:00", &rest) && *rest == '\0' && atoi(text + 1) <= 15 &&
           atoi(text + 4) <= 59;
}

bool
timestamp_ok(const char *text)
{
    static const int DAYS[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    const char *rest;
    int year, month, day, days;

    if (strlen(text) > 64 || !shaped(text, "0000-00-00T00:00:00", &rest))
        return false;
    year = atoi(text);
    month = atoi(text + 5);
    day = atoi(text + 8);
    if (year < 1970 || year > 9998 || month < 1 || month > 12 || atoi(text + 11) > 23 ||
        atoi(text + 14) > 59 || atoi(text + 17) > 59)
        return false;
    days = DAYS[month - 1];
    if (month == 2 && (year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)))
        days = 29;
    if (day < 1 || day > days)
        return false;
    if (*rest == '.') {
        if (!isdigit((unsigned char)rest[1]))
            return false;
        for (rest++; isdigit((unsigned char)*rest);)
            rest++;
    }
    return zone_ok(rest);
}

bool
check_slug(struct pl_call *call, const char *api)
{
    size_t length = api ? strspn(api, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;

    if (length >= 1 && length <= 63 && api[length] == '\0')
        return true;
    pl_call_violation(call, "path/api", 0, 0, "an api is named by 1 to 63 of a-z, 0-9 and -");
    return false;
}

bool
check_sha(struct pl_call *call, const char *sha)
{
    size_t length = 0;

    while (sha &&
           (isalnum((unsigned char)sha[length]) || (sha[length] && strchr("._-", sha[length]))))
        length++;
    if (length >= 7 && length <= 40 && sha[length] == '\0')
        return true;
    pl_call_violation(call, "query/sha", 0, 0,
                      "sha must be 7 to 40 letters, digits, '.', '_' or '-'");
    return false;
}

int
check_page(struct pl_call *call, const char *cursor, bool has_limit, int64_t limit, int64_t start,
           struct page *out)
{
    char *end;

    out->limit = has_limit ? limit : PAGE_DEFAULT;
    out->cursor = start;
    if (out->limit < 1 || out->limit > PAGE_LARGEST) {
        pl_call_violation(call, "query/limit", 0, 0, "limit must be from 1 to %d", PAGE_LARGEST);
        return pl_fail(&call->err, MALFORMED, "the limit is out of range");
    }
    if (cursor == NULL || cursor[0] == '\0')
        return 0;
    errno = 0;
    out->cursor = strtoll(cursor, &end, 10);
    if (errno || *end || !isdigit((unsigned char)cursor[0])) {
        pl_call_violation(call, "query/cursor", 0, 0, "not a cursor that a page before has named");
        return pl_fail(&call->err, MALFORMED, "the cursor is not one of ours");
    }
    return 0;
}
