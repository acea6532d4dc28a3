#include "caller_fake.h"

#include "pl_pack.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct waiting {
    struct fake_reply reply;
    struct pl_arena *arena;
    pl_done_fn *done;
    void *arg;
    struct waiting *next;
};

struct pl_caller {
    int fd;
    struct waiting *first, **last;
};

static int newest_fd = -1; // of the caller made last
static atomic_bool released;

fake_service_fn *fake_service;
struct fake_seen fake_seen;

const struct pl_setting pl_caller_settings[] = { { 0 } };

void
fake_forget(void)
{
    free(fake_seen.message.data);
    free(fake_seen.body.data);
    fake_seen = (struct fake_seen){ 0 };
}

void
fake_release(void)
{
    const uint64_t one = 1;

    released = true;
    if (write(newest_fd, &one, sizeof one) != sizeof one)
        abort();
}

static void
copy(ProtobufCBinaryData *to, const ProtobufCBinaryData *from)
{
    free(to->data);
    to->data = malloc(from->len + 1);
    to->len = from->len;
    if (to->data && from->len)
        memcpy(to->data, from->data, from->len);
}

static void
note(const struct pl_outcall *call)
{
    snprintf(fake_seen.service, sizeof fake_seen.service, "%s", call->service);
    snprintf(fake_seen.operation, sizeof fake_seen.operation, "%s", call->operation);
    snprintf(fake_seen.subject, sizeof fake_seen.subject, "%s",
             call->principal && call->principal->subject ? call->principal->subject : "");
    snprintf(fake_seen.key, sizeof fake_seen.key, "%s",
             call->idempotency_key ? call->idempotency_key : "");
    copy(&fake_seen.message, &call->message);
    copy(&fake_seen.body, &call->body);
    fake_seen.idempotent = call->idempotent;
    fake_seen.heavy = call->heavy;
    fake_seen.count++;
}

static void
deliver(struct waiting *waiting)
{
    const struct fake_reply *from = &waiting->reply;
    Pl__Reply reply = PL__REPLY__INIT;
    struct pl_answer answer = { .code = from->code, .text = from->text, .reply = &reply };

    reply.http = from->http;
    reply.violations = from->violations;
    reply.n_violations = from->violation_count;
    if (from->message)
        answer.message = pl_pack(from->message, waiting->arena);
    waiting->done(waiting->arg, &answer);
    pl_arena_destroy(&waiting->arena);
    free(waiting);
}

int
pl_caller_new(struct pl_caller **out, const char *name, struct pl_err *err)
{
    (void)name;
    (void)err;
    *out = calloc(1, sizeof **out);
    (*out)->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    (*out)->last = &(*out)->first;
    newest_fd = (*out)->fd;
    released = false;
    return 0;
}

void
pl_caller_destroy(struct pl_caller **self_p)
{
    if (*self_p == NULL)
        return;
    for (struct waiting *w = (*self_p)->first; w; w = w->next)
        if (w->reply.held)
            w->reply = (struct fake_reply){ .code = PL_UNAVAILABLE, .text = "stopping" };
    pl_caller_run(*self_p);
    close((*self_p)->fd);
    free(*self_p);
    *self_p = NULL;
}

void
pl_caller_start(struct pl_caller *self, const struct pl_outcall *call, pl_done_fn *done, void *arg)
{
    struct waiting *waiting = calloc(1, sizeof *waiting);
    const uint64_t one = 1;

    *waiting = (struct waiting){
        { .code = PL_UNAVAILABLE, .text = "nobody is there" }, pl_arena_new(), done, arg, NULL
    };
    if (strcmp(call->operation, "pl.Health") != 0)
        note(call);
    if (fake_service)
        fake_service(call, &waiting->reply, waiting->arena);
    if (!waiting->reply.late && !waiting->reply.held) {
        deliver(waiting);
        return;
    }
    *self->last = waiting;
    self->last = &waiting->next;
    if (write(self->fd, &one, sizeof one) != sizeof one)
        abort();
}

void
pl_caller_cancel(struct pl_caller *self, void *arg)
{
    (void)self;
    (void)arg;
}

int
pl_caller_fd(struct pl_caller *self)
{
    return self->fd;
}

static bool
is_ready(const struct waiting *waiting)
{
    return !waiting->reply.held || released;
}

int64_t
pl_caller_timeout_ms(struct pl_caller *self)
{
    return self->first && is_ready(self->first) ? 0 : 1000;
}

void
pl_caller_run(struct pl_caller *self)
{
    struct waiting *all = self->first;
    uint64_t count;

    if (read(self->fd, &count, sizeof count) < 0 && all == NULL)
        return;
    self->first = NULL;
    self->last = &self->first;
    while (all) {
        struct waiting *next = all->next;

        all->next = NULL;
        if (is_ready(all))
            deliver(all);
        else {
            *self->last = all;
            self->last = &all->next;
        }
        all = next;
    }
}

int
pl_caller_instances(struct pl_caller *self, struct pl_arena *arena, struct pl_instance **out)
{
    static const char *const SERVICES[] = { "auth", "governance-engine", "artifact-publisher" };

    (void)self;
    *out = pl_arena_alloc(arena, 3 * sizeof **out);
    for (int i = 0; i < 3; i++)
        (*out)[i] = (struct pl_instance){ SERVICES[i], "tcp://127.0.0.1:1", true, i == 2, 0 };
    return 3;
}

/* Only the thread that listens for revocations asks and waits; no test runs it. */
int
pl_caller_ask(struct pl_caller *self, const char *service, const char *operation,
              const ProtobufCMessage *request, const ProtobufCMessageDescriptor *reply_type,
              void **reply, int64_t timeout_ms, struct pl_arena *arena, struct pl_err *err)
{
    (void)self, (void)operation, (void)request, (void)reply_type, (void)reply;
    (void)timeout_ms, (void)arena;
    return pl_fail(err, UNAVAILABLE, "%s is not there", service);
}
