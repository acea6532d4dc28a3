#include "pl_example.h"

#include "governance.pb-c.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int ran;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int held;
static bool released;

unsigned char
pl_example_byte(size_t at)
{
    return (unsigned char)(at * 31 + at / 251);
}

static int
echo(struct pl_call *call)
{
    const Governance__ListRunsRequest *request = call->request;
    Governance__ListRunsReply *reply = call->reply;

    ran++;
    if (request->api == NULL) {
        pl_call_violation(call, "/api", 1, 2, "%s is missing", "api");
        return pl_fail(&call->err, INVALID, "an api must be named");
    }
    reply->next_cursor =
        pl_arena_printf(call->arena, "%s %s %s %s", request->api,
                        call->principal->subject ? call->principal->subject : "nobody",
                        call->request_id, call->caller);
    call->http.etag = "\"1\"";
    return 0;
}

static int
hold(struct pl_call *call)
{
    const Governance__ListRunsRequest *request = call->request;
    Governance__ListRunsReply *reply = call->reply;

    ran++;
    pthread_mutex_lock(&lock);
    held++;
    pthread_cond_broadcast(&changed);
    while (!released)
        pthread_cond_wait(&changed, &lock);
    held--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    reply->next_cursor = request->api;
    return 0;
}

static int
take(struct pl_call *call)
{
    const Governance__CreateRunRequest *request = call->request;
    Governance__CreateRunReply *reply = call->reply;
    Governance__Run *run = pl_arena_alloc(call->arena, sizeof *run);
    size_t length = request->body ? request->body->data.len : 0;

    ran++;
    for (size_t i = 0; i < length; i++)
        if (request->body->data.data[i] != pl_example_byte(i))
            return pl_fail(&call->err, INVALID, "byte %zu is wrong", i);
    governance__run__init(run);
    run->id = pl_arena_printf(call->arena, "%zu", length);
    reply->run = run;
    call->http.status = 201;
    return 0;
}

static int
give(struct pl_call *call)
{
    const Governance__GetDocumentRequest *request = call->request;
    Governance__GetDocumentReply *reply = call->reply;
    Pl__HttpBody *body = pl_arena_alloc(call->arena, sizeof *body);

    ran++;
    pl__http_body__init(body);
    body->content_type = (char *)"application/octet-stream";
    body->has_data = 1;
    body->data.len = (size_t)atol(request->api ? request->api : "0");
    body->data.data = pl_arena_alloc(call->arena, body->data.len + 1);
    for (size_t i = 0; i < body->data.len; i++)
        body->data.data[i] = pl_example_byte(i);
    reply->body = body;
    return 0;
}

static const struct pl_endpoint endpoints[] = {
    PL_CALL("example.Echo", PL_READ, echo, governance__list_runs, "says who asked what"),
    PL_CALL_AT_ONCE("example.Now", echo, governance__list_runs, "the same, without a worker"),
    PL_CALL("example.Hold", PL_READ, hold, governance__list_runs, "answers when released"),
    PL_CALL_HEAVY("example.Take", PL_WRITE, take, governance__create_run, "measures a body"),
    PL_CALL_HEAVY("example.Give", PL_READ, give, governance__get_document, "a body of that size"),
    { 0 },
};

const struct pl_service pl_example = { .name = "example", .endpoints = endpoints };

void
pl_example_wait_held(int count)
{
    pthread_mutex_lock(&lock);
    while (held < count)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void
set_released(bool now)
{
    pthread_mutex_lock(&lock);
    released = now;
    pthread_cond_broadcast(&changed);
    while (now && held)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

void
pl_example_release(void)
{
    set_released(true);
}

void
pl_example_hold(void)
{
    set_released(false);
}

int
pl_example_ran(void)
{
    return ran;
}
