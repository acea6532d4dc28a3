#include "exchange.h"

#include "access.h"
#include "client.h"
#include "contract.h"
#include "headers.h"
#include "invoke.h"
#include "limiter.h"
#include "mount.h"
#include "problem.h"
#include "proxy.h"
#include "reactor.h"
#include "routes.h"
#include "settings.h"
#include "trace_state.h"

#include "pl_log.h"
#include "pl_metric.h"

#include <string.h>
#include <strings.h>

#define MOST_THROWN_AWAY (64 * 1024 * 1024)

PL_COUNTER(guard_refusals, "gateway_guard_refusals_total",
           "requests whose framing could not be trusted", "reason");

static bool
is_field(const struct field *field, const char *name)
{
    return field->name_length == strlen(name) &&
           strncasecmp(field->name, name, field->name_length) == 0;
}

const char *
exchange_header(const struct exchange *self, const char *name)
{
    for (size_t i = 0; i < self->head.count; i++)
        if (is_field(&self->head.fields[i], name))
            return self->head.fields[i].value;
    return NULL;
}

size_t
exchange_header_count(const struct exchange *self, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < self->head.count; i++)
        count += is_field(&self->head.fields[i], name);
    return count;
}

bool
exchange_is_read(const struct exchange *self)
{
    return strcmp(self->head.method, "GET") == 0 || strcmp(self->head.method, "HEAD") == 0;
}

const char *
exchange_route(const struct exchange *self)
{
    if (self->operation)
        return self->operation->path;
    if (self->route)
        return self->route->path;
    if (self->upstream)
        return self->upstream->name;
    return self->mount ? mount_pattern(self->mount) : "none";
}

/* All fields of that name as one (RFC 9110 section 5.3). */
static const char *
join_fields(const struct exchange *self, const char *name)
{
    const char *all = NULL;

    for (size_t i = 0; i < self->head.count; i++)
        if (is_field(&self->head.fields[i], name))
            all = all ? pl_arena_printf(self->arena, "%s,%s", all, self->head.fields[i].value)
                      : self->head.fields[i].value;
    return all;
}

/* Notes of the trace that this one continues; of another they would mean nothing. */
static const char *
read_state(const struct exchange *self, bool continued)
{
    const char *said = continued ? join_fields(self, "tracestate") : NULL;
    char *state;

    if (said == NULL)
        return "";
    state = pl_arena_alloc(self->arena, TRACESTATE_SIZE);
    trace_state(state, said);
    return state;
}

static void
name_request(struct exchange *self)
{
    const char *parent = exchange_header_count(self, "traceparent") == 1
                             ? exchange_header(self, "traceparent")
                             : NULL;

    trace_request_id(self->request_id, exchange_header(self, settings.request_id_header));
    trace_parent(self->traceparent, parent);
    self->tracestate = read_state(self, trace_is_parent(parent));
    memcpy(self->trace_id, self->traceparent + 3, 32);
    pl_log_request(self->request_id, self->trace_id);
}

/* Before this nothing of the request is believed, and its connection is closed if it fails. */
static bool
pass_guard(struct exchange *self)
{
    const char *why;
    int status = guard_check(&self->head, &why);

    if (status == 0)
        return true;
    pl_inc(&guard_refusals, why);
    problem_http(self, status, why);
    self->answer.close = true;
    return false;
}

void
exchange_dispute(struct exchange *self)
{
    pl_inc(&guard_refusals, "body");
    self->answered = false; // nothing that was to be said matters any more
    problem_http(self, 400, "lines of the body end in a way that not everybody reads alike");
    self->answer.close = true;
    self->step = STEP_CALL;
}

static void
not_allowed(struct exchange *self, const char *allow)
{
    if (strcmp(self->head.method, "OPTIONS") == 0) {
        headers_options(self, allow);
        return;
    }
    answer_header(self, "Allow", allow);
    problem(self, PL_METHOD_NOT_ALLOWED, "%s allows %s", exchange_route(self), allow);
}

