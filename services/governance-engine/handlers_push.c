/* governance.CreateRun: judge and record a document, or that there is none (E-01, E-04, E-27,
 * RULINGS 21, 22).
 *
 * What takes long (inflating, reading, comparing) is done before the transaction.  Under the
 * api's lock it is seen whether the run compared with is still the last; if not, the comparison
 * is done once more.  Run, findings, record, issues and events are one transaction.
 */
#include "pl_id.h"
#include "pl_log.h"
#include "pl_metric.h"

#include "events.h"
#include "governance.h"
#include "issues.h"
#include "push.h"
#include "reply.h"

#include <string.h>

#define REPLY_FINDINGS 100

PL_COUNTER(runs_total, "governance_runs_total", "runs recorded", "verdict");
PL_COUNTER(repeats_total, "governance_repeated_pushes_total", "pushes that were recorded already",
           "");
PL_COUNTER(recompared_total, "governance_recompared_total",
           "pushes compared again because another one came between", "");

/* Answer with the run that is recorded under the push's identity, if there is one.  A placeholder
 * gives way to a document; anything else that differs is a conflict. */
static int
answer_known(struct pl_call *call, const struct push *push, const struct known_push *known,
             bool *answered)
{
    const Governance__CreateRunRequest *request = push->request;
    Governance__CreateRunReply *reply = call->reply;

    *answered = false;
    if (known->run[0] == '\0' || (known->document_sha256[0] == '\0' && !push->placeholder))
        return 0;
    if (strcmp(known->document_sha256, push->sha256) != 0)
        return pl_fail(&call->err, CONFLICT,
                       "another document is recorded for %s on branch \"%s\" of \"%s\"",
                       request->sha, push->branch, request->api);
    if (reply_run(call, request->api, known->run, REPLY_FINDINGS, &reply->run, NULL))
        return -1;
    PUT(reply->run, created, false);
    pl_inc(&repeats_total);
    *answered = true;
    return 0;
}

/* The api as it is now, fit to be pushed to; what is recorded under the identity. */
static int
look(struct pl_call *call, struct push *push, struct api_state **state, struct known_push *known)
{
    const Governance__CreateRunRequest *request = push->request;

    if (store_get_api(call->db, request->api, call->arena, state, &call->err))
        return -1;
    if ((*state)->api->archived)
        return pl_fail(&call->err, CONFLICT,
                       "the api \"%s\" is archived; nothing can be pushed to it any more",
                       request->api);
    push->branch = request->branch ? request->branch : (*state)->api->default_branch;
    return store_find_push(call->db, request->api, push->branch, request->sha, call->arena, known,
                           &call->err);
}

static Governance__Run *
identify(const struct push *push, const struct api_state *state, struct pl_arena *arena)
{
    const Governance__CreateRunRequest *request = push->request;
    Governance__Run *run = pl_arena_alloc(arena, sizeof *run);

    governance__run__init(run);
    run->id = pl_id_new(arena);
    run->api = request->api;
    PUT(run, seq, state->last_seq + 1);
    run->branch = (char *)push->branch;
    run->sha = request->sha;
    run->version = (char *)push->version;
    run->committed_at = request->committed_at;
    PUT(run, preview, strcmp(push->branch, state->api->default_branch) != 0);
    PUT(run, placeholder, push->placeholder);
    run->placeholder_reason = request->placeholder_reason;
    run->document_sha256 = push->placeholder ? NULL : (char *)push->sha256;
    run->base_run = state->base_run[0] ? (char *)state->base_run : NULL;
    return run;
}

static int
judge(struct pl_call *call, const struct push *push, const struct api_state *state,
      Governance__Run *run, struct judging *out)
{
    enum pl_verdict *window;
    int count;

    if (store_window(call->db, run->api, judging_window(state->api), call->arena, &window, &count,
                     &call->err))
        return -1;
    *out = (struct judging){
        .settings = state->api,
        .diff = push->diff,
        .previous_version = state->base_version,
        .breaking_ack = push->request->breaking_ack,
        .window = window,
        .window_count = count,
        .record = state->record,
        .conditions = state->conditions,
    };
    judge_run(out, run, call->arena);
    return 0;
}

