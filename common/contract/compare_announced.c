/* compare_announced -- what a document announces about operations, parameters and schemas:
 * `deprecated` with `x-sunset`, `x-stability-level`, `x-extensible-enum`. */
#include "compare.h"
#include "date.h"

#include <string.h>

static const char *const LEVELS[] = { "draft", "alpha", "beta", "stable" };
#define STABLE 3

/* 0 draft to 3 stable; stable if nothing is said; -1 for what is no level. */
static int
stability(const struct pl_node *node)
{
    const struct pl_node *level = pl_node_get(node, "x-stability-level");

    if (level == NULL)
        return STABLE;
    for (int i = 0; i <= STABLE; i++)
        if (strcmp(pl_node_text(level, ""), LEVELS[i]) == 0)
            return i;
    return -1;
}

bool
cmp_is_unstable(const struct pl_node *operation)
{
    int level = stability(operation);

    return level == 0 || level == 1;
}

enum cmp_end
cmp_sunset(const struct cmp *self, const struct pl_node *node, const char **day)
{
    const struct pl_node *sunset = pl_node_get(node, "x-sunset");
    int64_t end, today;

    *day = pl_node_text(sunset, "");
    if (!pl_node_true(pl_node_get(node, "deprecated"), false) || sunset == NULL)
        return CMP_ENDS_NEVER;
    if (!date_parse(*day, &end))
        return CMP_ENDS_INVALID;
    return date_parse(self->options->today, &today) && today >= end ? CMP_ENDED : CMP_ENDS_LATER;
}

static void
compare_stability(struct cmp *self, struct cmp_pair *pair, const struct pl_node *base,
                  const struct pl_node *head, const char *what)
{
    int before = stability(base), now = stability(head);

    if (before == now)
        return;
    if (now < 0)
        cmp_changed(self, pair, CMP_STABILITY_INVALID,
                    "x-stability-level of %s is none of draft, alpha, beta, stable", what);
    else if (before > now)
        cmp_changed(self, pair, CMP_STABILITY_DECREASED, "%s was `%s` and is only `%s`", what,
                    LEVELS[before], LEVELS[now]);
    else if (before >= 0)
        cmp_changed(self, pair, CMP_STABILITY_INCREASED, "%s was `%s` and is `%s`", what,
                    LEVELS[before], LEVELS[now]);
    if (before >= 0 || now < 0)
        cmp_detail(self, pair, "%d %d", before, now);
}

/* The days of notice that the settings demand for something of that stability. */
static int
notice(const struct cmp *self, const struct pl_node *node)
{
    int level = stability(node);

    return level == STABLE       ? self->options->notice_stable
           : level == STABLE - 1 ? self->options->notice_beta
                                 : 0;
}

/* Is there less notice than demanded?  Without a day of today nobody can tell. */
static bool
is_too_soon(const struct cmp *self, const char *day, int days)
{
    int64_t end, today;

    return date_parse(day, &end) && date_parse(self->options->today, &today) && end < today + days;
}

static void
compare_days(struct cmp *self, struct cmp_pair *pair, const char *before, const char *now, int days,
             const char *what)
{
    int64_t from, to;
    bool forward = date_parse(before, &from) && date_parse(now, &to) && to < from;

    if (strcmp(before, now) == 0)
        return;
    if ((forward || (*before == '\0' && days > 0)) && is_too_soon(self, now, days))
        cmp_changed(self, pair, CMP_SUNSET_TOO_SOON, "%s ends on `%s`, in less than %d days", what,
                    now, days);
    else
        cmp_changed(self, pair, CMP_SUNSET_ANNOUNCED, "%s ends on `%s`", what, now);
    cmp_detail(self, pair, "%s", now);
}

static void
compare_sunsets(struct cmp *self, struct cmp_pair *pair, const struct pl_node *base,
                const struct pl_node *head, const char *what)
{
    const char *before, *now;
    enum cmp_end was = cmp_sunset(self, base, &before), is = cmp_sunset(self, head, &now);
    bool deprecated = pl_node_true(pl_node_get(head, "deprecated"), false);
    bool had_been = pl_node_true(pl_node_get(base, "deprecated"), false);

    if (is == CMP_ENDS_INVALID && was != CMP_ENDS_INVALID)
        cmp_changed(self, pair, CMP_SUNSET_INVALID, "x-sunset of %s is no day: %s", what,
                    cmp_value_text(pl_node_get(head, "x-sunset"), self->arena));
    else if (is == CMP_ENDS_NEVER && was != CMP_ENDS_NEVER && deprecated)
        cmp_changed(self, pair, CMP_SUNSET_DELETED,
                    "%s is still deprecated, but no longer ends on `%s`", what, before);
    else if (is == CMP_ENDS_NEVER && deprecated && !had_been && notice(self, head) > 0)
        cmp_changed(self, pair, CMP_SUNSET_MISSING, "%s is deprecated without x-sunset", what);
    else if (is == CMP_ENDS_LATER || is == CMP_ENDED)
        compare_days(self, pair, was == CMP_ENDS_NEVER ? "" : before, now, notice(self, head),
                     what);
}

static bool
lists(const struct pl_node *list, const struct pl_node *value)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (pl_node_equal(list->items[i], value))
            return true;
    return false;
}

static void
compare_extensible(struct cmp *self, struct cmp_pair *pair, const struct pl_node *base,
                   const struct pl_node *head, const char *what)
{
    const struct pl_node *from = pl_node_get(base, "x-extensible-enum");
    const struct pl_node *to = pl_node_get(head, "x-extensible-enum");

    if (!pl_node_is(from, PL_ARRAY) || !pl_node_is(to, PL_ARRAY) || pl_node_equal(from, to))
        return;
    for (uint32_t i = 0; i < from->count && !pair->reply; i++) {
        if (lists(to, from->items[i]))
            continue;
        cmp_changed(self, pair, CMP_REQUEST_EXTENSIBLE_VALUE_REMOVED,
                    "%s is no longer among the values of %s",
                    cmp_value_text(from->items[i], self->arena), what);
        cmp_detail(self, pair, "%s", cmp_value_whole(to, self->arena));
        return;
    }
    cmp_changed(self, pair, CMP_EXTENSIBLE_ENUM_CHANGED, "the values that %s may have changed",
                what);
    cmp_detail(self, pair, "%s", cmp_value_whole(to, self->arena));
}

void
cmp_announced(struct cmp *self, struct cmp_pair *pair, const char *what)
{
    const struct pl_node *base = pair->base.node, *head = pair->head.node;

    compare_stability(self, pair, base, head, what);
    compare_sunsets(self, pair, base, head, what);
    compare_extensible(self, pair, base, head, what);
}
