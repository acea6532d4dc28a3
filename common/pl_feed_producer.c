#include "pl_feed_producer.h"

#include "pl_curve.h"
#include "pl_feed_stream.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_pack.h"
#include "pl_service.h"
#include "pl_wake.h"

#include <stdlib.h>
#include <unistd.h>

PL_COUNTER(numbered_total, "plumb_feed_numbered_total", "events given a position", "");
PL_COUNTER(refused_total, "plumb_feed_refused_total", "subscriptions refused", "");
PL_GAUGE(head_gauge, "plumb_feed_head", "last position of the feed", "");
PL_GAUGE(oldest_gauge, "plumb_outbox_oldest_seconds", "age of the oldest event without a position",
         "");
PL_GAUGE(lag_gauge, "plumb_feed_consumer_lag", "events a durable consumer has yet to apply",
         "consumer");

#define MAX_SUBSCRIBERS 256
#define MAX_TYPES       64
#define WRITE_DOWN_MS   1000
#define RETIRE_MS       60000
#define METRICS_MS      5000

/* What is unavailable is said once, until it is there again; any other failure each time. */
static void
complain(struct pl_feed_producer *self, const char *event, const struct pl_err *err)
{
    if (err->code != PL_UNAVAILABLE || !self->away)
        pl_warn(event, PL_ERR(err));
    self->away = err->code == PL_UNAVAILABLE;
}

/* ---- What comes in ---- */

/* A durable consumer's name is that of the service whose key it has, so that nobody moves the
 * cursor, and with it the retention, of somebody else. */
static bool
may_subscribe(const struct pl_feed_producer *self, zframe_t *frame, const Pl__Subscribe *wish)
{
    const char *user = zframe_meta(frame, "User-Id");

    if (wish->consumer == NULL || *wish->consumer == '\0' || strlen(wish->consumer) > 100 ||
        wish->n_types > MAX_TYPES || self->subscriber_count >= MAX_SUBSCRIBERS)
        return false;
    return !wish->durable || user == NULL || *user == '\0' || strcmp(user, wish->consumer) == 0;
}

static void
take_subscribe(struct pl_feed_producer *self, zframe_t *identity, zframe_t *frame,
               const Pl__Subscribe *wish)
{
    struct pl_subscriber *known = pl_subscriber_find(self->subscribers, identity);

    if (known && wish->credit > 0) {
        pl_subscriber_rewind(known, wish, self->state.head);
    } else if (known) {
        pl_subscriber_ack(known, wish->after);
    } else if (!may_subscribe(self, frame, wish)) {
        pl_inc(&refused_total);
        pl_warn("feed.refused", PL_S("consumer", wish->consumer));
        return;
    } else {
        known = pl_subscriber_add(&self->subscribers, identity, wish, self->state.head);
        self->subscriber_count++;
        pl_info("feed.subscribed", PL_S("consumer", wish->consumer), PL_I("after", wish->after));
        if (wish->after > self->state.head)
            pl_error("feed.consumer_ahead", PL_S("consumer", wish->consumer),
                     PL_I("after", wish->after), PL_I("head", self->state.head));
    }
    pl_feed_sign_of_life(self, known);
}

static void
take_frame(struct pl_feed_producer *self, zframe_t *identity, zframe_t *frame)
{
    const Pl__FeedFrame *message =
        pl_unpack(&pl__feed_frame__descriptor,
                  (ProtobufCBinaryData){ zframe_size(frame), zframe_data(frame) }, self->arena);

    if (message && message->subscribe) {
        take_subscribe(self, identity, frame, message->subscribe);
    } else if (message && message->ack) {
        struct pl_subscriber *known = pl_subscriber_find(self->subscribers, identity);

        if (known)
            pl_subscriber_ack(known, message->ack->position);
    }
}

static void
take_all(struct pl_feed_producer *self)
{
    /* Before the first look at the database nobody can be told where the feed ends. */
    while (self->known) {
        zframe_t *identity = zframe_recv_nowait(self->router);
        zframe_t *frame = NULL;

        if (identity == NULL)
            return;
        if (zframe_more(identity))
            frame = zframe_recv(self->router);
        if (frame && !zframe_more(frame))
            take_frame(self, identity, frame);
        while (frame && zframe_more(frame)) { // not one of ours
            zframe_destroy(&frame);
            frame = zframe_recv(self->router);
        }
        zframe_destroy(&identity);
        zframe_destroy(&frame);
        pl_arena_reset(self->arena);
    }
}

/* ---- What goes out ---- */

/* One batch at a time, so that under steady load there is streaming in between. */
static int
number_some(struct pl_feed_producer *self, struct pl_err *err)
{
    int numbered = 0;

    self->behind = false;
    if (pl_feed_state(self->db, &self->state, err))
        return -1;
    self->known = true;
    if (self->state.waiting && pl_feed_number(self->db, &numbered, &self->state.head, err))
        return -1;
    self->behind = numbered > 0; // there may be more by now
    pl_count(&numbered_total, numbered);
    pl_gauge_set(&head_gauge, (double)self->state.head);
    pl_gauge_set(&oldest_gauge, self->state.oldest_s);
    return 0;
}

/* ---- Now and then ---- */

