#include "pl_check.h"
#include "pl_process_fixture.h"
#include "pl_test_port.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(the_options_print_the_tables_of_the_program)
{
    struct pl_arena *arena = pl_arena_new();
    char *output;

    CHECK_INT(run("--settings", arena, &output), ==, 0);
    CHECK_HAS(output, "PLUMB_WORKERS");
    CHECK_HAS(output, "LOG_LEVEL");
    CHECK_INT(run("--endpoints", arena, &output), ==, 0);
    CHECK_HAS(output, "example.Echo");
    CHECK_INT(run("--version", arena, &output), ==, 0);
    CHECK_HAS(output, "example " PL_VERSION);
    CHECK_INT(run("--nonsense", arena, &output), ==, 2);
    CHECK_HAS(output, "usage:");
    pl_arena_destroy(&arena);
}

TEST(unsafe_and_unreadable_settings_stop_the_start)
{
    struct pl_arena *arena = pl_arena_new();
    char *output;

    setenv("ENVIRONMENT", "Production", 1);
    setenv("PLUMB_BUS_PLAINTEXT", "1", 1);
    CHECK_INT(run(NULL, arena, &output), ==, 2);
    CHECK_HAS(output, "cannot be on in production");
    unsetenv("ENVIRONMENT");
    unsetenv("PLUMB_BUS_PLAINTEXT");
    setenv("PLUMB_WORKERS", "many", 1);
    CHECK_INT(run(NULL, arena, &output), ==, 2);
    CHECK_HAS(output, "PLUMB_WORKERS must be a number");
    unsetenv("PLUMB_WORKERS");
    pl_arena_destroy(&arena);
}

TEST(a_service_answers_calls_and_http_until_it_is_told_to_stop)
{
    struct pl_arena *arena = pl_arena_new();
    struct process p = start_process();
    struct pl_caller *caller = new_caller(p.address);

    CHECK_INT(ask(caller, (struct pl_outcall)ECHO).code, ==, PL_OK);
    CHECK_HAS(get(p.http_port, "/health/liveness", arena), "200 OK");
    CHECK_HAS(get(p.http_port, "/health/readiness", arena), "200 OK");
    CHECK_HAS(get(p.http_port, "/health", arena), "\"service\":\"example\"");
    CHECK_HAS(get(p.http_port, "/metrics", arena), "text/plain; version=0.0.4");
    CHECK_HAS(get(p.http_port, "/metrics", arena),
              "plumb_calls_total{operation=\"example.Echo\",code=\"OK\"} 1\n");
    CHECK_HAS(get(p.http_port, "/other", arena), "404 Not Found");
    CHECK_INT(stop_process(&p), ==, 0);
    pl_caller_destroy(&caller);
    pl_arena_destroy(&arena);
}

TEST(without_postgres_a_service_lives_says_so_and_is_not_ready)
{
    struct pl_arena *arena = pl_arena_new();
    struct process p;
    char *page;

    setenv("PL_EXAMPLE_SCHEMA", "example", 1);
    set_text("POSTGRES_DSN", "host=127.0.0.1 port=", pl_test_port(), " user=nobody dbname=nothing");
    p = start_process();
    CHECK_HAS(get_when_up(p.http_port, "/health/liveness", arena), "200 OK");
    do {
        page = get(p.http_port, "/health/readiness", arena);
        CHECK_HAS(page, "503 Service Unavailable");
    } while (strstr(page, "\"postgres\"") == NULL); // until the first try has failed
    CHECK_HAS(page, "\"state\":\"down\"");
    CHECK_INT(stop_process(&p), ==, 0);
    unsetenv("PL_EXAMPLE_SCHEMA");
    unsetenv("POSTGRES_DSN");
    pl_arena_destroy(&arena);
}

TEST(a_killed_instance_fails_its_call_unless_it_may_be_repeated_elsewhere)
{
    struct process a = start_process(), b = start_process(), *victim;
    struct outcome once, again;
    struct pl_caller *caller;
    char both[200];

    snprintf(both, sizeof both, "%s,%s", a.address, b.address);
    caller = new_caller(both);
    wait_until_both_live(caller);
    /* Two calls: the least loaded instance each time, so one at either. */
    start_call(caller, &once, (struct pl_outcall)HOLD);
    victim = in_flight(caller, a.address) ? &a : &b;
    start_call(caller, &again, (struct pl_outcall)HOLD_I);
    CHECK_INT(in_flight(caller, a.address), ==, 1);
    CHECK_INT(in_flight(caller, b.address), ==, 1);
    pump(caller, 1000); // both are sent: what is not goes elsewhere

    kill(victim->pid, SIGKILL);
    CHECK_INT(status_of(victim->pid), ==, 128 + SIGKILL);
    while (!once.done)
        pump(caller, 1000);
    CHECK_INT(once.code, ==, PL_UNAVAILABLE);
    CHECK_HAS(once.text, "was lost");

    /* The other call is repeatable: its instance dies, and it goes to the restarted first. */
    setenv("PLUMB_PEER_EXAMPLE", both, 1);
    set_text("PLUMB_BIND", "tcp://127.0.0.1:", victim->port, "");
    set_text("PLUMB_HTTP_BIND", "127.0.0.1:", victim->http_port, "");
    victim->pid = spawn(NULL);
    wait_until_both_live(caller);
    kill((victim == &a ? &b : &a)->pid, SIGKILL);
    CHECK_INT(status_of((victim == &a ? &b : &a)->pid), ==, 128 + SIGKILL);
    while (in_flight(caller, victim->address) == 0)
        pump(caller, 1000);
    CHECK(!again.done);
    pl_caller_destroy(&caller);
    kill(victim->pid, SIGKILL); // it still holds the call
    status_of(victim->pid);
}

TEST(an_instance_that_has_stopped_answering_is_left_alone_for_a_while)
{
    struct process p = start_process();
    struct pl_caller *caller = new_caller(p.address);
    struct outcome got = ask(caller, (struct pl_outcall)ECHO);
    int timeouts = 0, status;

    CHECK_INT(got.code, ==, PL_OK);
    kill(p.pid, SIGSTOP);
    CHECK_INT(waitpid(p.pid, &status, WUNTRACED), ==, p.pid);
    do {
        got = ask(caller, (struct pl_outcall){ .operation = "example.Echo", .timeout_ms = 40 });
        timeouts += got.code == PL_TIMEOUT;
        CHECK_INT(got.code, !=, PL_OK);
    } while (got.code == PL_TIMEOUT);
    CHECK_INT(timeouts, ==, 5);
    CHECK_HAS(got.text, "does not answer");

    kill(p.pid, SIGCONT);
    do // until a probe finds it back
        got = ask(caller, (struct pl_outcall){ .operation = "example.Echo", .timeout_ms = 1000 });
    while (got.code != PL_OK);
    pl_caller_destroy(&caller);
    CHECK_INT(stop_process(&p), ==, 0);
}
