/* Inputs and experiments from the call to the database. */
#include "bridge.h"

#include "pl_check.h"
#include "pl_dispatch.h"
#include "pl_metric.h"
#include "pl_pack.h"
#include "pl_pg.h"
#include "pl_test_db.h"

#include <string.h>

NEEDS_ENV("PL_TEST_DB_URL");

static const struct pl_service service = { .name = "research-bridge",
                                           .schema = "bridge",
                                           .endpoints = bridge_endpoints };
static struct pl_test_db *test;
static struct pl_worker worker;
static struct pl_arena *arena;
static Pl__Principal who;
static const char *key;
static const Pl__Reply *said;

static void
set_up(void)
{
    struct pl_err err = { 0 };

    test = pl_test_db_new("bridge", bridge_migrations);
    arena = pl_arena_new();
    worker = (struct pl_worker){ .service = &service, .arena = pl_arena_new() };
    pl__principal__init(&who);
    who.subject = "token:ada";
    key = NULL;
    CHECK_INT(pl_pg_open(&worker.db, pl_test_db_dsn(test), &err), ==, 0);
}

static void
tear_down(void)
{
    pl_pg_destroy(&worker.db);
    pl_arena_destroy(&worker.arena);
    pl_arena_destroy(&arena);
    pl_test_db_destroy(&test);
}

/* The reply, or NULL; ${said} is what came with it. */
static const void *
call(const char *operation, const ProtobufCMessage *message)
{
    Pl__Request envelope = PL__REQUEST__INIT;
    struct pl_request_frames in = { .caller = "test", .arrived = pl_now_ms() };
    struct pl_reply_frames out;

    envelope.operation = (char *)operation;
    envelope.has_message = true;
    envelope.message = pl_pack(message, arena);
    envelope.principal = &who;
    envelope.idempotency_key = (char *)key;
    envelope.has_remaining_ms = true;
    envelope.remaining_ms = 60000;
    in.envelope = pl_pack(&envelope.base, arena);
    pl_dispatch(&worker, &in, &out);
    said = pl_unpack(&pl__reply__descriptor, out.envelope, arena);
    pl_arena_reset(worker.arena);
    if (said->code != PL_OK)
        return NULL;
    return pl_unpack(pl_dispatch_find(&service, operation, strlen(operation))->reply, said->message,
                     arena);
}

static const char *
ask(const char *sql)
{
    struct pl_err err = { 0 };
    PGresult *res = pl_pg_exec(worker.db, &err, sql, PL_NO_ARGS);
    char *text = res && PQntuples(res) ? pl_pg_text(res, 0, 0, arena) : "failed";

    PQclear(res);
    return text;
}

static const Bridge__Input *
submit(char *title, char *tag, char *owner, int64_t impact)
{
    Bridge__CreateInputRequest request = BRIDGE__CREATE_INPUT_REQUEST__INIT;
    const Bridge__CreateInputReply *reply;

    request.title = title;
    request.problem = "Clients time out";
    request.tags = &tag;
    request.n_tags = tag != NULL;
    request.owner = owner;
    request.has_impact = true;
    request.impact = impact;
    reply = call("bridge.CreateInput", &request.base);
    return reply ? reply->input : NULL;
}

static const Bridge__Input *
move(const char *id, const char *status, const char *if_match)
{
    Bridge__MoveInputRequest request = BRIDGE__MOVE_INPUT_REQUEST__INIT;
    const Bridge__MoveInputReply *reply;

    request.id = (char *)id;
    request.status = (char *)status;
    request.if_match = (char *)if_match;
    reply = call("bridge.MoveInput", &request.base);
    return reply ? reply->input : NULL;
}

static const Bridge__Experiment *
approve(const char *id)
{
    Bridge__ApproveInputRequest request = BRIDGE__APPROVE_INPUT_REQUEST__INIT;
    const Bridge__ApproveInputReply *reply;

    request.id = (char *)id;
    reply = call("bridge.ApproveInput", &request.base);
    return reply ? reply->experiment : NULL;
}

/* The titles of a page, joined by spaces. */
static const char *
titles(const Bridge__ListInputsRequest *request, const char **next)
{
    const Bridge__ListInputsReply *reply = call("bridge.ListInputs", &request->base);
    const char *text = "";

    for (size_t i = 0; reply && i < reply->n_inputs; i++)
        text = pl_arena_printf(arena, "%s%s%s", text, i ? " " : "", reply->inputs[i]->title);
    if (next)
        *next = reply ? reply->next_cursor : NULL;
    return reply ? text : said->text;
}

