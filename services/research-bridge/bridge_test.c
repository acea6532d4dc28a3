#include "bridge_test.h"

#include "pl_dispatch.h"
#include "pl_pack.h"
#include "pl_pg.h"
#include "pl_test_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    struct pl_err err = { 0 };

    test = pl_test_db_new("bridge", bridge_migrations);
    arena = pl_arena_new();
    worker = (struct pl_worker){ .service = &service, .arena = pl_arena_new() };
    pl__principal__init(&who);
    who.subject = "token:ada";
    key = NULL;
    if (pl_pg_open(&worker.db, pl_test_db_dsn(test), &err)) {
        fprintf(stderr, "test set-up: %s\n", err.text);
        exit(EXIT_FAILURE);
    }
}

void
tear_down(void)
{
    pl_pg_destroy(&worker.db);
    pl_arena_destroy(&worker.arena);
    pl_arena_destroy(&arena);
    pl_test_db_destroy(&test);
}

/* The reply, or NULL; ${said} is what came with it. */
const void *
call(const char *operation, const ProtobufCMessage *message)
{
    Pl__Request envelope = PL__REQUEST__INIT;
    struct pl_request_frames in = { .caller = "test", .arrived = pl_now_ms() };
    struct pl_reply_frames out;

    envelope.operation = (char *)operation;
    envelope.has_message = true;
    envelope.message = pl_pack(message, arena);
    envelope.principal = &who;
    envelope.idempotency_key = (char *)key;
    envelope.has_remaining_ms = true;
    envelope.remaining_ms = 60000;
    in.envelope = pl_pack(&envelope.base, arena);
    pl_dispatch(&worker, &in, &out);
    said = pl_unpack(&pl__reply__descriptor, out.envelope, arena);
    pl_arena_reset(worker.arena);
    if (said->code != PL_OK)
        return NULL;
    return pl_unpack(pl_dispatch_find(&service, operation, strlen(operation))->reply, said->message,
                     arena);
}

const char *
ask(const char *sql)
{
    struct pl_err err = { 0 };
    PGresult *res = pl_pg_exec(worker.db, &err, sql, PL_NO_ARGS);
    char *text = res && PQntuples(res) ? pl_pg_text(res, 0, 0, arena) : "failed";

    PQclear(res);
    return text;
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
