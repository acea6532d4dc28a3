#include "pl_caller.h"

#include "pl_caller_impl.h"
#include "pl_conf.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_pack.h"
#include "pl_peers.h"
#include "pl_service.h"
#include "pl_trace.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#define BUDGET_SHARE    0.1  // retries that each call adds to what its service may have
#define BUDGET_MOST     10.0 // retries saved up at most
#define REFRESH_MS      1000
#define WAITING_LOOK_MS 50 // how soon a new address of a name is noticed when calls wait for it

static int64_t bulk_most = INT64_C(128) << 20, waiting_most = 1000;

const struct pl_setting pl_caller_settings[] = {
    PL_NUMBER(bulk_most, "PLUMB_BULK_BYTES", "134217728", 1, INT64_C(1) << 40,
              "bytes of big bodies in flight, per thread; beyond: 503"),
    PL_NUMBER(waiting_most, "PLUMB_WAITING_CALLS", "1000", 0, 1000000,
              "calls waiting for a service to come up, per thread"),
    { 0 },
};

// --- finding things ----------------------------------------------------------------------

static struct peer *
find_peer(struct pl_caller *self, const char *service)
{
    struct peer *peer;

    for (peer = self->peers; peer; peer = peer->next)
        if (strcmp(peer->name, service) == 0)
            return peer;
    peer = calloc(1, sizeof *peer);
    if (peer == NULL || (peer->name = strdup(service)) == NULL)
        abort();
    peer->retries = BUDGET_MOST;
    peer->next = self->peers;
    self->peers = peer;
    return peer;
}

static void
refresh(struct pl_caller *self)
{
    int64_t now = pl_now_ms();
    bool reopen = now - self->refreshed_at >= REFRESH_MS;

    if (reopen)
        self->refreshed_at = now;
    for (struct peer *peer = self->peers; peer; peer = peer->next)
        pl_links_refresh(self, peer, reopen);
    pl_links_bury(self, false);
}

// --- the event loop's side ---------------------------------------------------------------

int
pl_caller_fd(struct pl_caller *self)
{
    return self->epoll;
}

int64_t
pl_caller_timeout_ms(struct pl_caller *self)
{
    const struct outgoing *first = pl_due_first(self);
    int64_t wait = self->waiting ? WAITING_LOOK_MS : REFRESH_MS;
    int64_t due = first ? first->due - pl_now_ms() : wait;

    if (self->dirty || due < 0)
        return 0;
    return due < wait ? due : wait;
}

static bool
run_once(struct pl_caller *self)
{
    struct epoll_event events[32];
    int count = epoll_wait(self->epoll, events, 32, 0);
    bool any = count > 0 || self->dirty;
    uint64_t ignored;

    for (int i = 0; i < count; i++)
        if (events[i].data.ptr)
            pl_link_mark(events[i].data.ptr);
        else if (read(self->wake, &ignored, sizeof ignored) >= 0)
            self->woken = false;
    /* Whoever marks itself again comes last, and in the end in the next round. */
    for (int i = 0; i < 64 && self->dirty; i++) {
        struct link *link = self->dirty;

        pl_link_unmark(link);
        pl_link_flush(link);
        pl_link_read(link);
    }
    return any;
}

static void
wake_up(struct pl_caller *self)
{
    uint64_t one = 1;

    if (self->woken)
        return;
    self->woken = write(self->wake, &one, sizeof one) == sizeof one;
    if (!self->woken)
        pl_error("caller.cannot_wake");
}

void
pl_caller_run(struct pl_caller *self)
{
    self->running = true;
    for (int round = 0; round < 16 && run_once(self); round++)
        ;
    pl_out_run_due(self);
    refresh(self);
    self->running = false;
    if (self->dirty)
        wake_up(self);
}

// --- start and cancel --------------------------------------------------------------------

static void
pack_envelope(struct pl_caller *self, const struct pl_outcall *from, struct outgoing *call)
{
    Pl__Principal own = PL__PRINCIPAL__INIT;
    Pl__Request request = PL__REQUEST__INIT;

    own.subject = self->subject;
    own.name = self->name;
    request.operation = (char *)from->operation;
    request.has_message = 1;
    request.message = from->message;
    request.principal = from->principal ? (Pl__Principal *)from->principal : &own;
    request.request_id = (char *)from->request_id;
    request.traceparent = (char *)(from->traceparent ? from->traceparent : pl_trace_parent());
    request.tracestate = (char *)(from->traceparent ? from->tracestate : pl_trace_state());
    request.idempotency_key = (char *)from->idempotency_key;
    request.client_address = (char *)from->client_address;
    request.client_agent = (char *)from->client_agent;
    request.has_takes_batches = request.takes_batches = 1;
    request.has_body_follows = from->body.len > 0;
    request.body_follows = from->body.len > 0;
    call->length = pl__request__get_packed_size(&request);
    call->envelope = malloc(call->length + 1);
    if (call->envelope == NULL)
        abort();
    pl__request__pack(&request, call->envelope);
}

