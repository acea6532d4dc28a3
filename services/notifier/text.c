#include "text.h"

#include "pl_buf.h"

#include <string.h>

static const char ELLIPSIS[] = "…";

/* Bytes of the well-formed UTF-8 character at ${s} (Unicode table 3-7), 0 if it is none. */
static size_t
character(const unsigned char *s, size_t left)
{
    size_t need = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

    if (need == 0 || s[0] > 0xf4 || need > left)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return need;
}

static const char *
escaped(char c, enum text_form form)
{
    if (form == TEXT_SLACK)
        return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : NULL;
    if (form == TEXT_TEAMS)
        return c == '[' ? "(" : c == ']' ? ")" : NULL;
    return NULL;
}

char *
text_fit(struct pl_arena *arena, const char *text, size_t max, enum text_form form)
{
    struct pl_buf out = { .arena = arena };
    size_t left = text ? strlen(text) : 0, fits = 0;
    const char *s = text;

    while (left) {
        size_t size = character((const unsigned char *)s, left), used = size ? size : 1;
        const char *piece = size == 0 ? "?"
                            : size == 1 && ((unsigned char)*s < 0x20 || *s == 0x7f)
                                ? " "
                                : escaped(*s, form);
        size_t adds = piece ? strlen(piece) : size;

        if (out.length + adds > max) { // cut back to where the ellipsis still fits
            out.length = fits;
            pl_buf_str(&out, max >= sizeof ELLIPSIS - 1 ? ELLIPSIS : "");
            break;
        }
        pl_buf_add(&out, piece ? piece : s, adds);
        if (out.length + sizeof ELLIPSIS - 1 <= max)
            fits = out.length;
        s += used, left -= used;
    }
    return pl_arena_strdup(arena, pl_buf_text(&out));
}

char *
text_clean(struct pl_arena *arena, const char *bytes, size_t length, size_t max)
{
    struct pl_buf out = { .arena = arena };

    for (size_t i = 0; i < length && i < max;) {
        size_t size = character((const unsigned char *)bytes + i, length - i);
        char c = bytes[i];

        if (i + size > max)
            break;
        if (size > 1 || (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t')
            pl_buf_add(&out, bytes + i, size);
        else if (c != '\r')
            pl_buf_char(&out, '?');
        i += size ? size : 1;
    }
    return pl_arena_strdup(arena, pl_buf_text(&out));
}

char *
text_redact(struct pl_arena *arena, const char *text, const char *secret)
{
    struct pl_buf out = { .arena = arena };
    size_t length = secret ? strlen(secret) : 0;
    const char *hit;

    if (length < 6)
        return pl_arena_strdup(arena, text);
    while ((hit = strstr(text, secret))) {
        pl_buf_add(&out, text, (size_t)(hit - text));
        pl_buf_str(&out, "[url]");
        text = hit + length;
    }
    pl_buf_str(&out, text);
    return pl_arena_strdup(arena, pl_buf_text(&out));
}
