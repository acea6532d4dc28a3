/* The answering side. */
#include "pl_batch.h"
#include "pl_bus_fixture.h"
#include "pl_check.h"
#include "pl_example.h"
#include "pl_pack.h"

#include "governance.pb-c.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

TEST(a_call_arrives_with_who_asks_and_which_request_it_is)
{
    struct fixture f = set_up();
    Pl__Principal principal = PL__PRINCIPAL__INIT;
    struct outcome got;

    principal.subject = (char *)"token:17";
    got = ask(&f,
              (struct pl_outcall){
                  .operation = "example.Echo", .principal = &principal, .request_id = "r-1" },
              "pets");
    CHECK_INT(got.code, ==, PL_OK);
    CHECK_STR(got.text, "pets token:17 r-1 example");
    got = ask(&f, (struct pl_outcall)ECHO, "pets");
    CHECK_STR(got.text, "pets service:example  example");
    tear_down(&f);
}

TEST(many_concurrent_calls_are_all_answered_and_not_mixed_up)
{
    enum { COUNT = 2000 };
    struct fixture f = set_up_with((struct pl_server_conf){ .workers = 3, .queue = COUNT });
    struct outcome *got = calloc(COUNT, sizeof *got);
    char name[32];

    ask(&f, (struct pl_outcall)ECHO, "x"); // connected: else most would wait, which is bounded
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "n%d", i);
        start(&f, &got[i], (struct pl_outcall)ECHO, name);
    }
    for (int i = 0; i < COUNT; i++) {
        finish(&f, &got[i]);
        snprintf(name, sizeof name, "n%d service", i);
        CHECK_INT(got[i].code, ==, PL_OK);
        CHECK_HAS(got[i].text, name);
    }
    free(got);
    tear_down(&f);
}

TEST(an_unknown_operation_is_refused)
{
    struct fixture f = set_up();
    struct outcome got = ask(&f, (struct pl_outcall){ .operation = "example.Nothing" }, "x");

    CHECK_INT(got.code, ==, PL_UNKNOWN_METHOD);
    tear_down(&f);
}

TEST(a_broken_expectation_arrives_with_its_place)
{
    struct fixture f = set_up();
    Governance__ListRunsRequest request = GOVERNANCE__LIST_RUNS_REQUEST__INIT;
    struct pl_err err = { 0 };
    void *reply;

    CHECK_INT(pl_caller_ask(f.caller, "example", "example.Echo", &request.base,
                            &governance__list_runs_reply__descriptor, &reply, 20000, f.arena, &err),
              ==, -1);
    CHECK_INT(err.code, ==, PL_INVALID);
    CHECK_STR(err.text, "an api must be named");
    tear_down(&f);
}

TEST(every_process_answers_health_metrics_and_log_level_itself)
{
    struct fixture f = set_up_with((struct pl_server_conf){ .workers = 1 });
    Pl__HealthRequest health = PL__HEALTH_REQUEST__INIT;
    Pl__MetricsRequest metrics = PL__METRICS_REQUEST__INIT;
    Pl__LogLevelRequest level = PL__LOG_LEVEL_REQUEST__INIT;
    struct outcome held;
    struct pl_err err = { 0 };
    void *reply;

    start(&f, &held, (struct pl_outcall)HOLD, "x"); // the only worker is busy meanwhile
    pl_caller_run(f.caller);
    while (pl_caller_timeout_ms(f.caller) < 1000) { // until it is sent
        struct pollfd fd = { pl_caller_fd(f.caller), POLLIN, 0 };

        poll(&fd, 1, 50);
        pl_caller_run(f.caller);
    }
    pl_example_wait_held(1);
    must(pl_caller_ask(f.caller, "example", "pl.Health", &health.base,
                       &pl__health_reply__descriptor, &reply, 20000, f.arena, &err),
         &err);
    CHECK_INT(((Pl__HealthReply *)reply)->workers, ==, 2); // one of them heavy
    CHECK_INT(((Pl__HealthReply *)reply)->workers_busy, ==, 1);
    must(pl_caller_ask(f.caller, "example", "pl.Metrics", &metrics.base,
                       &pl__metrics_reply__descriptor, &reply, 20000, f.arena, &err),
         &err);
    CHECK_HAS(((Pl__MetricsReply *)reply)->text, "plumb_calls_total{");
    level.level = (char *)"loud";
    CHECK_INT(pl_caller_ask(f.caller, "example", "pl.LogLevel", &level.base,
                            &pl__log_level_reply__descriptor, &reply, 20000, f.arena, &err),
              ==, -1);
    CHECK_INT(err.code, ==, PL_INVALID);
    tear_down(&f);
}

