#include "engine_test.h"

#include "pl_pack.h"
#include "pl_test_db.h"

#include "governance.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pl_test_db *database;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
drop(void)
{
    pl_test_db_destroy(&database);
}

static void
create(void)
{
    struct pl_err err = { 0 };

    if (pl_conf_read(governance_settings, &err)) {
        fprintf(stderr, "settings: %s\n", err.text);
        exit(EXIT_FAILURE);
    }
    database = pl_test_db_new("governance", governance_engine_migrations);
    atexit(drop);
}

static void
must(int rc, const struct pl_err *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "test set-up: %s (%s)\n", err->text, err->detail);
    exit(EXIT_FAILURE);
}

static const struct pl_service service = {
    .name = "governance-engine",
    .schema = "governance",
    .endpoints = governance_endpoints,
};

void
engine_open(struct engine *engine)
{
    struct pl_err err = { 0 };

    pthread_once(&once, create);
    memset(engine, 0, sizeof *engine);
    pl__principal__init(&engine->principal);
    engine->principal.subject = "token:test";
    engine->worker.service = &service;
    engine->worker.arena = pl_arena_new();
    must(pl_pg_open(&engine->worker.db, pl_test_db_dsn(database), &err), &err);
    must(governance_open_worker(&engine->worker.self, &err), &err);
}

void
engine_close(struct engine *engine)
{
    governance_close_worker(&engine->worker.self);
    pl_pg_destroy(&engine->worker.db);
    pl_arena_destroy(&engine->worker.arena);
}

static ProtobufCBinaryData
pack(const ProtobufCMessage *message, struct pl_arena *arena)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = pl_arena_alloc(arena, size + 1);

    protobuf_c_message_pack(message, bytes);
    return (ProtobufCBinaryData){ size, bytes };
}

static void *
take(void *arena, size_t size)
{
    return pl_arena_alloc(arena, size);
}

static void
leave(void *arena, void *bytes)
{
    (void)arena;
    (void)bytes;
}

static void *
unpack(const ProtobufCMessageDescriptor *type, ProtobufCBinaryData bytes, struct pl_arena *arena)
{
    ProtobufCAllocator allocator = { take, leave, arena };

    return protobuf_c_message_unpack(type, &allocator, bytes.len, bytes.data);
}

struct answer
engine_ask(struct engine *engine, const char *operation, const ProtobufCMessage *request,
           const char *idempotency_key)
{
    struct pl_arena *arena = engine->worker.arena;
    Pl__Request envelope = PL__REQUEST__INIT;
    struct pl_request_frames in = { .caller = "", .arrived = pl_now_ms() };
    struct pl_reply_frames out;
    struct answer answer = { 0 };
    Pl__Reply *reply;

    PUT(&envelope, id, 1);
    PUT(&envelope, message, pack(request, arena));
    PUT(&envelope, remaining_ms, 60000);
    envelope.operation = (char *)operation;
    envelope.principal = &engine->principal;
    envelope.idempotency_key = (char *)idempotency_key;
    PUT(&envelope, body_follows, engine->frame.data != NULL);
    in.body = engine->frame;
    engine->frame = (ProtobufCBinaryData){ 0 };
    in.envelope = pack(&envelope.base, arena);
    pl_dispatch(&engine->worker, &in, &out);
    reply = unpack(&pl__reply__descriptor, out.envelope, arena);
    answer.code = (enum pl_code)reply->code;
    answer.text = reply->text ? reply->text : "";
    answer.reply = reply;
    if (answer.code == PL_OK)
        answer.message = unpack(pl_dispatch_find(&service, operation, strlen(operation))->reply,
                                reply->message, arena);
    return answer;
}

struct push_answer
engine_push_request(struct engine *engine, const Governance__CreateRunRequest *request,
                    const char *idempotency_key)
{
    Governance__CreateRunRequest sent = *request;
    Pl__HttpBody body;
    struct answer answer;
    const Governance__CreateRunReply *reply;

    if (sent.body && sent.body->data.len > PL_BODY_INLINE) {
        engine->frame = sent.body->data;
        body = *sent.body;
        body.has_data = 0;
        sent.body = &body;
    }
    answer = engine_ask(engine, "governance.CreateRun", &sent.base, idempotency_key);
    reply = answer.message;

    return (struct push_answer){ answer.code, answer.text, answer.reply,
                                 reply ? reply->run : NULL };
}

