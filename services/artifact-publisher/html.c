/* html.c -- escaping, a printf that escapes, and templates. */
#include "html.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

static const char *
entity(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? REPLACEMENT : NULL;
    }
}

/* U+202A..U+202E and U+2066..U+2069. */
static bool
turns_direction(const unsigned char *c)
{
    return c[0] == 0xe2 && ((c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae) ||
                            (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

void
html_text(struct pl_buf *out, const char *text)
{
    const unsigned char *c = (const unsigned char *)(text ? text : "");

    while (*c) {
        const unsigned char *plain = c;
        const char *instead;

        while (*c && entity(*c) == NULL && !turns_direction(c))
            c++;
        if (c > plain)
            pl_buf_add(out, plain, (size_t)(c - plain));
        if (*c == '\0')
            return;
        instead = entity(*c);
        pl_buf_str(out, instead ? instead : REPLACEMENT);
        c += instead ? 1 : 3;
    }
}

void
html_prose(struct pl_buf *out, const char *text)
{
    const char *open, *close;

    text = text ? text : "";
    if (*text >= 'a' && *text <= 'z')
        pl_buf_char(out, (char)(*text++ - 'a' + 'A'));
    while ((open = strchr(text, '`')) != NULL && (close = strchr(open + 1, '`')) != NULL) {
        html_text(out, pl_arena_memdup(out->arena, text, (size_t)(open - text)));
        pl_buf_str(out, "<code>");
        html_text(out, pl_arena_memdup(out->arena, open + 1, (size_t)(close - open - 1)));
        pl_buf_str(out, "</code>");
        text = close + 1;
    }
    html_text(out, text);
}

/* One conversion at ${at}, which is behind the '%'; returns what follows it. */
static const char *
convert(struct pl_buf *out, const char *at, va_list *args)
{
    if (*at == 's') {
        html_text(out, va_arg(*args, const char *));
        return at + 1;
    }
    if (*at == 'd') {
        pl_buf_printf(out, "%d", va_arg(*args, int));
        return at + 1;
    }
    if (at[0] == 'l' && at[1] == 'd') {
        pl_buf_printf(out, "%ld", va_arg(*args, long));
        return at + 2;
    }
    if (at[0] == '.' && isdigit((unsigned char)at[1]) && at[2] == 'f') {
        pl_buf_printf(out, "%.*f", at[1] - '0', va_arg(*args, double));
        return at + 3;
    }
    assert(*at == '%');
    pl_buf_char(out, '%');
    return at + 1;
}

void
html_put(struct pl_buf *out, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    while (*fmt) {
        size_t plain = strcspn(fmt, "%");

        pl_buf_add(out, fmt, plain);
        fmt += plain;
        if (*fmt == '%')
            fmt = convert(out, fmt + 1, &args);
    }
    va_end(args);
}

void
html_time(struct pl_buf *out, const char *rfc3339)
{
    static const char SHAPE[] = "dddd-dd-ddTdd:dd";
    char text[32] = "";
    size_t i;

    if (rfc3339 == NULL || rfc3339[0] == '\0')
        return;
    for (i = 0; SHAPE[i]; i++)
        if (SHAPE[i] == 'd' ? !isdigit((unsigned char)rfc3339[i]) : rfc3339[i] != SHAPE[i])
            break;
    if (SHAPE[i]) {
        html_text(out, rfc3339);
        return;
    }
    memcpy(text, rfc3339, sizeof SHAPE - 1);
    text[10] = ' ';
    html_put(out, "<time datetime=\"%s\">%s%s</time>", rfc3339, text,
             rfc3339[strlen(rfc3339) - 1] == 'Z' ? " UTC" : "");
}

void
html_fill(struct pl_buf *out, const char *template, const struct html_slot *slots, const void *page)
{
    const char *open;

    while ((open = strstr(template, "{{")) != NULL) {
        const char *name = open + 2, *close = strstr(name, "}}");
        const struct html_slot *slot = slots;

        assert(close != NULL);
        pl_buf_add(out, template, (size_t)(open - template));
        while (slot->name && (strlen(slot->name) != (size_t)(close - name) ||
                              strncmp(slot->name, name, (size_t)(close - name))))
            slot++;
        assert(slot->name != NULL);
        slot->fill(page, out);
        template = close + 2;
    }
    pl_buf_str(out, template);
}
