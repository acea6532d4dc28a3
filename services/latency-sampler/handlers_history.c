/* What was measured: percentiles of any stretch of time, uptime, badges. */
#include "engine.h"
#include "sampler.h"
#include "store.h"
#include "times.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_S                      86400
#define MOST_STEPS                 2000
#define PUT(message, field, value) ((message)->has_##field = 1, (message)->field = (value))

/* Is it probed?  Its history may be asked for after that too. */
static int
check_known(struct pl_call *call, const char *service)
{
    struct live *targets;
    int count;
    bool known = false;

    engine_lock();
    targets = engine_targets(&count);
    for (int i = 0; i < count; i++)
        known = known || strcmp(targets[i].target->name, service) == 0;
    engine_unlock();
    return known ? 0 : pl_fail(&call->err, NOT_FOUND, "there is no target \"%s\"", service);
}

/* Stretches of one length, side by side. */
struct stretches {
    int64_t from, to, step;
    struct window *windows; // the last is the sum of all
    size_t count;
};

static void
merge(struct window *sum, const struct window *part)
{
    if (part->ok)
        sum->min_us = sum->ok == 0 || part->min_us < sum->min_us ? part->min_us : sum->min_us;
    sum->max_us = part->max_us > sum->max_us ? part->max_us : sum->max_us;
    sum->attempts += part->attempts;
    sum->ok += part->ok;
    sum->missed += part->missed;
    sum->sum_us += part->sum_us;
    exp_histogram_merge(&sum->latency, &part->latency);
    exp_histogram_merge(&sum->service, &part->service);
}

static void
add(void *arg, struct window *window)
{
    struct stretches *self = arg;
    size_t at = (size_t)((window->begin - self->from) / self->step);

    if (at < self->count)
        merge(&self->windows[at], window);
    merge(&self->windows[self->count], window);
}

/* Milliseconds, to the microsecond. */
static double
ms(double us)
{
    return round(us) / 1000;
}

static double
quantile(const struct exp_histogram *histogram, double q)
{
    return ms(exp_histogram_quantile(histogram, q));
}

static Sampler__Percentiles *
percentiles(const struct window *window, int64_t from, int64_t to, struct pl_arena *arena)
{
    Sampler__Percentiles *out = pl_arena_alloc(arena, sizeof *out);

    sampler__percentiles__init(out);
    out->from = times_print(arena, from * 1000);
    out->to = times_print(arena, to * 1000);
    PUT(out, attempts, window->attempts);
    PUT(out, ok, window->ok);
    PUT(out, missed, window->missed);
    if (window->attempts)
        PUT(out, uptime_pct, 100.0 * (double)window->ok / (double)window->attempts);
    if (window->ok == 0)
        return out;
    PUT(out, mean_ms, ms((double)window->sum_us / (double)window->ok));
    PUT(out, min_ms, window->min_us / 1000.0);
    PUT(out, max_ms, window->max_us / 1000.0);
    PUT(out, p50_ms, quantile(&window->latency, 0.5));
    PUT(out, p90_ms, quantile(&window->latency, 0.9));
    PUT(out, p95_ms, quantile(&window->latency, 0.95));
    PUT(out, p99_ms, quantile(&window->latency, 0.99));
    PUT(out, p999_ms, quantile(&window->latency, 0.999));
    PUT(out, service_p50_ms, quantile(&window->service, 0.5));
    PUT(out, service_p99_ms, quantile(&window->service, 0.99));
    return out;
}

static int
read_stretch(struct pl_call *call, const Sampler__GetLatencyRequest *request, struct stretches *out)
{
    out->to = request->to ? times_read(request->to) : (int64_t)time(NULL);
    out->from = request->from ? times_read(request->from) : out->to - DAY_S;
    if (out->from < 0 || out->to <= out->from)
        return pl_fail(&call->err, MALFORMED,
                       "from and to are moments such as 2026-11-20T22:00:00Z, from before to");
    out->from = out->from / WINDOW_S * WINDOW_S;
    if (request->has_step && request->step < WINDOW_S)
        return pl_fail(&call->err, MALFORMED, "step is at least %d seconds", WINDOW_S);
    out->step = request->has_step ? request->step / WINDOW_S * WINDOW_S : out->to - out->from;
    out->count =
        request->has_step ? (size_t)((out->to - out->from + out->step - 1) / out->step) : 0;
    if (out->count > MOST_STEPS)
        return pl_fail(&call->err, MALFORMED, "more than %d steps", MOST_STEPS);
    return 0;
}

/* sampler.GetLatency */
int
get_latency(struct pl_call *call)
{
    const Sampler__GetLatencyRequest *request = call->request;
    Sampler__GetLatencyReply *reply = call->reply;
    const char *service = request->service ? request->service : "";
    struct stretches all = { 0 };
    int failed;

    if (read_stretch(call, request, &all))
        return -1;
    all.windows = calloc(all.count + 1, sizeof *all.windows);
    if (all.windows == NULL)
        return pl_fail(&call->err, INTERNAL, "out of memory");
    failed = store_visit_windows(call->db, service, all.from, all.to, add, &all, &call->err);
    if (!failed && all.windows[all.count].attempts + all.windows[all.count].missed == 0)
        failed = check_known(call, service);
    reply->service = (char *)service;
    reply->total = percentiles(&all.windows[all.count], all.from, all.to, call->arena);
    reply->steps = pl_arena_alloc(call->arena, (all.count + 1) * sizeof *reply->steps);
    for (size_t i = 0; i <= all.count; i++) {
        int64_t from = all.from + (int64_t)i * all.step;

        if (i < all.count)
            reply->steps[reply->n_steps++] =
                percentiles(&all.windows[i], from,
                            from + all.step < all.to ? from + all.step : all.to, call->arena);
        exp_histogram_clear(&all.windows[i].latency);
        exp_histogram_clear(&all.windows[i].service);
    }
    free(all.windows);
    return failed;
}

