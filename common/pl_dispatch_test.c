#include "pl_dispatch.h"

#include "pl_call_fake.h"
#include "pl_check.h"
#include "pl_pack.h"
#include "pl_trace.h"

#include "governance.pb-c.h"

/* One worker whose handlers do what the test says. */
struct fixture {
    struct pl_worker worker;
    struct pl_reply_frames out;
    Pl__Reply *reply;
};

static int handler_code; // what the handlers fail with
static int runs;
static size_t body_seen;
static int64_t time_seen;
static char trace_seen[128];

static int
write_run(struct pl_call *call)
{
    const Governance__CreateRunRequest *request = call->request;
    Governance__CreateRunReply *reply = call->reply;
    Governance__Run *run = pl_arena_alloc(call->arena, sizeof *run);

    runs++;
    if (handler_code)
        return pl_err_raise(&call->err, (enum pl_code)handler_code, __FILE__, __LINE__, "refused");
    time_seen = call->deadline - pl_now_ms();
    snprintf(trace_seen, sizeof trace_seen, "%s %s", pl_trace_parent(), pl_trace_state());
    body_seen = request->body ? request->body->data.len : 0;
    governance__run__init(run);
    run->id = pl_arena_printf(call->arena, "run-%d", runs);
    reply->run = run;
    call->http = (struct pl_http){ .status = 201, .location = "/v1/x" };
    return 0;
}

static int
write_when_it_likes(struct pl_call *call)
{
    bool replayed;

    if (pl_call_begin(call, &replayed))
        return -1;
    return replayed ? 0 : write_run(call);
}

static int
leave_open(struct pl_call *call)
{
    bool replayed;

    return pl_call_begin(call, &replayed);
}

static int
give(struct pl_call *call)
{
    const Governance__GetDocumentRequest *request = call->request;
    Governance__GetDocumentReply *reply = call->reply;

    reply->body = pl_arena_alloc(call->arena, sizeof *reply->body);
    pl__http_body__init(reply->body);
    reply->body->has_data = 1;
    reply->body->data.len = (size_t)atol(request->api);
    reply->body->data.data = pl_arena_alloc(call->arena, reply->body->data.len + 1);
    return 0;
}

static const struct pl_endpoint endpoints[] = {
    PL_CALL("t.Write", PL_WRITE, write_run, governance__create_run, ""),
    PL_CALL("t.Own", PL_OWN_TX, write_when_it_likes, governance__create_run, ""),
    PL_CALL("t.Open", PL_READ, leave_open, governance__create_run, ""),
    PL_CALL("t.Read", PL_READ, give, governance__get_document, ""),
    PL_CALL_SECRET("t.Secret", write_run, governance__create_run, ""),
    { 0 },
};
static const struct pl_service service = { .name = "t", .schema = "t", .endpoints = endpoints };

static struct fixture
set_up(void)
{
    struct fixture f = { .worker = { .service = &service } };

    memset(&pl_call_fake, 0, sizeof pl_call_fake);
    handler_code = runs = 0;
    f.worker.arena = pl_arena_new();
    f.worker.db = (struct pl_pg *)&pl_call_fake; // never looked into
    return f;
}

static void
tear_down(struct fixture *f)
{
    pl_arena_destroy(&f->worker.arena);
}

static void
send_request(struct fixture *f, Pl__Request *request, ProtobufCBinaryData body)
{
    struct pl_request_frames in = { .arrived = pl_now_ms(), .body = body };

    request->has_id = 1;
    request->id = 7;
    if (!request->has_remaining_ms) {
        request->has_remaining_ms = 1;
        request->remaining_ms = 10000;
    }
    in.envelope = pl_pack(&request->base, f->worker.arena);
    pl_dispatch(&f->worker, &in, &f->out);
    f->reply = pl_unpack(&pl__reply__descriptor, f->out.envelope, f->worker.arena);
}

/* Call ${operation} with a message that names ${api}. */
static void
call(struct fixture *f, const char *operation, const char *key, const char *api)
{
    Governance__CreateRunRequest message = GOVERNANCE__CREATE_RUN_REQUEST__INIT;
    Pl__Request request = PL__REQUEST__INIT;

    message.api = (char *)api;
    request.operation = (char *)operation;
    request.idempotency_key = (char *)key;
    request.has_message = 1;
    request.message = pl_pack(&message.base, f->worker.arena);
    send_request(f, &request, (ProtobufCBinaryData){ 0, NULL });
}

static const char *
run_id(struct fixture *f)
{
    const Governance__CreateRunReply *reply =
        pl_unpack(&governance__create_run_reply__descriptor, f->reply->message, f->worker.arena);

    return reply && reply->run && reply->run->id ? reply->run->id : "none";
}

