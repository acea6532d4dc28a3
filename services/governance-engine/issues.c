#include "issues.h"

#include "pl_id.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_service.h"

#include "events.h"
#include "reply.h"
#include "store.h"

#include <inttypes.h>

PL_COUNTER(issues_total, "governance_issues_total", "issues opened and closed", "kind,event");

static bool
unstable(const Governance__Run *run, const struct judging *judging)
{
    (void)run;
    return judging->conditions.stability_drop;
}

static bool
stalled(const Governance__Run *run, const struct judging *judging)
{
    (void)run;
    return judging->conditions.placeholder_streak;
}

static bool
abnormal(const Governance__Run *run, const struct judging *judging)
{
    (void)judging;
    return run->metrics->anomaly;
}

static void
describe_unstable(Governance__Issue *issue, const Governance__Run *run,
                  const struct judging *judging, struct pl_arena *arena)
{
    const Governance__StabilityMetrics *m = run->metrics;

    issue->title =
        pl_arena_printf(arena, "Stability of %s fell to %.2f", run->api, m->window_stability_ratio);
    issue->body = pl_arena_printf(
        arena,
        "At run %s (%s) %" PRId64 " of the last %" PRId64 " runs were stable: %.4f, below the "
        "threshold %.4f.\n\nLook at the findings of the last breaking run and at its version. "
        "This issue closes by itself when the ratio is at the threshold again, unless it has the "
        "label governance-hold.",
        run->id, run->sha, m->window_stable_count, m->window_total_count, m->window_stability_ratio,
        judging->settings->stability_threshold);
}

static void
describe_stalled(Governance__Issue *issue, const Governance__Run *run,
                 const struct judging *judging, struct pl_arena *arena)
{
    int64_t streak = run->metrics->extensions->placeholder_streak;

    (void)judging;
    issue->title = pl_arena_printf(arena, "%s: %" PRId64 " runs in a row without a document",
                                   run->api, streak);
    issue->body = pl_arena_printf(
        arena,
        "Run %s (%s) was the last of %" PRId64 " runs in a row that gave no document; its reason "
        "was: %s\n\nA lasting streak points to a failure before the push: the export, the build, a "
        "moved path. This issue closes by itself with the next document, unless it has the label "
        "governance-hold.",
        run->id, run->sha, streak, run->placeholder_reason);
}

static void
describe_abnormal(Governance__Issue *issue, const Governance__Run *run,
                  const struct judging *judging, struct pl_arena *arena)
{
    (void)judging;
    issue->title = pl_arena_printf(arena, "Stability of %s fell suddenly", run->api);
    issue->body = pl_arena_printf(
        arena,
        "At run %s (%s) the stability ratio is %.4f, at least 0.2 less than within the five runs "
        "before.\n\nThis issue closes by itself when no such fall is within five runs any more, "
        "unless it has the label governance-hold.",
        run->id, run->sha, run->metrics->window_stability_ratio);
}

static const struct {
    const char *kind;
    bool (*bad)(const Governance__Run *run, const struct judging *judging);
    void (*describe)(Governance__Issue *issue, const Governance__Run *run,
                     const struct judging *judging, struct pl_arena *arena);
} kinds[] = {
    { "stability_degradation", unstable, describe_unstable },
    { "placeholder_streak", stalled, describe_stalled },
    { "anomaly", abnormal, describe_abnormal },
};

static int
open_issue(struct pl_pg *db, size_t kind, const Governance__Run *run, const struct judging *judging,
           struct pl_arena *arena, struct pl_err *err)
{
    Governance__Issue issue = GOVERNANCE__ISSUE__INIT;
    bool opened;

    issue.id = pl_id_new(arena);
    issue.api = run->api;
    issue.kind = (char *)kinds[kind].kind;
    issue.state = "open";
    issue.opened_by_run = run->id;
    kinds[kind].describe(&issue, run, judging, arena);
    if (store_open_issue(db, &issue, &opened, err))
        return -1;
    if (!opened)
        return 0;
    pl_inc(&issues_total, issue.kind, "opened");
    pl_info("issue.opened", PL_S("api", run->api), PL_S("issue", issue.id),
            PL_S("kind", issue.kind), PL_S("run", run->id));
    return emit_issue(db, "governance.issue.opened", &issue, run->id, err);
}

static int
close_issue(struct pl_pg *db, size_t kind, const Governance__Run *run, struct pl_arena *arena,
            struct pl_err *err)
{
    Governance__Issue *closed;

    if (store_close_issue(db, run->api, kinds[kind].kind, run->id, arena, &closed, err))
        return -1;
    if (closed == NULL)
        return 0;
    pl_inc(&issues_total, closed->kind, "closed");
    pl_info("issue.closed", PL_S("api", run->api), PL_S("issue", closed->id),
            PL_S("kind", closed->kind), PL_S("run", run->id));
    return emit_issue(db, "governance.issue.closed", closed, run->id, err);
}

int
follow_issues(struct pl_pg *db, const Governance__Run *run, const struct judging *judging,
              struct pl_arena *arena, struct pl_err *err)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].bad(run, judging)) {
            if (open_issue(db, i, run, judging, arena, err))
                return -1;
        } else if (!run->placeholder) { // without a document nothing has recovered
            if (close_issue(db, i, run, arena, err))
                return -1;
        }
    }
    return 0;
}
