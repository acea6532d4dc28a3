#include "run.h"

#include "pl_semver.h"

#include "governance.h"

#include <inttypes.h>
#include <string.h>

#define REASON_COUNT 6

static struct pl_stability_settings
stability_settings(const Governance__Api *api)
{
    return (struct pl_stability_settings){
        .window = api->window,
        .threshold = api->stability_threshold,
        .streak_alert = api->placeholder_streak_alert_threshold,
        .placeholder_max_runs = api->placeholder_max_runs,
    };
}

int64_t
judging_window(const Governance__Api *settings)
{
    return settings->window + 5; // the anomaly looks five runs back
}

static char **
copy_texts(const char *const *texts, int count, struct pl_arena *arena)
{
    char **out = pl_arena_alloc(arena, ((size_t)count + 1) * sizeof *out);

    for (int i = 0; i < count; i++)
        out[i] = pl_arena_strdup(arena, texts[i]);
    return out;
}

/* What is not compared may break as well: "ok" would say too much. */
static void
warn_of_gaps(const struct pl_diff *diff, struct pl_semver *said)
{
    if (diff->note == NULL)
        return;
    if (strcmp(said->status, "ok") == 0)
        said->status = "warn";
    if (said->message_count < (int)(sizeof said->messages / sizeof *said->messages))
        said->messages[said->message_count++] = diff->note;
}

/* A placeholder says nothing about versions (E-18, AMB-09). */
static void
judge_version(const struct judging *j, Governance__Run *run, struct pl_arena *arena)
{
    const struct pl_semver_input input = {
        .previous = j->previous_version,
        .current = run->version,
        .first = run->base_run == NULL,
        .breaking = run->breaking > 0,
        .additive = j->diff && j->diff->additive,
        .changed = j->diff && j->diff->different,
        .scheme = j->settings->version_scheme,
        .strict_zero = j->settings->strict_zero,
        .breaking_ack = j->breaking_ack,
    };
    Governance__SemverValidation *out = pl_arena_alloc(arena, sizeof *out);
    struct pl_semver said = { .status = "unknown", .required = "none" };

    if (j->diff) {
        pl_semver_judge(&input, arena, &said);
        warn_of_gaps(j->diff, &said);
    } else {
        said.messages[said.message_count++] = "there is no document to judge the version by";
    }
    governance__semver_validation__init(out);
    out->status = (char *)said.status;
    out->required = (char *)said.required;
    out->current_version = run->version;
    out->previous_version = (char *)j->previous_version;
    PUT(out, breaking, input.breaking);
    out->n_messages = (size_t)said.message_count;
    out->messages = copy_texts(said.messages, said.message_count, arena);
    out->n_recommendations = (size_t)said.recommendation_count;
    out->recommendations = copy_texts(said.recommendations, said.recommendation_count, arena);
    run->semver = out;
}

static Governance__StabilityMetrics *
metrics_message(const struct pl_metrics *metrics, struct pl_arena *arena)
{
    Governance__StabilityMetrics *out = pl_arena_alloc(arena, sizeof *out);

    governance__stability_metrics__init(out);
    out->extensions = pl_arena_alloc(arena, sizeof *out->extensions);
    governance__extensions__init(out->extensions);
    PUT(out, window_stability_ratio, metrics->window_stability_ratio);
    PUT(out, window_size, metrics->window_size);
    PUT(out, window_stable_count, metrics->window_stable_count);
    PUT(out, window_total_count, metrics->window_total_count);
    PUT(out, current_stable_streak, metrics->current_stable_streak);
    PUT(out, longest_stable_streak, metrics->longest_stable_streak);
    PUT(out, overall_stability_ratio, metrics->overall_stability_ratio);
    PUT(out, window_mean_score, metrics->window_mean_score);
    PUT(out, placeholder, metrics->placeholder);
    PUT(out->extensions, placeholder_streak, metrics->placeholder_streak);
    PUT(out, anomaly, metrics->anomaly);
    return out;
}

/* What makes the push fail (E-10, E-11, E-33), each in a sentence. */
static void
judge_policy(const struct judging *j, Governance__Run *run, const struct pl_metrics *metrics,
             struct pl_arena *arena)
{
    int64_t most = j->settings->placeholder_max_runs;

