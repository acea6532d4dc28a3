/* Server and caller over TCP with CURVE, as they are in production. */
#include "pl_server.h"

#include "pl_caller.h"
#include "pl_check.h"
#include "pl_curve.h"
#include "pl_example.h"
#include "pl_metric.h"
#include "pl_pack.h"

#include "governance.pb-c.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

static char keys[] = "/tmp/pl-server-test-XXXXXX", strange_keys[] = "/tmp/pl-server-test-XXXXXX";

struct fixture {
    struct pl_server *server;
    struct pl_caller *caller;
    struct pl_arena *arena;
};

static void
must(int result, const struct pl_err *err)
{
    if (result == 0)
        return;
    fprintf(stderr, "cannot test: %s (%s)\n", err->text, err->detail);
    exit(EXIT_FAILURE);
}

static void
remove_keys(void)
{
    const char *const folders[] = { keys, strange_keys };

    for (int i = 0; i < 2; i++) {
        zdir_t *dir = zdir_new(folders[i], NULL);

        zdir_remove(dir, true);
        zdir_destroy(&dir);
    }
}

static void
open_keys(void)
{
    static const char *const names[] = { "example", "other" };
    struct pl_err err = { 0 };

    if (mkdtemp(keys) == NULL || mkdtemp(strange_keys) == NULL)
        exit(EXIT_FAILURE);
    atexit(remove_keys);
    must(pl_curve_make(keys, names, 2, &err), &err);
    must(pl_curve_make(strange_keys, names, 2, &err), &err);
    must(pl_curve_open(keys, "example", false, &err), &err);
}

static struct fixture
set_up_with(struct pl_server_conf conf)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct fixture f = { .arena = pl_arena_new() };
    struct pl_err err = { 0 };

    pthread_once(&once, open_keys);
    conf.service = &pl_example;
    conf.bind = "tcp://127.0.0.1:*";
    pl_example_hold();
    must(pl_server_start(&f.server, &conf, &err), &err);
    setenv("PLUMB_PEER_EXAMPLE", pl_server_address(f.server), 1);
    must(pl_caller_new(&f.caller, "example", &err), &err);
    return f;
}

static struct fixture
set_up(void)
{
    return set_up_with((struct pl_server_conf){ .workers = 2 });
}

static void
tear_down(struct fixture *f)
{
    pl_example_release();
    pl_caller_destroy(&f->caller);
    pl_server_stop(&f->server);
    pl_arena_destroy(&f->arena);
}

/* Start a server where one was a moment ago: libzmq lets go of the port in a thread of its own. */
static void
start_again_at(struct fixture *f, const char *address)
{
    struct pl_server_conf conf = { .service = &pl_example, .workers = 2, .bind = address };
    struct pl_err err = { 0 };

    while (pl_server_start(&f->server, &conf, &err)) {
        must(strstr(err.text, "in use") ? 0 : -1, &err);
        err = (struct pl_err){ 0 };
    }
}

/* What became of one call. */
struct outcome {
    bool done;
    enum pl_code code;
    char text[300];
    int64_t length;
    bool whole;
};

static void
note(void *arg, const struct pl_answer *answer)
{
    struct outcome *outcome = arg;
    struct pl_arena *arena = pl_arena_new();
    const Governance__ListRunsReply *reply = NULL;

    outcome->done = true;
    outcome->code = answer->code;
    if (answer->code == PL_OK)
        reply = pl_unpack(&governance__list_runs_reply__descriptor, answer->message, arena);
    snprintf(outcome->text, sizeof outcome->text, "%s",
             reply && reply->next_cursor ? reply->next_cursor
             : answer->text              ? answer->text
                                         : "");
    pl_arena_destroy(&arena);
}

static void
start(struct fixture *f, struct outcome *outcome, struct pl_outcall call, const char *api)
{
    Governance__ListRunsRequest request = GOVERNANCE__LIST_RUNS_REQUEST__INIT;

    memset(outcome, 0, sizeof *outcome);
    request.api = (char *)api;
    call.service = call.service ? call.service : "example";
    call.timeout_ms = call.timeout_ms ? call.timeout_ms : 20000;
    call.message = pl_pack(&request.base, f->arena);
    pl_caller_start(f->caller, &call, note, outcome);
}

static void
finish(struct fixture *f, struct outcome *outcome)
{
    while (!outcome->done) {
        struct pollfd fd = { pl_caller_fd(f->caller), POLLIN, 0 };

        poll(&fd, 1, (int)pl_caller_timeout_ms(f->caller));
        pl_caller_run(f->caller);
    }
}

static struct outcome
ask(struct fixture *f, struct pl_outcall call, const char *api)
{
    struct outcome outcome;

    start(f, &outcome, call, api);
    finish(f, &outcome);
    return outcome;
}

