#include "invoke.h"

#include "cache.h"
#include "contract.h"
#include "exchange.h"
#include "negotiate.h"
#include "own.h"
#include "problem.h"
#include "reactor.h"

#include "pl_pack.h"

#include <string.h>

#define LONGEST_KEY 255

static const char *const PROBLEM_TYPES[] = { "application/problem+json", NULL };

static const char *
join(struct exchange *self, const char *const *list)
{
    struct pl_buf out = { .arena = self->arena };

    for (; *list; list++)
        pl_buf_printf(&out, "%s%s", out.length ? ", " : "", *list);
    return pl_buf_text(&out);
}

static void
check_accept(struct exchange *self)
{
    const struct operation *op = self->operation;
    const char *accept = exchange_header(self, "Accept");

    if (op->reply_types && !negotiate_type(accept, op->reply_types) &&
        !negotiate_type(accept, PROBLEM_TYPES))
        problem(self, PL_NOT_ACCEPTABLE, "this is answered as %s", join(self, op->reply_types));
}

static void
check_content(struct exchange *self)
{
    const struct operation *op = self->operation;
    const char *type = exchange_header(self, "Content-Type");
    const char *coding = exchange_header(self, "Content-Encoding");
    bool plain = coding == NULL || strcmp(coding, "identity") == 0;

    if (self->body_length == 0)
        return;
    if (op->body == BODY_NONE)
        problem(self, PL_MALFORMED, "this operation takes no body");
    else if (!negotiate_content(type, op->body_types) && (type || op->body == BODY_JSON))
        problem(self, PL_UNSUPPORTED, "the body must be %s", join(self, op->body_types));
    else if (!plain && (op->body == BODY_JSON || strcmp(coding, "gzip") != 0))
        problem(self, PL_UNSUPPORTED, "the content coding \"%s\" is not accepted", coding);
}

static void
check_key(struct exchange *self)
{
    const char *key = exchange_header(self, "Idempotency-Key");
    size_t length = key ? strlen(key) : 1;

    if (length < 1 || length > LONGEST_KEY || exchange_header_count(self, "Idempotency-Key") > 1)
        problem(self, PL_MALFORMED, "an Idempotency-Key has 1 to %d characters", LONGEST_KEY);
}

void
invoke_head(struct exchange *self)
{
    check_accept(self);
    check_content(self);
    check_key(self);
}

static void
replied(void *arg, const struct pl_answer *answer)
{
    struct exchange *self = arg;

    invoke_reply(self, answer);
    cache_fetched(self, answer->code);
    exchange_done(self);
}

struct pl_outcall
invoke_call(struct exchange *self, const char *service, const char *operation,
            const ProtobufCMessage *request, int64_t timeout_ms)
{
    static const Pl__Principal NOBODY = PL__PRINCIPAL__INIT;

    return (struct pl_outcall){
        .client_agent = strcmp(service, "auth") == 0 ? exchange_header(self, "User-Agent") : NULL,
        .service = service,
        .operation = operation,
        .message = pl_pack(request, self->arena),
        .principal = self->principal ? self->principal : &NOBODY,
        .request_id = self->request_id,
        .traceparent = self->traceparent,
        .tracestate = self->tracestate,
        .client_address = self->client,
        .timeout_ms = timeout_ms,
    };
}

static void
ask(struct exchange *self)
{
    const struct operation *op = self->operation;
    const char *key = exchange_header(self, "Idempotency-Key");
    struct pl_outcall call =
        invoke_call(self, op->service, op->call, self->request, op->timeout_ms);

    call.idempotency_key = key;
    call.idempotent = op->idempotent || (key && op->body != BODY_RAW); // RULINGS 25: no upload
    call.heavy = op->heavy;
    if (op->body == BODY_RAW)
        call.body = (ProtobufCBinaryData){ self->upload.length, (uint8_t *)self->upload.bytes };
    self->pending = true;
    pl_caller_start(reactor_caller(self->reactor), &call, replied, self);
}

void
invoke_run(struct exchange *self)
{
    const struct operation *op = self->operation;
    ProtobufCMessage *request = invoke_request(self);

    self->request = request;
    if (request == NULL)
        return;
    if (strcmp(op->service, "api-gateway") == 0)
        own_run(self, request);
    else if (op->cache)
        cache_begin(self, &(struct cache_question){ .rule = op->cache,
                                                    .call = op->call,
                                                    .api = path_value(&self->values, "api"),
                                                    .request = request,
                                                    .fetch = ask });
    else
        ask(self);
}
