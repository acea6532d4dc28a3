/* What comes in, and what is done on time: one line each.  `latency-sampler --endpoints`. */
#include "sampler.h"

// clang-format off
const struct pl_endpoint sampler_endpoints[] = {
    PL_CALL("sampler.GetServiceLatencies", PL_READ, get_service_latencies,
            sampler__get_service_latencies, "the last samples of every target"),
    PL_CALL("sampler.GetLatencyTargets", PL_READ, get_latency_targets, sampler__get_latency_targets,
            "what is probed, and where that was said"),
    PL_CALL("sampler.PutLatencyTargets", PL_WRITE, put_latency_targets,
            sampler__put_latency_targets, "probe this from now on"),
    PL_CALL("sampler.GetLatency", PL_READ, get_latency, sampler__get_latency,
            "percentiles of any stretch of time"),
    PL_CALL("sampler.GetUptime", PL_READ, get_uptime, sampler__get_uptime,
            "uptime over 24 hours, 7, 30 and 90 days"),
    PL_CALL("sampler.GetLatencyBadge", PL_READ, get_latency_badge, sampler__get_latency_badge,
            "a badge as Shields reads it"),
    { 0 },
};

const struct pl_timer sampler_timers[] = {
    { 500, follow_sets, "take over a changed set of targets", 0 },
    { 500, hold_shards, "say that this sampler lives, and share the targets", 0 },
    { 3000, flush_samples, "write down what was measured, announce changed classes", 0 },
    { 600000, trim_history, "make hours of old history, drop what is too old", 0 },
    { 0 },
};
// clang-format on
