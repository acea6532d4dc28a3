#include "record.h"

#include "exchange.h"

#include "pl_log.h"
#include "pl_metric.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

PL_COUNTER(requests, "app_requests_total_by_route", "requests answered", "method,route,status");
PL_HISTOGRAM(durations, "app_request_duration_seconds", "from the first byte to the last", "");
PL_HISTOGRAM(route_durations, "app_request_duration_seconds_by_route",
             "from the first byte to the last, by route", "method,route,status");
PL_COUNTER(abandoned, "gateway_requests_abandoned_total", "requests whose client went away", "");

int64_t
record_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Clients write methods as they like; series are bounded. */
static const char *
known_method(const char *method)
{
    static const char *const KNOWN[] = {
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"
    };

    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (method && strcmp(method, KNOWN[i]) == 0)
            return KNOWN[i];
    return "other";
}

void
record(struct exchange *self, bool complete)
{
    double seconds = (double)(record_now_us() - self->started_us) / 1e6;
    const char *method = known_method(self->head.method);
    const char *route = exchange_route(self);
    char status[16];

    if (!complete)
        pl_inc(&abandoned);
    if (!self->answered) { // the library answered by itself, or nobody is there any more
        pl_info("request.abandoned", PL_S("method", method), PL_S("route", route));
        return;
    }
    snprintf(status, sizeof status, "%d", self->answer.status);
    pl_inc(&requests, method, route, status);
    pl_observe(&durations, seconds);
    pl_observe(&route_durations, seconds, method, route, status);
    pl_log_request(self->request_id, self->trace_id);
    pl_info("request", PL_S("method", method), PL_S("route", route),
            PL_I("status", self->answer.status), PL_I("ms", seconds * 1000),
            PL_I("bytes", self->answer.length), PL_S("complete", complete ? "true" : "false"),
            PL_S("who", self->principal ? self->principal->subject : ""));
    pl_log_request(NULL, NULL);
}