static const char *
events(void)
{
    return ask("SELECT string_agg(type, ' ' ORDER BY seq)"
               "  FROM outbox JOIN outbox_unnumbered ON outbox_id = id");
}

TEST(an_input_goes_through_review_and_becomes_one_experiment)
{
    const Bridge__Experiment *experiment;
    const Bridge__Input *input;

    set_up();
    input = submit("Faster login", "auth", "grace", 7);
    CHECK_STR(input->status, "submitted");
    CHECK_STR(said->http->location, pl_arena_printf(arena, "/api/bridge/inputs/%s", input->id));
    CHECK(approve(input->id) == NULL);
    CHECK_HAS(said->text, "an input that is submitted cannot become approved, only in_review");
    CHECK_STR(move(input->id, "in_review", NULL)->status, "in_review");
    experiment = approve(input->id);
    CHECK_STR(experiment->status, "planned");
    CHECK_STR(experiment->title, "Faster login");
    CHECK_STR(experiment->owner, "grace");
    CHECK(approve(input->id) == NULL);
    CHECK_INT(said->code, ==, PL_CONFLICT);
    CHECK_HAS(said->text, "that is final");
    CHECK_STR(ask("SELECT count(*) FROM experiment"), "1");
    CHECK_STR(events(), "bridge.input.created bridge.status.changed bridge.status.changed "
                        "bridge.experiment.approved");
    tear_down();
}

TEST(a_rejected_input_can_be_reopened_and_nothing_else)
{
    const Bridge__Input *input;

    set_up();
    input = submit("Colder cache", NULL, NULL, 3);
    CHECK(move(input->id, "rejected", NULL) == NULL);
    CHECK_INT(said->code, ==, PL_CONFLICT);
    move(input->id, "in_review", NULL);
    CHECK_STR(move(input->id, "rejected", NULL)->status, "rejected");
    CHECK(approve(input->id) == NULL);
    CHECK(move(input->id, "rejected", NULL) == NULL);
    CHECK(move(input->id, "approved", NULL) == NULL);
    CHECK_INT(said->code, ==, PL_INVALID);
    CHECK_STR(move(input->id, "in_review", NULL)->status, "in_review");
    tear_down();
}

TEST(of_two_who_change_the_same_version_one_is_told_to_read_again)
{
    const Bridge__Input *input;

    set_up();
    input = submit("Faster login", NULL, NULL, 7);
    CHECK(move(input->id, "in_review", "\"1\"") != NULL);
    CHECK_STR(said->http->etag, "\"2\"");
    CHECK(move(input->id, "rejected", "\"1\"") == NULL);
    CHECK_INT(said->code, ==, PL_PRECONDITION);
    CHECK_HAS(said->text, "version 2");
    CHECK(move(input->id, "rejected", "\"7\", W/\"2\"") != NULL);
    CHECK(move(input->id, "in_review", "*") != NULL);
    CHECK(move(input->id, "rejected", "4") == NULL);
    CHECK_INT(said->code, ==, PL_PRECONDITION);
    tear_down();
}

TEST(a_change_keeps_what_it_does_not_name_and_each_field_is_in_the_history)
{
    Bridge__UpdateInputRequest request = BRIDGE__UPDATE_INPUT_REQUEST__INIT;
    Bridge__ListInputHistoryRequest history = BRIDGE__LIST_INPUT_HISTORY_REQUEST__INIT;
    const Bridge__ListInputHistoryReply *changes;
    const Bridge__UpdateInputReply *reply;
    const Bridge__Input *input;
    char *clear = "tags";

    set_up();
    input = submit("Faster login", "auth", NULL, 7);
    request.id = input->id;
    request.title = "Faster sign-in";
    request.hypothesis = "A cache helps";
    request.clear = &clear;
    request.n_clear = 1;
    reply = call("bridge.UpdateInput", &request.base);
    CHECK_STR(reply->input->title, "Faster sign-in");
    CHECK_STR(reply->input->problem, "Clients time out");
    CHECK_INT(reply->input->impact, ==, 7);
    CHECK_INT(reply->input->n_tags, ==, 0);
    CHECK_INT(reply->input->version, ==, 2);

    history.id = input->id;
    history.has_limit = true;
    history.limit = 3;
    changes = call("bridge.ListInputHistory", &history.base);
    CHECK_INT(changes->n_changes, ==, 3);
    CHECK_STR(changes->changes[0]->field, "created");
    CHECK_STR(changes->changes[1]->before, "Faster login");
    CHECK_STR(changes->changes[1]->after, "Faster sign-in");
    CHECK_STR(changes->changes[1]->actor, "token:ada");
    CHECK_INT(changes->changes[1]->version, ==, 2);
    history.cursor = changes->next_cursor;
    changes = call("bridge.ListInputHistory", &history.base);
    CHECK_INT(changes->n_changes, ==, 1);
    CHECK_STR(changes->changes[0]->field, "tags");
    CHECK(changes->next_cursor == NULL);
    tear_down();
}