/* The record moves on, with the issues and notices that follow.  A preview leaves it alone. */
static int
record(struct pl_call *call, const Governance__Run *run, const struct judging *judging)
{
    struct pl_pg *db = call->db;

    if (run->preview)
        return store_take_seq(db, run->api, run->seq, call->arena, &call->err);
    if (store_move_record(db, run, &judging->record, &judging->conditions, call->arena,
                          &call->err) ||
        follow_issues(db, run, judging, call->arena, &call->err))
        return -1;
    return judging->reasons ? emit_notice(db, run, judging, call->arena, &call->err) : 0;
}

static int
write_down(struct pl_call *call, const struct push *push, const struct known_push *known,
           const Governance__Run *run, const struct judging *judging)
{
    struct pl_pg *db = call->db;

    if (known->run[0] && store_replace_run(db, known->run, &call->err))
        return -1;
    if (!push->placeholder && store_add_document(db, push->sha256, push->size, push->gzip,
                                                 push->gzip_size, call->arena, &call->err))
        return -1;
    if (store_add_run(db, run, judging->record.runs, call->arena, &call->err) ||
        store_add_findings(db, run->id, push->diff, call->arena, &call->err) ||
        emit_run(db, run, &call->err))
        return -1;
    return record(call, run, judging);
}

static int
answer_created(struct pl_call *call, const Governance__Run *run)
{
    Governance__CreateRunReply *reply = call->reply;

    if (reply_run(call, run->api, run->id, REPLY_FINDINGS, &reply->run, NULL))
        return -1;
    PUT(reply->run, created, true);
    call->http.status = 201;
    call->http.location = reply->run->links->self;
    pl_inc(&runs_total, run->verdict);
    pl_info("run.recorded", PL_S("api", run->api), PL_I("seq", run->seq), PL_S("run", run->id),
            PL_S("branch", run->branch), PL_S("sha", run->sha), PL_S("verdict", run->verdict),
            PL_S("policy", run->policy));
    return 0;
}

/* Inside the transaction: everything that must not change under us. */
static int
settle(struct pl_call *call, struct push *push)
{
    struct api_state *state;
    struct known_push known;
    struct judging judging;
    Governance__Run *run;
    const struct pl_diff *before = push->diff;
    bool answered;

    if (store_lock_api(call->db, push->request->api, &call->err) ||
        look(call, push, &state, &known) || answer_known(call, push, &known, &answered))
        return -1;
    if (answered)
        return 0;
    if (push_compare(call, push, state))
        return -1;
    if (push->diff != before)
        pl_inc(&recompared_total);
    run = identify(push, state, call->arena);
    if (judge(call, push, state, run, &judging) || write_down(call, push, &known, run, &judging))
        return -1;
    return answer_created(call, run);
}

static int
run_push(struct pl_call *call, struct push *push)
{
    struct api_state *state;
    struct known_push known;
    bool answered, replayed = false;

    if (push_check(call, push) || look(call, push, &state, &known) || push_read(call, push) ||
        answer_known(call, push, &known, &answered))
        return -1;
    if (answered)
        return 0;
    if (push_load(call, push) || push_compare(call, push, state))
        return -1;
    if (pl_call_begin(call, &replayed))
        return -1;
    return replayed ? 0 : settle(call, push);
}

int
create_run(struct pl_call *call)
{
    const Governance__CreateRunRequest *request = call->request;
    struct governance *self = call->self;
    struct push push = { 0 };
    int rc = run_push(call, &push);

    push_end(self->documents, &push);
    return rc ? rc : reply_headers(call, request->api);
}
