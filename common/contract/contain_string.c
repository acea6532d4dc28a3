/* Strings: lengths, patterns and formats.  Formats have samples, and a pattern that no text of
 * the format fails to match; whether a text fits is asked of the validator. */
#include "contain.h"

#include "pl_utf8.h"

#include <string.h>

#define MOST_TEXTS    32
#define LONGEST_TRIAL 4000

static const struct {
    const char *name, *within; // within: the format that contains it
    const char *pattern;
    const char *samples[4];
} FORMATS[] = {
    { "date-time",
      NULL,
      "^\\d{4}-\\d\\d-\\d\\d[Tt ]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?([Zz]|[+-]\\d\\d:\\d\\d)$",
      { "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.123+02:00" } },
    { "date", NULL, "^\\d{4}-\\d\\d-\\d\\d$", { "2026-01-31", "1999-12-01" } },
    { "time",
      NULL,
      "^\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?([Zz]|[+-]\\d\\d:\\d\\d)$",
      { "12:00:00Z", "12:00:00.123+02:00" } },
    { "duration", NULL, "^P[0-9A-Z]+$", { "P3D", "PT4H", "P1Y2M3DT4H5M6S" } },
    { "email", NULL, "@", { "a@example.org", "name.surname@mail.example.org" } },
    { "hostname", NULL, "^[A-Za-z0-9.-]{1,253}$", { "example.org", "a", "api.example.org" } },
    { "ipv4", NULL, "^\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}$", { "192.0.2.1", "1.1.1.1" } },
    { "ipv6", NULL, "^[0-9a-fA-F:.]{2,45}$", { "2001:db8::1", "::" } },
    { "uri", "uri-reference", "^[A-Za-z][A-Za-z0-9+.-]*:", { "https://example.org/a", "a:b" } },
    { "uri-reference", NULL, NULL, { "/path", "https://example.org/a", "" } },
    { "uuid",
      NULL,
      "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
      { "123e4567-e89b-12d3-a456-426614174000" } },
    { "json-pointer", NULL, NULL, { "/a/0", "" } },
};

struct wish {
    const char *match[MOST_TEXTS], *avoid[MOST_TEXTS];
    const char *format, *no_format[MOST_TEXTS];
    int match_count, avoid_count, no_format_count;
    uint64_t least, most;
    bool lost;
};

static int
find_format(const char *name)
{
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (strcmp(FORMATS[i].name, name) == 0)
            return (int)i;
    return -1;
}

static void
note(struct wish *wish, const char **list, int *count, const char *text)
{
    for (int i = 0; i < *count; i++)
        if (strcmp(list[i], text) == 0)
            return;
    if (*count < MOST_TEXTS)
        list[(*count)++] = text;
    else
        wish->lost = true;
}

static void
obey(struct wish *wish, const struct con_schema *schema)
{
    uint64_t least = con_size(schema->min_length, 0),
             most = con_size(schema->max_length, UINT64_MAX);

    wish->least = least > wish->least ? least : wish->least;
    wish->most = most < wish->most ? most : wish->most;
    if (pl_node_is(schema->pattern, PL_STRING))
        note(wish, wish->match, &wish->match_count, schema->pattern->text);
    if (schema->format && find_format(schema->format) >= 0) {
        int at = find_format(schema->format);

        wish->format = schema->format;
        if (FORMATS[at].pattern)
            note(wish, wish->match, &wish->match_count, FORMATS[at].pattern);
    }
}

static void
violate(struct wish *wish, const struct con_atom *fact)
{
    uint64_t bound;

    switch ((int)fact->kind) {
    case CON_SHORTER:
        bound = con_size(fact->owner->min_length, 0) - 1;
        wish->most = bound < wish->most ? bound : wish->most;
        break;
    case CON_LONGER:
        bound = con_size(fact->owner->max_length, 0) + 1;
        wish->least = bound > wish->least ? bound : wish->least;
        break;
    case CON_NO_MATCH:
        note(wish, wish->avoid, &wish->avoid_count, fact->name);
        break;
    case CON_NO_FORMAT:
        note(wish, wish->no_format, &wish->no_format_count, fact->name);
        break;
    default:
        break;
    }
}

/* Is every text of the wished format also of the one to be avoided? */
static bool
format_forbids(const struct wish *wish)
{
    for (int i = 0; i < wish->no_format_count; i++)
        for (const char *name = wish->format; name;) {
            int at = find_format(name);

            if (strcmp(name, wish->no_format[i]) == 0)
                return true;
            name = at < 0 ? NULL : FORMATS[at].within;
        }
    return false;
}

