#include "events.h"

#include "pl_service.h"

#include "events.pb-c.h"
#include "governance.h"

#include <string.h>

#define NOTICE_FINDINGS 5   // the rest is one Call away
#define SENTENCE_MOST   400 // bytes: an event stays far below 64 KiB

int
emit_api(struct pl_pg *db, const Governance__Api *api, struct pl_err *err)
{
    Events__ApiChanged event = EVENTS__API_CHANGED__INIT;

    event.api = api->api;
    event.title = api->title;
    event.visibility = api->visibility;
    event.default_branch = api->default_branch;
    PUT(&event, archived, api->archived);
    event.notice_policy = api->notice_policy;
    return pl_outbox_add(db, "api", api->api, "governance.api.changed", &event.base, err);
}

int
emit_run(struct pl_pg *db, const Governance__Run *run, struct pl_err *err)
{
    Events__RunCompleted event = EVENTS__RUN_COMPLETED__INIT;

    event.api = run->api;
    event.run = run->id;
    PUT(&event, seq, run->seq);
    event.branch = run->branch;
    event.sha = run->sha;
    PUT(&event, preview, run->preview);
    PUT(&event, placeholder, run->placeholder);
    event.verdict = run->verdict;
    event.semver_status = run->semver->status;
    PUT(&event, stability_ratio, run->metrics->window_stability_ratio);
    PUT(&event, placeholder_streak, run->metrics->extensions->placeholder_streak);
    PUT(&event, operations_added, (int64_t)run->n_operations_added);
    PUT(&event, operations_removed, (int64_t)run->n_operations_removed);
    PUT(&event, breaking, run->breaking);
    event.document_sha256 = run->document_sha256;
    PUT(&event, anomaly, run->metrics->anomaly);
    return pl_outbox_add(db, "api", run->api, "governance.run.completed", &event.base, err);
}

/* Cut between two UTF-8 characters. */
static char *
sentence(const char *text, struct pl_arena *arena)
{
    size_t length = strlen(text);

    if (length <= SENTENCE_MOST)
        return pl_arena_strdup(arena, text);
    for (length = SENTENCE_MOST; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
        length--;
    return pl_arena_printf(arena, "%.*s…", (int)length, text);
}

/* The first few breaking findings, one sentence each. */
static size_t
worst(const struct pl_diff *diff, struct pl_arena *arena, char ***out)
{
    size_t count = 0;

    *out = pl_arena_alloc(arena, NOTICE_FINDINGS * sizeof **out);
    for (int i = 0; diff && i < diff->finding_count && count < NOTICE_FINDINGS; i++)
        if (diff->findings[i].level == PL_LEVEL_ERROR)
            (*out)[count++] = sentence(diff->findings[i].text, arena);
    return count;
}

int
emit_notice(struct pl_pg *db, const Governance__Run *run, const struct judging *judging,
            struct pl_arena *arena, struct pl_err *err)
{
    Events__Notice event = EVENTS__NOTICE__INIT;

    event.api = run->api;
    event.run = run->id;
    PUT(&event, seq, run->seq);
    event.sha = run->sha;
    event.branch = run->branch;
    event.semver_status = run->semver->status;
    PUT(&event, stability_ratio, run->metrics->window_stability_ratio);
    event.n_reasons = run->n_reasons;
    event.reasons = run->reasons;
    event.n_changed = run->n_changed_reasons;
    event.changed = run->changed_reasons;
    PUT(&event, operations_added, (int64_t)run->n_operations_added);
    PUT(&event, operations_removed, (int64_t)run->n_operations_removed);
    event.version = run->version;
    event.previous_version = run->semver->previous_version;
    PUT(&event, breaking, run->breaking);
    event.n_findings = worst(judging->diff, arena, &event.findings);
    event.title = judging->settings->title;
    PUT(&event, placeholder_streak, run->metrics->extensions->placeholder_streak);
    event.notice_policy = judging->settings->notice_policy;
    event.severity = strcmp(run->policy, "fail") == 0 ? "high" : "medium";
    return pl_outbox_add(db, "api", run->api, "governance.notice", &event.base, err);
}

int
emit_issue(struct pl_pg *db, const char *type, const Governance__Issue *issue, const char *run,
           struct pl_err *err)
{
    Events__IssueChanged event = EVENTS__ISSUE_CHANGED__INIT;

    event.api = issue->api;
    event.issue = issue->id;
    event.kind = issue->kind;
    event.state = issue->state;
    event.title = issue->title;
    event.run = (char *)run;
    return pl_outbox_add(db, "api", issue->api, type, &event.base, err);
}

int
emit_acceptance(struct pl_pg *db, const char *type, const Governance__Acceptance *acceptance,
                const char *by, struct pl_err *err)
{
    Events__AcceptanceChanged event = EVENTS__ACCEPTANCE_CHANGED__INIT;

    event.api = acceptance->api;
    event.fingerprint = acceptance->fingerprint;
    event.author = acceptance->author;
    event.reason = acceptance->reason;
    event.expires = acceptance->expires;
    event.by = (char *)by;
    return pl_outbox_add(db, "api", acceptance->api, type, &event.base, err);
}
