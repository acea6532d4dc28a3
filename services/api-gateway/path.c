#include "path.h"

#include "pl_utf8.h"

#include <string.h>
#include <strings.h>

static int
hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static int
check_text(const char *text, size_t length, struct pl_err *err)
{
    if (pl_utf8_check(text, length) < length)
        return pl_fail(err, MALFORMED, "the URL is not UTF-8");
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return pl_fail(err, MALFORMED, "the URL holds a control character");
    return 0;
}

int
path_decode(char **out, const char *text, size_t length, bool plus, struct pl_arena *arena,
            struct pl_err *err)
{
    char *to = pl_arena_alloc(arena, length + 1);
    size_t n = 0;

    *out = to;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '%') {
            bool whole = length - i >= 3;
            int high = whole ? hex(text[i + 1]) : -1, low = whole ? hex(text[i + 2]) : -1;

            if (high < 0 || low < 0)
                return pl_fail(err, MALFORMED, "the URL holds a %% that escapes nothing");
            to[n++] = (char)(high << 4 | low);
            i += 2;
        } else
            to[n++] = text[i] == '+' && plus ? ' ' : text[i];
    }
    return check_text(to, n, err);
}

static int
add_segment(struct path *path, const char *text, size_t length, struct pl_arena *arena,
            struct pl_err *err)
{
    char *segment;

    if (length == 0)
        return pl_fail(err, MALFORMED, "the path holds an empty segment");
    if (path->count == MAX_SEGMENTS)
        return pl_fail(err, NOT_FOUND, "the path has too many segments");
    if (path_decode(&segment, text, length, false, arena, err))
        return -1;
    if (strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0)
        return pl_fail(err, MALFORMED, "the path holds a \"%s\" segment", segment);
    if (strpbrk(segment, "/\\"))
        return pl_fail(err, MALFORMED, "the path holds an escaped slash");
    path->segments[path->count++] = segment;
    return 0;
}

/* The target without "http://host", if it has that. */
static const char *
origin_form(const char *target)
{
    const char *rest = strncasecmp(target, "http://", 7) == 0    ? target + 7
                       : strncasecmp(target, "https://", 8) == 0 ? target + 8
                                                                 : NULL;

    return rest ? rest + strcspn(rest, "/?") : target;
}

int
path_parse(struct path *out, const char *target, struct pl_arena *arena, struct pl_err *err)
{
    const char *at = origin_form(target);
    size_t length = strcspn(at, "?");
    const char *end = at + length;

    *out = (struct path){ .query = "" };
    out->raw = length ? pl_arena_memdup(arena, at, length) : "/";
    if (*end == '?')
        out->query = pl_arena_strdup(arena, end + 1);
    if (length && *at != '/')
        return pl_fail(err, MALFORMED, "the path does not begin with a slash");
    while (at < end) {
        size_t step = strcspn(++at, "/?");

        if (at == end) { // nothing behind the last slash
            out->slash = true;
            break;
        }
        if (add_segment(out, at, step, arena, err))
            return -1;
        at += step;
    }
    out->slash = out->slash || out->count == 0;
    return 0;
}

bool
path_next_pair(const char **query, const char **name, size_t *name_length, const char **value,
               size_t *value_length)
{
    const char *at = *query + strspn(*query, "&");
    size_t length = strcspn(at, "&"), split = strcspn(at, "=&");

    if (length == 0)
        return false;
    *name = at;
    *name_length = split;
    *value = split < length ? at + split + 1 : at + length;
    *value_length = split < length ? length - split - 1 : 0;
    *query = at + length;
    return true;
}
