/* Inputs: submit, show, list, edit, their history. */
#include "check.h"
#include "markdown.h"
#include "record.h"
#include "store.h"

#include "pl_id.h"
#include "pl_log.h"

#include <string.h>

#define LONGEST_TITLE 200
#define LONGEST_TEXT  10000

/* bridge.CreateInput */
int
create_input(struct pl_call *call)
{
    const Bridge__CreateInputRequest *request = call->request;
    Bridge__CreateInputReply *reply = call->reply;
    Bridge__Input input = BRIDGE__INPUT__INIT;
    Bridge__Change change = BRIDGE__CHANGE__INIT;
    bool good = request->title && request->problem && request->has_impact;

    if (!good)
        return pl_fail(&call->err, INVALID, "an input needs a title, a problem and an impact");
    good = check_text(call, "title", request->title, 1, LONGEST_TITLE);
    good = check_text(call, "problem", request->problem, 1, LONGEST_TEXT) && good;
    good = check_text(call, "hypothesis", request->hypothesis, 0, LONGEST_TEXT) && good;
    good = check_text(call, "owner", request->owner, 0, LONGEST_TITLE) && good;
    good = check_tags(call, request->n_tags, request->tags) && good;
    good = check_impact(call, true, request->impact) && good;
    if (!good)
        return pl_fail(&call->err, INVALID, "the input is not valid");

    input.id = pl_id_new(call->arena);
    input.title = request->title;
    input.problem = request->problem;
    input.hypothesis = request->hypothesis;
    input.owner = request->owner;
    input.tags = request->tags;
    input.n_tags = request->n_tags;
    input.impact = request->impact;
    input.created_by = record_actor(call);
    if (store_add_input(call->db, &input, call->arena, &reply->input, &call->err))
        return -1;
    change.field = "created";
    change.after = input.title;
    if (record_change(call, reply->input, change) ||
        record_input_event(call, "bridge.input.created", reply->input, NULL, NULL))
        return -1;

    pl_info("input.created", PL_S("input", input.id), PL_S("by", input.created_by));
    pl_timers_wake();
    call->http.status = 201;
    call->http.etag = record_etag(call, reply->input->version);
    call->http.location = pl_arena_printf(call->arena, "/api/bridge/inputs/%s", input.id);
    return 0;
}

/* bridge.GetInput */
int
get_input(struct pl_call *call)
{
    const Bridge__GetInputRequest *request = call->request;
    Bridge__GetInputReply *reply = call->reply;

    if (store_get_input(call->db, request->id ? request->id : "", call->arena, &reply->input,
                        &call->err))
        return -1;
    call->http.etag = record_etag(call, reply->input->version);
    return 0;
}

/* bridge.ListInputs */
int
list_inputs(struct pl_call *call)
{
    const Bridge__ListInputsRequest *request = call->request;
    Bridge__ListInputsReply *reply = call->reply;
    struct input_filter filter = { .owner = request->owner,
                                   .tag = request->tag,
                                   .status = request->status,
                                   .words = request->q,
                                   .sort = request->sort,
                                   .cursor = request->cursor };
    const char *next;
    int64_t cursor;

    if (check_page(call, request->cursor, request->has_limit, request->limit, 0, &filter.limit,
                   &cursor))
        return -1;
    filter.limit++;
    if (store_list_inputs(call->db, &filter, call->arena, &reply->inputs, &reply->n_inputs, &next,
                          &call->err))
        return -1;
    if (next) {
        reply->n_inputs--;
        reply->next_cursor = (char *)next;
    }
    return 0;
}

static int
note(struct pl_call *call, const Bridge__Input *input, const char *field, const char *before,
     const char *after)
{
    Bridge__Change change = BRIDGE__CHANGE__INIT;

    if (strcmp(before ? before : "", after ? after : "") == 0)
        return 0;
    change.field = (char *)field;
    change.before = (char *)before;
    change.after = (char *)after;
    change.has_version = 1;
    change.version = input->version + 1; // what saving makes of it
    return record_change(call, input, change);
}

static char *
joined(struct pl_arena *arena, size_t count, char *const *tags)
{
    char *text = "";

    for (size_t i = 0; i < count; i++)
        text = pl_arena_printf(arena, "%s%s%s", text, i ? ", " : "", tags[i]);
    return text;
}

static bool
clears_tags(const Bridge__UpdateInputRequest *request)
{
    for (size_t i = 0; i < request->n_clear; i++)
        if (strcmp(request->clear[i], "tags") == 0)
            return true;
    return false;
}

