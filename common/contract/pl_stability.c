#include "pl_stability.h"

#include <string.h>

#define ANOMALY_RUNS 5
#define ANOMALY_DROP 0.2
#define SLACK        1e-9 // ratios such as 0.8 - 0.6 are not exact

static const char *const VERDICTS[] = { "stable", "warnings", "breaking", "placeholder" };
static const double SCORES[] = { 1, 0.5, 0, 0 };

const char *
pl_verdict_name(enum pl_verdict verdict)
{
    return VERDICTS[verdict];
}

bool
pl_verdict_parse(const char *name, enum pl_verdict *out)
{
    for (int i = PL_STABLE; i <= PL_PLACEHOLDER; i++) {
        if (name && strcmp(name, VERDICTS[i]) == 0) {
            *out = (enum pl_verdict)i;
            return true;
        }
    }
    return false;
}

/* No breaking change and full metrics (E-19); warnings do not break. */
static bool
counts_as_stable(enum pl_verdict verdict)
{
    return verdict == PL_STABLE || verdict == PL_WARNINGS;
}

static int64_t
window_size(const struct pl_stability_settings *settings)
{
    return settings->window > 0 ? settings->window : 20;
}

/* The window that ended ${ago} runs before the last of ${verdicts} (newest first). */
static double
ratio_at(const enum pl_verdict *verdicts, int64_t count, int64_t ago, int64_t size)
{
    int64_t stable = 0, total = count - ago < size ? count - ago : size;

    for (int64_t i = 0; i < total; i++)
        stable += counts_as_stable(verdicts[ago + i]);
    return total > 0 ? (double)stable / (double)total : 0;
}

static void
count_window(enum pl_verdict verdict, const enum pl_verdict *before, int64_t count, int64_t size,
             struct pl_metrics *out)
{
    int64_t older = count < size - 1 ? count : size - 1;
    double score = SCORES[verdict];

    out->window_size = size;
    out->window_total_count = older + 1;
    out->window_stable_count = counts_as_stable(verdict);
    for (int64_t i = 0; i < older; i++) {
        out->window_stable_count += counts_as_stable(before[i]);
        score += SCORES[before[i]];
    }
    out->window_stability_ratio =
        (double)out->window_stable_count / (double)out->window_total_count;
    out->window_mean_score = score / (double)out->window_total_count;
}

static bool
fell(double ratio, const enum pl_verdict *before, int64_t count, int64_t size)
{
    for (int64_t ago = 0; ago < ANOMALY_RUNS && ago < count; ago++) {
        if (ratio_at(before, count, ago, size) - ratio >= ANOMALY_DROP - SLACK)
            return true;
    }
    return false;
}

void
pl_stability_count(enum pl_verdict verdict, const enum pl_verdict *window, int window_count,
                   const struct pl_stability_settings *settings, struct pl_record *record,
                   struct pl_metrics *out)
{
    bool stable = counts_as_stable(verdict);
    int64_t size = window_size(settings);

    *out =
        (struct pl_metrics){ .placeholder = verdict == PL_PLACEHOLDER, .score = SCORES[verdict] };
    record->runs++;
    record->stable_runs += stable;
    record->stable_streak = stable ? record->stable_streak + 1 : 0;
    if (record->stable_streak > record->longest_streak)
        record->longest_streak = record->stable_streak;
    record->placeholder_streak = out->placeholder ? record->placeholder_streak + 1 : 0;

    count_window(verdict, window, window_count, size, out);
    out->overall_stability_ratio = (double)record->stable_runs / (double)record->runs;
    out->current_stable_streak = record->stable_streak;
    out->longest_stable_streak = record->longest_streak;
    out->placeholder_streak = record->placeholder_streak;
    out->anomaly = fell(out->window_stability_ratio, window, window_count, size);
}

/* One condition: true now, or recovered.  Moves *${state} on and collects the flags. */
static void
turn(bool *state, bool failing, enum pl_reason failure, enum pl_reason recovery, int *reasons,
     int *changed)
{
    if (failing) {
        *reasons |= failure;
        *changed |= *state ? 0 : failure;
    } else if (*state) {
        *reasons |= recovery;
        *changed |= recovery;
    }
    *state = failing;
}

int
pl_conditions_judge(const struct pl_metrics *metrics, const char *semver_status,
                    const struct pl_stability_settings *settings, struct pl_conditions *conditions,
                    int *changed)
{
    int reasons = 0;
    bool long_streak = metrics->placeholder && settings->streak_alert > 0 &&
                       metrics->placeholder_streak >= settings->streak_alert;

    *changed = 0;
    if (!metrics->placeholder) {
        bool known = semver_status && strcmp(semver_status, "unknown") != 0;

        if (known)
            turn(&conditions->semver_fail, strcmp(semver_status, "fail") == 0, PL_SEMVER_FAIL,
                 PL_SEMVER_RECOVERED, &reasons, changed);
        turn(&conditions->stability_drop,
             metrics->window_stability_ratio < settings->threshold - SLACK, PL_STABILITY_DROP,
             PL_STABILITY_RECOVERED, &reasons, changed);
    }
    // Only a real run ends the streak; a raised alert threshold in the middle of it does not.
    if (!metrics->placeholder || long_streak)
        turn(&conditions->placeholder_streak, long_streak, PL_PLACEHOLDER_STREAK,
             PL_PLACEHOLDER_RECOVERED, &reasons, changed);
    return reasons;
}

const char *
pl_reason_name(enum pl_reason reason)
{
    static const char *const NAMES[] = { "semver_fail",         "stability_drop",
                                         "placeholder_streak",  "semver_recovered",
                                         "stability_recovered", "placeholder_recovered" };
    int bit = 0;

    while (bit < 5 && !((unsigned)reason >> bit & 1u))
        bit++;
    return NAMES[bit];
}