/* The value of a counter, from what Prometheus would see. */
static double
counter(struct fixture *f, const char *sample)
{
    struct pl_buf text = { .arena = f->arena };
    const char *at;

    pl_metric_print(&text);
    at = strstr(pl_buf_text(&text), sample);
    return at ? atof(at + strlen(sample)) : 0;
}

#define ECHO                        \
    {                               \
        .operation = "example.Echo" \
    }
#define HOLD                        \
    {                               \
        .operation = "example.Hold" \
    }

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

TEST(the_descriptor_alone_says_when_there_is_something_to_do)
{
    struct fixture f = set_up();
    struct outcome got[50];

    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 50; i++)
            start(&f, &got[i], (struct pl_outcall)ECHO, "x");
        for (int i = 0; i < 50; i++)
            while (!got[i].done) {
                struct pollfd fd = { pl_caller_fd(f.caller), POLLIN, 0 };

                CHECK_INT(poll(&fd, 1, 15000), >, 0);
                pl_caller_run(f.caller);
            }
    }
    tear_down(&f);
}

TEST(an_unknown_operation_is_refused)
{
    struct fixture f = set_up();
    struct outcome got = ask(&f, (struct pl_outcall){ .operation = "example.Nothing" }, "x");

    CHECK_INT(got.code, ==, PL_UNKNOWN_METHOD);
    tear_down(&f);
}