/* The contract first, then the mounts. */
static void
find_route(struct exchange *self)
{
    const struct contract *contract = reactor_contract(self->reactor);
    struct pl_err err = { 0 };

    if (strcmp(self->head.target, "*") == 0) {
        headers_options(self, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
        return;
    }
    if (path_parse(&self->path, self->head.target, self->arena, &err)) {
        problem(self, err.code, "%s", err.text);
        return;
    }
    if (!self->path.slash)
        self->route =
            router_find(contract->router, self->path.segments, self->path.count, &self->values);
    if (self->route) {
        self->operation = route_method(self->route, self->head.method);
        if (self->operation == NULL)
            not_allowed(self, route_allow(self->route, self->arena));
        return;
    }
    self->mount = mount_find(&self->path, &self->values);
    if (self->mount == NULL)
        self->upstream = routes_find(&self->path, exchange_header(self, "Host"));
    if (self->upstream)
        return;
    if (self->mount == NULL)
        problem(self, PL_NOT_FOUND, "there is nothing at this path");
    else if (!exchange_is_read(self))
        not_allowed(self, "GET, HEAD, OPTIONS");
}

static void
begin_upload(struct exchange *self)
{
    size_t limit = self->operation  ? (size_t)self->operation->max_body
                   : self->upstream ? (size_t)self->upstream->max_body
                                    : 0;
    size_t announced = self->body_length > 0 ? (size_t)self->body_length : 0;
    enum upload_result result =
        upload_begin(&self->upload, reactor_budget(self->reactor), limit, announced);

    if (result == UPLOAD_NO_ROOM)
        problem(self, PL_UNAVAILABLE, "too many bodies are being received");
    else if (result == UPLOAD_TOO_LARGE)
        problem(self, PL_TOO_LARGE, "the body may have %zu bytes", limit);
}

/* A client that is already sending its body does not look for an answer before the end, and would
 * lose it with the connection.  So a refused body of bearable size is read to its end, unless the
 * client asks first. */
static bool
may_throw_away(const struct exchange *self)
{
    return self->body_length == 0 ||
           (exchange_header(self, "Expect") == NULL && self->body_length <= MOST_THROWN_AWAY);
}

/* Is a token ours to look at?  An upstream does that itself. */
static bool
may_have_token(const struct exchange *self)
{
    return !self->answered && !self->upstream;
}

static void
identify(struct exchange *self)
{
    if (may_have_token(self))
        access_begin(self);
}

void
exchange_head(struct exchange *self)
{
    self->step = STEP_ADMIT;
    name_request(self);
    if (pass_guard(self)) {
        self->body_length = guard_body_length(&self->head);
        client_find(self);
        find_route(self);
        if (may_have_token(self))
            access_recall(self);
        limiter_begin(self);
    }
    if (!self->pending)
        identify(self);
    if (!self->pending)
        exchange_admit(self);
}

void
exchange_limited(struct exchange *self)
{
    self->pending = false;
    identify(self);
    if (!self->pending)
        exchange_done(self);
}

void
exchange_admit(struct exchange *self)
{
    limiter_known(self);
    if (self->pending)
        return; // and comes here again
    self->step = STEP_BODY;
    if (!self->answered && self->operation)
        invoke_head(self);
    if (!self->answered)
        begin_upload(self);
    if (self->answered && !may_throw_away(self))
        self->answer.close = true;
}

bool
exchange_body(struct exchange *self, const char *bytes, size_t length)
{
    enum upload_result result;

    if (self->answered) {
        self->upload.thrown_away += length;
        return self->upload.thrown_away <= (size_t)MOST_THROWN_AWAY;
    }
    result = upload_add(&self->upload, bytes, length);
    if (result == UPLOAD_TOO_LARGE)
        problem(self, PL_TOO_LARGE, "the body may have %zu bytes", self->upload.limit);
    else if (result == UPLOAD_NO_ROOM)
        problem(self, PL_UNAVAILABLE, "too many bodies are being received");
    return true;
}

void
exchange_run(struct exchange *self)
{
    self->step = STEP_CALL;
    if (self->answered)
        return;
    pl_log_request(self->request_id, self->trace_id);
    if (self->operation)
        invoke_run(self);
    else if (self->upstream)
        proxy_begin(self);
    else
        mount_serve(self);
}

struct exchange *
exchange_unasked(struct reactor *reactor, const char *target)
{
    struct pl_arena *arena = reactor_begin_exchange(reactor);
    struct exchange *self = pl_arena_alloc(arena, sizeof *self);

    self->reactor = reactor;
    self->arena = arena;
    self->target = pl_arena_strdup(arena, target);
    self->head = (struct head){ .method = "GET", .target = self->target, .version = "HTTP/1.1" };
    name_request(self);
    find_route(self);
    exchange_run(self);
    pl_log_request(NULL, NULL);
    return self;
}

void
exchange_forget(struct exchange *self)
{
    reactor_end_exchange(self->reactor, self->arena);
}
