#include "strict_http.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct cursor {
    const char *at, *end;
};

struct line {
    const char *text;
    size_t length;
};

struct framing {
    bool http11, chunked, has_length;
    uint64_t length;
};

/* A line ends with CR and LF, and has neither of them, nor NUL, before. */
static bool
take_line(struct cursor *cursor, struct line *out)
{
    const char *end = memchr(cursor->at, '\n', (size_t)(cursor->end - cursor->at));

    if (end == NULL)
        return false;
    out->text = cursor->at;
    out->length = (size_t)(end - cursor->at);
    cursor->at = end + 1;
    if (out->length == 0 || end[-1] != '\r')
        return false;
    out->length--;
    return memchr(out->text, '\r', out->length) == NULL &&
           memchr(out->text, '\0', out->length) == NULL;
}

static bool
is_word(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] <= 0x20 || text[i] == 0x7f)
            return false;
    return length > 0;
}

/* method SP target SP version */
static bool
read_request_line(const struct line *line, struct framing *out)
{
    const char *first = memchr(line->text, ' ', line->length);
    const char *end = line->text + line->length, *second;

    if (first == NULL || (second = memchr(first + 1, ' ', (size_t)(end - first - 1))) == NULL)
        return false;
    out->http11 = end - second == 9 && memcmp(second, " HTTP/1.1", 9) == 0;
    return is_word(line->text, (size_t)(first - line->text)) &&
           is_word(first + 1, (size_t)(second - first - 1)) &&
           (out->http11 || (end - second == 9 && memcmp(second, " HTTP/1.0", 9) == 0));
}

static bool
read_digits(const char *text, size_t length, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(text[i] - '0');
    }
    return length > 0 && length <= 15;
}

/* name ":" OWS value OWS */
static bool
read_field(const struct line *line, struct framing *out)
{
    const char *colon = memchr(line->text, ':', line->length);
    const char *value, *end = line->text + line->length;
    size_t name;

    if (colon == NULL || !is_word(line->text, (size_t)(colon - line->text)))
        return false;
    name = (size_t)(colon - line->text);
    value = colon + 1;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (name == 14 && strncasecmp(line->text, "content-length", name) == 0) {
        if (out->has_length || out->chunked)
            return false;
        out->has_length = true;
        return read_digits(value, (size_t)(end - value), &out->length);
    }
    if (name == 17 && strncasecmp(line->text, "transfer-encoding", name) == 0) {
        if (out->has_length || out->chunked || !out->http11)
            return false;
        out->chunked = true;
        return end - value == 7 && strncasecmp(value, "chunked", 7) == 0;
    }
    return true;
}

static bool
read_head(struct cursor *cursor, struct framing *out)
{
    struct line line;

    while (cursor->at < cursor->end && (*cursor->at == '\r' || *cursor->at == '\n'))
        cursor->at++; // empty lines in front of a request are passed over
    if (!take_line(cursor, &line) || !read_request_line(&line, out))
        return false;
    for (;;) {
        if (!take_line(cursor, &line))
            return false;
        if (line.length == 0)
            return true;
        if (!read_field(&line, out))
            return false;
    }
}

static bool
skip(struct cursor *cursor, uint64_t length)
{
    if ((uint64_t)(cursor->end - cursor->at) < length)
        return false;
    cursor->at += length;
    return true;
}

/* chunk-size [ chunk-ext ] */
static bool
read_size(const struct line *line, uint64_t *out)
{
    size_t i = 0;

    for (*out = 0; i < line->length && i < 16; i++) {
        const char *digit = strchr("0123456789abcdef", line->text[i] | 0x20);

        if (digit == NULL || line->text[i] == '\0')
            break;
        *out = *out * 16 + (uint64_t)(digit - "0123456789abcdef");
    }
    return i > 0 && (i == line->length || strchr("; \t", line->text[i]));
}

static bool
skip_chunks(struct cursor *cursor)
{
    struct line line;
    uint64_t size;

    for (;;) {
        if (!take_line(cursor, &line) || !read_size(&line, &size))
            return false;
        if (size == 0)
            break;
        if (!skip(cursor, size) || !take_line(cursor, &line) || line.length)
            return false;
    }
    do { // trailer
        if (!take_line(cursor, &line))
            return false;
    } while (line.length);
    return true;
}

int
strict_http_count(const char *bytes, size_t length)
{
    struct cursor cursor = { bytes, bytes + length };

    for (int count = 0;; count++) {
        struct framing framing = { 0 };

        if (!read_head(&cursor, &framing))
            return count;
        if (framing.chunked ? !skip_chunks(&cursor) : !skip(&cursor, framing.length))
            return count + 1;
    }
}
