#include "sample.h"

#include "producers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEW(arena, stem, STEM)                                                      \
    (Governance__##stem *)memcpy(pl_arena_alloc(arena, sizeof(Governance__##stem)), \
                                 &(Governance__##stem)GOVERNANCE__##STEM##__INIT,   \
                                 sizeof(Governance__##stem))

static const char DOCUMENT[] =
    "{\"openapi\":\"3.1.0\",\"info\":{\"version\":\"2.0.0\",\"title\":\"Museum\"},"
    "\"paths\":{\"/tickets\":{\"get\":{\"responses\":{\"200\":{\"description\":\"ok\"}}}}}}";

/* b breaks, w warns, p is a placeholder, s is stable; the newest stands last. */
static const char STORY[SAMPLE_RUNS + 1] = "ssswssbsssssspppsssswsssssbsssssbs";

static Governance__RunSummary *
summary(struct pl_arena *arena, int index)
{
    static const struct {
        char sign;
        char *verdict;
    } VERDICTS[] = {
        { 's', "stable" }, { 'w', "warnings" }, { 'b', "breaking" }, { 'p', "placeholder" }
    };
    Governance__RunSummary *run = NEW(arena, RunSummary, RUN_SUMMARY);
    char sign = index == SAMPLE_RUNS - 1 ? 'b' : STORY[index];
    int good = 0, from = index > 19 ? index - 19 : 0;

    for (int i = from; i <= index; i++)
        good += i == SAMPLE_RUNS - 1 ? 0 : STORY[i] == 's' || STORY[i] == 'w';
    for (int i = 0; i < 4; i++)
        if (VERDICTS[i].sign == sign)
            run->verdict = VERDICTS[i].verdict;
    run->id = pl_arena_printf(arena, "01JD3Z%04d", index + 1);
    run->seq = index + 1;
    run->branch = "main";
    run->sha = pl_arena_printf(arena, "%07x", 0x624581 + 7919 * index);
    run->version = pl_arena_printf(arena, "1.%d.0", index);
    run->committed_at =
        pl_arena_printf(arena, "2026-%02d-%02dT09:30:00.000Z", 1 + index / 4, 1 + index % 28);
    run->created_at = pl_arena_printf(arena, "2026-11-20T10:%02d:00.000Z", index);
    run->placeholder = sign == 'p';
    run->policy = sign == 'b' ? "fail" : "pass";
    run->semver_status = sign == 'b' ? "fail" : sign == 'p' ? "unknown" : "ok";
    run->stability_ratio = (double)good / (index - from + 1);
    run->breaking = sign == 'b' ? 2 : 0;
    run->warnings = sign == 'w' ? 1 : 0;
    run->operations_added = index % 3;
    run->operations_removed = sign == 'b';
    return run;
}

static Governance__OperationRef *
operation(struct pl_arena *arena, char *method, char *path)
{
    Governance__OperationRef *ref = NEW(arena, OperationRef, OPERATION_REF);

    ref->method = method;
    ref->path = path;
    return ref;
}

static Governance__Finding *
finding(struct pl_arena *arena, char *id, char *text, char *hint)
{
    Governance__Finding *f = NEW(arena, Finding, FINDING);

    f->id = id;
    f->level = "error";
    f->kind = "changed";
    f->operation = operation(arena, "POST", "/special-events/{eventId}");
    f->text = text;
    f->hint = hint;
    return f;
}

static void
add_findings(struct pl_arena *arena, Governance__Run *run)
{
    run->n_findings = 2;
    run->findings = pl_arena_alloc(arena, 2 * sizeof(Governance__Finding *));
    run->findings[0] =
        finding(arena, "request-property-became-required",
                "The request property `/eventName` became required: a request without it was "
                "accepted before and is refused now.",
                "Keep it optional, or raise the major version.");
    run->findings[1] = finding(arena, "response-enum-widened",
                               "The response property `/status` may now be `archived`, which "
                               "callers of the version before do not know.",
                               "");
}

static void
add_policy(struct pl_arena *arena, Governance__Run *run)
{
    static char *messages[] = { "The change breaks callers, but the major version did not rise." };
    static char *advice[] = { "Release this as 2.0.0, or keep the old shape beside the new one." };
    static char *reasons[] = { "2 breaking changes under an unchanged major version" };
    static char *flags[] = { "semver_fail" };

    run->semver = NEW(arena, SemverValidation, SEMVER_VALIDATION);
    run->semver->status = "fail";
    run->semver->previous_version = "1.32.0";
    run->semver->current_version = "1.33.0";
    run->semver->breaking = true;
    run->semver->required = "major";
    run->semver->n_messages = run->semver->n_recommendations = 1;
    run->semver->messages = messages;
    run->semver->recommendations = advice;
    run->n_policy_reasons = run->n_reasons = 1;
    run->policy_reasons = reasons;
    run->reasons = flags;
}

static void
add_metrics(struct pl_arena *arena, Governance__Run *run, double ratio)
{
    Governance__StabilityMetrics *m = NEW(arena, StabilityMetrics, STABILITY_METRICS);

    run->metrics = m;
    m->window_stability_ratio = ratio;
    m->window_size = m->window_total_count = 20;
    m->window_stable_count = (int64_t)(ratio * 20 + 0.5);
    m->longest_stable_streak = 10;
    m->overall_stability_ratio = 0.8;
    m->window_mean_score = ratio;
    m->extensions = NEW(arena, Extensions, EXTENSIONS);
}

static Governance__Run *
last_run(struct pl_arena *arena, const Governance__RunSummary *summary_of)
{
    Governance__Run *run = NEW(arena, Run, RUN);

    run->id = summary_of->id;
    run->api = "museum";
    run->seq = summary_of->seq;
    run->branch = "main";
    run->sha = summary_of->sha;
    run->version = "1.33.0";
    run->committed_at = summary_of->committed_at;
    run->created_at = summary_of->created_at;
    run->verdict = "breaking";
    run->policy = "fail";
    run->breaking = 2;
    run->warnings = 1;
    run->base_run = "01JD3Z0033";
    run->n_operations_added = run->n_operations_changed = run->n_operations_removed = 1;
    run->operations_added = pl_arena_alloc(arena, 3 * sizeof(Governance__OperationRef *));
    run->operations_changed = run->operations_added + 1;
    run->operations_removed = run->operations_added + 2;
    run->operations_added[0] = operation(arena, "GET", "/tickets/{ticketId}/qr");
    run->operations_changed[0] = operation(arena, "POST", "/special-events/{eventId}");
    run->operations_removed[0] = operation(arena, "DELETE", "/museum-hours");
    add_policy(arena, run);
    add_metrics(arena, run, summary_of->stability_ratio);
    add_findings(arena, run);
    return run;
}

static Governance__Milestone *
milestone(struct pl_arena *arena, char *category, double weight, int total, int complete)
{
    Governance__Milestone *m = NEW(arena, Milestone, MILESTONE);

    m->category = category;
    m->weight = weight;
    m->total = total;
    m->complete = complete;
    m->percent = 100.0 * complete / total;
    return m;
}

Governance__GetRunRecordReply *
sample_record(struct pl_arena *arena)
{
    Governance__GetRunRecordReply *record = NEW(arena, GetRunRecordReply, GET_RUN_RECORD_REPLY);

    record->api = NEW(arena, Api, API);
    record->api->api = "museum";
    record->api->title = SAMPLE_TITLE;
    record->api->visibility = "public";
    record->api->default_branch = "main";
    record->api->stability_threshold = 0.85;
    record->api->window = 20;
    record->api->placeholder_streak_alert_threshold = 5;
    record->n_history = SAMPLE_RUNS;
    record->history = pl_arena_alloc(arena, SAMPLE_RUNS * sizeof(Governance__RunSummary *));
    for (int i = 0; i < SAMPLE_RUNS; i++)
        record->history[SAMPLE_RUNS - 1 - i] = summary(arena, i);
    record->run = record->last_breaking = last_run(arena, record->history[0]);
    record->n_milestones = 2;
    record->milestones = pl_arena_alloc(arena, 2 * sizeof(Governance__Milestone *));
    record->milestones[0] = milestone(arena, "Contract published", 2, 8, 8);
    record->milestones[1] = milestone(arena, "Consumers migrated", 1, 12, 5);
    record->milestone_percent = 80.5;
    record->overall_runs = SAMPLE_RUNS;
    record->document_run = record->run->id;
    return record;
}

struct publication *
sample_publication(struct pl_arena *arena)
{
    struct publication *from = pl_arena_alloc(arena, sizeof *from);
    struct pl_buf history = { .arena = arena };

    from->record = sample_record(arena);
    from->document = DOCUMENT;
    from->document_length = sizeof DOCUMENT - 1;
    for (size_t i = from->record->n_history; i-- > 0;)
        pl_buf_str(&history, history_line(from->record->history[i], arena));
    from->history = history.data;
    from->published_at = "2026-11-20T19:30:14.123Z";
    return from;
}

const struct pl_signer *
sample_signer(void)
{
    static struct pl_signer signer;
    struct pl_err err = { 0 };

    if (pl_signer_open(&signer, SAMPLE_SEED, &err))
        abort();
    return &signer;
}

struct artifact_set *
sample_set(const struct publication *from, struct pl_arena *arena)
{
    struct artifact_set *set;
    struct pl_err err = { 0 };

    if (set_build(&set, from, arena, &err)) {
        fprintf(stderr, "the set could not be built: %s\n", err.text);
        abort();
    }
    return set;
}
