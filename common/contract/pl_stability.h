/* pl_stability -- the arithmetic of a contract's record (E-19..E-33, G-02..G-09, RULINGS 23).
 *
 * Pure: the engine feeds it the runs of one api's default branch and last run's condition.
 */
#ifndef PL_STABILITY_H
#define PL_STABILITY_H

#include <stdbool.h>
#include <stdint.h>

enum pl_verdict { PL_STABLE, PL_WARNINGS, PL_BREAKING, PL_PLACEHOLDER };

/* "stable", "warnings", "breaking", "placeholder". */
const char *pl_verdict_name(enum pl_verdict verdict);
bool pl_verdict_parse(const char *name, enum pl_verdict *out);

/* What is known of the record before this run; all zero before the first. */
struct pl_record {
    int64_t runs, stable_runs; // overall
    int64_t stable_streak, longest_streak, placeholder_streak;
};

struct pl_stability_settings {
    int64_t window;               // 20
    double threshold;             // 0.85
    int64_t streak_alert;         // 5, 0 = off
    int64_t placeholder_max_runs; // 0 = off
};

struct pl_metrics {
    double window_stability_ratio, overall_stability_ratio, window_mean_score;
    int64_t window_size, window_stable_count, window_total_count;
    int64_t current_stable_streak, longest_stable_streak, placeholder_streak;
    bool placeholder, anomaly;
    double score;
};

/* Count this run in.  ${window} holds the verdicts of the runs before it, newest first, at
 * least as many as fit the window + 5 (for the anomaly); ${record} is moved on. */
void pl_stability_count(enum pl_verdict verdict, const enum pl_verdict *window, int window_count,
                        const struct pl_stability_settings *settings, struct pl_record *record,
                        struct pl_metrics *out);

/* Conditions remembered between runs: true while the failure lasts. */
struct pl_conditions {
    bool semver_fail, stability_drop, placeholder_streak;
};

enum pl_reason {
    PL_SEMVER_FAIL = 1,
    PL_STABILITY_DROP = 2,
    PL_PLACEHOLDER_STREAK = 4,
    PL_SEMVER_RECOVERED = 8,
    PL_STABILITY_RECOVERED = 16,
    PL_PLACEHOLDER_RECOVERED = 32,
};

/* Judge the conditions at this run.  Returns every reason that is true (flags), moves
 * ${conditions} on, and sets *changed to those that appeared at this run.  A placeholder
 * touches neither stability nor semver (AMB-09). */
int pl_conditions_judge(const struct pl_metrics *metrics, const char *semver_status,
                        const struct pl_stability_settings *settings,
                        struct pl_conditions *conditions, int *changed);

/* "semver_fail" ... of one flag. */
const char *pl_reason_name(enum pl_reason reason);

#endif
