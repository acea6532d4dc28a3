/* Inputs and experiments from the call to the database. */
#include "bridge_test.h"

#include "pl_check.h"

NEEDS_ENV("PL_TEST_DB_URL");

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
