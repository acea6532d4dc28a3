#include "bridge_test.h"

#include "pl_test_call.h"

static const struct pl_service service = { .name = "research-bridge",
                                           .schema = "bridge",
                                           .endpoints = bridge_endpoints };
static struct pl_test_db *test;
struct pl_worker worker;
struct pl_arena *arena;
const char *key;
const Pl__Reply *said;
static Pl__Principal who;

void
set_up(void)
{
    test = pl_test_db_new("bridge", bridge_migrations);
    arena = pl_arena_new();
    pl_test_worker_open(&worker, &service, test);
    pl__principal__init(&who);
    who.subject = "token:ada";
    key = NULL;
}

void
tear_down(void)
{
    pl_test_worker_close(&worker);
    pl_arena_destroy(&arena);
    pl_test_db_destroy(&test);
}

/* The reply, or NULL; ${said} is what came with it. */
const void *
call(const char *operation, const ProtobufCMessage *message)
{
    Pl__Request how = PL__REQUEST__INIT;
    void *reply;

    how.principal = &who;
    how.idempotency_key = (char *)key;
    said = pl_test_call(&worker, &how, operation, message, arena, &reply);
    return reply;
}

const char *
ask(const char *sql)
{
    return pl_test_sql(&worker, sql, arena);
}

const Bridge__Input *
submit(char *title, char *tag, char *owner, int64_t impact)
{
    Bridge__CreateInputRequest request = BRIDGE__CREATE_INPUT_REQUEST__INIT;
    const Bridge__CreateInputReply *reply;

    request.title = title;
    request.problem = "Clients time out";
    request.tags = &tag;
    request.n_tags = tag != NULL;
    request.owner = owner;
    request.has_impact = true;
    request.impact = impact;
    reply = call("bridge.CreateInput", &request.base);
    return reply ? reply->input : NULL;
}

const Bridge__Input *
move(const char *id, const char *status, const char *if_match)
{
    Bridge__MoveInputRequest request = BRIDGE__MOVE_INPUT_REQUEST__INIT;
    const Bridge__MoveInputReply *reply;

    request.id = (char *)id;
    request.status = (char *)status;
    request.if_match = (char *)if_match;
    reply = call("bridge.MoveInput", &request.base);
    return reply ? reply->input : NULL;
}

const Bridge__Experiment *
approve(const char *id)
{
    Bridge__ApproveInputRequest request = BRIDGE__APPROVE_INPUT_REQUEST__INIT;
    const Bridge__ApproveInputReply *reply;

    request.id = (char *)id;
    reply = call("bridge.ApproveInput", &request.base);
    return reply ? reply->experiment : NULL;
}

const char *
events(void)
{
    return ask("SELECT string_agg(type, ' ' ORDER BY seq)"
               "  FROM outbox JOIN outbox_unnumbered ON outbox_id = id");
}
