/* Experiments: show, list, start, conclude. */
#include "check.h"
#include "flow.h"
#include "record.h"
#include "store.h"

#include "pl_log.h"

#include <string.h>

/* bridge.GetExperiment */
int
get_experiment(struct pl_call *call)
{
    const Bridge__GetExperimentRequest *request = call->request;
    Bridge__GetExperimentReply *reply = call->reply;

    if (store_get_experiment(call->db, request->id ? request->id : "", call->arena,
                             &reply->experiment, &call->err))
        return -1;
    call->http.etag = record_etag(call, reply->experiment->version);
    return 0;
}

/* bridge.ListExperiments */
int
list_experiments(struct pl_call *call)
{
    const Bridge__ListExperimentsRequest *request = call->request;
    Bridge__ListExperimentsReply *reply = call->reply;
    int64_t limit, before, next;

    if (check_page(call, request->cursor, request->has_limit, request->limit, INT64_MAX, &limit,
                   &before) ||
        store_list_experiments(call->db, request->owner, request->status, before, limit + 1,
                               call->arena, &reply->experiments, &reply->n_experiments, &next,
                               &call->err))
        return -1;
    if (reply->n_experiments > (size_t)limit) {
        reply->n_experiments = (size_t)limit;
        reply->next_cursor = pl_arena_printf(call->arena, "%lld", (long long)next);
    }
    return 0;
}

static int
check_move(struct pl_call *call, const Bridge__MoveExperimentRequest *request)
{
    bool concludes = request->status && strcmp(request->status, "concluded") == 0;

    if (request->status == NULL)
        return pl_fail(&call->err, INVALID, "a status is needed");
    if (concludes && request->outcome == NULL)
        return pl_fail(&call->err, INVALID,
                       "a concluded experiment has an outcome: confirmed, refuted, inconclusive");
    if (!concludes && (request->outcome || request->conclusion))
        return pl_fail(&call->err, INVALID,
                       "only a concluded experiment has an outcome and a conclusion");
    if (!check_text(call, "conclusion", request->conclusion, 0, 10000))
        return pl_fail(&call->err, INVALID, "the conclusion is not valid");
    return 0;
}

/* bridge.MoveExperiment */
int
move_experiment(struct pl_call *call)
{
    const Bridge__MoveExperimentRequest *request = call->request;
    Bridge__MoveExperimentReply *reply = call->reply;
    Bridge__Change change = BRIDGE__CHANGE__INIT;
    Bridge__Input input = BRIDGE__INPUT__INIT;
    Bridge__Experiment *experiment;
    const char *before, *next;

    if (check_move(call, request) ||
        store_lock_experiment(call->db, request->id ? request->id : "", call->arena, &experiment,
                              &call->err) ||
        record_check_match(call, request->if_match, experiment->version))
        return -1;
    before = experiment->status;
    next = flow_experiment_next(before);
    if (!flow_experiment(before, request->status))
        return pl_fail(&call->err, CONFLICT, "an experiment that is %s cannot become %s%s%s",
                       before, request->status, *next ? ", only " : ": that is final", next);
    experiment->status = request->status;
    experiment->outcome = request->outcome;
    experiment->conclusion = request->conclusion;
    if (store_save_experiment(call->db, experiment, call->arena, &reply->experiment, &call->err))
        return -1;
    input.id = experiment->input;
    change.field = "experiment";
    change.before = (char *)before;
    change.after = request->outcome
                       ? pl_arena_printf(call->arena, "concluded: %s", request->outcome)
                       : request->status;
    change.experiment = experiment->id;
    change.has_version = 1;
    change.version = reply->experiment->version;
    if (record_change(call, &input, change) ||
        record_experiment_event(call, "bridge.experiment.changed", reply->experiment))
        return -1;
    pl_info("experiment.moved", PL_S("experiment", experiment->id), PL_S("from", before),
            PL_S("to", request->status), PL_S("by", record_actor(call)));
    call->http.etag = record_etag(call, reply->experiment->version);
    return 0;
}
