/* What is probed, and the last samples of it. */
#include "engine.h"
#include "sampler.h"
#include "store.h"
#include "times.h"

#include "pl_log.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* A set field of a message that has a has_ beside it, unless the number is none. */
#define PUT_REAL(message, field, value)                \
    do {                                               \
        (message)->field = isnan(value) ? 0 : (value); \
        (message)->has_##field = !isnan(value);        \
    } while (0)
#define PUT(message, field, value) ((message)->has_##field = 1, (message)->field = (value))

static Sampler__Sample *
sample_message(const struct sample *sample, struct pl_arena *arena)
{
    Sampler__Sample *out = pl_arena_alloc(arena, sizeof *out);

    sampler__sample__init(out);
    out->ts = times_print(arena, sample->at);
    if (!sample_missed(sample->outcome))
        PUT(out, ms, sample->us / 1000.0);
    if (sample->http)
        PUT(out, status, sample->http);
    PUT(out, ok, sample->outcome == SAMPLE_OK);
    out->cls = (char *)sample_class_name(sample->cls);
    out->outcome = (char *)sample_outcome_name(sample->outcome);
    return out;
}

static Sampler__Stats *
stats_message(const struct ring *ring, struct pl_arena *arena)
{
    Sampler__Stats *out = pl_arena_alloc(arena, sizeof *out);
    struct ring_stats stats;

    ring_stats(ring, &stats);
    sampler__stats__init(out);
    PUT_REAL(out, latest_ms, stats.latest_ms);
    PUT_REAL(out, min_ms, stats.min_ms);
    PUT_REAL(out, max_ms, stats.max_ms);
    PUT_REAL(out, p50_ms, stats.p50_ms);
    PUT_REAL(out, p90_ms, stats.p90_ms);
    PUT_REAL(out, p99_ms, stats.p99_ms);
    PUT_REAL(out, failure_rate_pct, stats.failure_rate_pct);
    PUT(out, attempts, stats.attempts);
    PUT(out, ok, stats.ok);
    PUT(out, missed, stats.missed);
    out->latest_class = (char *)sample_class_name(stats.latest_class);
    return out;
}

static Sampler__ServiceLatency *
service_message(const struct target *target, const struct ring *ring, int most,
                struct pl_arena *arena)
{
    Sampler__ServiceLatency *out = pl_arena_alloc(arena, sizeof *out);
    int shown = ring->count < most ? ring->count : most;

    sampler__service_latency__init(out);
    out->name = pl_arena_strdup(arena, target->name);
    out->url = pl_arena_strdup(arena, target->url);
    out->stats = stats_message(ring, arena);
    out->samples = pl_arena_alloc(arena, ((size_t)shown + 1) * sizeof *out->samples);
    for (int i = ring->count - shown; i < ring->count; i++)
        out->samples[out->n_samples++] = sample_message(ring_at(ring, i), arena);
    return out;
}