/* Put what the request says over ${input}, and each difference into the history. */
static int
merge(struct pl_call *call, const Bridge__UpdateInputRequest *request, Bridge__Input *input)
{
    struct pl_arena *arena = call->arena;
    bool tags = request->n_tags > 0 || clears_tags(request);

    if ((request->title && note(call, input, "title", input->title, request->title)) ||
        (request->problem && note(call, input, "problem", input->problem, request->problem)) ||
        (request->hypothesis &&
         note(call, input, "hypothesis", input->hypothesis, request->hypothesis)) ||
        (request->has_impact &&
         note(call, input, "impact", pl_arena_printf(arena, "%d", (int)input->impact),
              pl_arena_printf(arena, "%d", (int)request->impact))) ||
        (tags && note(call, input, "tags", joined(arena, input->n_tags, input->tags),
                      joined(arena, request->n_tags, request->tags))))
        return -1;
    input->title = request->title ? request->title : input->title;
    input->problem = request->problem ? request->problem : input->problem;
    input->hypothesis = request->hypothesis ? request->hypothesis : input->hypothesis;
    input->impact = request->has_impact ? request->impact : input->impact;
    if (tags) {
        input->tags = request->tags;
        input->n_tags = request->n_tags;
    }
    return 0;
}

/* bridge.UpdateInput */
int
update_input(struct pl_call *call)
{
    const Bridge__UpdateInputRequest *request = call->request;
    Bridge__UpdateInputReply *reply = call->reply;
    Bridge__Input *input;
    bool good = check_text(call, "title", request->title, 1, LONGEST_TITLE);

    good = check_text(call, "problem", request->problem, 1, LONGEST_TEXT) && good;
    good = check_text(call, "hypothesis", request->hypothesis, 0, LONGEST_TEXT) && good;
    good = check_tags(call, request->n_tags, request->tags) && good;
    good = check_impact(call, request->has_impact, request->impact) && good;
    if (!good)
        return pl_fail(&call->err, INVALID, "the change is not valid");
    if (store_lock_input(call->db, request->id ? request->id : "", call->arena, &input,
                         &call->err) ||
        record_check_match(call, request->if_match, input->version))
        return -1;
    if (strcmp(input->status, "approved") == 0)
        return pl_fail(&call->err, CONFLICT, "the input is approved: its experiment goes on");
    if (merge(call, request, input) ||
        store_save_input(call->db, input, call->arena, &reply->input, &call->err) ||
        record_input_event(call, "bridge.input.updated", reply->input, NULL, NULL))
        return -1;
    call->http.etag = record_etag(call, reply->input->version);
    return 0;
}

/* bridge.ListInputHistory */
int
list_input_history(struct pl_call *call)
{
    const Bridge__ListInputHistoryRequest *request = call->request;
    Bridge__ListInputHistoryReply *reply = call->reply;
    Bridge__Input *input;
    int64_t limit, after, next;

    if (check_page(call, request->cursor, request->has_limit, request->limit, 0, &limit, &after) ||
        store_get_input(call->db, request->id ? request->id : "", call->arena, &input,
                        &call->err) ||
        store_list_changes(call->db, input->id, after, limit + 1, call->arena, &reply->changes,
                           &reply->n_changes, &next, &call->err))
        return -1;
    if (reply->n_changes > (size_t)limit) {
        reply->n_changes = (size_t)limit;
        reply->next_cursor = pl_arena_printf(call->arena, "%lld", (long long)next);
    }
    return 0;
}

/* bridge.ExportInput */
int
export_input(struct pl_call *call)
{
    const Bridge__ExportInputRequest *request = call->request;
    Bridge__ExportInputReply *reply = call->reply;
    Pl__HttpBody *body = pl_arena_alloc(call->arena, sizeof *body);
    Bridge__Experiment *experiment = NULL;
    Bridge__Change **changes;
    Bridge__Input *input;
    int64_t next;
    size_t count;

    if (store_get_input(call->db, request->id ? request->id : "", call->arena, &input,
                        &call->err) ||
        (input->experiment &&
         store_get_experiment(call->db, input->experiment, call->arena, &experiment, &call->err)) ||
        store_list_changes(call->db, input->id, 0, MARKDOWN_CHANGES, call->arena, &changes, &count,
                           &next, &call->err))
        return -1;
    pl__http_body__init(body);
    body->content_type = "text/markdown; charset=utf-8";
    body->has_data = 1;
    body->data = markdown_input(input, experiment, changes, count, call->arena);
    reply->body = body;
    return 0;
}