    run->policy_reasons = pl_arena_alloc(arena, 2 * sizeof *run->policy_reasons);
    if (strcmp(run->semver->status, "fail") == 0)
        run->policy_reasons[run->n_policy_reasons++] = pl_arena_printf(
            arena, "the version is not honest: %s",
            run->semver->n_messages ? run->semver->messages[0] : "the version policy failed");
    if (metrics->placeholder && most > 0 && metrics->placeholder_streak > most)
        run->policy_reasons[run->n_policy_reasons++] = pl_arena_printf(
            arena, "%" PRId64 " runs in a row without a document, at most %" PRId64 " are allowed",
            metrics->placeholder_streak, most);
    run->policy = run->n_policy_reasons ? "fail" : "pass";
}

static size_t
reason_names(int flags, struct pl_arena *arena, char ***out)
{
    size_t count = 0;

    *out = pl_arena_alloc(arena, REASON_COUNT * sizeof **out);
    for (int i = 0; i < REASON_COUNT; i++)
        if (flags & (1 << i))
            (*out)[count++] = (char *)pl_reason_name((enum pl_reason)(1 << i));
    return count;
}

static size_t
operation_messages(const struct pl_operation_ref *refs, int count, struct pl_arena *arena,
                   Governance__OperationRef ***out)
{
    *out = pl_arena_alloc(arena, ((size_t)count + 1) * sizeof **out);
    for (int i = 0; i < count; i++) {
        Governance__OperationRef *message = pl_arena_alloc(arena, sizeof *message);

        governance__operation_ref__init(message);
        message->method = pl_arena_strdup(arena, refs[i].method);
        message->path = pl_arena_strdup(arena, refs[i].path);
        message->operation_id = pl_arena_strdup(arena, refs[i].operation_id);
        (*out)[i] = message;
    }
    return (size_t)count;
}

static void
count_changes(const struct pl_diff *diff, Governance__Run *run, struct pl_arena *arena)
{
    PUT(run, breaking, diff ? diff->breaking : 0);
    PUT(run, warnings, diff ? diff->warnings : 0);
    PUT(run, infos, diff ? diff->infos : 0);
    if (diff == NULL)
        return;
    PUT(run, accepted, diff->accepted_count);
    run->accepted_findings =
        pl_arena_alloc(arena, ((size_t)diff->accepted_count + 1) * sizeof *run->accepted_findings);
    for (int i = 0; i < diff->accepted_count; i++)
        run->accepted_findings[run->n_accepted_findings++] =
            pl_arena_strdup(arena, diff->accepted[i].fingerprint);
    run->n_operations_added =
        operation_messages(diff->added, diff->added_count, arena, &run->operations_added);
    run->n_operations_removed =
        operation_messages(diff->removed, diff->removed_count, arena, &run->operations_removed);
    run->n_operations_changed =
        operation_messages(diff->changed, diff->changed_count, arena, &run->operations_changed);
}

static enum pl_verdict
verdict_of(const struct pl_diff *diff)
{
    if (diff == NULL)
        return PL_PLACEHOLDER;
    if (diff->breaking > 0)
        return PL_BREAKING;
    return diff->warnings > 0 ? PL_WARNINGS : PL_STABLE;
}

void
judge_run(struct judging *j, Governance__Run *run, struct pl_arena *arena)
{
    struct pl_stability_settings settings = stability_settings(j->settings);
    enum pl_verdict verdict = verdict_of(j->diff);
    struct pl_metrics metrics;

    count_changes(j->diff, run, arena);
    judge_version(j, run, arena);
    pl_stability_count(verdict, j->window, j->window_count, &settings, &j->record, &metrics);
    if (!run->preview)
        j->reasons = pl_conditions_judge(&metrics, run->semver->status, &settings, &j->conditions,
                                         &j->changed);
    run->verdict = (char *)pl_verdict_name(verdict);
    run->metrics = metrics_message(&metrics, arena);
    PUT(run, score, metrics.score);
    judge_policy(j, run, &metrics, arena);
    run->n_reasons = reason_names(j->reasons, arena, &run->reasons);
    run->n_changed_reasons = reason_names(j->changed, arena, &run->changed_reasons);
}
