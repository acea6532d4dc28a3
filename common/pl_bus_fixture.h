/* pl_bus_fixture -- a server and a caller over TCP with CURVE, as they are in production. */
#ifndef PL_BUS_FIXTURE_H
#define PL_BUS_FIXTURE_H

#include "pl_caller.h"
#include "pl_curve.h"
#include "pl_server.h"

struct fixture {
    struct pl_server *server;
    struct pl_caller *caller;
    struct pl_arena *arena;
};

/* What became of one call. */
struct outcome {
    bool done;
    enum pl_code code;
    char text[300];
};

/* Two folders of keys with the same names in them; the process is "example" of the first. */
extern char keys[], strange_keys[];

/* End the program, which cannot test, unless ${result} is 0. */
void must(int result, const struct pl_err *err);

/* Start the example service with these limits, and a caller that knows where it is. */
struct fixture set_up_with(struct pl_server_conf conf);
struct fixture set_up(void);
void tear_down(struct fixture *f);

/* Start the server where one was a moment ago. */
void start_again_at(struct fixture *f, const char *address);

/* Start a call that names ${api}; run the caller until it is done; or both. */
void start(struct fixture *f, struct outcome *outcome, struct pl_outcall call, const char *api);
void finish(struct fixture *f, struct outcome *outcome);
struct outcome ask(struct fixture *f, struct pl_outcall call, const char *api);

/* The value of a counter, from what Prometheus would see. */
double counter(struct fixture *f, const char *sample);

#define ECHO                        \
    {                               \
        .operation = "example.Echo" \
    }
#define HOLD                        \
    {                               \
        .operation = "example.Hold" \
    }

#endif
