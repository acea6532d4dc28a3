#include "pl_dispatch.h"

#include "pl_call.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_pack.h"
#include "pl_pg.h"
#include "pl_trace.h"

#include <string.h>

#define LONGEST_MS (60 * 60 * 1000) // nobody waits longer, whatever the envelope says

PL_COUNTER(calls, "plumb_calls_total", "calls served", "operation,code");
PL_HISTOGRAM(seconds, "plumb_call_duration_seconds", "how long a handler took", "operation");

const struct pl_endpoint *
pl_dispatch_find(const struct pl_service *service, const char *operation, size_t length)
{
    for (const struct pl_endpoint *e = service->endpoints; e && e->operation; e++)
        if (strlen(e->operation) == length && memcmp(e->operation, operation, length) == 0)
            return e;
    return NULL;
}

bool
pl_dispatch_has_heavy(const struct pl_service *service)
{
    for (const struct pl_endpoint *e = service->endpoints; e && e->operation; e++)
        if (e->heavy)
            return true;
    return false;
}

ProtobufCBinaryData
pl_dispatch_refusal(uint64_t id, enum pl_code code, const char *text, bool not_run,
                    struct pl_arena *arena)
{
    Pl__Reply reply = PL__REPLY__INIT;

    reply.has_id = 1;
    reply.id = id;
    reply.has_code = 1;
    reply.code = (int32_t)code;
    reply.text = (char *)text;
    reply.has_not_run = not_run;
    reply.not_run = not_run;
    return pl_pack(&reply.base, arena);
}

static const char *
or_empty(const char *text)
{
    return text ? text : "";
}

/* 00-<32 hex digits>-<16 hex digits>-<2 hex digits>: the log wants the first part. */
static const char *
trace_id(const char *traceparent, struct pl_arena *arena)
{
    if (strlen(traceparent) < 55)
        return NULL;
    return pl_arena_memdup(arena, traceparent + 3, 32);
}

/* Fill in the call from the envelope; the empty principal is somebody without any rights. */
static void
open_call(struct pl_call *call, struct pl_worker *worker, const Pl__Request *envelope,
          const struct pl_request_frames *in)
{
    static const Pl__Principal nobody = PL__PRINCIPAL__INIT;

    call->self = worker->self;
    call->db = worker->db;
    call->peers = worker->peers;
    call->arena = worker->arena;
    call->principal = envelope->principal ? envelope->principal : &nobody;
    call->request_id = or_empty(envelope->request_id);
    call->traceparent = or_empty(envelope->traceparent);
    call->tracestate = or_empty(envelope->tracestate);
    call->idempotency_key = or_empty(envelope->idempotency_key);
    call->client_address = or_empty(envelope->client_address);
    call->client_agent = or_empty(envelope->client_agent);
    call->caller = or_empty(in->caller);
    call->deadline =
        in->arrived + (envelope->remaining_ms < LONGEST_MS ? envelope->remaining_ms : LONGEST_MS);
}

/* Unpack the operation's own message, and put the second frame where it belongs. */
static int
open_messages(struct pl_call *call, const struct pl_request_frames *in)
{
    const Pl__Request *envelope = call->state->envelope;
    const struct pl_endpoint *endpoint = call->state->endpoint;
    ProtobufCMessage *request = pl_unpack(endpoint->request, envelope->message, call->arena);

    if (request == NULL)
        return pl_fail(&call->err, MALFORMED, "the message of the call cannot be read");
    if (envelope->body_follows && in->body.data == NULL)
        return pl_fail(&call->err, MALFORMED, "the body of the call is missing");
    if (in->body.data && !pl_body_put(request, in->body, call->arena))
        return pl_fail(&call->err, MALFORMED, "the call \"%s\" takes no body", endpoint->operation);
    call->request = request;
    call->reply = pl_arena_alloc(call->arena, endpoint->reply->sizeof_message);
    protobuf_c_message_init(endpoint->reply, call->reply);
    return 0;
}

static int
serve(struct pl_call *call, const struct pl_request_frames *in)
{
    int failed;

    if (open_messages(call, in))
        return -1;
    if (call->deadline <= pl_now_ms())
        return pl_fail(&call->err, TIMEOUT, "the time for the call had passed before it began");
    pl_trace_set(call->traceparent, call->tracestate);
    failed = pl_call_run(call);
    pl_trace_set(NULL, NULL);
    return failed;
}

