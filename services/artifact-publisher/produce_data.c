/* produce_data.c -- the data files: each is the record of the run, told as JSON. */
#include "producers.h"

#include "pl_document.h"

#include <string.h>

static void
put_text(struct pl_arena *arena, struct pl_node *object, const char *key, const char *text)
{
    pl_node_set(arena, object, key,
                text && text[0] ? pl_node_string(arena, text) : pl_node_null(arena));
}

static void
put_int(struct pl_arena *arena, struct pl_node *object, const char *key, int64_t value)
{
    pl_node_set(arena, object, key, pl_node_integer(arena, value));
}

static void
put_real(struct pl_arena *arena, struct pl_node *object, const char *key, double value)
{
    pl_node_set(arena, object, key, pl_node_real(arena, value));
}

static void
put_bool(struct pl_arena *arena, struct pl_node *object, const char *key, bool value)
{
    pl_node_set(arena, object, key, pl_node_bool(arena, value));
}

static void
put_texts(struct pl_arena *arena, struct pl_node *object, const char *key, size_t count,
          char *const *texts)
{
    struct pl_node *array = pl_node_set(arena, object, key, pl_node_array(arena));

    for (size_t i = 0; i < count; i++)
        pl_node_push(arena, array, pl_node_string(arena, texts[i]));
}

/* An object that says which run it belongs to, so that files and notices correlate (F-23). */
static struct pl_node *
start(const struct artifact_set *set)
{
    const Governance__Run *run = set->from->record->run;
    struct pl_node *object = pl_node_object(set->arena);

    put_text(set->arena, object, "api", set->from->record->api->api);
    put_text(set->arena, object, "run", run->id);
    put_text(set->arena, object, "sha", run->sha);
    return object;
}

void
file_write(struct pl_buf *out, const struct pl_node *node)
{
    pl_node_write(out, node, PL_PRETTY);
    if (out->length && out->data[out->length - 1] != '\n')
        pl_buf_char(out, '\n');
}

int
make_openapi(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    const struct pl_limits limits = { 0 };
    struct pl_document *document;

    if (set->from->document == NULL)
        return 0;
    if (pl_document_load(&document, set->arena, "document", set->from->document,
                         set->from->document_length, &limits, err))
        return -1;
    pl_document_write(document, out);
    return 0;
}

int
make_metrics(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    static const Governance__StabilityMetrics none = GOVERNANCE__STABILITY_METRICS__INIT;
    const Governance__Run *run = set->from->record->run;
    const Governance__StabilityMetrics *m = run->metrics ? run->metrics : &none;
    struct pl_arena *arena = set->arena;
    struct pl_node *file = start(set), *extensions;

    (void)err;
    put_real(arena, file, "window_stability_ratio", m->window_stability_ratio);
    put_int(arena, file, "window_size", m->window_size);
    put_int(arena, file, "window_stable_count", m->window_stable_count);
    put_int(arena, file, "window_total_count", m->window_total_count);
    put_int(arena, file, "current_stable_streak", m->current_stable_streak);
    put_int(arena, file, "longest_stable_streak", m->longest_stable_streak);
    put_real(arena, file, "overall_stability_ratio", m->overall_stability_ratio);
    put_real(arena, file, "window_mean_score", m->window_mean_score);
    put_bool(arena, file, "placeholder", run->placeholder);
    put_bool(arena, file, "anomaly", m->anomaly);
    extensions = pl_node_set(arena, file, "extensions", pl_node_object(arena));
    put_int(arena, extensions, "placeholder_streak",
            m->extensions ? m->extensions->placeholder_streak : 0);
    file_write(out, file);
    return 0;
}

static void
put_placeholder(const struct artifact_set *set, struct pl_node *file)
{
    const Governance__Run *run = set->from->record->run;
    const Governance__StabilityMetrics *m = run->metrics;

    put_bool(set->arena, file, "placeholder", run->placeholder);
    put_text(set->arena, file, "placeholder_reason", run->placeholder_reason);
    put_int(set->arena, file, "placeholder_streak",
            m && m->extensions ? m->extensions->placeholder_streak : 0);
    put_int(set->arena, file, "placeholder_streak_alert_threshold",
            set->from->record->api->placeholder_streak_alert_threshold);
}

int
make_summary(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    const Governance__GetRunRecordReply *record = set->from->record;
    const Governance__Run *run = record->run;
    const Governance__SemverValidation *semver = run->semver;
    struct pl_arena *arena = set->arena;
    struct pl_node *file = start(set);

    (void)err;
    put_int(arena, file, "seq", run->seq);
    put_text(arena, file, "branch", run->branch);
    put_text(arena, file, "version", run->version);
    put_text(arena, file, "committed_at", run->committed_at);
    put_text(arena, file, "recorded_at", run->created_at);
    put_text(arena, file, "verdict", run->verdict);
    put_text(arena, file, "policy", run->policy);
    put_texts(arena, file, "policy_reasons", run->n_policy_reasons, run->policy_reasons);
    put_real(arena, file, "stability_ratio",
             run->metrics ? run->metrics->window_stability_ratio : 0);
    put_real(arena, file, "stability_threshold", record->api->stability_threshold);
    put_text(arena, file, "semver_policy_status",
             semver && semver->status ? semver->status : "unknown");
    put_placeholder(set, file);
    put_int(arena, file, "operations_added", (int64_t)run->n_operations_added);
    put_int(arena, file, "operations_removed", (int64_t)run->n_operations_removed);
    put_int(arena, file, "operations_changed", (int64_t)run->n_operations_changed);
    put_int(arena, file, "breaking", run->breaking);
    put_int(arena, file, "warnings", run->warnings);
    put_texts(arena, file, "reasons", run->n_reasons, run->reasons);
    put_real(arena, file, "milestone_percent", record->milestone_percent);
    file_write(out, file);
    return 0;
}

