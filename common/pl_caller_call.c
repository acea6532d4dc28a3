/* A call's life, from its first attempt to done(). */
#include "pl_caller_impl.h"

#include "pl_log.h"
#include "pl_metric.h"
#include "pl_service.h"

#include <stdarg.h>
#include <stdlib.h>

#define TRIES_MOST 3  // of one call, refusals while stopping not counted
#define PAUSE_MS   25 // before the same instance is asked again
#define PATIENCE   3  // of its time, so that what may be repeated is asked elsewhere after a third

PL_COUNTER(asked, "plumb_calls_made_total", "calls made, by how they ended", "service,code");
PL_COUNTER(retried, "plumb_call_retries_total", "attempts beyond the first", "service");
PL_COUNTER(late, "plumb_replies_late_total", "replies nobody waited for any longer", "service");

static struct outgoing **
bucket(struct pl_caller *self, uint64_t id)
{
    return &self->buckets[id % PL_CALLER_BUCKETS];
}

static struct outgoing *
find_call(struct pl_caller *self, uint64_t id)
{
    struct outgoing *call = *bucket(self, id);

    while (call && call->id != id)
        call = call->same_bucket;
    return call;
}

// --- a call's life -----------------------------------------------------------------------

void
pl_out_add(struct pl_caller *self, struct outgoing *call)
{
    call->id = ++self->last_id;
    call->next = self->all;
    call->prev = &self->all;
    if (self->all)
        self->all->prev = &call->next;
    self->all = call;
    call->same_bucket = *bucket(self, call->id);
    *bucket(self, call->id) = call;
    if (call->bulk)
        self->bulk_bytes += (int64_t)call->body.len;
}

/* Take the call off the instance it was sent to. */
static void
take_back(struct outgoing *call)
{
    if (call->instance == NULL)
        return;
    call->instance->in_flight--;
    if (call->probe)
        call->instance->probing = false;
    call->probe = false;
    call->last = call->instance;
    call->instance = NULL;
    call->link = NULL;
}

static void
set_state(struct pl_caller *self, struct outgoing *call, enum outgoing_state state, int64_t due)
{
    self->waiting += (state == WAITING) - (call->state == WAITING);
    call->state = state;
    pl_due_set(self, call, due);
}

static void
remove_call(struct pl_caller *self, struct outgoing *call)
{
    struct outgoing **at = bucket(self, call->id);

    take_back(call);
    pl_due_remove(self, call);
    if (call->state == WAITING)
        self->waiting--;
    while (*at != call)
        at = &(*at)->same_bucket;
    *at = call->same_bucket;
    *call->prev = call->next;
    if (call->next)
        call->next->prev = call->prev;
    if (call->bulk)
        self->bulk_bytes -= (int64_t)call->body.len;
}

static void
free_call(struct outgoing *call)
{
    free(call->envelope);
    free(call->only);
    free(call);
}

void
pl_out_drop(struct pl_caller *self, struct outgoing *call)
{
    remove_call(self, call);
    free_call(call);
}

/* The end of every call: it is gone from all lists before its owner hears of it, who may well
 * start the next one from there. */
static void
finish(struct pl_caller *self, struct outgoing *call, const struct pl_answer *answer)
{
    remove_call(self, call);
    pl_inc(&asked, call->peer->name, pl_code_name(answer->code));
    call->done(call->arg, answer);
    free_call(call);
}

void
pl_out_fail(struct pl_caller *self, struct outgoing *call, enum pl_code code, const char *fmt, ...)
{
    struct pl_answer answer = { .code = code };
    char text[200];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    answer.text = text;
    finish(self, call, &answer);
}

/* Send the call somewhere, or let it wait; it may end here. */
void
pl_out_attempt(struct pl_caller *self, struct outgoing *call)
{
    int64_t now = pl_now_ms();
    struct pl_err err = { 0 };
    struct instance *to;
    struct link *link;
    bool blocked;

    to = pl_pick(call, now, &blocked);
    if (blocked) {
        pl_out_fail(self, call, PL_UNAVAILABLE, "the service \"%s\" does not answer just now",
                    call->peer->name);
        return;
    }
    link = to == NULL ? NULL : call->bulk ? &to->bulk : &to->normal;
    if (link && pl_link_open(link, &err) == 0 && link->live && pl_link_send(link, call, now)) {
        call->instance = to;
        call->link = link;
        call->sent_at = now;
        call->tries++;
        if (to->in_flight++ == 0)
            to->served_at = now;
        if (to->open_until && !(call->builtin && to->hung)) // half open: this call finds out
            call->probe = to->probing = true;
        set_state(self, call, SENT,
                  call->repeatable ? now + (call->deadline - now) / PATIENCE : call->deadline);
        return;
    }
    if (call->state != WAITING && self->waiting >= self->waiting_most)
        pl_out_fail(self, call, PL_UNAVAILABLE, "too many calls wait for the service \"%s\"",
                    call->peer->name);
    else if (link && link->live) // full: the other side does not read
        set_state(self, call, PAUSED,
                  now + PAUSE_MS < call->deadline ? now + PAUSE_MS : call->deadline);
    else
        set_state(self, call, WAITING, call->deadline);
}

