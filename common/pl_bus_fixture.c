#include "pl_bus_fixture.h"

#include "pl_example.h"
#include "pl_metric.h"
#include "pl_pack.h"

#include "governance.pb-c.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

char keys[] = "/tmp/pl-server-test-XXXXXX", strange_keys[] = "/tmp/pl-server-test-XXXXXX";

void
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

struct fixture
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

struct fixture
set_up(void)
{
    return set_up_with((struct pl_server_conf){ .workers = 2 });
}

void
tear_down(struct fixture *f)
{
    pl_example_release();
    pl_caller_destroy(&f->caller);
    pl_server_stop(&f->server);
    pl_arena_destroy(&f->arena);
}

/* Start a server where one was a moment ago: libzmq lets go of the port in a thread of its own. */
void
start_again_at(struct fixture *f, const char *address)
{
    struct pl_server_conf conf = { .service = &pl_example, .workers = 2, .bind = address };
    struct pl_err err = { 0 };

    while (pl_server_start(&f->server, &conf, &err)) {
        must(strstr(err.text, "in use") ? 0 : -1, &err);
        err = (struct pl_err){ 0 };
    }
}

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

void
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

void
finish(struct fixture *f, struct outcome *outcome)
{
    while (!outcome->done) {
        struct pollfd fd = { pl_caller_fd(f->caller), POLLIN, 0 };

        poll(&fd, 1, (int)pl_caller_timeout_ms(f->caller));
        pl_caller_run(f->caller);
    }
}

struct outcome
ask(struct fixture *f, struct pl_outcall call, const char *api)
{
    struct outcome outcome;

    start(f, &outcome, call, api);
    finish(f, &outcome);
    return outcome;
}

double
counter(struct fixture *f, const char *sample)
{
    struct pl_buf text = { .arena = f->arena };
    const char *at;

    pl_metric_print(&text);
    at = strstr(pl_buf_text(&text), sample);
    return at ? atof(at + strlen(sample)) : 0;
}