static Pl__HttpMeta *
http_meta(const struct pl_call *call)
{
    const struct pl_http *http = &call->http;
    Pl__HttpMeta *meta;

    if (!http->status && !http->etag && !http->location && !http->last_modified &&
        !http->cache_control && !http->cross_origin && !http->header_count)
        return NULL;
    meta = pl_arena_alloc(call->arena, sizeof *meta);
    pl__http_meta__init(meta);
    meta->has_status = http->status != 0;
    meta->status = http->status;
    meta->etag = (char *)http->etag;
    meta->location = (char *)http->location;
    meta->last_modified = (char *)http->last_modified;
    meta->cache_control = (char *)http->cache_control;
    meta->has_cross_origin = http->cross_origin;
    meta->cross_origin = http->cross_origin;
    meta->headers = http->headers;
    meta->n_headers = http->header_count;
    return meta;
}

void
pl_call_fill_reply(const struct pl_call *call, Pl__Reply *reply)
{
    pl__reply__init(reply);
    reply->has_id = 1;
    reply->id = call->state->envelope->id;
    reply->has_code = 1;
    reply->code = (int32_t)call->err.code;
    reply->has_takes_batches = 1;
    reply->takes_batches = 1;
    if (call->err.code != PL_OK) {
        reply->text = (char *)call->err.text;
        reply->violations = call->state->violations;
        reply->n_violations = call->state->violation_count;
        return;
    }
    reply->http = http_meta(call);
    reply->has_replayed = call->state->replayed;
    reply->replayed = call->state->replayed;
    reply->has_message = 1;
}

static void
pack_reply(struct pl_call *call, struct pl_reply_frames *out)
{
    Pl__Reply reply;

    if (call->err.code == PL_OK)
        out->body = pl_body_take(call->reply, PL_BODY_INLINE);
    pl_call_fill_reply(call, &reply);
    if (reply.has_message)
        reply.message = pl_pack(call->reply, call->arena);
    if (reply.message.len > PL_FRAME_MOST - 4096) {
        pl_fail(&call->err, INTERNAL, "the answer is too large to be sent");
        out->body = (ProtobufCBinaryData){ 0, NULL };
        pl_call_fill_reply(call, &reply);
    }
    reply.has_body_follows = out->body.data != NULL;
    reply.body_follows = out->body.data != NULL;
    out->envelope = pl_pack(&reply.base, call->arena);
    out->code = call->err.code;
}

static void
account(const struct pl_call *call, const char *operation, int64_t started)
{
    const struct pl_err *err = &call->err;
    int64_t took = pl_now_ms() - started;

    pl_inc(&calls, operation, pl_code_name(err->code));
    pl_observe(&seconds, (double)took / 1000, operation);
    if (err->code != PL_OK)
        pl_log(pl_code_http(err->code) >= 500 ? PL_ERROR : PL_INFO, "call.failed",
               PL_PAIRS(PL_S("operation", operation), PL_I("ms", took), PL_ERR(err)));
    else
        pl_debug("call.served", PL_S("operation", operation), PL_I("ms", took));
}

void
pl_dispatch(struct pl_worker *worker, const struct pl_request_frames *in,
            struct pl_reply_frames *out)
{
    Pl__Request *envelope = pl_unpack(&pl__request__descriptor, in->envelope, worker->arena);
    struct pl_call_state state = { .service = worker->service, .body = in->body };
    struct pl_call call = { .state = &state };
    const char *operation = "unknown";
    int64_t started = pl_now_ms();

    memset(out, 0, sizeof *out);
    if (envelope == NULL) {
        out->code = PL_MALFORMED;
        out->envelope =
            pl_dispatch_refusal(0, PL_MALFORMED, "the call cannot be read", true, worker->arena);
        return;
    }
    state.envelope = envelope;
    open_call(&call, worker, envelope, in);
    pl_log_request(*call.request_id ? call.request_id : NULL,
                   trace_id(call.traceparent, call.arena));
    state.endpoint = pl_dispatch_find(worker->service, or_empty(envelope->operation),
                                      strlen(or_empty(envelope->operation)));
    if (state.endpoint == NULL) {
        pl_fail(&call.err, UNKNOWN_METHOD, "there is no operation \"%.100s\" here",
                or_empty(envelope->operation));
    } else {
        operation = state.endpoint->operation;
        if (serve(&call, in) && call.err.code == PL_OK)
            pl_fail(&call.err, INTERNAL, "the call failed without a reason");
    }
    pack_reply(&call, out);
    account(&call, operation, started);
    pl_log_request(NULL, NULL);
}