/* Try again if that is safe and affordable; false if not. */
static bool
retry(struct pl_caller *self, struct outgoing *call, bool free_of_charge)
{
    struct instance *failed = call->instance;
    int64_t now = pl_now_ms();
    bool other = false;

    if (self->destroying || now + PAUSE_MS >= call->deadline)
        return false;
    if (!free_of_charge && (call->tries >= TRIES_MOST || call->peer->retries < 1))
        return false;
    if (!free_of_charge)
        call->peer->retries -= 1;
    pl_inc(&retried, call->peer->name);
    take_back(call);
    for (struct instance *i = call->peer->instances; i; i = i->next)
        other = other || (i != failed && pl_instance_usable(i));
    if (other || (failed && !pl_instance_usable(failed)))
        pl_out_attempt(self, call);
    else
        set_state(self, call, PAUSED, now + PAUSE_MS);
    return true;
}

// --- what the links report ---------------------------------------------------------------

void
pl_calls_reply(struct link *link, const Pl__Reply *reply, ProtobufCBinaryData body)
{
    struct pl_caller *self = link->caller;
    struct outgoing *call = find_call(self, reply->id);
    struct pl_answer answer = { .code = (enum pl_code)reply->code, .reply = reply, .body = body };

    link->instance->heard_at = pl_now_ms();
    if (reply->id == 0 && reply->not_run) {
        link->instance->draining = true; // until it, or its successor, shakes hands again
        return;
    }
    if (call == NULL || call->link != link) {
        pl_inc(&late, link->instance->peer->name);
        link->instance->served_at = link->instance->heard_at; // late, but answered
        return;
    }
    if (!call->builtin)
        link->instance->served_at = link->instance->heard_at;
    if (!call->builtin || !link->instance->hung)
        pl_breaker_good(link->instance);
    if ((unsigned)reply->code >= PL_CODE_COUNT)
        answer.code = PL_INTERNAL; // a code of a newer build
    answer.text = reply->text ? reply->text : "";
    answer.message = reply->message;
    if (answer.code == PL_UNAVAILABLE && (reply->not_run || call->repeatable) &&
        retry(self, call, reply->not_run && link->instance->draining))
        return;
    finish(self, call, &answer);
}

void
pl_calls_lost(struct link *link)
{
    struct pl_caller *self = link->caller;
    struct outgoing *call;
    size_t count = 0, room = (size_t)link->instance->in_flight + 1;

    /* done() may start and end other calls: remember by id, not by pointer. */
    uint64_t *ids = calloc(room, sizeof *ids);

    if (ids == NULL)
        abort();
    for (call = self->all; call && count < room; call = call->next)
        if (call->link == link)
            ids[count++] = call->id;
    for (size_t i = 0; i < count; i++) {
        call = find_call(self, ids[i]);
        if (call == NULL || call->link != link)
            continue;
        if (call->repeatable && retry(self, call, false))
            continue;
        pl_out_fail(self, call, PL_UNAVAILABLE,
                    "the connection to the service \"%s\" was lost before its answer",
                    call->peer->name);
    }
    free(ids);
}

void
pl_calls_unsent(struct link *link, uint64_t id)
{
    struct pl_caller *self = link->caller;
    struct outgoing *call = find_call(self, id);

    if (call && call->link == link && !retry(self, call, true))
        pl_out_fail(self, call, PL_UNAVAILABLE, "the service \"%s\" could not be asked",
                    call->peer->name);
}

/* Some instance came up: send what waits for its service, oldest first. */
void
pl_calls_flush(struct pl_caller *self, struct peer *peer)
{
    uint64_t last = self->last_id, after = 0;

    if (self->waiting == 0)
        return;
    for (;;) {
        struct outgoing *next = NULL;

        for (struct outgoing *call = self->all; call; call = call->next)
            if (call->state == WAITING && call->peer == peer && call->id > after &&
                call->id <= last && (next == NULL || call->id < next->id))
                next = call;
        if (next == NULL)
            return;
        after = next->id;
        pl_out_attempt(self, next);
    }
}

// --- the clock ---------------------------------------------------------------------------

/* Silence since the call was sent is a sign of death; a slow call among others is not.  A process
 * that is heard of, but whose handlers answered nothing at all for long, is as good as dead. */
static void
note_expired(struct outgoing *call, int64_t now)
{
    struct instance *at = call->instance;
    bool silent = at->heard_at <= call->sent_at;
    bool hung =
        !call->builtin && at->served_at <= call->sent_at && now - call->sent_at >= PL_HUNG_MS;

    if (!silent && !hung && !call->probe)
        return;
    at->hung = at->heard_at >= call->sent_at;
    pl_breaker_bad(at, now);
}

/* A third of its time is over without a word of any handler there: ask another instance. */
static void
move_on(struct pl_caller *self, struct outgoing *call)
{
    bool other = false;

    for (struct instance *i = call->peer->instances; i; i = i->next)
        other = other ||
                (i != call->instance && pl_instance_usable(i) && !pl_instance_hung(i, pl_now_ms()));
    if (!other || call->only || call->instance->served_at > call->sent_at ||
        !retry(self, call, false))
        pl_due_set(self, call, call->deadline);
}

static void
expire(struct pl_caller *self, struct outgoing *call, int64_t now)
{
    const char *service = call->peer->name;

    if (call->state != SENT) {
        pl_out_fail(self, call, PL_UNAVAILABLE, "no instance of the service \"%s\" answers",
                    service);
        return;
    }
    note_expired(call, now);
    pl_out_fail(self, call, PL_TIMEOUT, "the service \"%s\" did not answer in time", service);
}

void
pl_out_run_due(struct pl_caller *self)
{
    int64_t now = pl_now_ms();

    for (struct outgoing *call; (call = pl_due_first(self)) && call->due <= now;) {
        if (call->deadline <= now)
            expire(self, call, now);
        else if (call->state == SENT)
            move_on(self, call);
        else
            pl_out_attempt(self, call);
    }
}
