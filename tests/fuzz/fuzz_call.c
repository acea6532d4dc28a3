/* Call frames.  The first byte says which side reads: a service its request (two bytes of length,
 * the envelope, the body that follows as a frame), or a caller its reply (likewise). */
#include "fuzz.h"

#include "pl_builtin.h"
#include "pl_caller_impl.h"
#include "pl_dispatch.h"
#include "pl_log.h"
#include "pl_pack.h"
#include "pl_service.h"

#include "governance.pb-c.h"

static int
echo(struct pl_call *call)
{
    const Governance__CreateRunRequest *request = call->request;
    Governance__CreateRunReply *reply = call->reply;

    reply->run = pl_arena_alloc(call->arena, sizeof *reply->run);
    governance__run__init(reply->run);
    reply->run->id = pl_arena_printf(call->arena, "%s %s %s", request->api ? request->api : "",
                                     call->request_id, call->idempotency_key);
    pl_call_violation(call, "/api", 1, 1, "%s", call->client_address);
    return pl_call_may(call, "runs:write") && pl_call_may_see(call, request->api)
               ? 0
               : pl_fail(&call->err, DENIED, "no");
}

static const struct pl_endpoint ENDPOINTS[] = {
    PL_CALL("t.Read", PL_READ, echo, governance__create_run, ""),
    PL_CALL("t.Write", PL_WRITE, echo, governance__create_run, ""),
    { 0 },
};
static const struct pl_service SERVICE = { .name = "t", .endpoints = ENDPOINTS };

/* The front thread looks at three fields without unpacking: it must see what a worker sees. */
static void
check_peek(ProtobufCBinaryData envelope, struct pl_arena *arena)
{
    const Pl__Request *request = pl_unpack(&pl__request__descriptor, envelope, arena);
    struct pl_peek peek;

    if (request == NULL)
        return;
    HOLDS(pl_peek(envelope.data, envelope.len, &peek), "only the worker can read it");
    HOLDS(peek.id == request->id, "ids differ");
    HOLDS(peek.remaining_ms == request->remaining_ms, "deadlines differ");
    HOLDS((peek.operation == NULL) == (request->operation == NULL) &&
              (peek.operation == NULL ||
               memcmp(peek.operation, request->operation, peek.operation_length) == 0),
          "operations differ");
}

static void
serve(ProtobufCBinaryData envelope, ProtobufCBinaryData body)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_worker worker = { .service = &SERVICE, .arena = arena };
    struct pl_request_frames in = {
        .envelope = envelope, .body = body, .caller = "api-gateway", .arrived = pl_now_ms()
    };
    struct pl_reply_frames out;
    struct pl_peek peek;
    const Pl__Reply *reply;

    check_peek(envelope, arena);
    if (pl_peek(envelope.data, envelope.len, &peek) && peek.operation &&
        pl_builtin_knows(peek.operation, peek.operation_length))
        HOLDS(pl_unpack(&pl__reply__descriptor, pl_builtin_answer(envelope, arena), arena),
              "no readable reply");
    pl_dispatch(&worker, &in, &out);
    reply = pl_unpack(&pl__reply__descriptor, out.envelope, arena);
    HOLDS(reply, "no readable reply");
    HOLDS(reply->code == (int)out.code, "the codes differ");
    pl_arena_destroy(&arena);
}

static int answers;

static void
done(void *arg, const struct pl_answer *answer)
{
    (void)arg;
    answers++;
    HOLDS((unsigned)answer->code < PL_CODE_COUNT, "code %d", (int)answer->code);
    HOLDS(answer->text, "no text");
}

/* One call is under way, its id is 1. */
static void
hear(ProtobufCBinaryData envelope, ProtobufCBinaryData body)
{
    struct peer peer = { .name = (char *)"t", .retries = 10 };
    struct instance instance = { .peer = &peer, .address = (char *)"tcp://a:1", .in_flight = 1 };
    struct pl_caller caller = { .name = (char *)"t", .waiting_most = 10, .peers = &peer };
    struct outgoing *call = calloc(1, sizeof *call);
    struct pl_arena *arena = pl_arena_new();
    const Pl__Reply *reply = pl_unpack(&pl__reply__descriptor, envelope, arena);

    if (call == NULL)
        abort();
    answers = 0;
    peer.instances = &instance;
    instance.normal = (struct link){ .caller = &caller, .instance = &instance };
    *call = (struct outgoing){ .peer = &peer,
                               .instance = &instance,
                               .link = &instance.normal,
                               .state = SENT,
                               .repeatable = true,
                               .tries = 1,
                               .done = done,
                               .deadline = pl_now_ms() + 10000 };
    pl_out_add(&caller, call);
    pl_due_set(&caller, call, call->deadline);
    if (reply)
        pl_calls_reply(&instance.normal, reply, body);
    HOLDS(answers + (caller.all != NULL) == 1, "answered %d times", answers);
    if (caller.all)
        pl_out_drop(&caller, caller.all);
    free(caller.heap);
    pl_arena_destroy(&arena);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    pl_log_open("fuzz", PL_ERROR + 1, true);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ProtobufCBinaryData envelope = { 0, NULL }, body = { 0, NULL };

    if (size < 3)
        return 0;
    envelope.len = (size_t)(data[1] | data[2] << 8);
    if (envelope.len > size - 3)
        envelope.len = size - 3;
    envelope.data =
        malloc(envelope.len ? envelope.len : 1); // a frame of its own, so that overruns are seen
    if (envelope.data == NULL)
        abort();
    memcpy(envelope.data, data + 3, envelope.len);
    body.len = size - 3 - envelope.len;
    body.data = body.len ? (uint8_t *)(uintptr_t)(data + 3 + envelope.len) : NULL;
    if (data[0] % 2 == 0)
        serve(envelope, body);
    else
        hear(envelope, body);
    free(envelope.data);
    return 0;
}