TEST(what_is_answered_at_once_needs_no_worker)
{
    struct fixture f = set_up_with((struct pl_server_conf){ .workers = 1 });
    struct outcome held, got;

    start(&f, &held, (struct pl_outcall)HOLD, "x"); // the only worker is busy meanwhile
    pl_caller_run(f.caller);
    got = ask(&f, (struct pl_outcall){ .operation = "example.Now", .request_id = "r-1" }, "pets");
    CHECK_INT(got.code, ==, PL_OK);
    CHECK_STR(got.text, "pets service:example r-1 example");
    pl_example_wait_held(1);
    pl_example_release();
    finish(&f, &held);
    tear_down(&f);
}

static size_t
pack_echo(uint8_t *out, uint64_t id, bool takes_batches)
{
    Pl__Request request = PL__REQUEST__INIT;
    static uint8_t message[] = { 1 << 3 | 2, 4, 'p', 'e', 't', 's' };

    request.has_id = request.has_remaining_ms = request.has_message = 1;
    request.id = id;
    request.remaining_ms = 60000;
    request.operation = (char *)"example.Now";
    request.message = (ProtobufCBinaryData){ sizeof message, message };
    request.has_takes_batches = takes_batches;
    request.takes_batches = takes_batches;
    return pl__request__pack(&request, out);
}

/* Count the good replies in the next frame. */
static int
receive_replies(zsock_t *socket, struct pl_arena *arena, int *frames)
{
    zmq_msg_t frame;
    ProtobufCBinaryData rest, one;
    int count = 0;

    zmq_msg_init(&frame);
    if (zmq_msg_recv(&frame, zsock_resolve(socket), 0) < 0)
        abort(); // after a minute
    rest = (ProtobufCBinaryData){ zmq_msg_size(&frame), zmq_msg_data(&frame) };
    one = rest;
    do {
        const Pl__Reply *reply;

        if (pl_batch_is(rest) && !pl_batch_next(&rest, &one))
            break;
        reply = pl_unpack(&pl__reply__descriptor, one, arena);
        count += reply && reply->code == PL_OK && reply->takes_batches;
    } while (rest.len && pl_batch_is(rest));
    zmq_msg_close(&frame);
    ++*frames;
    return count;
}

TEST(requests_that_share_a_frame_are_each_answered_and_a_damaged_one_is_refused)
{
    struct fixture f = set_up();
    zsock_t *socket = zsock_new(ZMQ_DEALER);
    struct pl_batch batch = { 0 };
    ProtobufCBinaryData bytes;
    struct pl_err err = { 0 };
    uint8_t one[200];
    int frames = 0, count = 0;

    zsock_set_rcvtimeo(socket, 60000);
    must(pl_curve_client(socket, "example", &err), &err);
    CHECK_INT(zsock_connect(socket, "%s", pl_server_address(f.server)), ==, 0);
    for (uint64_t id = 1; id <= 10; id++) {
        size_t length = pack_echo(one, id, id <= 5);

        memcpy(pl_batch_add(&batch, length), one, length);
    }
    bytes = pl_batch_frame(&batch);
    CHECK(zmq_send(zsock_resolve(socket), bytes.data, bytes.len, 0) > 0);
    while (count < 10)
        count += receive_replies(socket, f.arena, &frames);
    CHECK_INT(count, ==, 10);
    CHECK_INT(frames, ==, 6); // the first five share one, who does not take that gets his own
    CHECK(zmq_send(zsock_resolve(socket), bytes.data, bytes.len - 1, 0) > 0);
    for (count = 0, frames = 0; frames < 6;)
        count += receive_replies(socket, f.arena, &frames);
    CHECK_INT(count, ==, 9);
    pl_batch_free(&batch);
    zsock_destroy(&socket);
    tear_down(&f);
}

TEST(a_body_of_20_mb_is_taken_whole)
{
    enum { SIZE = 20000000 };
    struct fixture f = set_up();
    Governance__CreateRunRequest request = GOVERNANCE__CREATE_RUN_REQUEST__INIT;
    Pl__HttpBody body = PL__HTTP_BODY__INIT;
    struct pl_err err = { 0 };
    void *reply;

    request.body = &body;
    body.has_data = 1;
    body.data.len = SIZE;
    body.data.data = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        body.data.data[i] = pl_example_byte(i);
    must(pl_caller_ask(f.caller, "example", "example.Take", &request.base,
                       &governance__create_run_reply__descriptor, &reply, 60000, f.arena, &err),
         &err);
    CHECK_STR(((Governance__CreateRunReply *)reply)->run->id, "20000000");
    CHECK_INT(body.data.len, ==, SIZE);
    free(body.data.data);
    tear_down(&f);
}

