#include "pl_feed_apply.h"

#include "pl_feed.h"
#include "pl_feed_dead.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_pack.h"
#include "pl_timer_wake.h"
#include "pl_trace.h"
#include "pl_wake.h"

#include <inttypes.h>
#include <string.h>

PL_COUNTER(applied_total, "plumb_feed_applied_total", "events applied", "source");
PL_COUNTER(retries_total, "plumb_feed_retries_total", "events that are tried again", "source");
PL_COUNTER(dead_total, "plumb_feed_dead_letters_total", "events that became dead letters",
           "source,type");

#define LONGEST_WAIT_MS 60000

static struct pl_event
event_of(const Pl__Event *from)
{
    return (struct pl_event){
        .id = from->id,
        .type = from->type,
        .source = from->source,
        .aggregate_type = from->aggregatetype,
        .aggregate_id = from->aggregateid,
        .time = from->time,
        .traceparent = from->traceparent ? from->traceparent : "",
        .tracestate = from->tracestate ? from->tracestate : "",
        .position = from->position,
    };
}

static int
hear_with(struct pl_feed_apply *self, const struct pl_listener *listener, const Pl__Event *event,
          struct pl_err *err)
{
    struct pl_event shown = event_of(event);
    struct pl_heard heard = {
        .self = self->worker,
        .db = self->db,
        .arena = self->arena,
        .event = &shown,
        .message = pl_unpack(listener->message, event->data, self->arena),
    };
    int failed;

    if (heard.message == NULL)
        return pl_fail(err, MALFORMED, "the event's data is not a message of its type");
    pl_log_request(event->id, NULL);
    pl_trace_set(shown.traceparent, shown.tracestate);
    failed = listener->handler(&heard);
    pl_trace_set(NULL, NULL);
    pl_log_request(NULL, NULL);
    if (failed && heard.err.code == PL_OK)
        pl_fail(&heard.err, INTERNAL, "it failed without a reason");
    if (failed)
        *err = heard.err;
    return failed ? -1 : 0;
}

/* Every listener of that event, in the order of their table. */
static int
hear(struct pl_feed_apply *self, const Pl__Event *event, struct pl_err *err)
{
    for (const struct pl_listener *l = self->listeners; l->source; l++)
        if (strcmp(l->source, self->pair.source) == 0 && strcmp(l->type, event->type) == 0 &&
            hear_with(self, l, event, err))
            return -1;
    return 0;
}

/* Inside a transaction: the effect, or a place behind the one that parked the aggregate. */
static int
hear_or_park(struct pl_feed_apply *self, const Pl__Event *event, bool look, struct pl_err *err)
{
    bool parked = false;

    if (look && pl_feed_is_parked(self->db, &self->pair, event, &parked, err))
        return -1;
    if (parked)
        return pl_feed_bury(self->db, &self->pair, event, 0, "its aggregate is parked", err);
    return hear(self, event, err);
}

/* The events from ${first} on and the cursor's move to ${to}, all or nothing. */
static int
apply_in_transaction(struct pl_feed_apply *self, Pl__Event **events, size_t count, int64_t to,
                     bool tried, struct pl_err *err)
{
    bool parked;

    self->moved = false;
    if (pl_pg_begin(self->db, err))
        return -1;
    if (pl_feed_move(self->db, &self->pair, self->cursor, to, &parked, err)) {
        self->moved = err->code == PL_CONFLICT;
        goto failed;
    }
    for (size_t i = 0; i < count; i++)
        if (hear_or_park(self, events[i], parked, err))
            goto failed;
    if (tried && pl_feed_forget_tries(self->db, &self->pair, to, err))
        goto failed;
    if (pl_pg_commit(self->db, err))
        goto failed;
    self->cursor = to;
    pl_count(&applied_total, (double)count, self->pair.source);
    return 0;
failed:
    pl_pg_rollback(self->db);
    return -1;
}

static int
apply_some(struct pl_feed_apply *self, Pl__Event **events, size_t count, int64_t to, bool tried,
           struct pl_err *err)
{
    int failed;

    pl_timers_hold();
    failed = apply_in_transaction(self, events, count, to, tried, err);
    pl_timers_let_go();
    return failed;
}

static int
give_up(struct pl_feed_apply *self, const Pl__Event *event, int attempts, const char *reason,
        struct pl_err *err)
{
    bool parked;

    if (pl_pg_begin(self->db, err))
        return -1;
    if (pl_feed_move(self->db, &self->pair, self->cursor, event->position, &parked, err) ||
        pl_feed_bury(self->db, &self->pair, event, attempts, reason, err) ||
        pl_feed_forget_tries(self->db, &self->pair, event->position, err) ||
        pl_pg_commit(self->db, err)) {
        pl_pg_rollback(self->db);
        return -1;
    }
    self->cursor = event->position;
    pl_inc(&dead_total, self->pair.source, event->type);
    pl_error("feed.dead_letter", PL_S("source", self->pair.source), PL_S("type", event->type),
             PL_S("aggregate", event->aggregateid), PL_I("position", event->position),
             PL_S("reason", reason));
    return 0;
}

/* The lease must outlive the wait, or another replica would try the same event meanwhile. */
static int
prolong_lease(struct pl_feed_apply *self, struct pl_err *err)
{
    bool held, clean;

    if (self->holder == NULL)
        return 0;
    if (pl_feed_lease(self->db, &self->pair, self->holder, &held, &clean, err))
        return -1;
    if (held)
        return 0;
    self->moved = true; // or soon will be
    return pl_fail(err, CONFLICT, "another replica has taken the lease");
}

