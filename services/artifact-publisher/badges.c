/* badges.c -- the words and colours of every badge. */
#include "badges.h"

#include "producers.h"

#include <math.h>
#include <string.h>

/* Worst last: the combined badge takes the later colour of two. */
static const char *const COLORS[] = { "brightgreen", "green", "lightgrey", "yellow",
                                      "orange",      "red",   NULL };

static const struct word {
    const char *name, *color;
} VERDICTS[] = {
    { "stable", "brightgreen" },
    { "warnings", "yellow" },
    { "breaking", "orange" },
    { "placeholder", "lightgrey" },
    { NULL, "lightgrey" },
}, SEMVER[] = {
    { "ok", "brightgreen" },
    { "warn", "yellow" },
    { "fail", "red" },
    { NULL, "lightgrey" },
};

static const char *
color_of(const struct word *words, const char *name)
{
    while (words->name && (name == NULL || strcmp(words->name, name)))
        words++;
    return words->color;
}

static int
badness(const char *color)
{
    int i = 0;

    while (COLORS[i] && strcmp(COLORS[i], color))
        i++;
    return i;
}

static const char *
worse(const char *a, const char *b)
{
    return badness(a) >= badness(b) ? a : b;
}

char *
percent_text(double fraction, struct pl_arena *arena)
{
    double percent = fraction * 100;

    // 99.96 must not read as 100: what is not complete never looks complete
    percent = floor(percent * 10 + 1e-6) / 10;
    if (percent == floor(percent))
        return pl_arena_printf(arena, "%.0f%%", percent);
    return pl_arena_printf(arena, "%.1f%%", percent);
}

const char *
streak_color(int64_t runs)
{
    static const struct {
        int64_t at_most;
        const char *color;
    } STEPS[] = { { 0, "brightgreen" }, { 2, "green" }, { 4, "yellow" }, { INT64_MAX, "red" } };
    int i = 0;

    while (runs > STEPS[i].at_most)
        i++;
    return STEPS[i].color;
}

static int64_t
streak_of(const Governance__Run *run)
{
    return run->metrics && run->metrics->extensions ? run->metrics->extensions->placeholder_streak
                                                    : 0;
}

static double
ratio_of(const Governance__Run *run)
{
    return run->metrics ? run->metrics->window_stability_ratio : 0;
}

struct badge
badge_streak(const struct artifact_set *set)
{
    int64_t streak = streak_of(set->from->record->run);

    return (struct badge){ "placeholder streak", pl_arena_printf(set->arena, "%ld", (long)streak),
                           streak_color(streak) };
}

struct badge
badge_stability(const struct artifact_set *set)
{
    const Governance__Api *api = set->from->record->api;
    double ratio = ratio_of(set->from->record->run);
    const char *color = "red";

    if (ratio >= 0.95 && ratio >= api->stability_threshold)
        color = "brightgreen";
    else if (ratio >= api->stability_threshold)
        color = "green";
    else if (ratio >= api->stability_threshold * 0.8)
        color = "yellow";
    return (struct badge){ "api stability", percent_text(ratio, set->arena), color };
}

/* A failed policy is red whatever the verdict was. */
static const char *
run_color(const Governance__Run *run)
{
    const char *color = color_of(VERDICTS, run->verdict);

    return run->policy && strcmp(run->policy, "fail") == 0 ? "red" : color;
}

static const char *
word(const char *text)
{
    return text && text[0] ? text : "unknown";
}

struct badge
badge_summary(const struct artifact_set *set)
{
    const Governance__Run *run = set->from->record->run;

    return (struct badge){ "governance",
                           pl_arena_printf(set->arena, "%s, %s", word(run->verdict),
                                           percent_text(ratio_of(run), set->arena)),
                           run_color(run) };
}

struct badge
badge_combined(const struct artifact_set *set)
{
    const Governance__Run *run = set->from->record->run;
    const char *semver = run->semver ? run->semver->status : NULL;

    return (struct badge){ "governance",
                           pl_arena_printf(set->arena, "%s, semver %s", word(run->verdict),
                                           word(semver)),
                           worse(run_color(run), color_of(SEMVER, semver)) };
}

struct badge
badge_milestones(const struct artifact_set *set)
{
    const Governance__GetRunRecordReply *record = set->from->record;
    double percent = record->milestone_percent;

    if (record->n_milestones == 0)
        return (struct badge){ "milestones", "none", "lightgrey" };
    return (struct badge){ "milestones", percent_text(percent / 100, set->arena),
                           percent >= 100  ? "brightgreen"
                           : percent >= 75 ? "green"
                           : percent >= 40 ? "yellow"
                                           : "orange" };
}

struct badge
badge_payload(const struct artifact_set *set)
{
    (void)set;
    return (struct badge){ "webhook payload", "v1", "blue" };
}

struct badge
badge_checksums(const struct artifact_set *set)
{
    return (struct badge){ set->is_signed ? "checksums (signed)" : "checksums",
                           pl_arena_printf(set->arena, "%.12s", set->aggregate),
                           set->is_signed ? "blue" : "lightgrey" };
}

void
badge_write(struct badge badge, struct pl_arena *arena, struct pl_buf *out)
{
    struct pl_node *node = pl_node_object(arena);

    pl_node_set(arena, node, "schemaVersion", pl_node_integer(arena, 1));
    pl_node_set(arena, node, "label", pl_node_string(arena, badge.label));
    pl_node_set(arena, node, "message", pl_node_string(arena, badge.message));
    pl_node_set(arena, node, "color", pl_node_string(arena, badge.color));
    pl_node_set(arena, node, "cacheSeconds", pl_node_integer(arena, 300));
    file_write(out, node);
}
