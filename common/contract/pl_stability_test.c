#include "pl_check.h"
#include "pl_stability.h"

#include <math.h>

/* A record that is fed letters: s stable, w warnings, b breaking, p placeholder. */
struct history {
    enum pl_verdict verdicts[200]; // newest first
    int count;
    struct pl_record record;
    struct pl_conditions conditions;
    struct pl_metrics metrics;
    int reasons, changed;
};

static const struct pl_stability_settings USUAL = { 20, 0.85, 5, 0 };

static void
feed(struct history *h, const char *letters, const char *semver,
     const struct pl_stability_settings *settings)
{
    for (; *letters; letters++) {
        enum pl_verdict verdict = *letters == 's'   ? PL_STABLE
                                  : *letters == 'w' ? PL_WARNINGS
                                  : *letters == 'b' ? PL_BREAKING
                                                    : PL_PLACEHOLDER;

        pl_stability_count(verdict, h->verdicts, h->count, settings, &h->record, &h->metrics);
        h->reasons =
            pl_conditions_judge(&h->metrics, semver, settings, &h->conditions, &h->changed);
        memmove(h->verdicts + 1, h->verdicts, (size_t)h->count * sizeof *h->verdicts);
        h->verdicts[0] = verdict;
        h->count++;
    }
}

static bool
near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

TEST(the_first_run_fills_an_unfilled_window)
{
    struct history h = { 0 };

    feed(&h, "s", "ok", &USUAL);
    CHECK(near(h.metrics.window_stability_ratio, 1));
    CHECK_INT(h.metrics.window_size, ==, 20);
    CHECK_INT(h.metrics.window_total_count, ==, 1);
    CHECK_INT(h.reasons, ==, 0);
}

TEST(an_unfilled_window_divides_by_the_runs_so_far)
{
    struct history h = { 0 };

    feed(&h, "ssbs", "ok", &USUAL);
    CHECK(near(h.metrics.window_stability_ratio, 0.75));
    CHECK_INT(h.metrics.window_total_count, ==, 4);
    CHECK_INT(h.metrics.window_stable_count, ==, 3);
}

TEST(warnings_are_stable_but_score_half)
{
    struct history h = { 0 };

    feed(&h, "swbp", "ok", &USUAL);
    CHECK(near(h.metrics.window_stability_ratio, 0.5));
    CHECK(near(h.metrics.window_mean_score, 1.5 / 4));
    CHECK(near(h.metrics.score, 0));
    CHECK_INT(h.metrics.longest_stable_streak, ==, 2);
    CHECK_INT(h.metrics.current_stable_streak, ==, 0);
}

TEST(the_window_forgets_but_the_overall_ratio_does_not)
{
    struct pl_stability_settings small = { 4, 0.85, 5, 0 };
    struct history h = { 0 };

    feed(&h, "bbssss", "ok", &small);
    CHECK(near(h.metrics.window_stability_ratio, 1));
    CHECK(near(h.metrics.overall_stability_ratio, 4.0 / 6));
    CHECK_INT(h.metrics.window_total_count, ==, 4);
    CHECK_INT(h.metrics.current_stable_streak, ==, 4);
}

TEST(a_placeholder_resets_the_stable_streak_and_counts_its_own)
{
    struct history h = { 0 };

    feed(&h, "ssspp", "ok", &USUAL);
    CHECK(h.metrics.placeholder);
    CHECK_INT(h.metrics.placeholder_streak, ==, 2);
    CHECK_INT(h.metrics.current_stable_streak, ==, 0);
    CHECK_INT(h.metrics.longest_stable_streak, ==, 3);
    feed(&h, "s", "ok", &USUAL);
    CHECK_INT(h.metrics.placeholder_streak, ==, 0);
}

TEST(a_fall_of_a_fifth_within_five_runs_is_an_anomaly)
{
    struct pl_stability_settings ten = { 10, 0.85, 5, 0 };
    struct history h = { 0 };

    feed(&h, "ssssssssssb", "ok", &ten);
    CHECK(!h.metrics.anomaly); // 1.0 -> 0.9
    feed(&h, "b", "ok", &ten);
    CHECK(h.metrics.anomaly); // 1.0 -> 0.8, two runs
    feed(&h, "sss", "ok", &ten);
    CHECK(h.metrics.anomaly); // five runs ago it was still 1.0
    feed(&h, "s", "ok", &ten);
    CHECK(!h.metrics.anomaly);
}

TEST(a_failing_version_is_a_reason_at_every_run_and_changes_once)
{
    struct history h = { 0 };

    feed(&h, "s", "fail", &USUAL);
    CHECK_INT(h.reasons, ==, PL_SEMVER_FAIL);
    CHECK_INT(h.changed, ==, PL_SEMVER_FAIL);
    feed(&h, "s", "fail", &USUAL);
    CHECK_INT(h.reasons, ==, PL_SEMVER_FAIL);
    CHECK_INT(h.changed, ==, 0);
    feed(&h, "s", "warn", &USUAL);
    CHECK_INT(h.reasons, ==, PL_SEMVER_RECOVERED);
    CHECK_INT(h.changed, ==, PL_SEMVER_RECOVERED);
    feed(&h, "s", "ok", &USUAL);
    CHECK_INT(h.reasons, ==, 0);
}

