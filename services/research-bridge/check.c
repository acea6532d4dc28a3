#include "check.h"

#include "pl_utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TAGS    20
#define LONGEST_TAG  50
#define PAGE_DEFAULT 50
#define PAGE_LARGEST 500

static bool
is_clean(const char *text)
{
    for (; *text; text++)
        if (((unsigned char)*text < 0x20 && strchr("\n\r\t", *text) == NULL) || *text == 0x7f)
            return false;
    return true;
}

bool
check_text(struct pl_call *call, const char *name, const char *text, size_t least, size_t most)
{
    size_t bytes = text ? strlen(text) : 0, length;

    if (text == NULL)
        return true;
    if (pl_utf8_check(text, bytes) == bytes && is_clean(text)) {
        length = pl_utf8_length(text, bytes);
        if (length >= least && length <= most)
            return true;
    }
    pl_call_violation(call, pl_arena_printf(call->arena, "/%s", name), 0, 0,
                      "%s must be %zu to %zu characters without control characters", name, least,
                      most);
    return false;
}

bool
check_tags(struct pl_call *call, size_t count, char *const *tags)
{
    bool good = count <= MOST_TAGS;

    if (!good)
        pl_call_violation(call, "/tags", 0, 0, "at most %d tags", MOST_TAGS);
    for (size_t i = 0; good && i < count; i++) {
        size_t length = strspn(tags[i], "abcdefghijklmnopqrstuvwxyz0123456789-_.");

        good = length >= 1 && length <= LONGEST_TAG && tags[i][length] == '\0';
        for (size_t j = 0; good && j < i; j++)
            good = strcmp(tags[i], tags[j]) != 0;
        if (!good)
            pl_call_violation(call, pl_arena_printf(call->arena, "/tags/%zu", i), 0, 0,
                              "a tag is 1 to %d of a-z, 0-9, '-', '_' and '.', and is there once",
                              LONGEST_TAG);
    }
    return good;
}

bool
check_impact(struct pl_call *call, bool has, int64_t impact)
{
    if (!has || (impact >= 1 && impact <= 10))
        return true;
    pl_call_violation(call, "/impact", 0, 0, "impact is from 1 to 10");
    return false;
}

int
check_page(struct pl_call *call, const char *cursor, bool has_limit, int64_t limit, int64_t start,
           int64_t *limit_out, int64_t *cursor_out)
{
    char *end;

    *limit_out = has_limit ? limit : PAGE_DEFAULT;
    *cursor_out = start;
    if (*limit_out < 1 || *limit_out > PAGE_LARGEST)
        return pl_fail(&call->err, MALFORMED, "limit must be from 1 to %d", PAGE_LARGEST);
    if (cursor == NULL)
        return 0;
    errno = 0;
    *cursor_out = strtoll(cursor, &end, 10);
    if (errno || *end || *cursor < '0' || *cursor > '9')
        return pl_fail(&call->err, MALFORMED, "the cursor is not one of ours");
    return 0;
}
