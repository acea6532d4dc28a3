#include "pl_feed_stream.h"

#include "pl_log.h"
#include "pl_metric.h"
#include "pl_service.h"

PL_COUNTER(sent_total, "plumb_feed_sent_total", "events sent to consumers", "consumer");

#define BATCH_EVENTS 256
#define BATCH_BYTES  ((size_t)1 << 20)
#define SILENT_MS    10000

static void
send_batch(struct pl_feed_producer *self, struct pl_subscriber *to, Pl__Batch *batch)
{
    Pl__FeedFrame message = PL__FEED_FRAME__INIT;
    zframe_t *identity = zframe_dup(to->identity), *frame;

    message.batch = batch;
    frame = zframe_new(NULL, pl__feed_frame__get_packed_size(&message));
    pl__feed_frame__pack(&message, zframe_data(frame));
    /* A peer that is gone or does not read loses it, sees the gap and asks again. */
    if (zframe_send(&identity, self->router, ZFRAME_MORE | ZFRAME_DONTWAIT)) {
        zframe_destroy(&identity);
        zframe_destroy(&frame);
    } else if (zframe_send(&frame, self->router, ZFRAME_DONTWAIT)) {
        zframe_destroy(&frame);
    }
}

void
pl_feed_sign_of_life(struct pl_feed_producer *self, struct pl_subscriber *to)
{
    Pl__Batch batch = PL__BATCH__INIT;

    batch.has_from = batch.has_to = true;
    batch.from = to->next;
    batch.to = to->next - 1;
    send_batch(self, to, &batch);
}

static int
read_events(struct pl_feed_producer *self, int64_t from, int64_t to, struct pl_err *err)
{
    if (self->read_from <= from && from <= self->read_to)
        return 0;
    pl_arena_reset(self->batch_arena);
    self->read_to = 0;
    if (pl_feed_read(self->db, self->source, from, to, self->batch_arena, &self->events,
                     &self->event_count, err))
        return -1;
    self->read_from = from;
    self->read_to = to;
    return 0;
}

/* Fill a batch from what was read, up to its limit of bytes. */
static void
fill(struct pl_feed_producer *self, const struct pl_subscriber *subscriber, Pl__Batch *batch)
{
    size_t bytes = 0;

    batch->has_from = batch->has_to = true;
    batch->from = subscriber->next;
    batch->to = self->read_to;
    batch->events = pl_arena_alloc(self->arena, (self->event_count + 1) * sizeof *batch->events);
    for (size_t i = 0; i < self->event_count; i++) {
        Pl__Event *event = self->events[i];

        if (event->position < batch->from || !pl_subscriber_wants(subscriber, event->type))
            continue;
        bytes += event->data.len;
        if (batch->n_events && bytes > BATCH_BYTES) {
            batch->to = event->position - 1;
            break;
        }
        batch->events[batch->n_events++] = event;
    }
}

/* What retention has deleted cannot be sent: say so in the log, and go on behind it. */
static void
skip_retired(struct pl_feed_producer *self, struct pl_subscriber *subscriber, Pl__Batch *batch)
{
    batch->has_from = batch->has_to = true;
    batch->from = subscriber->next;
    batch->to = self->state.retired;
    if (subscriber->next > 1 || !subscriber->durable)
        pl_error("feed.gap", PL_S("consumer", subscriber->consumer), PL_I("from", batch->from),
                 PL_I("to", batch->to));
}

static int
stream_to(struct pl_feed_producer *self, struct pl_subscriber *subscriber, struct pl_err *err)
{
    while (subscriber->next <= self->state.head && subscriber->in_flight < subscriber->credit) {
        Pl__Batch batch = PL__BATCH__INIT;
        int64_t to = subscriber->next + BATCH_EVENTS - 1;

        if (subscriber->next <= self->state.retired) {
            skip_retired(self, subscriber, &batch);
        } else {
            if (to > self->state.head)
                to = self->state.head;
            if (read_events(self, subscriber->next, to, err))
                return -1;
            fill(self, subscriber, &batch);
        }
        send_batch(self, subscriber, &batch);
        pl_subscriber_sent(subscriber, batch.to);
        pl_count(&sent_total, (double)batch.n_events, subscriber->consumer);
        pl_arena_reset(self->arena);
    }
    return 0;
}

int
pl_feed_stream(struct pl_feed_producer *self, struct pl_err *err)
{
    for (struct pl_subscriber *s = self->subscribers, *next; s; s = next) {
        next = s->next_one;
        if (pl_now_ms() - s->heard_ms > SILENT_MS) {
            pl_info("feed.unsubscribed", PL_S("consumer", s->consumer));
            pl_subscriber_remove(&self->subscribers, s);
            self->subscriber_count--;
        } else if (stream_to(self, s, err)) {
            return -1;
        }
    }
    return 0;
}
