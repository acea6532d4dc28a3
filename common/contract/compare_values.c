/* compare_values -- enum and const, format, pattern. */
#include "compare.h"

#include "value_set.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN 5 // values named in one sentence

static const struct cmp_rules LISTED = { CMP_REQUEST_BECAME_ENUM, CMP_REQUEST_ENUM_LIFTED,
                                         CMP_RESPONSE_ENUM_LIFTED, CMP_RESPONSE_BECAME_ENUM };
static const struct cmp_rules VALUES = { CMP_REQUEST_ENUM_VALUE_REMOVED,
                                         CMP_REQUEST_ENUM_VALUE_ADDED,
                                         CMP_RESPONSE_ENUM_VALUE_ADDED,
                                         CMP_RESPONSE_ENUM_VALUE_REMOVED };
static const struct cmp_rules FORMAT = { CMP_REQUEST_FORMAT_NARROWED, CMP_REQUEST_FORMAT_WIDENED,
                                         CMP_RESPONSE_FORMAT_WIDENED,
                                         CMP_RESPONSE_FORMAT_NARROWED };
static const struct cmp_rules PATTERN = { CMP_REQUEST_PATTERN_ADDED, CMP_REQUEST_PATTERN_REMOVED,
                                          CMP_RESPONSE_PATTERN_REMOVED,
                                          CMP_RESPONSE_PATTERN_ADDED };

/* The formats that assert something, and the one that contains each ("" is every value).
 * Others are notes for people; so are int64 and double, which hold every number in use. */
static const struct {
    const char *name, *within;
} FORMATS[] = {
    { "int32", "" },         { "float", "" },     { "date", "" },
    { "time", "" },          { "date-time", "" }, { "duration", "" },
    { "email", "" },         { "uuid", "" },      { "uri", "uri-reference" },
    { "uri-reference", "" }, { "hostname", "" },  { "ipv4", "" },
    { "ipv6", "" },          { "byte", "" },      { "binary", "" },
    { "url", "uri" },        { "regex", "" },     { "json-pointer", "" },
};

struct values {
    const char *words, *all; // a few for people; all of them, in an order of their own
};

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *
sorted(const char **texts, int count, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    if (count)
        qsort(texts, (size_t)count, sizeof *texts, by_text);
    for (int i = 0; i < count; i++)
        pl_buf_printf(&out, "%s%s", i ? "," : "", texts[i]);
    return pl_buf_text(&out);
}

/* The values of ${one} that ${other} does not have; how many in *count. */
static struct values
difference(const struct cmp_view *one, const struct cmp_view *other, int *count,
           struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };
    struct cmp_map known = { .arena = arena };
    const char **all = pl_arena_alloc(arena, (size_t)(one->value_count + 1) * sizeof *all);

    *count = 0;
    for (int i = 0; i < other->value_count; i++)
        cmp_value_add(&known, other->values[i]);
    for (int i = 0; i < one->value_count; i++) {
        if (cmp_value_known(&known, one->values[i]))
            continue;
        all[*count] = cmp_value_whole(one->values[i], arena);
        if (++*count <= SHOWN)
            pl_buf_printf(&out, "%s%s", *count > 1 ? ", " : "",
                          cmp_value_text(one->values[i], arena));
    }
    if (*count > SHOWN)
        pl_buf_printf(&out, " and %d more", *count - SHOWN);
    return (struct values){ pl_buf_text(&out), sorted(all, *count, arena) };
}

static void
compare_lists(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
              const struct cmp_view *h)
{
    const char *where = cmp_pair_words(self, pair);
    int gone_count, new_count;
    struct values gone = difference(b, h, &gone_count, self->arena);
    struct values new = difference(h, b, &new_count, self->arena);

    if (pair->reply && b->value_count == 1 && gone_count == 1 && new_count > 0) {
        cmp_changed(self, pair, CMP_RESPONSE_CONST_CHANGED, "the constant %s changed from %s to %s",
                    where, gone.words, new.words);
        cmp_detail(self, pair, "%s %s", gone.all, new.all);
        return;
    }
    if (gone_count) {
        cmp_changed(self, pair, cmp_rule_of(&VALUES, pair->reply, true),
                    "%s %s no longer among the values of %s", gone.words,
                    gone_count == 1 ? "is" : "are", where);
        cmp_detail(self, pair, "%s", gone.all);
    }
    if (new_count) {
        cmp_changed(self, pair, cmp_rule_of(&VALUES, pair->reply, false),
                    "%s %s added to the values of %s", new.words, new_count == 1 ? "was" : "were",
                    where);
        cmp_detail(self, pair, "%s", new.all);
    }
}