TEST(an_unknown_version_neither_fails_nor_recovers)
{
    struct history h = { 0 };

    feed(&h, "s", "fail", &USUAL);
    feed(&h, "s", "unknown", &USUAL);
    CHECK_INT(h.reasons, ==, 0);
    feed(&h, "s", "ok", &USUAL);
    CHECK_INT(h.reasons, ==, PL_SEMVER_RECOVERED);
}

TEST(a_ratio_under_the_threshold_drops_and_recovers_once)
{
    struct history h = { 0 };

    feed(&h, "sssb", "ok", &USUAL);
    CHECK_INT(h.reasons, ==, PL_STABILITY_DROP);
    CHECK_INT(h.changed, ==, PL_STABILITY_DROP);
    feed(&h, "ss", "ok", &USUAL); // 5 of 6 = 0.83
    CHECK_INT(h.reasons, ==, PL_STABILITY_DROP);
    CHECK_INT(h.changed, ==, 0);
    feed(&h, "s", "ok", &USUAL); // 6 of 7 = 0.857
    CHECK_INT(h.reasons, ==, PL_STABILITY_RECOVERED);
    feed(&h, "s", "ok", &USUAL);
    CHECK_INT(h.reasons, ==, 0);
}

TEST(a_ratio_at_the_threshold_is_no_drop)
{
    struct pl_stability_settings settings = { 20, 0.75, 5, 0 };
    struct history h = { 0 };

    feed(&h, "sssb", "ok", &settings);
    CHECK_INT(h.reasons, ==, 0);
}

TEST(a_placeholder_touches_neither_stability_nor_semver)
{
    struct history h = { 0 };

    feed(&h, "sp", "fail", &USUAL); // the ratio is 0.5, the status would fail
    CHECK_INT(h.reasons, ==, 0);
    CHECK(h.conditions.semver_fail); // from the first run, still remembered
    CHECK(!h.conditions.stability_drop);
}

TEST(a_placeholder_streak_alerts_from_the_threshold_and_recovers)
{
    struct history h = { 0 };

    feed(&h, "sssssssssssssssssssssssssssssssssssssspppp", "ok", &USUAL);
    CHECK_INT(h.reasons, ==, 0);
    feed(&h, "p", "ok", &USUAL);
    CHECK_INT(h.reasons, ==, PL_PLACEHOLDER_STREAK);
    CHECK_INT(h.changed, ==, PL_PLACEHOLDER_STREAK);
    feed(&h, "p", "ok", &USUAL);
    CHECK_INT(h.reasons, ==, PL_PLACEHOLDER_STREAK);
    CHECK_INT(h.changed, ==, 0);
    feed(&h, "s", "ok", &USUAL); // 13 of 20 real runs were stable: two reasons at once (G-09)
    CHECK_INT(h.reasons, ==, PL_PLACEHOLDER_RECOVERED | PL_STABILITY_DROP);
    feed(&h, "s", "ok", &USUAL);
    CHECK_INT(h.reasons, ==, PL_STABILITY_DROP);
}

TEST(a_short_placeholder_streak_does_not_recover)
{
    struct history h = { 0 };

    feed(&h, "ssppp", "ok", &USUAL);
    feed(&h, "s", "ok", &USUAL);
    CHECK_INT(h.reasons & PL_PLACEHOLDER_RECOVERED, ==, 0);
}

TEST(a_threshold_of_zero_switches_the_streak_alert_off)
{
    struct pl_stability_settings off = { 20, 0, 0, 0 };
    struct history h = { 0 };

    feed(&h, "pppppppp", "ok", &off);
    CHECK_INT(h.reasons, ==, 0);
}

TEST(verdicts_and_reasons_have_names)
{
    enum pl_verdict verdict;

    CHECK_STR(pl_verdict_name(PL_WARNINGS), "warnings");
    CHECK(pl_verdict_parse("placeholder", &verdict) && verdict == PL_PLACEHOLDER);
    CHECK(!pl_verdict_parse("fine", &verdict));
    CHECK_STR(pl_reason_name(PL_SEMVER_FAIL), "semver_fail");
    CHECK_STR(pl_reason_name(PL_STABILITY_DROP), "stability_drop");
    CHECK_STR(pl_reason_name(PL_PLACEHOLDER_STREAK), "placeholder_streak");
    CHECK_STR(pl_reason_name(PL_SEMVER_RECOVERED), "semver_recovered");
    CHECK_STR(pl_reason_name(PL_STABILITY_RECOVERED), "stability_recovered");
    CHECK_STR(pl_reason_name(PL_PLACEHOLDER_RECOVERED), "placeholder_recovered");
}

TEST(a_raised_threshold_in_the_middle_of_a_streak_is_no_recovery)
{
    struct pl_stability_settings raised = { 20, 0.85, 9, 0 };
    struct history h = { 0 };

    feed(&h, "sppppp", "ok", &USUAL);
    CHECK_INT(h.reasons, ==, PL_PLACEHOLDER_STREAK);
    feed(&h, "p", "ok", &raised);
    CHECK_INT(h.reasons, ==, 0);
    feed(&h, "s", "ok", &raised);
    CHECK_INT(h.reasons & PL_PLACEHOLDER_RECOVERED, ==, PL_PLACEHOLDER_RECOVERED);
}
