/* What is probed: the set set at run time, else the persisted one, else the environment's (D-16,
 * D-17, D-23, RULINGS of AMB-30). */
#include "sampler.h"
#include "store.h"

#include "pl_log.h"
#include "pl_metric.h"

#include "events.pb-c.h"

#include <stdio.h>
#include <string.h>

#define FILE_MAX (4 * 1024 * 1024)

static void print_sources(struct pl_buf *out);

PL_COLLECTED(configured, GAUGE, "internal_service_latency_targets",
             "configured internal sampler targets, by where they were said (all replicas)",
             "source", print_sources);

static _Atomic int64_t known = -1; // generation of what is probed

/* Only the active source has a series (D-22). */
static void
print_sources(struct pl_buf *out)
{
    int count;

    engine_lock();
    engine_targets(&count);
    if (*engine_source())
        pl_buf_printf(out, "internal_service_latency_targets{source=\"%s\"} %d\n", engine_source(),
                      count);
    engine_unlock();
}

static int
emit(struct pl_tick *tick, const char *type, const char *source, int count, const char *text)
{
    Events__TargetsChanged event = EVENTS__TARGETS_CHANGED__INIT;

    event.source = (char *)source;
    event.has_count = 1;
    event.count = count;
    event.text = (char *)text;
    return pl_outbox_add(tick->db, "targets", "targets", type, &event.base, &tick->err);
}

/* Probe ${json}; whether it could be read. */
static bool
adopt(const char *json, const char *source, int *count, struct pl_err *err)
{
    struct pl_arena *arena = pl_arena_new();
    struct target_set set = { 0 };
    struct pl_node *node = pl_json_parse(arena, json, strlen(json), NULL, err);

    if (node == NULL || target_set_read_json(node, sampler_interval_ms, arena, &set, err)) {
        pl_arena_destroy(&arena);
        return false;
    }
    *count = set.count;
    engine_replace(arena, &set, source);
    return true;
}

static char *
env_json(struct pl_arena *arena, struct pl_err *err)
{
    struct pl_node *list = target_set_from_list(sampler_env_targets, arena, err);
    struct pl_buf out = { .arena = arena };

    if (list == NULL)
        return NULL;
    pl_node_write(&out, list, PL_COMPACT);
    return (char *)pl_buf_text(&out);
}

/* Adopt the first of the sets that can be read; tell of one that cannot. */
static int
adopt_best(struct pl_tick *tick, const char **source, int *count)
{
    static const char *const KINDS[] = { "runtime", "persisted" };
    static const char *const SOURCES[] = { "env", "persisted" };
    struct pl_err err = { 0 };
    const char *json;
    int64_t generation;

    for (int i = 0; i < 2; i++) {
        if (store_get_set(tick->db, KINDS[i], tick->arena, &json, &generation, &tick->err))
            return -1;
        *source = SOURCES[i];
        if (json && adopt(json, *source, count, &err))
            return 0;
        if (json == NULL)
            continue;
        pl_error("targets.malformed", PL_S("kind", KINDS[i]), PL_S("text", err.text));
        if (emit(tick, "latency.targets.malformed", KINDS[i], 0, err.text))
            return -1;
        err = (struct pl_err){ 0 };
    }
    *source = "env";
    json = env_json(tick->arena, &err);
    if (json && adopt(json, *source, count, &err))
        return 0;
    pl_error("targets.malformed", PL_S("kind", "env"), PL_S("text", err.text));
    *count = 0;
    adopt("[]", "env", count, &err);
    return emit(tick, "latency.targets.malformed", "env", 0, err.text);
}

static char *
read_file(const char *path, struct pl_arena *arena)
{
    FILE *file = fopen(path, "re");
    char *text;
    size_t length;

    if (file == NULL)
        return NULL;
    text = pl_arena_alloc(arena, FILE_MAX + 1);
    length = fread(text, 1, FILE_MAX, file);
    fclose(file);
    text[length] = '\0';
    return text;
}

/* A file of the seed's name becomes the persisted set, unless there is one. */
static int
import_file(struct pl_tick *tick)
{
    const char *text = *sampler_targets_file ? read_file(sampler_targets_file, tick->arena) : NULL;
    struct pl_arena *arena = tick->arena;
    struct pl_err err = { 0 };
    struct target_set set;
    struct pl_buf out = { .arena = arena };
    struct pl_node *node;
    const char *json;
    int64_t generation;

    if (text == NULL)
        return 0;
    if (store_get_set(tick->db, "persisted", arena, &json, &generation, &tick->err))
        return -1;
    if (json)
        return 0;
    node = pl_json_parse(arena, text, strlen(text), NULL, &err);
    if (pl_node_is(node, PL_OBJECT))
        node = pl_node_get(node, "targets");
    if (node == NULL || target_set_read_json(node, sampler_interval_ms, arena, &set, &err)) {
        pl_error("targets.malformed", PL_S("kind", "file"), PL_S("text", err.text));
        return emit(tick, "latency.targets.malformed", "file", 0,
                    *err.text ? err.text : "no list of targets");
    }
    if (set.count == 0)
        return 0;
    pl_node_write(&out, node, PL_COMPACT);
    pl_info("targets.imported", PL_I("count", set.count));
    return store_put_set(tick->db, "persisted", pl_buf_text(&out), "file", &tick->err);
}

/* Once, after a start: what was only meant until a restart ends when nobody else is there. */
static int
begin(struct pl_tick *tick)
{
    int64_t alive;

    if (store_beat(tick->db, sampler_instance, sampler_lease_ms, &alive, &tick->err))
        return -1;
    if (alive <= 1 && store_drop_set(tick->db, "runtime", &tick->err))
        return -1;
    return import_file(tick);
}

static int
follow(struct pl_tick *tick)
{
    const char *type = known < 0 ? "latency.targets.init" : "latency.targets.changed", *source;
    int64_t generation;
    int count = 0;

    if ((known < 0 && begin(tick)) || store_generation(tick->db, &generation, &tick->err))
        return -1;
    if (generation == known)
        return 0;
    if (adopt_best(tick, &source, &count) || emit(tick, type, source, count, NULL))
        return -1;
    pl_info("targets.adopted", PL_S("source", source), PL_I("count", count));
    known = generation;
    return 0;
}

bool
follow_has_begun(void)
{
    return known >= 0;
}

void
follow_forget(void)
{
    known = -1;
}

/* Targets that are not in the next set take with them what was not written down yet. */
static int
flush_before_change(struct pl_tick *tick)
{
    int64_t generation;

    if (store_generation(tick->db, &generation, &tick->err))
        return -1;
    return known < 0 || generation == known ? 0 : flush_samples(tick);
}

int
follow_sets(struct pl_tick *tick)
{
    int64_t before = known;

    if (flush_before_change(tick) || store_begin(tick->db, &tick->err))
        return -1;
    if (follow(tick) == 0 && store_commit(tick->db, &tick->err) == 0)
        return 0;
    store_rollback(tick->db);
    known = before; // once more, with its events
    return -1;
}
