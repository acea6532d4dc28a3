/* pl_process_fixture -- the example service as real processes: started, asked, stopped, killed. */
#ifndef PL_PROCESS_FIXTURE_H
#define PL_PROCESS_FIXTURE_H

#include "pl_caller.h"

#include <sys/types.h>

struct process {
    pid_t pid;
    int port, http_port;
    char address[64];
};

/* What became of one call. */
struct outcome {
    bool done;
    enum pl_code code;
    char text[200];
};

/* Set an environment variable with a number in its middle. */
void set_text(const char *name, const char *before, int number, const char *after);

/* Start the example with at most one option; wait for its end: its exit status, or 128 + the
 * signal that ended it. */
pid_t spawn(const char *option);
int status_of(pid_t pid);

/* Run it with one option until it ends; its output is in the arena. */
int run(const char *option, struct pl_arena *arena, char **output);

/* Start it on ports of its own; ask it to stop and return its exit status. */
struct process start_process(void);
int stop_process(const struct process *p);

/* A caller that knows these instances of the example. */
struct pl_caller *new_caller(const char *addresses);

/* Start a call; let the caller work for a while; start one and wait for its end. */
void start_call(struct pl_caller *caller, struct outcome *outcome, struct pl_outcall call);
void pump(struct pl_caller *caller, int most_ms);
struct outcome ask(struct pl_caller *caller, struct pl_outcall call);

/* How many calls are under way at that instance, from this caller. */
int in_flight(struct pl_caller *caller, const char *address);
void wait_until_both_live(struct pl_caller *caller);

/* GET a page of the internal port: head and body, "" while nobody listens; or wait for it. */
char *get(int port, const char *path, struct pl_arena *arena);
char *get_when_up(int port, const char *path, struct pl_arena *arena);

#define ECHO                        \
    {                               \
        .operation = "example.Echo" \
    }
#define HOLD                        \
    {                               \
        .operation = "example.Hold" \
    }
#define HOLD_I                                          \
    {                                                   \
        .operation = "example.Hold", .idempotent = true \
    }

#endif