/* sampler.GetUptime */
int
get_uptime(struct pl_call *call)
{
    static const struct {
        const char *name;
        int days;
    } WINDOWS[] = { { "24h", 1 }, { "7d", 7 }, { "30d", 30 }, { "90d", 90 } };
    enum { COUNT = sizeof WINDOWS / sizeof *WINDOWS };

    const Sampler__GetUptimeRequest *request = call->request;
    Sampler__GetUptimeReply *reply = call->reply;
    const char *service = request->service ? request->service : "";

    reply->service = (char *)service;
    reply->windows = pl_arena_alloc(call->arena, COUNT * sizeof *reply->windows);
    for (size_t i = 0; i < COUNT; i++) {
        Sampler__UptimeWindow *out = pl_arena_alloc(call->arena, sizeof *out);
        int64_t attempts, ok;

        if (store_uptime(call->db, service, (int64_t)WINDOWS[i].days * DAY_S, &attempts, &ok,
                         &call->err))
            return -1;
        sampler__uptime_window__init(out);
        out->window = (char *)WINDOWS[i].name;
        PUT(out, attempts, attempts);
        PUT(out, ok, ok);
        if (attempts)
            PUT(out, uptime_pct, 100.0 * (double)ok / (double)attempts);
        reply->windows[reply->n_windows++] = out;
    }
    return reply->windows[COUNT - 1]->attempts ? 0 : check_known(call, service);
}

// --- badges ------------------------------------------------------------------------------

static const char *
uptime_color(double pct)
{
    return pct >= 99.9 ? "brightgreen" : pct >= 99 ? "green" : pct >= 95 ? "yellow" : "red";
}

static int
uptime_badge(struct pl_call *call, const char *service, Sampler__GetLatencyBadgeReply *out)
{
    int64_t attempts, ok;
    double pct;

    if (store_uptime(call->db, service, 30 * DAY_S, &attempts, &ok, &call->err))
        return -1;
    pct = attempts ? 100.0 * (double)ok / (double)attempts : 0;
    out->label = "uptime 30d";
    out->message =
        attempts ? pl_arena_printf(call->arena, "%.2f%%", floor(pct * 100) / 100) : "no data";
    out->color = (char *)(attempts ? uptime_color(pct) : "lightgrey");
    return 0;
}

static int
class_badges(struct pl_call *call, const char *service, bool health,
             Sampler__GetLatencyBadgeReply *out)
{
    static const char *const WORDS[] = { "up", "slow", "very slow", "down" };
    static const char *const COLORS[] = { "brightgreen", "yellow", "orange", "red" };
    struct ring_stats stats = { 0 };
    struct stored_ring *rings;
    int count;

    if (store_list_rings(call->db, engine_shard(service), call->arena, &rings, &count, &call->err))
        return -1;
    for (int i = 0; i < count; i++)
        if (strcmp(rings[i].target, service) == 0)
            ring_stats(&rings[i].ring, &stats);
    out->label = health ? "health" : "response time";
    out->message = "no data";
    out->color = "lightgrey";
    if (stats.attempts == 0)
        return 0;
    out->color = (char *)COLORS[stats.latest_class];
    if (health)
        out->message = (char *)WORDS[stats.latest_class];
    else if (stats.ok)
        out->message = pl_arena_printf(call->arena, "%.0f ms", stats.p50_ms);
    return 0;
}

/* Whether everybody may see the badges of ${service}, which is not told of targets that are not
 * there. */
static bool
badges_are_open(const char *service)
{
    struct live *targets;
    int count;
    bool open = false;

    engine_lock();
    targets = engine_targets(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(targets[i].target->name, service) == 0)
            open = sampler_public_badges || targets[i].target->public_badges;
    engine_unlock();
    return open;
}

static int
admit(struct pl_call *call)
{
    const char *subject = call->principal->subject;

    if (subject == NULL || subject[0] == '\0')
        return pl_fail(&call->err, UNAUTHENTICATED, "a token is needed to see that");
    if (!pl_call_may(call, "latency:read"))
        return pl_fail(&call->err, DENIED, "the token lacks the scope \"latency:read\"");
    return 0;
}

/* sampler.GetLatencyBadge */
int
get_latency_badge(struct pl_call *call)
{
    const Sampler__GetLatencyBadgeRequest *request = call->request;
    Sampler__GetLatencyBadgeReply *reply = call->reply;
    const char *service = request->service ? request->service : "";
    const char *badge = request->badge ? request->badge : "";

    bool open = badges_are_open(service);

    if ((!open && admit(call)) || check_known(call, service))
        return -1;
    PUT(reply, schemaversion, 1);
    call->http.cross_origin = open;
    call->http.cache_control = open ? "public, max-age=60" : "private, max-age=60";
    if (strcmp(badge, "uptime") == 0)
        return uptime_badge(call, service, reply);
    return class_badges(call, service, strcmp(badge, "health") == 0, reply);
}