static const struct ring *
find_ring(const struct stored_ring *rings, int count, const char *name)
{
    static const struct ring NONE;

    for (int low = 0, high = count; low < high;) {
        int middle = (low + high) / 2, order = strcmp(rings[middle].target, name);

        if (order == 0)
            return &rings[middle].ring;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return &NONE;
}

/* sampler.GetServiceLatencies: what this instance probes from memory, the rest as the others wrote
 * it down. */
int
get_service_latencies(struct pl_call *call)
{
    const Sampler__GetServiceLatenciesRequest *request = call->request;
    Sampler__GetServiceLatenciesReply *reply = call->reply;
    int most = request->has_samples ? (int)request->samples : RING_SAMPLES, count, ring_count;
    struct stored_ring *rings;
    struct live *targets;
    struct timespec now;

    if (most < 0 || most > RING_SAMPLES)
        return pl_fail(&call->err, MALFORMED, "samples must be from 0 to %d", RING_SAMPLES);
    if (store_list_rings(call->db, request->name ? engine_shard(request->name) : -1, call->arena,
                         &rings, &ring_count, &call->err))
        return -1;
    engine_lock();
    targets = engine_targets(&count);
    reply->services = pl_arena_alloc(call->arena, ((size_t)count + 1) * sizeof *reply->services);
    for (int i = 0; i < count; i++) {
        const struct live *live = &targets[i];
        const struct ring *ring = engine_holds(live) && live->restored
                                      ? &live->ring
                                      : find_ring(rings, ring_count, live->target->name);

        if (request->name == NULL || strcmp(request->name, live->target->name) == 0)
            reply->services[reply->n_services++] =
                service_message(live->target, ring, most, call->arena);
    }
    engine_unlock();
    if (request->name && reply->n_services == 0)
        return pl_fail(&call->err, NOT_FOUND, "there is no target \"%s\"", request->name);
    clock_gettime(CLOCK_REALTIME, &now);
    reply->updatedat = times_print(call->arena, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    return 0;
}

/* The set that holds now, as the database knows it; the environment's if it knows none. */
static int
current_set(struct pl_call *call, const char **source, const char **json)
{
    struct pl_buf out = { .arena = call->arena };
    struct pl_node *list;
    int64_t generation;

    *source = "env";
    if (store_get_set(call->db, "runtime", call->arena, json, &generation, &call->err))
        return -1;
    if (*json)
        return 0;
    if (store_get_set(call->db, "persisted", call->arena, json, &generation, &call->err))
        return -1;
    if (*json) {
        *source = "persisted";
        return 0;
    }
    list = target_set_from_list(sampler_env_targets, call->arena, &call->err);
    if (list == NULL)
        return -1;
    pl_node_write(&out, list, PL_COMPACT);
    *json = pl_buf_text(&out);
    return 0;
}

static int64_t
count_json(struct pl_call *call, const char *json)
{
    struct pl_err err = { 0 };
    struct pl_node *node = pl_json_parse(call->arena, json, strlen(json), NULL, &err);

    return node ? node->count : 0;
}

/* sampler.GetLatencyTargets */
int
get_latency_targets(struct pl_call *call)
{
    Sampler__GetLatencyTargetsReply *reply = call->reply;
    const char *source, *json;

    if (current_set(call, &source, &json))
        return -1;
    reply->source = (char *)source;
    PUT(reply, count, count_json(call, json));
    PUT(reply, targets, ((ProtobufCBinaryData){ strlen(json), (uint8_t *)json }));
    return 0;
}

/* A list as it is, a text taken apart; checked as a whole, addresses in it too. */
static struct pl_node *
read_targets(struct pl_call *call, ProtobufCBinaryData json, struct target_set *set)
{
    struct pl_node *node =
        pl_json_parse(call->arena, (const char *)json.data, json.len, NULL, &call->err);

    if (pl_node_is(node, PL_STRING))
        node = target_set_from_list(node->text, call->arena, &call->err);
    if (node == NULL ||
        target_set_read_json(node, sampler_interval_ms, call->arena, set, &call->err))
        return NULL;
    for (int i = 0; i < set->count; i++) {
        const char *host = strstr(set->targets[i].host_url, "//") + 2;
        char *literal = pl_arena_memdup(
            call->arena, host, *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/"));
        const char *why = pl_ssrf_refuses_literal(literal, &sampler_egress_allow);

        if (why) {
            pl_fail(&call->err, INVALID, "%s: %s may not be probed (%s)", set->targets[i].name,
                    literal, why);
            return NULL;
        }
    }
    return node;
}

/* sampler.PutLatencyTargets */
int
put_latency_targets(struct pl_call *call)
{
    const Sampler__PutLatencyTargetsRequest *request = call->request;
    Sampler__PutLatencyTargetsReply *reply = call->reply;
    const char *kind = request->has_persist && request->persist ? "persisted" : "runtime";
    const char *actor = call->principal->subject ? call->principal->subject : "";
    struct pl_buf out = { .arena = call->arena };
    struct target_set set;
    struct pl_node *node = read_targets(call, request->targets, &set);

    if (node == NULL)
        return call->err.code == PL_MALFORMED
                   ? -1
                   : pl_fail(&call->err, INVALID, "the targets are not valid");
    pl_node_write(&out, node, PL_COMPACT);
    if (store_put_set(call->db, kind, pl_buf_text(&out), actor, &call->err) ||
        (strcmp(kind, "persisted") == 0 && store_drop_set(call->db, "runtime", &call->err)))
        return -1;
    pl_info("targets.set", PL_S("kind", kind), PL_I("count", set.count), PL_S("by", actor));
    pl_timers_wake();
    reply->source = strcmp(kind, "persisted") == 0 ? "persisted" : "env";
    PUT(reply, count, set.count);
    PUT(reply, targets, ((ProtobufCBinaryData){ out.length, (uint8_t *)pl_buf_text(&out) }));
    return 0;
}
