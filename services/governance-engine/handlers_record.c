/* governance.GetRunRecord: everything that a run's artifacts are made of.  Runs are never changed
 * and those of the record are numbered under a lock, so what is <= n is a snapshot by itself. */
#include "governance.h"
#include "milestones.h"
#include "params.h"
#include "reply.h"
#include "store.h"

#define RECORD_FINDINGS 1000
#define HISTORY_DEFAULT 50
#define HISTORY_MOST    1000

int
get_run_record(struct pl_call *call)
{
    const Governance__GetRunRecordRequest *request = call->request;
    Governance__GetRunRecordReply *reply = call->reply;
    int64_t limit = request->has_history_limit ? request->history_limit : HISTORY_DEFAULT;
    const char *last_breaking, *document_run;
    struct api_state *state;
    Governance__Api *api;
    int64_t runs;

    if (!check_slug(call, request->api) || request->run == NULL || limit < 0 ||
        limit > HISTORY_MOST)
        return pl_fail(&call->err, MALFORMED, "the question about a run's record is not valid");
    if (store_get_api(call->db, request->api, call->arena, &state, &call->err) ||
        reply_run(call, request->api, request->run, RECORD_FINDINGS, &reply->run, &runs) ||
        store_list_runs(call->db, request->api, "", true, reply->run->seq + 1, limit, call->arena,
                        &reply->history, &reply->n_history, &call->err) ||
        store_marks(call->db, request->api, reply->run->seq, call->arena, &last_breaking,
                    &document_run, &call->err))
        return -1;
    if (last_breaking[0] &&
        reply_run(call, request->api, last_breaking, RECORD_FINDINGS, &reply->last_breaking, NULL))
        return -1;
    reply->api = api = state->api;
    reply->document_run = document_run[0] ? (char *)document_run : NULL;
    PUT(reply, overall_runs, runs);
    reply->has_milestone_percent = 1;
    return milestones_count(api->has_milestones ? api->milestones : (ProtobufCBinaryData){ 0 },
                            call->arena, &reply->milestones, &reply->n_milestones,
                            &reply->milestone_percent, &call->err);
}
