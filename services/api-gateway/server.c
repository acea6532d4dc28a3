#include "server.h"

#include "cache_events.h"
#include "limits_file.h"
#include "listen.h"
#include "reactor.h"
#include "revocations.h"
#include "routes.h"
#include "settings.h"

#include "pl_app.h"
#include "pl_embed.h"
#include "pl_health.h"
#include "pl_log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define MAX_REACTORS 64
#define LARGEST_FILE (4u * 1024 * 1024)

enum { STOPPED = 0, FAILED = 1, MISCONFIGURED = 2 };

extern const struct pl_embedded gateway_contract[];

struct thread {
    pthread_t id;
    struct reactor *reactor;
};

static int
read_file(const char *path, struct pl_buf *out, struct pl_err *err)
{
    FILE *file = fopen(path, "re");
    char part[8192];
    size_t got;

    if (file == NULL)
        return pl_fail(err, INVALID, "could not read the contract %s: %s", path, strerror(errno));
    while ((got = fread(part, 1, sizeof part, file)) > 0 && out->length < LARGEST_FILE)
        pl_buf_add(out, part, got);
    fclose(file);
    return 0;
}

int
server_contract(struct contract **out, struct pl_err *err)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf text = { .arena = arena };
    int failed;

    *out = NULL;
    if (*settings.contract == '\0')
        failed = contract_load(out, gateway_contract[0].name, gateway_contract[0].text,
                               gateway_contract[0].size, err);
    else
        failed = read_file(settings.contract, &text, err) ||
                 contract_load(out, settings.contract, pl_buf_text(&text), text.length, err);
    pl_arena_destroy(&arena);
    for (int i = 0; *out && i < (*out)->problem_count; i++)
        pl_error("contract.problem", PL_S("text", (*out)->problems[i]));
    return failed ? -1 : 0;
}

static void *
serve(void *reactor)
{
    reactor_run(reactor);
    return NULL;
}

static int
make_reactors(struct thread *threads, size_t count, const struct contract *contract,
              struct pl_err *err)
{
    int fds[MAX_REACTORS];

    if (listen_open(settings.address, settings.port, fds, count, err))
        return -1;
    pl_info("gateway.listening", PL_S("address", settings.address),
            PL_I("port", listen_port(fds[0])), PL_I("reactors", count),
            PL_I("operations", contract->operation_count));
    for (size_t i = 0; i < count; i++)
        if (reactor_new(&threads[i].reactor, contract, fds[i], err))
            return -1;
    return 0;
}

static void
wait_for_signal(void)
{
    struct pollfd signals = { .fd = pl_app_signal_fd(), .events = POLLIN };

    do
        poll(&signals, 1, -1);
    while (!pl_app_signal());
}

static int
run_reactors(struct thread *threads, size_t count, struct pl_err *err)
{
    size_t running = 0;

    while (running < count &&
           pthread_create(&threads[running].id, NULL, serve, threads[running].reactor) == 0)
        running++;
    if (running == count) {
        pl_health_ready(true);
        wait_for_signal();
        pl_health_ready(false);
    }
    for (size_t i = 0; i < running; i++)
        reactor_stop(threads[i].reactor);
    for (size_t i = 0; i < running; i++)
        pthread_join(threads[i].id, NULL);
    return running == count ? 0 : pl_fail(err, INTERNAL, "could not start a thread");
}

int
server_run(void)
{
    struct thread threads[MAX_REACTORS] = { 0 };
    size_t count = (size_t)settings.reactors;
    struct contract *contract;
    struct pl_err err = { 0 };
    int failed = server_contract(&contract, &err);

    failed = failed || limits_open(&err) || routes_open(&err) ||
             make_reactors(threads, count, contract, &err) || revocations_start(&err) ||
             cache_events_start(contract, &err) || run_reactors(threads, count, &err);
    cache_events_stop();
    revocations_stop();
    for (size_t i = 0; i < count; i++)
        reactor_destroy(&threads[i].reactor);
    routes_close();
    limits_close();
    contract_destroy(&contract);
    if (!failed)
        return STOPPED;
    pl_error("gateway.failed", PL_ERR(&err));
    return err.code == PL_INVALID ? MISCONFIGURED : FAILED;
}