static void
compare_enums(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
              const struct cmp_view *h)
{
    enum cmp_rule rule = cmp_rule_of(&LISTED, pair->reply, h->has_values);
    const struct cmp_view *listed = h->has_values ? h : b;
    int count;

    if (b->has_values && h->has_values) {
        compare_lists(self, pair, b, h);
        return;
    }
    if (!b->has_values && !h->has_values)
        return;
    if (rule == CMP_RESPONSE_ENUM_LIFTED && b->value_count == 1)
        rule = CMP_RESPONSE_CONST_LIFTED;
    cmp_changed(self, pair, rule,
                h->has_values ? "%s is restricted to a list of values"
                              : "%s is no longer restricted to a list of values",
                cmp_pair_words(self, pair));
    cmp_detail(self, pair, "%s", difference(listed, listed == h ? b : h, &count, self->arena).all);
}

/* The index of a format that asserts something, -1 for others. */
static int
known_format(const char *format)
{
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (strcmp(format, FORMATS[i].name) == 0)
            return (int)i;
    return -1;
}

static bool
format_within(const char *narrow, const char *wide)
{
    int at = known_format(narrow);

    if (known_format(wide) < 0)
        return true;
    while (at >= 0 && strcmp(FORMATS[at].name, wide) != 0)
        at = known_format(FORMATS[at].within);
    return at >= 0;
}

static void
compare_formats(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                const struct cmp_view *h)
{
    const char *from = *b->format ? b->format : "none", *to = *h->format ? h->format : "none";
    bool less = !format_within(b->format, h->format), more = !format_within(h->format, b->format);

    if (strcmp(b->format, h->format) == 0 || (b->has_values && h->has_values))
        return;
    for (int k = 0; k < 2; k++)
        if (k == 0 ? less : more) {
            cmp_changed(self, pair, cmp_rule_of(&FORMAT, pair->reply, k == 0),
                        "the format of %s changed from %s to %s", cmp_pair_words(self, pair), from,
                        to);
            cmp_detail(self, pair, "%s %s", from, to);
        }
}

static bool
has_all_patterns(const struct cmp_view *view, const struct cmp_view *of)
{
    for (int i = 0; i < of->pattern_count; i++) {
        bool found = false;

        for (int k = 0; k < view->pattern_count && !found; k++)
            found = strcmp(view->patterns[k], of->patterns[i]) == 0;
        if (!found)
            return false;
    }
    return true;
}

static const char *
all_patterns(const struct cmp_view *view, struct pl_arena *arena)
{
    const char **all = pl_arena_alloc(arena, (size_t)(view->pattern_count + 1) * sizeof *all);

    for (int i = 0; i < view->pattern_count; i++)
        all[i] = view->patterns[i];
    return sorted(all, view->pattern_count, arena);
}

static void
compare_patterns(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                 const struct cmp_view *h)
{
    bool kept = has_all_patterns(h, b), old = has_all_patterns(b, h);
    const char *where = cmp_pair_words(self, pair);

    if (kept && old)
        return;
    if (kept)
        cmp_changed(self, pair, cmp_rule_of(&PATTERN, pair->reply, true), "%s must match `%.80s`",
                    where, h->patterns[h->pattern_count - 1]);
    else if (old)
        cmp_changed(self, pair, cmp_rule_of(&PATTERN, pair->reply, false),
                    "%s need no longer match `%.80s`", where, b->patterns[b->pattern_count - 1]);
    else
        cmp_changed(self, pair, CMP_PATTERN_CHANGED,
                    "the pattern of %s changed from `%.80s` to `%.80s`", where, b->patterns[0],
                    h->patterns[0]);
    cmp_detail(self, pair, "%s %s", all_patterns(b, self->arena), all_patterns(h, self->arena));
}

void
cmp_schema_values(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                  const struct cmp_view *h)
{
    compare_enums(self, pair, b, h);
    if (b->types & h->types & (CMP_STRING | CMP_NUMBER))
        compare_formats(self, pair, b, h);
    if (b->types & h->types & CMP_STRING)
        compare_patterns(self, pair, b, h);
}
