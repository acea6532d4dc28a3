/* Judging, without a database: runs are fed in one after the other, as the engine does. */
#include "pl_check.h"

#include "governance.h"
#include "run.h"

#define MOST_RUNS 64

struct history {
    struct pl_arena *arena;
    Governance__Api api;
    struct pl_record record;
    struct pl_conditions conditions;
    enum pl_verdict window[MOST_RUNS]; // newest first
    int count;
    const char *version; // of the last run with a document
    struct judging judging;
    Governance__Run *run; // the last one
};

static struct history
begin(void)
{
    struct history h = { .arena = pl_arena_new(), .version = "" };

    governance__api__init(&h.api);
    h.api.title = "";
    h.api.notice_policy = "";
    h.api.version_scheme = "semver";
    PUT(&h.api, window, 20);
    PUT(&h.api, stability_threshold, 0.85);
    PUT(&h.api, placeholder_streak_alert_threshold, 5);
    PUT(&h.api, placeholder_max_runs, 0);
    return h;
}

static const Governance__Run *
judge(struct history *h, const struct pl_diff *diff, const char *version, bool preview)
{
    Governance__Run *run = h->run = pl_arena_alloc(h->arena, sizeof *run);

    governance__run__init(run);
    run->version = (char *)version;
    PUT(run, preview, preview);
    PUT(run, placeholder, diff == NULL);
    run->base_run = h->version[0] ? "before" : NULL;
    h->judging = (struct judging){
        .settings = &h->api,
        .diff = diff,
        .previous_version = h->version,
        .window = h->window,
        .window_count = h->count,
        .record = h->record,
        .conditions = h->conditions,
    };
    judge_run(&h->judging, run, h->arena);
    if (preview)
        return run;
    memmove(h->window + 1, h->window, (size_t)h->count++ * sizeof *h->window);
    if (!pl_verdict_parse(run->verdict, h->window))
        abort();
    h->record = h->judging.record;
    h->conditions = h->judging.conditions;
    if (diff)
        h->version = version;
    return run;
}

static const struct pl_diff SAME = { .required_bump = "none" };
static const struct pl_diff ADDED = { .additive = true, .added_count = 0, .finding_count = 0 };
static const struct pl_diff BROKEN = { .breaking = 1 };
static const struct pl_diff WARNED = { .warnings = 2 };

static const Governance__Run *
push(struct history *h, const struct pl_diff *diff, const char *version)
{
    return judge(h, diff, version, false);
}

/* The reasons joined by commas. */
static const char *
joined(struct history *h, size_t count, char *const *texts)
{
    struct pl_buf buf = { .arena = h->arena };

    for (size_t i = 0; i < count; i++)
        pl_buf_printf(&buf, "%s%s", i ? "," : "", texts[i]);
    return pl_buf_text(&buf);
}

#define REASONS(h) joined(h, (h)->run->n_reasons, (h)->run->reasons)
#define CHANGED(h) joined(h, (h)->run->n_changed_reasons, (h)->run->changed_reasons)

TEST(the_first_run_is_stable_and_passes)
{
    struct history h = begin();
    const Governance__Run *run = push(&h, &SAME, "1.0.0");

    CHECK_STR(run->verdict, "stable");
    CHECK_STR(run->policy, "pass");
    CHECK_STR(run->semver->status, "ok");
    CHECK(run->metrics->window_stability_ratio == 1);
    CHECK_INT(run->metrics->current_stable_streak, ==, 1);
    CHECK_INT(run->n_reasons, ==, 0);
    pl_arena_destroy(&h.arena);
}

TEST(a_break_without_a_major_fails_the_policy_and_says_why_until_the_next_honest_run)
{
    struct history h = begin();
    const Governance__Run *run;

    PUT(&h.api, stability_threshold, 0.1);
    push(&h, &SAME, "1.0.0");
    run = push(&h, &BROKEN, "1.0.1");
    CHECK_STR(run->verdict, "breaking");
    CHECK_STR(run->policy, "fail");
    CHECK_INT(run->n_policy_reasons, ==, 1);
    CHECK_HAS(run->policy_reasons[0], "a breaking change without a major version");
    CHECK_STR(REASONS(&h), "semver_fail");
    CHECK_STR(CHANGED(&h), "semver_fail");
    push(&h, &BROKEN, "1.0.2");
    CHECK_STR(REASONS(&h), "semver_fail");
    CHECK_STR(CHANGED(&h), "");
    run = push(&h, &BROKEN, "2.0.0");
    CHECK_STR(run->policy, "pass");
    CHECK_STR(REASONS(&h), "semver_recovered");
    CHECK_STR(CHANGED(&h), "semver_recovered");
    push(&h, &SAME, "2.0.0");
    CHECK_STR(REASONS(&h), "");
    pl_arena_destroy(&h.arena);
}