/* Where the durable consumers are, for retention and people; not at each ack. */
static int
write_down(struct pl_feed_producer *self, struct pl_err *err)
{
    if (pl_now_ms() < self->write_down_at)
        return 0;
    self->write_down_at = pl_now_ms() + WRITE_DOWN_MS;
    for (struct pl_subscriber *s = self->subscribers; s; s = s->next_one) {
        if (!s->durable || (s->registered && s->told == s->acked))
            continue;
        if (s->registered ? pl_feed_acked(self->db, s->consumer, s->acked, err)
                          : pl_feed_register(self->db, s->consumer, s->type_count, s->types,
                                             s->acked, self->arena, err))
            return -1;
        s->registered = true;
        s->told = s->acked;
    }
    return 0;
}

static int
measure(struct pl_feed_producer *self, struct pl_err *err)
{
    struct pl_feed_consumer *consumers;
    int count;

    if (pl_now_ms() < self->metrics_at)
        return 0;
    self->metrics_at = pl_now_ms() + METRICS_MS;
    if (pl_feed_consumers(self->db, self->arena, &consumers, &count, err))
        return -1;
    for (int i = 0; i < count; i++)
        pl_gauge_set(&lag_gauge, (double)consumers[i].lag, consumers[i].consumer);
    pl_arena_reset(self->arena);
    return 0;
}

static int
retire(struct pl_feed_producer *self, struct pl_err *err)
{
    bool more;

    if (pl_now_ms() < self->retire_at)
        return 0;
    if (pl_feed_retire(self->db, self->limits.days, self->limits.max_days, &more, err))
        return -1;
    self->retire_at = pl_now_ms() + (more ? 0 : RETIRE_MS);
    return 0;
}

static void
work(struct pl_feed_producer *self)
{
    struct pl_err err = { 0 };

    if (self->db == NULL && pl_pg_open(&self->db, self->dsn, &err))
        complain(self, "feed.no_database", &err);
    else if (number_some(self, &err))
        complain(self, "feed.not_numbered", &err);
    take_all(self);
    if (err.code == PL_OK && pl_feed_stream(self, &err))
        complain(self, "feed.not_streamed", &err);
    if (err.code == PL_OK && (write_down(self, &err) || measure(self, &err) || retire(self, &err)))
        complain(self, "feed.not_kept", &err);
    if (err.code == PL_OK && self->away) {
        pl_info("feed.goes_on");
        self->away = false;
    }
}

static void *
run(void *arg)
{
    struct pl_feed_producer *self = arg;

    while (!self->stopping) {
        zmq_pollitem_t items[] = {
            { .fd = self->wake, .events = ZMQ_POLLIN },
            { .socket = zsock_resolve(self->router), .events = ZMQ_POLLIN },
        };

        work(self);
        zmq_poll(items, self->known ? 2 : 1, self->behind ? 0 : (long)self->limits.poll_ms);
        pl_wake_clear(self->wake);
    }
    while (self->subscribers)
        pl_subscriber_remove(&self->subscribers, self->subscribers);
    pl_pg_destroy(&self->db);
    zsock_destroy(&self->router);
    return NULL;
}

static void
clean_up(struct pl_feed_producer **self_p)
{
    struct pl_feed_producer *self = *self_p;

    zsock_destroy(&self->router);
    if (self->wake >= 0)
        close(self->wake);
    pl_arena_destroy(&self->arena);
    pl_arena_destroy(&self->batch_arena);
    free(self);
    *self_p = NULL;
}

static int
open_door(struct pl_feed_producer *self, const char *address, struct pl_err *err)
{
    self->router = zsock_new(ZMQ_ROUTER);
    if (self->router == NULL || self->wake < 0)
        return pl_fail(err, INTERNAL, "could not make a socket");
    pl_curve_tune(self->router, 64, 1 << 20);
    if (pl_curve_server(self->router, err))
        return -1;
    if (zsock_bind(self->router, "%s", address) < 0)
        return pl_fail(err, INTERNAL, "could not bind the feed to %s", address);
    return 0;
}

int
pl_feed_producer_start(struct pl_feed_producer **out, const char *source, const char *dsn,
                       const char *address, const struct pl_feed_limits *limits, struct pl_err *err)
{
    struct pl_feed_producer *self = calloc(1, sizeof *self);

    if (self == NULL)
        return pl_fail(err, INTERNAL, "out of memory");
    self->source = source;
    self->dsn = dsn;
    self->limits = *limits;
    self->arena = pl_arena_new();
    self->batch_arena = pl_arena_new();
    self->wake = pl_wake_open();
    if (open_door(self, address, err) || (pthread_create(&self->thread, NULL, run, self) &&
                                          pl_fail(err, INTERNAL, "could not start a thread"))) {
        clean_up(&self);
        return -1;
    }
    *out = self;
    return 0;
}

void
pl_feed_producer_poke(struct pl_feed_producer *self)
{
    pl_wake(self->wake);
}

void
pl_feed_producer_stop(struct pl_feed_producer **self_p)
{
    if (*self_p == NULL)
        return;
    (*self_p)->stopping = true;
    pl_wake((*self_p)->wake);
    pthread_join((*self_p)->thread, NULL);
    clean_up(self_p);
}
