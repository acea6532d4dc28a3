/* Who has an input, and what becomes of it. */
#include "check.h"
#include "flow.h"
#include "record.h"
#include "store.h"

#include "pl_id.h"
#include "pl_log.h"

#include <string.h>

static int
lock(struct pl_call *call, const char *id, const char *if_match, Bridge__Input **out)
{
    if (store_lock_input(call->db, id ? id : "", call->arena, out, &call->err))
        return -1;
    return record_check_match(call, if_match, (*out)->version);
}

/* bridge.AssignInput: to whom it belongs already changes nothing. */
int
assign_input(struct pl_call *call)
{
    const Bridge__AssignInputRequest *request = call->request;
    Bridge__AssignInputReply *reply = call->reply;
    Bridge__Change change = BRIDGE__CHANGE__INIT;
    Bridge__Input *input;
    const char *before;

    if (request->owner == NULL || !check_text(call, "owner", request->owner, 0, 200))
        return pl_fail(&call->err, INVALID, "the owner is not valid");
    if (lock(call, request->id, request->if_match, &input))
        return -1;
    before = input->owner ? input->owner : "";
    reply->input = input;
    if (strcmp(before, request->owner) != 0) {
        input->owner = request->owner;
        if (store_save_input(call->db, input, call->arena, &reply->input, &call->err))
            return -1;
        change.field = "owner";
        change.before = (char *)before;
        change.after = request->owner;
        if (record_change(call, reply->input, change) ||
            record_input_event(call, "bridge.owner.assigned", reply->input, NULL, before))
            return -1;
        pl_timers_wake();
    }
    call->http.etag = record_etag(call, reply->input->version);
    return 0;
}

/* Move the locked ${input} to ${status}, if there is a way. */
static int
move(struct pl_call *call, Bridge__Input *input, const char *status, const char *comment,
     Bridge__Input **out)
{
    Bridge__Change change = BRIDGE__CHANGE__INIT;
    const char *before = input->status, *next = flow_input_next(before);

    if (!check_text(call, "comment", comment, 0, 2000))
        return pl_fail(&call->err, INVALID, "the comment is not valid");
    if (!flow_input(before, status))
        return pl_fail(&call->err, CONFLICT, "an input that is %s cannot become %s%s%s", before,
                       status, *next ? ", only " : ": that is final", next);
    input->status = (char *)status;
    if (store_save_input(call->db, input, call->arena, out, &call->err))
        return -1;
    change.field = "status";
    change.before = (char *)before;
    change.after = (char *)status;
    change.comment = (char *)comment;
    if (record_change(call, *out, change) ||
        record_input_event(call, "bridge.status.changed", *out, before, NULL))
        return -1;
    pl_info("input.moved", PL_S("input", input->id), PL_S("from", before), PL_S("to", status),
            PL_S("by", record_actor(call)));
    pl_timers_wake();
    return 0;
}

/* bridge.MoveInput */
int
move_input(struct pl_call *call)
{
    const Bridge__MoveInputRequest *request = call->request;
    Bridge__MoveInputReply *reply = call->reply;
    const char *status = request->status ? request->status : "";
    Bridge__Input *input;

    if (strcmp(status, "approved") == 0)
        return pl_fail(&call->err, INVALID,
                       "approving makes an experiment: POST to …/approve instead");
    if (lock(call, request->id, request->if_match, &input) ||
        move(call, input, status, request->comment, &reply->input))
        return -1;
    call->http.etag = record_etag(call, reply->input->version);
    return 0;
}

/* bridge.ApproveInput: the status and the experiment are one transaction (C-05). */
int
approve_input(struct pl_call *call)
{
    const Bridge__ApproveInputRequest *request = call->request;
    Bridge__ApproveInputReply *reply = call->reply;
    Bridge__Experiment experiment = BRIDGE__EXPERIMENT__INIT;
    Bridge__Change change = BRIDGE__CHANGE__INIT;
    Bridge__Input *input;

    if (lock(call, request->id, request->if_match, &input) ||
        move(call, input, "approved", request->comment, &input))
        return -1;
    experiment.id = pl_id_new(call->arena);
    experiment.input = input->id;
    experiment.title = input->title;
    experiment.approved_by = record_actor(call);
    if (store_add_experiment(call->db, &experiment, call->arena, &reply->experiment, &call->err))
        return -1;
    change.field = "experiment";
    change.after = "planned";
    change.experiment = experiment.id;
    if (record_change(call, input, change) ||
        record_experiment_event(call, "bridge.experiment.approved", reply->experiment))
        return -1;
    pl_info("experiment.approved", PL_S("experiment", experiment.id), PL_S("input", input->id),
            PL_S("by", experiment.approved_by));
    call->http.status = 201;
    call->http.etag = record_etag(call, reply->experiment->version);
    call->http.location = pl_arena_printf(call->arena, "/api/bridge/experiments/%s", experiment.id);
    return 0;
}