static int
wait_before(struct pl_feed_apply *self, int attempts, struct pl_err *err)
{
    int64_t wait = self->backoff_ms, end;

    while (--attempts > 0 && wait < LONGEST_WAIT_MS)
        wait *= 2;
    end = pl_now_ms() + (wait < LONGEST_WAIT_MS ? wait : LONGEST_WAIT_MS);
    for (int64_t left; (left = end - pl_now_ms()) > 0 && !*self->stopping;) {
        pl_wake_wait(self->wake, left < PL_FEED_RENEW_MS ? left : PL_FEED_RENEW_MS);
        if (prolong_lease(self, err))
            return -1;
    }
    return 0;
}

/* Not this event's fault.  If taking the try back fails too, it stays counted; the next one that
 * succeeds forgets it. */
static int
take_back(struct pl_feed_apply *self, const Pl__Event *event, const struct pl_err *why,
          struct pl_err *err)
{
    struct pl_err ignored = { 0 };

    if (self->moved)
        pl_feed_forget_tries(self->db, &self->pair, event->position, &ignored);
    else
        pl_feed_untry(self->db, &self->pair, event->position, &ignored);
    *err = *why;
    return -1;
}

/* One try of one event.  *settled: it is applied, parked or dead. */
static int
try_one(struct pl_feed_apply *self, Pl__Event *event, bool *settled, struct pl_err *err)
{
    struct pl_err why = { 0 };
    int attempts;

    *settled = false;
    if (pl_feed_try(self->db, &self->pair, event->position, &attempts, err))
        return -1;
    *settled = true;
    if (attempts > self->tries) // each of them ended before it could fail
        return give_up(self, event, attempts - 1, "the process ended while it was applied", err);
    if (apply_some(self, &event, 1, event->position, true, &why) == 0)
        return 0;
    if (why.code == PL_UNAVAILABLE || self->moved)
        return take_back(self, event, &why, err);
    pl_warn("feed.try_failed", PL_S("source", self->pair.source), PL_S("type", event->type),
            PL_I("position", event->position), PL_I("attempt", attempts), PL_ERR(&why));
    if (attempts >= self->tries)
        return give_up(self, event, attempts, why.text, err);
    *settled = false;
    pl_inc(&retries_total, self->pair.source);
    return wait_before(self, attempts, err);
}

static int
one_by_one(struct pl_feed_apply *self, const Pl__Batch *batch, struct pl_err *err)
{
    for (size_t i = 0; i < batch->n_events; i++) {
        bool settled = false;

        while (!settled) {
            if (*self->stopping)
                return pl_fail(err, UNAVAILABLE, "the service stops");
            if (try_one(self, batch->events[i], &settled, err))
                return -1;
        }
    }
    return self->cursor < batch->to ? apply_some(self, NULL, 0, batch->to, false, err) : 0;
}

int
pl_feed_apply(struct pl_feed_apply *self, const Pl__Batch *batch, struct pl_err *err)
{
    struct pl_err why = { 0 };
    bool careful = self->cursor < self->careful_to;

    if (batch->n_events == 0 || !careful) {
        if (apply_some(self, batch->events, batch->n_events, batch->to, false, &why) == 0)
            return 0;
        if (batch->n_events == 0 || why.code == PL_UNAVAILABLE || self->moved) {
            *err = why;
            return -1;
        }
        pl_warn("feed.batch_failed", PL_S("source", self->pair.source), PL_I("from", batch->from),
                PL_I("to", batch->to), PL_ERR(&why));
    }
    return one_by_one(self, batch, err);
}

/* Its effect and its new state are one transaction. */
static int
apply_dead_in_transaction(struct pl_feed_apply *self, int64_t id, const Pl__Event *event,
                          struct pl_err *err)
{
    if (pl_pg_begin(self->db, err))
        return -1;
    if (hear(self, event, err) || pl_feed_dead_applied(self->db, id, err) ||
        pl_pg_commit(self->db, err)) {
        pl_pg_rollback(self->db);
        return -1;
    }
    pl_info("feed.replayed", PL_S("source", self->pair.source), PL_I("id", id),
            PL_I("position", event->position));
    return 0;
}

static int
apply_dead(struct pl_feed_apply *self, int64_t id, const Pl__Event *event, struct pl_err *err)
{
    int failed;

    pl_timers_hold();
    failed = apply_dead_in_transaction(self, id, event, err);
    pl_timers_let_go();
    return failed;
}

int
pl_feed_apply_dead(struct pl_feed_apply *self, bool *found, struct pl_err *err)
{
    struct pl_err why = { 0 };
    Pl__Event *event;
    int64_t id;

    *found = false;
    if (pl_feed_dead_take(self->db, &self->pair, self->arena, &id, &event, err))
        return -1;
    *found = id != 0;
    if (id == 0 || apply_dead(self, id, event, &why) == 0)
        return 0;
    if (why.code == PL_UNAVAILABLE) {
        *err = why;
        return pl_feed_dead_untry(self->db, id, &(struct pl_err){ 0 }), -1;
    }
    pl_warn("feed.replay_failed", PL_S("source", self->pair.source), PL_I("id", id), PL_ERR(&why));
    return pl_feed_dead_failed(self->db, id, why.text, err);
}