TEST(inputs_are_found_by_owner_tag_status_and_words_in_each_order)
{
    Bridge__ListInputsRequest request = BRIDGE__LIST_INPUTS_REQUEST__INIT;
    const char *next;

    set_up();
    submit("one", "auth", "ada", 5);
    submit("two", "cache", "ada", 9);
    submit("three", "auth", NULL, 1);
    move(submit("four", "auth", "grace", 5)->id, "in_review", NULL);

    CHECK_STR(titles(&request, NULL), "four three two one");
    request.sort = "-impact";
    CHECK_STR(titles(&request, NULL), "two four one three");
    request.owner = "ada";
    CHECK_STR(titles(&request, NULL), "two one");
    request.owner = "";
    CHECK_STR(titles(&request, NULL), "three");
    request.owner = NULL;
    request.tag = "auth";
    request.status = "submitted";
    CHECK_STR(titles(&request, NULL), "one three");
    request.tag = request.status = NULL;
    request.q = "clients -two";
    request.sort = "created";
    CHECK_STR(titles(&request, NULL), "one three four");

    request.has_limit = true;
    request.limit = 2;
    CHECK_STR(titles(&request, &next), "one three");
    request.cursor = (char *)next;
    CHECK_STR(titles(&request, &next), "four");
    CHECK(next == NULL);
    request.sort = "size";
    CHECK_HAS(titles(&request, NULL), "there is no order");
    request.sort = NULL;
    request.cursor = "1; DROP TABLE input";
    CHECK_HAS(titles(&request, NULL), "not one of ours");
    tear_down();
}

TEST(an_owner_is_assigned_once_and_the_experiment_has_the_same)
{
    Bridge__AssignInputRequest request = BRIDGE__ASSIGN_INPUT_REQUEST__INIT;
    Bridge__GetExperimentRequest get = BRIDGE__GET_EXPERIMENT_REQUEST__INIT;
    const Bridge__GetExperimentReply *shown;
    const Bridge__Experiment *experiment;
    const Bridge__Input *input;

    set_up();
    input = submit("Faster login", NULL, NULL, 7);
    move(input->id, "in_review", NULL);
    experiment = approve(input->id);
    request.id = input->id;
    request.owner = "grace";
    CHECK(call("bridge.AssignInput", &request.base) != NULL);
    CHECK(call("bridge.AssignInput", &request.base) != NULL);
    CHECK_STR(ask("SELECT count(*) FROM outbox WHERE type = 'bridge.owner.assigned'"), "1");
    get.id = experiment->id;
    shown = call("bridge.GetExperiment", &get.base);
    CHECK_STR(shown->experiment->owner, "grace");
    tear_down();
}

static const Bridge__Experiment *
run(const char *id, const char *status, const char *outcome)
{
    Bridge__MoveExperimentRequest request = BRIDGE__MOVE_EXPERIMENT_REQUEST__INIT;
    const Bridge__MoveExperimentReply *reply;

    request.id = (char *)id;
    request.status = (char *)status;
    request.outcome = (char *)outcome;
    reply = call("bridge.MoveExperiment", &request.base);
    return reply ? reply->experiment : NULL;
}

