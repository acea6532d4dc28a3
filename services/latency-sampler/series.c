/* The series of each target on /metrics (D-10 to D-14): of those that this instance probes, so that
 * a sum over instances counts each once, and a target that is gone has none. */
#include "engine.h"

#include "pl_metric.h"

static void print_seconds(struct pl_buf *out);
static void print_last(struct pl_buf *out);
static void print_class(struct pl_buf *out);
static void print_attempts(struct pl_buf *out);
static void print_ok(struct pl_buf *out);
static void print_expiry(struct pl_buf *out);

PL_COLLECTED(seconds, HISTOGRAM, "internal_service_latency_seconds",
             "time of probes from their intended start, failed ones until they failed",
             "service,success", print_seconds);
PL_COLLECTED(last_ms, GAUGE, "internal_service_latency_last_ms",
             "milliseconds of the last probe that succeeded", "service", print_last);
PL_COLLECTED(class_now, GAUGE, "internal_service_latency_class",
             "class of the last probe: 0 good, 1 warn, 2 high, 3 na", "service", print_class);
PL_COLLECTED(attempts_total, COUNTER, "internal_service_latency_attempts_total", "probes",
             "service", print_attempts);
PL_COLLECTED(ok_total, COUNTER, "internal_service_latency_ok_total", "probes that succeeded",
             "service", print_ok);
PL_COLLECTED(expiry, GAUGE, "internal_service_certificate_expiry_seconds",
             "when the certificate ends that the target shows, Unix time", "service", print_expiry);

/* Names of targets have no character that would have to be escaped (target.c). */
static void
for_each(struct pl_buf *out, void (*print)(struct pl_buf *out, const struct live *live))
{
    struct live *targets;
    int count;

    engine_lock();
    targets = engine_targets(&count);
    for (int i = 0; i < count; i++)
        if (engine_holds(&targets[i]))
            print(out, &targets[i]);
    engine_unlock();
}

static void
one_histogram(struct pl_buf *out, const struct live *live)
{
    static const char *const SUCCESS[] = { "false", "true" };
    static const char NAME[] = "internal_service_latency_seconds";

    for (int s = 0; s < 2; s++) {
        const char *service = live->target->name;
        uint64_t sum = 0;

        for (int b = 0; b <= LIVE_BOUNDS; b++) {
            sum += live->buckets[s][b];
            if (b < LIVE_BOUNDS)
                pl_buf_printf(out, "%s_bucket{service=\"%s\",success=\"%s\",le=\"%g\"} %llu\n",
                              NAME, service, SUCCESS[s], live_bounds[b], (unsigned long long)sum);
        }
        pl_buf_printf(out, "%s_bucket{service=\"%s\",success=\"%s\",le=\"+Inf\"} %llu\n", NAME,
                      service, SUCCESS[s], (unsigned long long)sum);
        pl_buf_printf(out, "%s_sum{service=\"%s\",success=\"%s\"} %.9g\n", NAME, service,
                      SUCCESS[s], live->sums[s]);
        pl_buf_printf(out, "%s_count{service=\"%s\",success=\"%s\"} %llu\n", NAME, service,
                      SUCCESS[s], (unsigned long long)sum);
    }
}

static void
one_last(struct pl_buf *out, const struct live *live)
{
    if (live->last_ms >= 0)
        pl_buf_printf(out, "internal_service_latency_last_ms{service=\"%s\"} %.3f\n",
                      live->target->name, live->last_ms);
}

static void
one_class(struct pl_buf *out, const struct live *live)
{
    struct ring_stats stats;

    ring_stats(&live->ring, &stats);
    if (stats.attempts)
        pl_buf_printf(out, "internal_service_latency_class{service=\"%s\"} %d\n",
                      live->target->name, (int)stats.latest_class);
}

static void
one_attempts(struct pl_buf *out, const struct live *live)
{
    pl_buf_printf(out, "internal_service_latency_attempts_total{service=\"%s\"} %lld\n",
                  live->target->name, (long long)live->attempts);
}

static void
one_ok(struct pl_buf *out, const struct live *live)
{
    pl_buf_printf(out, "internal_service_latency_ok_total{service=\"%s\"} %lld\n",
                  live->target->name, (long long)live->ok);
}

static void
one_expiry(struct pl_buf *out, const struct live *live)
{
    if (live->expires)
        pl_buf_printf(out, "internal_service_certificate_expiry_seconds{service=\"%s\"} %lld\n",
                      live->target->name, (long long)live->expires);
}

static void
print_seconds(struct pl_buf *out)
{
    for_each(out, one_histogram);
}

static void
print_last(struct pl_buf *out)
{
    for_each(out, one_last);
}

static void
print_class(struct pl_buf *out)
{
    for_each(out, one_class);
}

static void
print_attempts(struct pl_buf *out)
{
    for_each(out, one_attempts);
}

static void
print_ok(struct pl_buf *out)
{
    for_each(out, one_ok);
}

static void
print_expiry(struct pl_buf *out)
{
    for_each(out, one_expiry);
}