TEST(a_call_is_answered_with_its_id_and_what_http_needs)
{
    struct fixture f = set_up();

    call(&f, "t.Write", NULL, "pets");
    CHECK_INT(f.reply->code, ==, PL_OK);
    CHECK_INT(f.reply->id, ==, 7);
    CHECK_STR(run_id(&f), "run-1");
    CHECK_INT(f.reply->http->status, ==, 201);
    CHECK_STR(f.reply->http->location, "/v1/x");
    tear_down(&f);
}

TEST(an_unknown_operation_is_refused)
{
    struct fixture f = set_up();

    call(&f, "t.Nothing", NULL, "pets");
    CHECK_INT(f.reply->code, ==, PL_UNKNOWN_METHOD);
    CHECK_HAS(f.reply->text, "t.Nothing");
    tear_down(&f);
}

TEST(bytes_that_are_no_request_get_a_reply_too)
{
    struct fixture f = set_up();
    struct pl_request_frames in = { .envelope = { 5, (uint8_t *)"\xff\xff\xff\xff\xff" } };
    Pl__Request request = PL__REQUEST__INIT;

    pl_dispatch(&f.worker, &in, &f.out);
    CHECK_INT(f.out.code, ==, PL_MALFORMED);
    request.operation = (char *)"t.Write";
    request.has_message = 1;
    request.message = (ProtobufCBinaryData){ 3, (uint8_t *)"\x0a\xff\x01" };
    send_request(&f, &request, (ProtobufCBinaryData){ 0, NULL });
    CHECK_INT(f.reply->code, ==, PL_MALFORMED);
    CHECK_INT(runs, ==, 0);
    tear_down(&f);
}

TEST(a_writing_call_is_one_transaction_and_wakes_the_feed)
{
    struct fixture f = set_up();

    call(&f, "t.Write", NULL, "pets");
    CHECK_INT(pl_call_fake.begins, ==, 1);
    CHECK_INT(pl_call_fake.commits, ==, 1);
    CHECK_INT(pl_call_fake.pokes, ==, 1);
    CHECK_STR(pl_call_fake.claimed, "");
    tear_down(&f);
}

TEST(a_failed_call_is_rolled_back_and_says_why)
{
    struct fixture f = set_up();

    handler_code = PL_CONFLICT;
    call(&f, "t.Write", "k", "pets");
    CHECK_INT(f.reply->code, ==, PL_CONFLICT);
    CHECK_STR(f.reply->text, "refused");
    CHECK_INT(f.reply->message.len, ==, 0);
    CHECK_INT(pl_call_fake.rollbacks, ==, 1);
    CHECK_INT(pl_call_fake.commits, ==, 0);
    CHECK_INT(pl_call_fake.pokes, ==, 0);
    CHECK_STR(pl_call_fake.key, "");
    tear_down(&f);
}

TEST(a_commit_that_fails_is_the_answer)
{
    struct fixture f = set_up();

    pl_call_fake.commit_fails = true;
    call(&f, "t.Write", NULL, "pets");
    CHECK_INT(f.reply->code, ==, PL_UNAVAILABLE);
    CHECK_INT(f.reply->message.len, ==, 0);
    CHECK_INT(pl_call_fake.pokes, ==, 0);
    tear_down(&f);
}

TEST(the_same_key_and_request_get_the_first_answer)
{
    struct fixture f = set_up();

    call(&f, "t.Write", "k", "pets");
    CHECK(!f.reply->replayed);
    call(&f, "t.Write", "k", "pets");
    CHECK_INT(runs, ==, 1);
    CHECK_INT(f.reply->code, ==, PL_OK);
    CHECK_INT(f.reply->id, ==, 7);
    CHECK(f.reply->replayed);
    CHECK_STR(run_id(&f), "run-1");
    CHECK_INT(f.reply->http->status, ==, 201);
    tear_down(&f);
}

TEST(the_same_key_with_another_request_is_a_conflict)
{
    struct fixture f = set_up();

    call(&f, "t.Write", "k", "pets");
    call(&f, "t.Write", "k", "zoos");
    CHECK_INT(f.reply->code, ==, PL_CONFLICT);
    CHECK_INT(runs, ==, 1);
    tear_down(&f);
}

TEST(the_same_key_with_another_body_is_a_conflict)
{
    struct fixture f = set_up();
    Pl__Request request = PL__REQUEST__INIT;

    request.operation = (char *)"t.Write";
    request.idempotency_key = (char *)"k";
    send_request(&f, &request, (ProtobufCBinaryData){ 3, (uint8_t *)"abc" });
    CHECK_INT(f.reply->code, ==, PL_OK);
    send_request(&f, &request, (ProtobufCBinaryData){ 3, (uint8_t *)"abd" });
    CHECK_INT(f.reply->code, ==, PL_CONFLICT);
    tear_down(&f);
}