TEST(an_experiment_is_planned_runs_and_concludes_with_an_outcome)
{
    const Bridge__Experiment *experiment;
    const Bridge__Input *input;

    set_up();
    input = submit("Faster login", NULL, NULL, 7);
    move(input->id, "in_review", NULL);
    experiment = approve(input->id);
    CHECK(run(experiment->id, "concluded", "confirmed") == NULL);
    CHECK_INT(said->code, ==, PL_CONFLICT);
    CHECK(run(experiment->id, "running", "confirmed") == NULL);
    CHECK_INT(said->code, ==, PL_INVALID);
    CHECK(run(experiment->id, "running", NULL)->started_at != NULL);
    CHECK(run(experiment->id, "concluded", NULL) == NULL);
    CHECK_STR(run(experiment->id, "concluded", "refuted")->outcome, "refuted");
    CHECK(run(experiment->id, "running", NULL) == NULL);
    CHECK_STR(ask("SELECT string_agg(after, ' / ' ORDER BY seq) FROM change"
                  " WHERE field = 'experiment'"),
              "planned / running / concluded: refuted");
    tear_down();
}

TEST(the_same_key_makes_one_input)
{
    const char *first;

    set_up();
    key = "once";
    first = submit("Faster login", NULL, NULL, 7)->id;
    CHECK_STR(submit("Faster login", NULL, NULL, 7)->id, first);
    CHECK(submit("Another", NULL, NULL, 7) == NULL);
    CHECK_STR(ask("SELECT count(*) FROM input"), "1");
    CHECK_STR(events(), "bridge.input.created");
    tear_down();
}

TEST(what_is_not_valid_is_refused_and_leaves_nothing)
{
    char *tag = "Two Words";

    set_up();
    CHECK(submit("", NULL, NULL, 7) == NULL);
    CHECK(submit("x\x01y", NULL, NULL, 7) == NULL);
    CHECK(submit("\xff", NULL, NULL, 7) == NULL);
    CHECK(submit("x", NULL, NULL, 0) == NULL);
    CHECK(submit("x", NULL, NULL, 11) == NULL);
    CHECK(submit("x", tag, NULL, 5) == NULL);
    CHECK_INT(said->code, ==, PL_INVALID);
    CHECK_STR(said->violations[0]->pointer, "/tags/0");
    CHECK(move("nobody", "in_review", NULL) == NULL);
    CHECK_INT(said->code, ==, PL_NOT_FOUND);
    CHECK_STR(ask("SELECT count(*) FROM input"), "0");
    tear_down();
}

TEST(an_export_quotes_what_people_wrote)
{
    Bridge__ExportInputRequest request = BRIDGE__EXPORT_INPUT_REQUEST__INIT;
    const Bridge__ExportInputReply *reply;
    const char *page;

    set_up();
    request.id = submit("<b>*Fast*</b>", "auth", "ada", 7)->id;
    reply = call("bridge.ExportInput", &request.base);
    CHECK_STR(reply->body->content_type, "text/markdown; charset=utf-8");
    page = pl_arena_printf(arena, "%.*s", (int)reply->body->data.len,
                           (const char *)reply->body->data.data);
    CHECK_HAS(page, "# \\<b\\>\\*Fast\\*\\</b\\>\n");
    CHECK_HAS(page, "| Impact | 7 of 10 |");
    CHECK_HAS(page, "## Problem\n\nClients time out\n");
    CHECK_HAS(page, "| token:ada | created |");
    tear_down();
}

static const char *
counted(void)
{
    struct pl_tick tick = { .db = worker.db, .arena = arena };
    struct pl_buf out = { .arena = arena };

    if (count_everything(&tick))
        return "failed";
    pl_metric_print(&out);
    return pl_buf_text(&out);
}

TEST(the_numbers_are_those_of_the_database)
{
    Bridge__AssignInputRequest request = BRIDGE__ASSIGN_INPUT_REQUEST__INIT;
    const char *text;

    set_up();
    request.id = submit("one", NULL, "ada", 5)->id;
    submit("two", NULL, NULL, 5);
    text = counted();
    CHECK_HAS(text, "bridge_inputs_total 2\n");
    CHECK_HAS(text, "bridge_experiments_total 0\n");
    CHECK_HAS(text, "bridge_inputs_by_status{status=\"submitted\"} 2\n");
    CHECK_HAS(text, "bridge_inputs_by_status{status=\"rejected\"} 0\n");
    CHECK_HAS(text, "bridge_inputs_by_owner{owner=\"ada\"} 1\n");
    request.owner = "grace";
    call("bridge.AssignInput", &request.base);
    text = counted();
    CHECK_HAS(text, "bridge_inputs_by_owner{owner=\"grace\"} 1\n");
    CHECK(strstr(text, "ada") == NULL);
    tear_down();
}
