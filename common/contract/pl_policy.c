#include "pl_policy.h"

#include "date.h"

#include <string.h>
#include <time.h>

static int
read_text(const struct pl_member *member, const char **out, struct pl_err *err)
{
    if (!pl_node_is(member->value, PL_STRING))
        return pl_fail(err, INVALID, "line %u: \"%.40s\" must be a text", member->line,
                       member->key);
    *out = member->value->text;
    return 0;
}

static int
read_days(struct pl_compare_options *options, const struct pl_member *member, struct pl_err *err)
{
    const struct pl_node *days = member->value;

    if (!pl_node_is(days, PL_OBJECT))
        return pl_fail(err, INVALID, "line %u: deprecation-days must be an object", member->line);
    for (uint32_t i = 0; i < days->count; i++) {
        const struct pl_member *one = &days->members[i];
        int64_t number = pl_node_int(one->value, -1);

        if (number < 0 || number > 36500)
            return pl_fail(err, INVALID, "line %u: \"%.40s\" must be a number of days", one->line,
                           one->key);
        if (strcmp(one->key, "beta") == 0)
            options->notice_beta = (int)number;
        else if (strcmp(one->key, "stable") == 0)
            options->notice_stable = (int)number;
        else
            return pl_fail(err, INVALID, "line %u: days are for \"beta\" and \"stable\"",
                           one->line);
    }
    return 0;
}

/* What the search for values may cost: more time, fewer undecided questions. */
static int
read_limits(struct pl_compare_options *options, const struct pl_member *member, struct pl_err *err)
{
    const struct {
        const char *name;
        int64_t *target;
    } rows[] = { { "max-steps", &options->budget.steps },
                 { "max-total-steps", &options->budget.total },
                 { "max-memory", &options->budget.memory } };
    const size_t count = sizeof rows / sizeof rows[0];

    if (!pl_node_is(member->value, PL_OBJECT))
        return pl_fail(err, INVALID, "line %u: limits must be an object", member->line);
    for (uint32_t i = 0; i < member->value->count; i++) {
        const struct pl_member *one = &member->value->members[i];
        size_t row = 0;

        while (row < count && strcmp(rows[row].name, one->key) != 0)
            row++;
        if (row == count)
            return pl_fail(err, INVALID, "line %u: there is no limit \"%.40s\"", one->line,
                           one->key);
        *rows[row].target = pl_node_int(one->value, -1);
        if (*rows[row].target <= 0 || *rows[row].target > PL_CONTAIN_MOST)
            return pl_fail(err, INVALID, "line %u: \"%.40s\" must be a positive number", one->line,
                           one->key);
    }
    return 0;
}

static int
read_member(struct pl_compare_options *options, const struct pl_member *member, struct pl_err *err)
{
    const char *ignored;

    if (strcmp(member->key, "rules") == 0) {
        options->levels = member->value;
        return pl_overrides_check(member->value, err);
    }
    if (strcmp(member->key, "strip-prefix-base") == 0)
        return read_text(member, &options->strip_base, err);
    if (strcmp(member->key, "strip-prefix-head") == 0)
        return read_text(member, &options->strip_head, err);
    if (strcmp(member->key, "ignore") == 0)
        return read_text(member, &ignored, err);
    if (strcmp(member->key, "deprecation-days") == 0)
        return read_days(options, member, err);
    if (strcmp(member->key, "limits") == 0)
        return read_limits(options, member, err);
    if (strcmp(member->key, "match-operation-id") == 0 && pl_node_is(member->value, PL_BOOL)) {
        options->match_operation_id = member->value->truth;
        return 0;
    }
    if (strcmp(member->key, "match-operation-id") == 0)
        return pl_fail(err, INVALID, "line %u: match-operation-id must be true or false",
                       member->line);
    return pl_fail(err, INVALID, "line %u: there is no setting \"%.40s\"", member->line,
                   member->key);
}

int
pl_policy_read(struct pl_compare_options *options, const struct pl_node *root, struct pl_err *err)
{
    if (!pl_node_is(root, PL_OBJECT))
        return pl_fail(err, INVALID, "the settings must be an object");
    for (uint32_t i = 0; i < root->count; i++)
        if (read_member(options, &root->members[i], err))
            return -1;
    return 0;
}

const char *
pl_policy_ignore_file(const struct pl_node *root)
{
    return pl_node_text(pl_node_get(root, "ignore"), NULL);
}

static int
read_acceptance(struct pl_acceptance *out, const struct pl_node *row, struct pl_err *err)
{
    int64_t day;

    *out = (struct pl_acceptance){ pl_node_text(pl_node_get(row, "fingerprint"), ""),
                                   pl_node_text(pl_node_get(row, "author"), ""),
                                   pl_node_text(pl_node_get(row, "reason"), ""),
                                   pl_node_text(pl_node_get(row, "expires"), NULL) };
    if (strlen(out->fingerprint) != 16 || strspn(out->fingerprint, "0123456789abcdef") != 16)
        return pl_fail(err, INVALID, "line %u: a fingerprint has 16 hexadecimal digits", row->line);
    if (*out->author == '\0' || *out->reason == '\0')
        return pl_fail(err, INVALID, "line %u: an accepted finding needs an author and a reason",
                       row->line);
    if (pl_node_get(row, "expires") && !date_parse(out->expires, &day))
        return pl_fail(err, INVALID, "line %u: \"expires\" must be a day such as 2026-12-31",
                       row->line);
    return 0;
}

int
pl_policy_read_accepted(struct pl_compare_options *options, const struct pl_node *root,
                        struct pl_arena *arena, struct pl_err *err)
{
    struct pl_acceptance *all;

    if (pl_node_is(root, PL_NULL)) // an empty file
        return 0;
    if (!pl_node_is(root, PL_ARRAY))
        return pl_fail(err, INVALID, "the accepted findings must be a list");
    all = pl_arena_alloc(arena, ((size_t)root->count + 1) * sizeof *all);
    for (uint32_t i = 0; i < root->count; i++)
        if (read_acceptance(&all[i], root->items[i], err))
            return -1;
    options->accepted = all;
    options->accepted_count = (int)root->count;
    return 0;
}

const char *
pl_policy_today(struct pl_arena *arena)
{
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    return pl_arena_printf(arena, "%04d-%02d-%02d", utc.tm_year + 1900, utc.tm_mon + 1,
                           utc.tm_mday);
}