static bool
try_text(struct con_state *state, const char *text, struct con_answer *out)
{
    struct pl_node *node = pl_node_string(state->self->arena, text);
    int fits = con_fits(state->self, state->label, node);

    if (fits > 0)
        *out = (struct con_answer){ .is = CON_YES, .value = node };
    return fits > 0;
}

/* ${text}, over and over, as long as it must be. */
static const char *
stretched(struct con *self, const char *text, uint64_t length)
{
    struct pl_buf out = { .arena = self->arena };
    size_t own = pl_utf8_length(text, strlen(text));

    if (own == 0 || own >= length)
        return text;
    while (pl_utf8_length(pl_buf_text(&out), out.length) + own <= length)
        pl_buf_str(&out, text);
    while (pl_utf8_length(pl_buf_text(&out), out.length) < length)
        pl_buf_char(&out, *text);
    return pl_buf_text(&out);
}

/* ${text} with letters behind it, as long as it must be: what a path ends in may be long. */
static const char *
lengthened(struct con *self, const char *text, uint64_t length)
{
    struct pl_buf out = { .arena = self->arena };

    pl_buf_str(&out, text);
    for (uint64_t own = pl_utf8_length(text, strlen(text)); own < length; own++)
        pl_buf_char(&out, 'a');
    return pl_buf_text(&out);
}

static bool
try_samples(struct con_state *state, const struct wish *wish, struct con_answer *out)
{
    static const char *const OTHERS[] = { "a", "A", "1", "x y", "!", "\xc3\xa9", "" };
    int at = wish->format ? find_format(wish->format) : -1;

    for (int i = 0; at >= 0 && i < 4 && FORMATS[at].samples[i]; i++)
        if (try_text(state, FORMATS[at].samples[i], out))
            return true;
    if (at >= 0 && wish->least <= LONGEST_TRIAL && FORMATS[at].samples[0] &&
        try_text(state, lengthened(state->self, FORMATS[at].samples[0], wish->least), out))
        return true;
    if (wish->format || wish->least > LONGEST_TRIAL)
        return false;
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (try_text(state, stretched(state->self, OTHERS[i], wish->least), out))
            return true;
    return false;
}

/* Listed texts become one pattern that is to be avoided. */
static void
add_text(struct pl_buf *out, const struct pl_node *value)
{
    if (value->kind != PL_STRING || out->length > LONGEST_TRIAL)
        return;
    pl_buf_str(out, out->length ? "|" : "^(");
    for (size_t i = 0; i < value->length; i++) {
        if (strchr("\\^$.|?*+()[]{}/", value->text[i]))
            pl_buf_char(out, '\\');
        pl_buf_char(out, value->text[i]);
    }
}

static void
avoid_listed(struct con_state *state, struct wish *wish)
{
    struct pl_buf out = { .arena = state->self->arena };

    for (int i = 0; i < state->fact_count; i++) {
        const struct con_schema *owner = state->facts[i].owner;

        if (state->facts[i].kind != CON_NOT_LISTED)
            continue;
        for (uint32_t k = 0; pl_node_is(owner->values, PL_ARRAY) && k < owner->values->count; k++)
            add_text(&out, owner->values->items[k]);
        if (owner->constant)
            add_text(&out, owner->constant);
    }
    for (int i = 0; i < state->label->unlike_count; i++)
        add_text(&out, state->label->unlike[i]);
    if (out.length == 0)
        return;
    pl_buf_str(&out, ")$");
    note(wish, wish->avoid, &wish->avoid_count, pl_buf_text(&out));
}

struct con_answer
con_solve_string(struct con_state *state)
{
    struct wish wish = { .most = UINT64_MAX };
    struct con_answer out = { .is = CON_NO };
    struct con_text wanted;

    for (int i = 0; i < state->pos_count; i++)
        obey(&wish, state->pos[i].schema);
    for (int i = 0; i < state->fact_count; i++)
        violate(&wish, &state->facts[i]);
    if (wish.least > wish.most || (wish.format && format_forbids(&wish)))
        return out;
    if (try_samples(state, &wish, &out))
        return out;
    avoid_listed(state, &wish);
    if (wish.lost)
        return con_unknown("too many patterns");
    wanted = (struct con_text){ wish.match,       wish.avoid, wish.match_count,
                                wish.avoid_count, wish.least, wish.most };
    out = con_text(state->self, &wanted);
    if (out.is == CON_YES && con_fits(state->self, state->label, out.value) <= 0)
        return con_unknown(out.cause ? out.cause
                           : wish.format || wish.no_format_count
                               ? "a format beside other conditions"
                               : "strings not all tried");
    return out;
}