static struct outgoing *
make_call(struct pl_caller *self, const struct pl_outcall *from, pl_done_fn *done, void *arg)
{
    struct outgoing *call = calloc(1, sizeof *call);

    if (call == NULL)
        abort();
    pack_envelope(self, from, call);
    call->peer = find_peer(self, from->service);
    call->state = PAUSED;
    call->body = from->body;
    call->builtin = strncmp(from->operation, "pl.", 3) == 0;
    call->bulk = from->heavy || from->body.len > 0;
    // RULINGS 25: an upload is never repeated here, key or not
    call->repeatable = from->idempotent ||
                       (from->idempotency_key && *from->idempotency_key && from->body.len == 0);
    call->only = from->instance ? strdup(from->instance) : NULL;
    call->deadline = pl_now_ms() + from->timeout_ms;
    call->done = done;
    call->arg = arg;
    return call;
}

void
pl_caller_start(struct pl_caller *self, const struct pl_outcall *from, pl_done_fn *done, void *arg)
{
    struct outgoing *call = make_call(self, from, done, arg);
    struct peer *peer = call->peer;

    pl_out_add(self, call);
    peer->retries += BUDGET_SHARE;
    if (peer->retries > BUDGET_MOST)
        peer->retries = BUDGET_MOST;
    pl_links_refresh(self, peer, false);
    if (self->destroying)
        pl_out_fail(self, call, PL_UNAVAILABLE, "the process is stopping");
    else if (!pl_peers_configured(peer->name))
        pl_out_fail(self, call, PL_UNAVAILABLE, "the service \"%s\" is not configured", peer->name);
    else if (call->length > PL_FRAME_MOST - 64 || call->body.len > PL_BODY_MOST)
        pl_out_fail(self, call, PL_TOO_LARGE, "the call is too large for the bus");
    else if (call->bulk && self->bulk_bytes > bulk_most && call->body.len > 0)
        pl_out_fail(self, call, PL_UNAVAILABLE, "too many large bodies are under way just now");
    else
        pl_out_attempt(self, call);
    if (!self->running && self->dirty)
        wake_up(self);
}

void
pl_caller_cancel(struct pl_caller *self, void *arg)
{
    for (struct outgoing *call = self->all; call; call = call->next)
        if (call->arg == arg) {
            pl_out_drop(self, call);
            return;
        }
}

// --- making and ending -------------------------------------------------------------------

int
pl_caller_new(struct pl_caller **out, const char *name, struct pl_err *err)
{
    struct pl_caller *self = calloc(1, sizeof *self);
    struct epoll_event event = { .events = EPOLLIN };

    *out = NULL;
    if (self == NULL || (self->name = strdup(name)) == NULL ||
        asprintf(&self->subject, "service:%s", name) < 0)
        abort();
    self->epoll = epoll_create1(EPOLL_CLOEXEC);
    self->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (self->epoll < 0 || self->wake < 0 ||
        epoll_ctl(self->epoll, EPOLL_CTL_ADD, self->wake, &event)) {
        pl_caller_destroy(&self);
        return pl_fail(err, INTERNAL, "could not make an event queue");
    }
    self->waiting_most = waiting_most;
    *out = self;
    return 0;
}

void
pl_caller_destroy(struct pl_caller **self_p)
{
    struct pl_caller *self = *self_p;

    if (self == NULL)
        return;
    self->destroying = true;
    while (self->all)
        pl_out_fail(self, self->all, PL_UNAVAILABLE, "the process is stopping");
    pl_links_bury(self, true);
    for (struct peer *peer; (peer = self->peers);) {
        self->peers = peer->next;
        free(peer->name);
        free(peer);
    }
    close(self->epoll);
    close(self->wake);
    pl_arena_destroy(&self->spare);
    free(self->heap);
    free(self->name);
    free(self->subject);
    free(self);
    *self_p = NULL;
}