TEST(a_service_that_is_not_configured_is_unavailable_at_once)
{
    struct fixture f = set_up();
    struct outcome got =
        ask(&f, (struct pl_outcall){ .service = "nobody", .operation = "x.Y" }, "x");

    CHECK_INT(got.code, ==, PL_UNAVAILABLE);
    CHECK_HAS(got.text, "not configured");
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
    struct outcome first, second;
    int before = pl_example_ran();

    start(&f, &first, (struct pl_outcall)HOLD, "x");
    second = ask(&f, (struct pl_outcall){ .operation = "example.Echo", .timeout_ms = 300 }, "x");
    CHECK_INT(second.code, ==, PL_TIMEOUT);
    pl_example_wait_held(1);
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

TEST(a_call_without_any_instance_waits_until_its_deadline_and_no_longer)
{
    struct fixture f = set_up();
    struct outcome got;

    setenv("PLUMB_PEER_OTHER", "tcp://127.0.0.1:9", 1);
    got = ask(&f, (struct pl_outcall){ .service = "other", .operation = "x.Y", .timeout_ms = 200 },
              "x");
    CHECK_INT(got.code, ==, PL_UNAVAILABLE);
    CHECK_HAS(got.text, "no instance");
    tear_down(&f);
}

TEST(a_call_waits_for_an_instance_that_comes_up_later)
{
    struct fixture f = set_up();
    char *address = strdup(pl_server_address(f.server));
    struct outcome got;

    pl_server_stop(&f.server);
    start(&f, &got, (struct pl_outcall)ECHO, "late");
    pl_caller_run(f.caller);
    CHECK(!got.done);
    start_again_at(&f, address);
    finish(&f, &got);
    CHECK_INT(got.code, ==, PL_OK);
    CHECK_HAS(got.text, "late");
    free(address);
    tear_down(&f);
}

static void *
stop_server(void *server)
{
    pl_server_stop(server);
    return NULL;
}

/* Stop the server and start its successor at the same place, as a supervisor does. */
static void *
restart_server(void *fixture)
{
    struct fixture *f = fixture;
    char *address = strdup(pl_server_address(f->server));

    pl_server_stop(&f->server);
    start_again_at(f, address);
    free(address);
    return NULL;
}

TEST(a_restart_loses_no_call_although_none_may_be_repeated)
{
    enum { COUNT = 3000, WINDOW = 20 };
    struct fixture f = set_up();
    struct outcome *got = calloc(COUNT, sizeof *got);
    struct outcome last;
    pthread_t restarter;
    int started = 0;

    for (int i = 0; i < COUNT; i++) {
        for (; started < COUNT && started < i + WINDOW; started++)
            start(&f, &got[started], (struct pl_outcall)ECHO, "x");
        if (i == COUNT / 3)
            pthread_create(&restarter, NULL, restart_server, &f);
        finish(&f, &got[i]);
        CHECK_THAT(got[i].code == PL_OK, "call %d: %s %s", i, pl_code_name(got[i].code),
                   got[i].text);
    }
    pthread_join(restarter, NULL);
    last = ask(&f, (struct pl_outcall)ECHO, "x");
    CHECK_INT(last.code, ==, PL_OK);
    free(got);
    tear_down(&f);
}

TEST(a_running_call_is_finished_before_the_server_ends)
{
    struct fixture f = set_up();
    struct pl_server *old = f.server;
    struct outcome held;
    pthread_t stopper;

    start(&f, &held, (struct pl_outcall)HOLD, "x");
    CHECK_INT(ask(&f, (struct pl_outcall){ .operation = "pl.Health" }, "x").code, ==, PL_OK);
    pl_example_wait_held(1);
    f.server = NULL;
    pthread_create(&stopper, NULL, stop_server, &old);
    while (
        ask(&f, (struct pl_outcall){ .operation = "example.Echo", .timeout_ms = 50 }, "x").code ==
        PL_OK)
        ; // until it is stopping
    pl_example_release();
    finish(&f, &held);
    CHECK_INT(held.code, ==, PL_OK);
    pthread_join(stopper, NULL);
    tear_down(&f);
}

TEST(a_cancelled_call_is_never_reported)
{
    struct fixture f = set_up();
    struct outcome held, got;

    start(&f, &held, (struct pl_outcall)HOLD, "x");
    got = ask(&f, (struct pl_outcall){ .operation = "pl.Health" }, "x");
    CHECK_INT(got.code, ==, PL_OK);
    pl_caller_cancel(f.caller, &held);
    pl_example_release();
    CHECK_INT(ask(&f, (struct pl_outcall)ECHO, "x").code, ==, PL_OK);
    CHECK(!held.done);
    tear_down(&f);
}

TEST(destroying_the_caller_ends_its_calls)
{
    struct fixture f = set_up();
    struct outcome held;

    start(&f, &held, (struct pl_outcall)HOLD, "x");
    pl_caller_destroy(&f.caller);
    CHECK(held.done);
    CHECK_INT(held.code, ==, PL_UNAVAILABLE);
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

TEST(too_many_bytes_of_bodies_under_way_are_refused)
{
    struct fixture f = set_up();
    static uint8_t bytes[40000000];
    struct pl_outcall call = { .operation = "example.Take",
                               .body = { sizeof bytes, bytes },
                               .heavy = true };
    struct outcome got[4];

    for (int i = 0; i < 4; i++)
        start(&f, &got[i], call, "x");
    CHECK(got[3].done); // 160 MB of 128 MiB
    CHECK_INT(got[3].code, ==, PL_UNAVAILABLE);
    CHECK_HAS(got[3].text, "large bodies");
    for (int i = 0; i < 3; i++)
        pl_caller_cancel(f.caller, &got[i]);
    tear_down(&f);
}

/* Connect as somebody with another key, and see what becomes of it. */
static int
handshake(struct fixture *f, const char *dir, const char *name)
{
    zsock_t *socket = zsock_new(ZMQ_DEALER), *monitor = zsock_new(ZMQ_PAIR);
    struct pl_err err = { 0 };
    static int serial;
    uint16_t event = 0;
    char events[64];
    zmsg_t *message;

    pl_curve_tune(socket, 10, 1 << 20);
    must(pl_curve_client_as(socket, dir, name, "example", &err), &err);
    snprintf(events, sizeof events, "inproc://handshake-%d", serial++);
    zmq_socket_monitor(zsock_resolve(socket), events,
                       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                           ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                           ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
    zsock_connect(monitor, "%s", events);
    zsock_connect(socket, "%s", pl_server_address(f->server));
    message = zmsg_recv(monitor);
    memcpy(&event, zframe_data(zmsg_first(message)), sizeof event);
    zmsg_destroy(&message);
    zmq_socket_monitor(zsock_resolve(socket), NULL, 0);
    zsock_destroy(&monitor);
    zsock_destroy(&socket);
    return event;
}

TEST(only_known_keys_are_let_in)
{
    struct fixture f = set_up();
    struct pl_err err = { 0 };
    char from[200], to[200];
    double before;

    CHECK_INT(handshake(&f, keys, "other"), ==, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);

    /* The stranger knows our public key, but we do not know his. */
    snprintf(from, sizeof from, "%s/example.key", keys);
    snprintf(to, sizeof to, "%s/example.key", strange_keys);
    unlink(to);
    CHECK_INT(link(from, to), ==, 0);
    before = counter(&f, "\nplumb_bus_handshakes_refused_total ");
    CHECK_INT(handshake(&f, strange_keys, "other"), !=, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    CHECK(counter(&f, "\nplumb_bus_handshakes_refused_total ") > before);

    /* Until his key is put into the folder and the folder is read again. */
    snprintf(from, sizeof from, "%s/other.key", strange_keys);
    snprintf(to, sizeof to, "%s/stranger.key", keys);
    CHECK_INT(link(from, to), ==, 0);
    CHECK_INT(pl_curve_reload(&err), ==, 0);
    CHECK_INT(handshake(&f, strange_keys, "other"), ==, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    tear_down(&f);
}