struct push_answer
engine_push(struct engine *engine, const char *api, const char *sha, const char *branch,
            const char *document)
{
    Governance__CreateRunRequest request = GOVERNANCE__CREATE_RUN_REQUEST__INIT;
    Pl__HttpBody body = PL__HTTP_BODY__INIT;

    request.api = (char *)api;
    request.sha = (char *)sha;
    request.branch = (char *)branch;
    if (document) {
        PUT(&body, data, ((ProtobufCBinaryData){ strlen(document), (uint8_t *)document }));
        request.body = &body;
    } else {
        request.placeholder_reason = "the export failed";
    }
    return engine_push_request(engine, &request, NULL);
}

void
engine_api(struct engine *engine, const char *api)
{
    Governance__PutApiRequest request = GOVERNANCE__PUT_API_REQUEST__INIT;
    struct answer answer;

    request.api = (char *)api;
    answer = engine_ask(engine, "governance.PutApi", &request.base, NULL);
    if (answer.code != PL_OK) {
        fprintf(stderr, "test set-up: the api %s: %s\n", api, answer.text);
        exit(EXIT_FAILURE);
    }
}

char *
engine_document(struct engine *engine, const char *version, const char *paths)
{
    struct pl_buf out = { .arena = engine->worker.arena };

    pl_buf_printf(&out,
                  "{\"openapi\": \"3.0.3\", \"info\": {\"title\": \"t\", \"version\": \"%s\"}, "
                  "\"paths\": {",
                  version);
    for (int n = 0; *paths; n++) {
        int length = (int)strcspn(paths, " ");

        pl_buf_printf(&out,
                      "%s\"/%.*s\": {\"get\": {\"operationId\": \"get_%.*s\", \"responses\": "
                      "{\"200\": {\"description\": \"ok\"}}}}",
                      n ? ", " : "", length, paths, length, paths);
        paths += length + (paths[length] == ' ');
    }
    pl_buf_str(&out, "}}");
    return (char *)pl_buf_text(&out);
}

const char *
engine_text(struct engine *engine, const char *sql, const char *arg)
{
    struct pl_err err = { 0 };
    PGresult *res = pl_pg_exec(engine->worker.db, &err, sql, PL_ARGS(arg));
    const char *text;

    must(res ? 0 : -1, &err);
    text = PQntuples(res) ? pl_pg_text(res, 0, 0, engine->worker.arena) : "";
    PQclear(res);
    return text;
}

int64_t
engine_count(struct engine *engine, const char *sql, const char *arg)
{
    return strtoll(engine_text(engine, sql, arg), NULL, 10);
}

void
engine_owner(struct engine *engine, const char *script)
{
    struct pl_err err = { 0 };
    struct pl_pg *owner;

    (void)engine;
    must(pl_pg_open(&owner, pl_test_db_owner_dsn(database), &err), &err);
    must(pl_pg_script(owner, script, &err), &err);
    pl_pg_destroy(&owner);
}

const char *
engine_events(struct engine *engine, const char *api)
{
    return engine_text(engine,
                       "SELECT string_agg(replace(type, 'governance.', ''), ' ' ORDER BY seq)\n"
                       "  FROM outbox JOIN outbox_unnumbered ON outbox_id = id\n"
                       " WHERE aggregateid = $1",
                       api);
}

void *
engine_event(struct engine *engine, const char *api, const char *type,
             const ProtobufCMessageDescriptor *descriptor)
{
    struct pl_err err = { 0 };
    PGresult *res = pl_pg_exec(engine->worker.db, &err,
                               "SELECT payload\n"
                               "  FROM outbox JOIN outbox_unnumbered ON outbox_id = id\n"
                               " WHERE aggregateid = $1 AND type = $2\n"
                               " ORDER BY seq DESC\n"
                               " LIMIT 1",
                               PL_ARGS(api, type));
    ProtobufCBinaryData bytes = { 0 };

    must(res ? 0 : -1, &err);
    if (PQntuples(res))
        bytes.data = pl_pg_bytes(res, 0, 0, engine->worker.arena, &bytes.len);
    PQclear(res);
    return bytes.data ? unpack(descriptor, bytes, engine->worker.arena) : NULL;
}
