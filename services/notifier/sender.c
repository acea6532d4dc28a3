/* The timers: sending what is due, and the housekeeping around it. */
#include "deliver.h"
#include "notifier.h"
#include "payload.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_trace.h"

#include <sodium.h>
#include <string.h>

#define PARALLEL       2 // on their way to one endpoint at once, so that a slow one blocks nobody
#define HOLD_MARGIN_MS 10000 // beyond the time a send may take
#define BREAKER_MAX_MS (15 * 60 * 1000)

PL_COUNTER(notifications_finished_total, "notifications_finished_total",
           "deliveries that came to an end", "kind,state");
PL_HISTOGRAM(latency_seconds, "notification_latency_seconds",
             "from the notice to its delivery, retries included", "kind");
PL_GAUGE(notifications_pending, "notifications_pending", "deliveries that wait or are on their way",
         "");
PL_GAUGE(notifications_dead, "notifications_dead", "deliveries given up; replay or forget them",
         "");

/* How long an endpoint that keeps failing is left alone before one probe. */
static int64_t
breaker_pause_ms(int64_t failures)
{
    int64_t over = failures - notifier_breaker_failures, pause = notifier_breaker_seconds * 1000;

    if (notifier_breaker_failures == 0 || over < 0)
        return 0;
    for (; over > 0 && pause < BREAKER_MAX_MS; over--)
        pause *= 2;
    return pause < BREAKER_MAX_MS ? pause : BREAKER_MAX_MS;
}

static double
dice(void)
{
    return randombytes_uniform(1000000) / 1e6;
}

/* From what came back to what is written down (research: schedule and Retry-After, whichever
 * is later). */
static struct verdict
judge(const struct job *job, const struct outcome *outcome, struct pl_arena *arena)
{
    struct verdict verdict = { .state = "delivered" };

    if (outcome->delivered)
        return verdict;
    verdict.delay_ms = schedule_delay_ms(&notifier_schedule, job->tries, dice());
    verdict.hold_ms = breaker_pause_ms(job->endpoint.failures + 1);
    if (outcome->retry_after_ms > verdict.hold_ms)
        verdict.hold_ms = outcome->retry_after_ms;
    if (outcome->disable)
        verdict.disable = pl_arena_printf(arena, "the receiver %s", outcome->error);
    verdict.state = verdict.delay_ms < 0 || verdict.disable ? "dead" : "retry";
    if (verdict.delay_ms < outcome->retry_after_ms)
        verdict.delay_ms = outcome->retry_after_ms;
    return verdict;
}

static void
report(const struct job *job, const struct verdict *verdict)
{
    const struct attempt *attempt = &verdict->attempt;

    if (strcmp(verdict->state, "retry") != 0)
        pl_inc(&notifications_finished_total, job->endpoint.kind, verdict->state);
    if (strcmp(verdict->state, "delivered") == 0) {
        pl_observe(&latency_seconds, job->age_s + attempt->total_ms / 1000, job->endpoint.kind);
        pl_info("notification.delivered", PL_S("delivery", job->delivery),
                PL_S("endpoint", job->endpoint.name), PL_I("attempt", job->attempt),
                PL_I("status", attempt->status), PL_I("ms", attempt->total_ms));
        return;
    }
    pl_warn("notification.failed", PL_S("delivery", job->delivery),
            PL_S("endpoint", job->endpoint.name), PL_I("attempt", job->attempt),
            PL_S("state", verdict->state), PL_I("status", attempt->status),
            PL_S("class", attempt->error_class), PL_S("error", attempt->error),
            PL_I("next_ms", verdict->delay_ms));
    if (verdict->disable)
        pl_error("endpoint.disabled", PL_S("endpoint", job->endpoint.name),
                 PL_S("why", verdict->disable));
}

int
send_due(struct pl_tick *tick)
{
    struct notifier *self = tick->self;
    struct job *job;
    struct http_answer answer;
    struct outcome outcome;
    struct verdict verdict;
    bool lost;
    int failed;

    if (store_claim(tick->db, notifier_timeout_ms + HOLD_MARGIN_MS, PARALLEL,
                    notifier_breaker_failures, tick->arena, &job, &tick->err))
        return -1;
    if (job == NULL)
        return 0;
    tick->again = true;
    pl_trace_set(job->traceparent, job->tracestate);
    deliver(self, &job->endpoint, job->webhook_id, job->body, tick->arena, &answer, &outcome);
    verdict = judge(job, &outcome, tick->arena);
    verdict.attempt = attempt_of(job->attempt, job->trigger, &answer, &outcome);
    failed = store_finish(tick->db, job, &verdict, &lost, &tick->err);
    pl_trace_set(NULL, NULL);
    if (failed)
        return -1;
    if (lost)
        pl_warn("notification.overtaken", PL_S("delivery", job->delivery),
                PL_I("attempt", job->attempt));
    else
        report(job, &verdict);
    return 0;
}

int
apply_environment(struct pl_tick *tick)
{
    return environment_endpoint(tick->db, tick->arena, &tick->err);
}

int
refresh_gauges(struct pl_tick *tick)
{
    int64_t pending, dead;

    if (store_counts(tick->db, &pending, &dead, &tick->err))
        return -1;
    pl_gauge_set(&notifications_pending, (double)pending);
    pl_gauge_set(&notifications_dead, (double)dead);
    return 0;
}

int
forget_old(struct pl_tick *tick)
{
    return store_forget(tick->db, notifier_retention_days, &tick->err);
}
