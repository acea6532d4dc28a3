/* pl_metric -- counters, gauges and histograms, declared in one line where they are counted.
 *
 *     PL_COUNTER(runs_total, "governance_runs_total", "runs recorded", "api,verdict");
 *     ...
 *     pl_inc(&runs_total, api, verdict);
 *
 * A family registers itself and shows up on /metrics in the Prometheus text format; there is
 * no list to update.  Labels are named once, comma-separated ("" for none), and given in the
 * same order as strings.  A family keeps at most 1000 series; what comes later is counted under
 * the label value "other", so that no input can grow memory.  All functions are thread-safe.
 */
#ifndef PL_METRIC_H
#define PL_METRIC_H

#include "pl_buf.h"

#include <stdint.h>

enum pl_metric_kind { PL_METRIC_COUNTER, PL_METRIC_GAUGE, PL_METRIC_HISTOGRAM };

#define PL_METRIC_BUCKETS 32

struct pl_series;

struct pl_metric {
    enum pl_metric_kind kind;
    const char *name, *help, *labels;
    const double *bounds;                // of a histogram, ascending, ends with 0
    void (*collect)(struct pl_buf *out); // appends the samples itself, or NULL
    struct pl_series *series;
    int count;
    struct pl_metric *next;
    struct pl_series *known[PL_METRIC_BUCKETS]; // by the hash of their label values
};

// clang-format off
#define PL_METRIC_(id, kind, name, help, labels, bounds, collect)                        \
    static struct pl_metric id = { kind, name, help, labels, bounds, collect, 0, 0, 0, { 0 } }; \
    __attribute__((constructor)) static void register_##id(void)                         \
    {                                                                                    \
        pl_metric_register(&id);                                                         \
    }                                                                                    \
    struct pl_metric /* swallow the semicolon */

#define PL_COUNTER(id, name, help, labels) \
    PL_METRIC_(id, PL_METRIC_COUNTER, name, help, labels, 0, 0)
#define PL_GAUGE(id, name, help, labels) \
    PL_METRIC_(id, PL_METRIC_GAUGE, name, help, labels, 0, 0)
/* Seconds, in the bounds that OpenTelemetry advises for request durations. */
#define PL_HISTOGRAM(id, name, help, labels) \
    PL_METRIC_(id, PL_METRIC_HISTOGRAM, name, help, labels, pl_seconds, 0)
/* A family of ${kind} (COUNTER, ...) whose samples ${collect} appends from what the program holds
 * anyway: for thousands of series that come and go.  Called without a lock. */
#define PL_COLLECTED(id, kind, name, help, labels, collect) \
    PL_METRIC_(id, PL_METRIC_##kind, name, help, labels, 0, collect)

#define PL_LABELS(...) (const char *const[]){ __VA_ARGS__ __VA_OPT__(,) 0 }
#define pl_inc(id, ...)            pl_metric_add(id, 1, PL_LABELS(__VA_ARGS__))
#define pl_count(id, n, ...)       pl_metric_add(id, n, PL_LABELS(__VA_ARGS__))
#define pl_gauge_set(id, n, ...)   pl_metric_set(id, n, PL_LABELS(__VA_ARGS__))
#define pl_observe(id, s, ...)     pl_metric_observe(id, s, PL_LABELS(__VA_ARGS__))
// clang-format on

extern const double pl_seconds[];

void pl_metric_register(struct pl_metric *metric);

/* Add to a counter or gauge; set a gauge; record one observation of a histogram.  ${labels}
 * ends with NULL and has as many values as the family has labels. */
void pl_metric_add(struct pl_metric *metric, double n, const char *const *labels);
void pl_metric_set(struct pl_metric *metric, double n, const char *const *labels);
void pl_metric_observe(struct pl_metric *metric, double seconds, const char *const *labels);

/* Forget the series of a gauge whose subject is gone. */
void pl_metric_forget(struct pl_metric *metric, const char *const *labels);

/* Append every family in the text format 0.0.4; families without a series show HELP and TYPE,
 * and those without labels start at 0. */
void pl_metric_print(struct pl_buf *out);

#endif