static void
put_operations(struct pl_arena *arena, struct pl_node *file, const char *key, size_t count,
               Governance__OperationRef *const *operations)
{
    struct pl_node *array = pl_node_set(arena, file, key, pl_node_array(arena));

    for (size_t i = 0; i < count; i++) {
        struct pl_node *item = pl_node_push(arena, array, pl_node_object(arena));

        put_text(arena, item, "method", operations[i]->method);
        put_text(arena, item, "path", operations[i]->path);
        if (operations[i]->operation_id && operations[i]->operation_id[0])
            put_text(arena, item, "operation_id", operations[i]->operation_id);
    }
}

int
make_operations(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    const Governance__Run *run = set->from->record->run;
    struct pl_node *file = start(set);

    (void)err;
    put_text(set->arena, file, "base_run", run->base_run);
    put_operations(set->arena, file, "added", run->n_operations_added, run->operations_added);
    put_operations(set->arena, file, "removed", run->n_operations_removed, run->operations_removed);
    put_operations(set->arena, file, "changed", run->n_operations_changed, run->operations_changed);
    file_write(out, file);
    return 0;
}

int
make_semver(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    static const Governance__SemverValidation none = GOVERNANCE__SEMVER_VALIDATION__INIT;
    const Governance__Run *run = set->from->record->run;
    const Governance__SemverValidation *s = run->semver ? run->semver : &none;
    struct pl_node *file = start(set);

    (void)err;
    put_text(set->arena, file, "status", s->status && s->status[0] ? s->status : "unknown");
    put_text(set->arena, file, "current_version", s->current_version);
    put_text(set->arena, file, "previous_version", s->previous_version);
    put_bool(set->arena, file, "breaking", s->breaking);
    put_text(set->arena, file, "required", s->required);
    put_texts(set->arena, file, "messages", s->n_messages, s->messages);
    put_texts(set->arena, file, "recommendations", s->n_recommendations, s->recommendations);
    file_write(out, file);
    return 0;
}

int
make_milestones(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    const Governance__GetRunRecordReply *record = set->from->record;
    struct pl_arena *arena = set->arena;
    struct pl_node *file = start(set), *categories;

    (void)err;
    put_real(arena, file, "percent", record->milestone_percent);
    categories = pl_node_set(arena, file, "categories", pl_node_array(arena));
    for (size_t i = 0; i < record->n_milestones; i++) {
        const Governance__Milestone *milestone = record->milestones[i];
        struct pl_node *item = pl_node_push(arena, categories, pl_node_object(arena));

        put_text(arena, item, "category", milestone->category);
        put_real(arena, item, "weight", milestone->weight);
        put_real(arena, item, "percent", milestone->percent);
        put_int(arena, item, "total", milestone->total);
        put_int(arena, item, "complete", milestone->complete);
    }
    file_write(out, file);
    return 0;
}

char *
history_line(const Governance__RunSummary *run, struct pl_arena *arena)
{
    struct pl_node *line = pl_node_object(arena);
    struct pl_buf out = { .arena = arena };

    put_int(arena, line, "seq", run->seq);
    put_text(arena, line, "run", run->id);
    put_text(arena, line, "sha", run->sha);
    put_text(arena, line, "branch", run->branch);
    put_text(arena, line, "version", run->version);
    put_text(arena, line, "committed_at", run->committed_at);
    put_text(arena, line, "recorded_at", run->created_at);
    put_text(arena, line, "verdict", run->verdict);
    put_text(arena, line, "policy", run->policy);
    put_text(arena, line, "semver_policy_status", run->semver_status);
    put_real(arena, line, "stability_ratio", run->stability_ratio);
    put_bool(arena, line, "placeholder", run->placeholder);
    put_int(arena, line, "breaking", run->breaking);
    put_int(arena, line, "warnings", run->warnings);
    put_int(arena, line, "operations_added", run->operations_added);
    put_int(arena, line, "operations_removed", run->operations_removed);
    put_int(arena, line, "operations_changed", run->operations_changed);
    pl_node_write(&out, line, PL_COMPACT);
    pl_buf_char(&out, '\n');
    return out.data;
}

int
make_history(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    (void)err;
    if (set->from->history)
        pl_buf_str(out, set->from->history);
    return 0;
}