TEST(a_secret_is_neither_kept_nor_shown_twice)
{
    struct fixture f = set_up();
    const Pl__Reply *kept;

    call(&f, "t.Secret", "k", "pets");
    CHECK_STR(run_id(&f), "run-1");
    kept =
        pl_unpack(&pl__reply__descriptor,
                  (ProtobufCBinaryData){ pl_call_fake.length, pl_call_fake.reply }, f.worker.arena);
    CHECK_INT(kept->message.len, ==, 0);
    call(&f, "t.Secret", "k", "pets");
    CHECK_INT(f.reply->code, ==, PL_CONFLICT);
    CHECK_INT(f.reply->message.len, ==, 0);
    CHECK_INT(runs, ==, 1);
    tear_down(&f);
}

TEST(a_handler_may_open_the_transaction_itself)
{
    struct fixture f = set_up();

    call(&f, "t.Own", "k", "pets");
    CHECK_INT(pl_call_fake.commits, ==, 1);
    call(&f, "t.Own", "k", "pets");
    CHECK(f.reply->replayed);
    CHECK_STR(run_id(&f), "run-1");
    CHECK_INT(runs, ==, 1);
    tear_down(&f);
}

TEST(a_reading_call_may_not_leave_a_transaction_open)
{
    struct fixture f = set_up();

    call(&f, "t.Open", NULL, "pets");
    CHECK_INT(f.reply->code, ==, PL_INTERNAL);
    CHECK_INT(pl_call_fake.rollbacks, ==, 1);
    tear_down(&f);
}

TEST(a_call_whose_time_is_over_is_not_run)
{
    struct fixture f = set_up();
    Pl__Request request = PL__REQUEST__INIT;

    request.operation = (char *)"t.Write";
    request.has_remaining_ms = 1;
    request.remaining_ms = 0;
    send_request(&f, &request, (ProtobufCBinaryData){ 0, NULL });
    CHECK_INT(f.reply->code, ==, PL_TIMEOUT);
    CHECK_INT(runs, ==, 0);
    tear_down(&f);
}

TEST(events_of_a_call_carry_its_trace_and_no_envelope_asks_for_ever)
{
    struct fixture f = set_up();
    Pl__Request request = PL__REQUEST__INIT;

    request.operation = (char *)"t.Write";
    request.traceparent = (char *)"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    request.tracestate = (char *)"foo=1,bar=2";
    request.has_remaining_ms = 1;
    request.remaining_ms = INT64_MAX;
    send_request(&f, &request, (ProtobufCBinaryData){ 0, NULL });
    CHECK_STR(trace_seen, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 foo=1,bar=2");
    CHECK_STR(pl_trace_parent(), "");
    CHECK_STR(pl_trace_state(), "");
    CHECK(time_seen > 0 && time_seen <= 3600000);
    tear_down(&f);
}

TEST(a_second_frame_becomes_the_data_of_the_body)
{
    struct fixture f = set_up();
    Pl__Request request = PL__REQUEST__INIT;

    request.operation = (char *)"t.Write";
    send_request(&f, &request, (ProtobufCBinaryData){ 5, (uint8_t *)"12345" });
    CHECK_INT(f.reply->code, ==, PL_OK);
    CHECK_INT(body_seen, ==, 5);
    tear_down(&f);
}

TEST(a_promised_frame_that_is_missing_or_unexpected_is_malformed)
{
    struct fixture f = set_up();
    Pl__Request request = PL__REQUEST__INIT;

    request.operation = (char *)"t.Write";
    request.has_body_follows = 1;
    request.body_follows = 1;
    send_request(&f, &request, (ProtobufCBinaryData){ 0, NULL });
    CHECK_INT(f.reply->code, ==, PL_MALFORMED);
    request.operation = (char *)"t.Read"; // its request has no body
    send_request(&f, &request, (ProtobufCBinaryData){ 1, (uint8_t *)"x" });
    CHECK_INT(f.reply->code, ==, PL_MALFORMED);
    CHECK_INT(runs, ==, 0);
    tear_down(&f);
}

TEST(only_a_large_body_leaves_as_a_second_frame)
{
    struct fixture f = set_up();
    const Governance__GetDocumentReply *reply;
    struct pl_arena *arena = f.worker.arena;

    call(&f, "t.Read", NULL, "262144");
    CHECK(f.out.body.data == NULL);
    reply = pl_unpack(&governance__get_document_reply__descriptor, f.reply->message, arena);
    CHECK_INT(reply->body->data.len, ==, 262144);

    call(&f, "t.Read", NULL, "262145");
    CHECK_INT(f.out.body.len, ==, 262145);
    CHECK(f.reply->body_follows);
    reply = pl_unpack(&governance__get_document_reply__descriptor, f.reply->message, arena);
    CHECK(!reply->body->has_data);
    tear_down(&f);
}