TEST(a_body_of_20_mb_is_given_whole)
{
    struct fixture f = set_up();
    Governance__GetDocumentRequest request = GOVERNANCE__GET_DOCUMENT_REQUEST__INIT;
    Governance__GetDocumentReply *reply;
    struct pl_err err = { 0 };
    size_t wrong = 0;

    request.api = (char *)"20000000";
    must(pl_caller_ask(f.caller, "example", "example.Give", &request.base,
                       &governance__get_document_reply__descriptor, (void **)&reply, 60000, f.arena,
                       &err),
         &err);
    CHECK_INT(reply->body->data.len, ==, 20000000);
    for (size_t i = 0; i < reply->body->data.len; i++)
        wrong += reply->body->data.data[i] != pl_example_byte(i);
    CHECK_INT(wrong, ==, 0);
    CHECK_STR(reply->body->content_type, "application/octet-stream");
    tear_down(&f);
}

TEST(a_handler_that_takes_too_long_is_a_timeout)
{
    struct fixture f = set_up();
    struct outcome got = ask(&f, (struct pl_outcall)ECHO, "x");

    got = ask(&f, (struct pl_outcall){ .operation = "example.Hold", .timeout_ms = 150 }, "x");
    CHECK_INT(got.code, ==, PL_TIMEOUT);
    tear_down(&f);
}

TEST(work_whose_deadline_passed_in_the_queue_is_not_run)
{
    struct fixture f = set_up_with((struct pl_server_conf){ .workers = 1 });
    struct outcome first = ask(&f, (struct pl_outcall)ECHO, "x"), second; // connected from here on
    int before = pl_example_ran();
    int64_t over;

    start(&f, &first, (struct pl_outcall)HOLD, "x");
    second = ask(&f, (struct pl_outcall){ .operation = "example.Echo", .timeout_ms = 300 }, "x");
    CHECK_INT(second.code, ==, PL_TIMEOUT);
    pl_example_wait_held(1);
    /* The server's deadline is later by what the call took to arrive there. */
    for (over = pl_now_ms() + 500; pl_now_ms() < over;)
        CHECK_INT(ask(&f, (struct pl_outcall){ .operation = "pl.Health" }, "x").code, ==, PL_OK);
    pl_example_release();
    finish(&f, &first);
    CHECK_INT(first.code, ==, PL_OK);
    CHECK_INT(ask(&f, (struct pl_outcall)ECHO, "x").code, ==, PL_OK); // behind the dead one
    CHECK_INT(pl_example_ran() - before, ==, 2);
    tear_down(&f);
}

TEST(a_full_queue_refuses_at_once_and_the_rest_is_served)
{
    struct fixture f = set_up_with((struct pl_server_conf){ .workers = 1, .queue = 1 });
    struct outcome running, waiting, refused;

    start(&f, &running, (struct pl_outcall)HOLD, "1");
    CHECK_INT(ask(&f, (struct pl_outcall){ .operation = "pl.Health" }, "x").code, ==, PL_OK);
    pl_example_wait_held(1);
    start(&f, &waiting, (struct pl_outcall)HOLD, "2");
    refused = ask(&f, (struct pl_outcall)HOLD, "3");
    CHECK_INT(refused.code, ==, PL_UNAVAILABLE);
    CHECK_HAS(refused.text, "too much to do");
    pl_example_release();
    finish(&f, &running);
    finish(&f, &waiting);
    CHECK_STR(running.text, "1");
    CHECK_STR(waiting.text, "2");
    tear_down(&f);
}

TEST(light_calls_go_on_while_the_heavy_lane_is_full)
{
    struct fixture f = set_up_with((struct pl_server_conf){ .workers = 1, .heavy_queue = 1 });
    struct outcome held, got;

    start(&f, &held, (struct pl_outcall)HOLD, "x"); // light is taken, heavy is free
    CHECK_INT(ask(&f, (struct pl_outcall){ .operation = "pl.Health" }, "x").code, ==, PL_OK);
    got = ask(&f, (struct pl_outcall){ .operation = "example.Give", .heavy = true }, "10");
    CHECK_INT(got.code, ==, PL_OK);
    CHECK(!held.done);
    pl_example_release();
    finish(&f, &held);
    tear_down(&f);
}

TEST(a_reply_to_a_caller_that_is_gone_is_dropped_and_counted)
{
    struct fixture f = set_up();
    double before = counter(&f, "\nplumb_replies_dropped_total ");
    struct pl_err err = { 0 };
    struct outcome held;

    start(&f, &held, (struct pl_outcall)HOLD, "x");
    CHECK_INT(ask(&f, (struct pl_outcall){ .operation = "pl.Health" }, "x").code, ==, PL_OK);
    pl_example_wait_held(1);
    pl_caller_destroy(&f.caller);
    must(pl_caller_new(&f.caller, "example", &err), &err);
    /* The server has noticed by the time it has answered somebody who came later. */
    for (int i = 0; i < 50; i++)
        CHECK_INT(ask(&f, (struct pl_outcall)ECHO, "x").code, ==, PL_OK);
    pl_example_release();
    while (counter(&f, "\nplumb_replies_dropped_total ") == before)
        CHECK_INT(ask(&f, (struct pl_outcall)ECHO, "x").code, ==, PL_OK);
    tear_down(&f);
}
