/* A process that lives and whose handlers hang: its only worker is held, its front thread answers. */
#include "pl_bus_fixture.h"
#include "pl_check.h"
#include "pl_example.h"

#include "governance.pb-c.h"

#include <sched.h>

#define CALLS 8

static struct fixture f;
static struct pl_server *other;
static char *hung, address[300];
static struct outcome held;

/* Two instances, one worker each; that of the first is held. */
static void
begin(void)
{
    struct pl_server_conf conf = { .service = &pl_example,
                                   .workers = 1,
                                   .bind = "tcp://127.0.0.1:*" };
    struct pl_err err = { 0 };
    int ran = pl_example_ran();

    f = set_up_with((struct pl_server_conf){ .workers = 1 });
    must(pl_server_start(&other, &conf, &err), &err);
    hung = strdup(pl_server_address(f.server));
    snprintf(address, sizeof address, "%s,%s", hung, pl_server_address(other));
    setenv("PLUMB_PEER_EXAMPLE", address, 1);
    pl_caller_destroy(&f.caller);
    must(pl_caller_new(&f.caller, "example", &err), &err);
    start(
        &f, &held,
        (struct pl_outcall){ .operation = "example.Hold", .instance = hung, .timeout_ms = 600000 },
        "x");
    pl_caller_run(f.caller);
    while (pl_example_ran() == ran)
        pl_caller_run(f.caller);
    pl_example_wait_held(1);
}

static void
end(void)
{
    pl_example_release();
    pl_caller_destroy(&f.caller);
    pl_server_stop(&other);
    free(hung);
    tear_down(&f);
}

/* So many at once; how many of them were answered. */
static int
ask_all(struct pl_outcall call)
{
    struct outcome got[CALLS];
    int good = 0;

    for (int i = 0; i < CALLS; i++)
        start(&f, &got[i], call, "x");
    for (int i = 0; i < CALLS; i++) {
        finish(&f, &got[i]);
        good += got[i].code == PL_OK;
    }
    return good;
}

static bool
is_open(void)
{
    struct pl_instance *all;
    int count = pl_caller_instances(f.caller, f.arena, &all);

    for (int i = 0; i < count; i++)
        if (strcmp(all[i].address, hung) == 0)
            return all[i].breaker_open;
    return false;
}

TEST(what_may_be_repeated_is_asked_of_another_instance_in_time_and_then_the_hung_one_is_passed_over)
{
    const struct pl_outcall read = { .operation = "example.Echo",
                                     .timeout_ms = 15000,
                                     .idempotent = true };
    const struct pl_outcall write = { .operation = "example.Echo", .timeout_ms = 30000 };

    begin();
    CHECK_INT(ask_all(read), ==, CALLS); // some were sent to it, and moved on
    for (int i = 0; i < 20; i++)
        CHECK_INT(ask_all(write), ==, CALLS); // none is sent to it any more
    end();
}

TEST(the_breaker_of_an_instance_whose_handlers_hang_opens_although_its_process_answers)
{
    const struct pl_outcall there = { .operation = "example.Echo",
                                      .instance = hung,
                                      .timeout_ms = 1500 };
    struct outcome got[CALLS];
    struct pl_outcall call = there, health = { .operation = "pl.Health", .timeout_ms = 30000 };

    begin();
    call.instance = health.instance = hung;
    for (int i = 0; i < CALLS; i++)
        start(&f, &got[i], call, "x");
    CHECK_INT(ask(&f, health, NULL).code, ==, PL_OK); // it lives
    for (int i = 0; i < CALLS; i++) {
        finish(&f, &got[i]);
        CHECK_INT(got[i].code, ==, PL_TIMEOUT);
    }
    CHECK(is_open());
    CHECK_INT(ask(&f, health, NULL).code, ==, PL_OK);
    CHECK(is_open()); // its front thread says nothing about its handlers
    CHECK_INT(ask(&f, call, "x").code, ==, PL_UNAVAILABLE);

    pl_example_release();
    finish(&f, &held);
    call.timeout_ms = 30000;
    while (ask(&f, call, "x").code != PL_OK) // until the pause is over and one may try
        sched_yield();
    CHECK(!is_open());
    end();
}
