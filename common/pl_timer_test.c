#include "pl_check.h"
#include "pl_curve.h"
#include "pl_timer.h"
#include "pl_timer_wake.h"

#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>

static sem_t ran, may_end;
static _Atomic int runs, running, most, opened, closed;
static _Atomic int again_left;

static int
count_run(struct pl_tick *tick)
{
    runs++;
    tick->again = again_left > 0 && again_left-- > 0;
    sem_post(&ran);
    return 0;
}

static int
take_long(struct pl_tick *tick)
{
    int now = ++running;

    (void)tick;
    if (now > most)
        most = now;
    sem_post(&ran);
    sem_wait(&may_end);
    running--;
    return 0;
}

static int
fail(struct pl_tick *tick)
{
    sem_post(&ran);
    tick->again = true; // a failure is not tried again at once, whatever it says
    runs++;
    return pl_fail(&tick->err, UNAVAILABLE, "not today");
}

static int
open_worker(void **self, struct pl_err *err)
{
    (void)err;
    opened++;
    *self = malloc(1);
    return 0;
}

static void
close_worker(void **self)
{
    closed += *self != NULL;
    free(*self);
    *self = NULL;
}

static void
start(const struct pl_timer *timers, struct pl_service *service)
{
    struct pl_err err = { 0 };

    pl_curve_open("", "timer-test", true, &err);
    *service = (struct pl_service){ .name = "timer-test",
                                    .timers = timers,
                                    .open_worker = open_worker,
                                    .close_worker = close_worker };
    sem_init(&ran, 0, 0);
    sem_init(&may_end, 0, 0);
    runs = running = most = opened = closed = again_left = 0;
}

TEST(a_timer_runs_at_the_start_and_whenever_it_is_woken)
{
    static const struct pl_timer timers[] = { { 3600000, count_run, "counts", 0 }, { 0 } };
    struct pl_service service;
    struct pl_err err = { 0 };

    start(timers, &service);
    CHECK_INT(pl_timers_start(&service, NULL, &err), ==, 0);
    sem_wait(&ran);
    for (int i = 0; i < 3; i++) {
        pl_timers_wake();
        sem_wait(&ran);
    }
    pl_timers_stop();
    CHECK_INT(runs, ==, 4);
    CHECK_INT(opened, ==, 1);
    CHECK_INT(closed, ==, 1);
}

TEST(a_wake_inside_a_transaction_comes_after_its_end_and_once)
{
    static const struct pl_timer timers[] = { { 3600000, count_run, "counts", 0 }, { 0 } };
    struct pl_service service;
    struct pl_err err = { 0 };

    start(timers, &service);
    CHECK_INT(pl_timers_start(&service, NULL, &err), ==, 0);
    sem_wait(&ran);
    pl_timers_hold();
    pl_timers_wake();
    pl_timers_wake();
    poll(NULL, 0, 20); // time in which a wake that came too early would show
    CHECK_INT(runs, ==, 1);
    pl_timers_let_go();
    sem_wait(&ran);
    pl_timers_hold();
    pl_timers_let_go(); // nothing was wanted
    pl_timers_stop();
    CHECK_INT(runs, ==, 2);
}

TEST(a_timer_that_has_more_to_do_runs_again_at_once)
{
    static const struct pl_timer timers[] = { { 3600000, count_run, "counts", 0 }, { 0 } };
    struct pl_service service;
    struct pl_err err = { 0 };

    start(timers, &service);
    again_left = 5;
    CHECK_INT(pl_timers_start(&service, NULL, &err), ==, 0);
    for (int i = 0; i < 6; i++)
        sem_wait(&ran);
    pl_timers_stop();
    CHECK_INT(runs, ==, 6);
}

TEST(a_timer_has_as_many_threads_as_it_asks_for_and_stopping_waits_for_them)
{
    static const struct pl_timer timers[] = { { 3600000, take_long, "takes long", 3 }, { 0 } };
    struct pl_service service;
    struct pl_err err = { 0 };

    start(timers, &service);
    CHECK_INT(pl_timers_count(timers), ==, 3);
    CHECK_INT(pl_timers_start(&service, NULL, &err), ==, 0);
    for (int i = 0; i < 3; i++)
        sem_wait(&ran);
    for (int i = 0; i < 3; i++)
        sem_post(&may_end);
    pl_timers_stop();
    CHECK_INT(most, ==, 3);
    CHECK_INT(running, ==, 0);
    CHECK_INT(closed, ==, 3);
}

TEST(a_timer_that_fails_waits_for_its_next_turn)
{
    static const struct pl_timer timers[] = { { 3600000, fail, "fails", 0 }, { 0 } };
    struct pl_service service;
    struct pl_err err = { 0 };

    start(timers, &service);
    CHECK_INT(pl_timers_start(&service, NULL, &err), ==, 0);
    sem_wait(&ran);
    pl_timers_wake();
    sem_wait(&ran);
    pl_timers_stop();
    CHECK_INT(runs, ==, 2);
}
