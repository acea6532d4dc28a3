/* The asking side. */
#include "pl_bus_fixture.h"
#include "pl_check.h"
#include "pl_example.h"
#include "pl_health.h"
#include "pl_pack.h"

#include "governance.pb-c.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

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

TEST(a_service_that_is_not_configured_is_unavailable_at_once)
{
    struct fixture f = set_up();
    struct outcome got =
        ask(&f, (struct pl_outcall){ .service = "nobody", .operation = "x.Y" }, "x");

    CHECK_INT(got.code, ==, PL_UNAVAILABLE);
    CHECK_HAS(got.text, "not configured");
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
    start(&f, &got, (struct pl_outcall){ .operation = "example.Echo", .timeout_ms = 60000 },
          "late");
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

/* Start a call that is held, and stop the server meanwhile; returns when it is stopping. */
static pthread_t
stop_while_held(struct fixture *f, struct pl_server **old, struct outcome *held)
{
    pthread_t stopper;

    start(f, held, (struct pl_outcall)HOLD, "x");
    ask(f, (struct pl_outcall){ .operation = "pl.Health" }, "x");
    pl_example_wait_held(1);
    *old = f->server;
    f->server = NULL;
    pthread_create(&stopper, NULL, stop_server, old);
    while (pl_health_is_ready())
        sched_yield();
    return stopper;
}

TEST(calls_that_wait_for_company_are_not_lost_with_the_connection)
{
    struct fixture f = set_up();
    char *address = strdup(pl_server_address(f.server));
    struct outcome got[5];

    CHECK_INT(ask(&f, (struct pl_outcall)ECHO, "x").code, ==, PL_OK); // now they share a frame
    for (int i = 0; i < 5; i++)
        start(&f, &got[i], (struct pl_outcall){ .operation = "example.Echo", .idempotent = true },
              "x");
    pl_server_stop(&f.server); // nothing was sent yet
    start_again_at(&f, address);
    for (int i = 0; i < 5; i++) {
        finish(&f, &got[i]);
        CHECK_INT(got[i].code, ==, PL_OK);
    }
    free(address);
    tear_down(&f);
}

TEST(a_running_call_is_finished_before_the_server_ends)
{
    struct fixture f = set_up();
    struct pl_server *old;
    struct outcome held;
    pthread_t stopper = stop_while_held(&f, &old, &held);

    poll(NULL, 0, 600); // more than a server without work would take to end
    CHECK(!held.done);
    pl_example_release();
    finish(&f, &held);
    CHECK_STR(held.text, "x");
    CHECK_INT(held.code, ==, PL_OK);
    pthread_join(stopper, NULL);
    tear_down(&f);
}

TEST(whoever_comes_while_the_server_stops_waits_for_its_successor)
{
    struct fixture f = set_up();
    struct pl_caller *first = f.caller;
    struct pl_err err = { 0 };
    struct pl_server *old;
    struct outcome held, got;
    pthread_t stopper = stop_while_held(&f, &old, &held);

    must(pl_caller_new(&f.caller, "example", &err), &err);
    got = ask(&f, (struct pl_outcall){ .operation = "example.Echo", .timeout_ms = 400 }, "x");
    CHECK_INT(got.code, ==, PL_UNAVAILABLE);
    CHECK_HAS(got.text, "no instance"); // it was not refused, it waited
    pl_example_release();
    pthread_join(stopper, NULL);
    pl_caller_destroy(&first);
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