TEST(honest_additions_are_never_punished)
{
    struct history h = begin();

    push(&h, &SAME, "1.0.0");
    CHECK_STR(push(&h, &ADDED, "1.1.0")->semver->status, "ok");
    CHECK_STR(push(&h, &ADDED, "1.1.1")->semver->status, "warn");
    CHECK_STR(push(&h, &SAME, "1.2.0")->semver->status, "warn");
    CHECK_STR(push(&h, &SAME, "2.0.0")->semver->status, "fail");
    pl_arena_destroy(&h.arena);
}

TEST(warnings_score_half_and_count_as_stable)
{
    struct history h = begin();
    const Governance__Run *run;

    push(&h, &SAME, "1.0.0");
    run = push(&h, &WARNED, "1.0.1");
    CHECK_STR(run->verdict, "warnings");
    CHECK(run->score == 0.5);
    CHECK(run->metrics->window_mean_score == 0.75);
    CHECK(run->metrics->window_stability_ratio == 1);
    pl_arena_destroy(&h.arena);
}

TEST(placeholders_raise_the_streak_until_a_document_comes_and_move_no_other_condition)
{
    struct history h = begin();
    const Governance__Run *run;

    PUT(&h.api, placeholder_streak_alert_threshold, 2);
    push(&h, &SAME, "1.0.0");
    run = push(&h, NULL, "");
    CHECK_STR(run->verdict, "placeholder");
    CHECK_STR(run->semver->status, "unknown");
    CHECK_STR(run->policy, "pass");
    CHECK_STR(REASONS(&h), "");
    run = push(&h, NULL, "");
    CHECK_INT(run->metrics->extensions->placeholder_streak, ==, 2);
    CHECK(run->metrics->window_stability_ratio < 0.5);
    CHECK_STR(REASONS(&h), "placeholder_streak");
    push(&h, NULL, "");
    CHECK_STR(REASONS(&h), "placeholder_streak");
    CHECK_STR(CHANGED(&h), "");
    run = push(&h, &SAME, "1.0.0");
    CHECK_INT(run->metrics->extensions->placeholder_streak, ==, 0);
    CHECK_STR(REASONS(&h), "stability_drop,placeholder_recovered");
    pl_arena_destroy(&h.arena);
}

TEST(more_placeholders_than_allowed_fail_the_policy)
{
    struct history h = begin();

    PUT(&h.api, placeholder_max_runs, 2);
    push(&h, &SAME, "1.0.0");
    CHECK_STR(push(&h, NULL, "")->policy, "pass");
    CHECK_STR(push(&h, NULL, "")->policy, "pass");
    CHECK_STR(push(&h, NULL, "")->policy, "fail");
    CHECK_HAS(h.run->policy_reasons[0], "at most 2");
    pl_arena_destroy(&h.arena);
}

TEST(a_preview_is_measured_as_if_it_came_next_and_has_no_reasons)
{
    struct history h = begin();
    const Governance__Run *run;

    push(&h, &SAME, "1.0.0");
    run = judge(&h, &BROKEN, "1.0.1", true);
    CHECK_STR(run->policy, "fail");
    CHECK(run->metrics->window_stability_ratio == 0.5);
    CHECK_INT(run->n_reasons, ==, 0);
    CHECK(!h.judging.conditions.semver_fail);
    run = push(&h, &SAME, "1.0.0");
    CHECK(run->metrics->window_stability_ratio == 1);
    pl_arena_destroy(&h.arena);
}

TEST(a_sudden_fall_is_an_anomaly)
{
    struct history h = begin();

    for (int i = 0; i < 9; i++)
        push(&h, &SAME, "1.0.0");
    CHECK(!push(&h, &BROKEN, "2.0.0")->metrics->anomaly);
    CHECK(!push(&h, &BROKEN, "3.0.0")->metrics->anomaly);
    CHECK(push(&h, &BROKEN, "4.0.0")->metrics->anomaly);
    pl_arena_destroy(&h.arena);
}
