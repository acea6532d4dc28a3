#include "pl_feed_reader.h"

#include "pl_arena.h"
#include "pl_curve.h"
#include "pl_log.h"
#include "pl_pack.h"
#include "pl_peers.h"
#include "pl_service.h"
#include "pl_wake.h"

#include <czmq.h>
#include <poll.h>

#define MAX_LINKS     32
#define CREDIT        4
#define HEARTBEAT_MS  1000
#define KNOCK_MS      50   // heartbeat while a new connection is being made,
#define KNOCKING_MS   5000 // for so long: what is sent before it stands is lost
#define LOST_MS       5000
#define REFRESH_MS    2000
#define LARGEST_FRAME (8 << 20)

/* One instance of the source. */
struct link {
    char *address;
    zsock_t *socket;
    int64_t heard_ms; // 0: never
    int64_t opened_ms;
    bool catching_up; // asked to send again; what was under way before is passed over
    bool wanted;      // still among the peers
};

struct pl_feed_reader {
    const char *source, *consumer;
    char **types;
    size_t type_count;
    bool durable;
    int64_t cursor;
    struct link links[MAX_LINKS];
    int link_count;
    int64_t heartbeat_at, refresh_at;
    uint64_t generation;
    struct pl_arena *arena;
};

struct pl_feed_reader *
pl_feed_reader_new(const char *source, const char *consumer, size_t count, char **types,
                   bool durable, int64_t after)
{
    struct pl_feed_reader *self = calloc(1, sizeof *self);

    if (self == NULL)
        abort(); // as pl_arena: without memory a clean process is better
    self->source = source;
    self->consumer = consumer;
    self->types = types;
    self->type_count = count;
    self->durable = durable;
    self->cursor = after;
    self->arena = pl_arena_new();
    return self;
}

static void
cut_link(struct link *link)
{
    zsock_destroy(&link->socket);
    free(link->address);
    *link = (struct link){ 0 };
}

void
pl_feed_reader_destroy(struct pl_feed_reader **self_p)
{
    struct pl_feed_reader *self = *self_p;

    if (self == NULL)
        return;
    for (int i = 0; i < self->link_count; i++)
        cut_link(&self->links[i]);
    pl_arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}

/* A full pipe or a peer that is away loses the frame; the next heartbeat says it again. */
static void
send_frame(struct link *link, const Pl__FeedFrame *message)
{
    zframe_t *frame = zframe_new(NULL, pl__feed_frame__get_packed_size(message));

    pl__feed_frame__pack(message, zframe_data(frame));
    if (zframe_send(&frame, link->socket, ZFRAME_DONTWAIT))
        zframe_destroy(&frame);
}

/* ${credit} 0 is a heartbeat: it begins a subscription, but asks for nothing again that is under
 * way. */
static void
subscribe(struct pl_feed_reader *self, struct link *link, int credit)
{
    Pl__Subscribe subscribe = PL__SUBSCRIBE__INIT;
    Pl__FeedFrame frame = PL__FEED_FRAME__INIT;

    subscribe.consumer = (char *)self->consumer;
    subscribe.n_types = self->type_count;
    subscribe.types = self->types;
    subscribe.has_after = subscribe.has_durable = subscribe.has_credit = true;
    subscribe.after = self->cursor;
    subscribe.durable = self->durable;
    subscribe.credit = credit;
    frame.subscribe = &subscribe;
    send_frame(link, &frame);
}

static void
acknowledge(struct pl_feed_reader *self, struct link *link)
{
    Pl__Ack ack = PL__ACK__INIT;
    Pl__FeedFrame frame = PL__FEED_FRAME__INIT;

    ack.has_position = true;
    ack.position = self->cursor;
    frame.ack = &ack;
    send_frame(link, &frame);
}

static void
open_link(struct pl_feed_reader *self, const char *address)
{
    struct link *link = &self->links[self->link_count];
    struct pl_err err = { 0 };

    if (self->link_count == MAX_LINKS)
        return;
    *link = (struct link){ .address = strdup(address), .opened_ms = pl_now_ms(), .wanted = true };
    link->socket = zsock_new(ZMQ_DEALER);
    if (link->address == NULL || link->socket == NULL)
        abort();
    pl_curve_tune(link->socket, 64, LARGEST_FRAME);
    if (pl_curve_client(link->socket, self->source, &err) ||
        zsock_connect(link->socket, "%s", address)) {
        pl_warn("feed.no_link", PL_S("source", self->source), PL_S("address", address),
                PL_S("text", err.text));
        cut_link(link);
        return;
    }
    self->link_count++;
    self->heartbeat_at = 0;
}

/* Follow the source's instances as they come and go. */
static void
refresh(struct pl_feed_reader *self)
{
    char **addresses;
    size_t count;

    if (pl_now_ms() < self->refresh_at && self->generation == pl_peers_generation())
        return;
    self->refresh_at = pl_now_ms() + REFRESH_MS;
    self->generation = pl_peers_generation();
    pl_arena_reset(self->arena);
    count = pl_peers_get(self->source, 1, self->arena, &addresses);
    for (int i = 0; i < self->link_count; i++)
        self->links[i].wanted = false;
    for (size_t n = 0; n < count; n++) {
        int i = 0;

        while (i < self->link_count && strcmp(self->links[i].address, addresses[n]) != 0)
            i++;
        if (i < self->link_count)
            self->links[i].wanted = true;
        else
            open_link(self, addresses[n]);
    }
    for (int i = self->link_count - 1; i >= 0; i--)
        if (!self->links[i].wanted) {
            cut_link(&self->links[i]);
            self->links[i] = self->links[--self->link_count];
            self->links[self->link_count] = (struct link){ 0 };
        }
}

static void
heartbeat(struct pl_feed_reader *self)
{
    if (pl_now_ms() < self->heartbeat_at)
        return;
    self->heartbeat_at = pl_now_ms() + HEARTBEAT_MS;
    for (int i = 0; i < self->link_count; i++) {
        if (self->links[i].heard_ms == 0 && pl_now_ms() - self->links[i].opened_ms < KNOCKING_MS)
            self->heartbeat_at = pl_now_ms() + KNOCK_MS;
        self->links[i].catching_up = false;
        subscribe(self, &self->links[i], 0);
    }
}

/* Is it what comes next?  A gap means that something was lost on the wire: ask again, once. */
static bool
fits(struct pl_feed_reader *self, struct link *link, Pl__Batch *batch)
{
    size_t kept = 0;

    if (self->cursor == PL_FEED_NEW_ONLY)
        self->cursor = batch->from - 1;
    if (batch->from > self->cursor + 1) {
        if (!link->catching_up)
            subscribe(self, link, CREDIT);
        link->catching_up = true;
        return false;
    }
    link->catching_up = false;
    if (batch->to <= self->cursor) {
        if (batch->to >= batch->from) // not a mere sign of life
            acknowledge(self, link);
        return false;
    }
    for (size_t i = 0; i < batch->n_events; i++)
        if (batch->events[i]->position > self->cursor)
            batch->events[kept++] = batch->events[i];
    batch->n_events = kept;
    return true;
}

/* Has it all that an apply relies on, each event once and in its order?  What has not is passed
 * over: it is the same as lost. */
static bool
is_whole(const Pl__Batch *batch)
{
    int64_t before = 0;

    if (batch->from < 1 || batch->to < batch->from - 1 || batch->to == INT64_MAX)
        return false;
    for (size_t i = 0; i < batch->n_events; i++) {
        const Pl__Event *event = batch->events[i];

        if (event->position < batch->from || event->position <= before ||
            event->position > batch->to || !event->id || !event->type || !event->aggregatetype ||
            !event->aggregateid || !event->time)
            return false;
        before = event->position;
    }
    return true;
}

/* One frame of one link, if there is one.  What cannot be read is passed over: it is the same
 * as lost. */
static bool
receive(struct pl_feed_reader *self, struct link *link, const Pl__Batch **out)
{
    zframe_t *raw = zframe_recv_nowait(link->socket);
    Pl__FeedFrame *frame;

    if (raw == NULL)
        return false;
    pl_arena_reset(self->arena);
    frame = pl_unpack(&pl__feed_frame__descriptor,
                      (ProtobufCBinaryData){ zframe_size(raw), zframe_data(raw) }, self->arena);
    zframe_destroy(&raw);
    if (frame == NULL || frame->batch == NULL || !is_whole(frame->batch))
        return true;
    link->heard_ms = pl_now_ms();
    if (fits(self, link, frame->batch))
        *out = frame->batch;
    return true;
}

static const Pl__Batch *
drain(struct pl_feed_reader *self)
{
    const Pl__Batch *batch = NULL;

    for (int i = 0; i < self->link_count && batch == NULL; i++)
        while (batch == NULL && receive(self, &self->links[i], &batch))
            ;
    return batch;
}

static void
wait_for_frames(struct pl_feed_reader *self, int wake, int64_t timeout_ms)
{
    zmq_pollitem_t items[MAX_LINKS + 1] = { { .fd = wake, .events = ZMQ_POLLIN } };
    int64_t beat = self->heartbeat_at - pl_now_ms();

    if (beat < timeout_ms)
        timeout_ms = beat;
    for (int i = 0; i < self->link_count; i++)
        items[i + 1] = (zmq_pollitem_t){ .socket = zsock_resolve(self->links[i].socket),
                                         .events = ZMQ_POLLIN };
    zmq_poll(items, self->link_count + 1, timeout_ms > 0 ? timeout_ms : 0);
}

const Pl__Batch *
pl_feed_reader_next(struct pl_feed_reader *self, int wake, int64_t timeout_ms)
{
    int64_t until = pl_now_ms() + timeout_ms;

    for (;;) {
        const Pl__Batch *batch;
        struct pollfd woken = { .fd = wake, .events = POLLIN };

        refresh(self);
        heartbeat(self);
        batch = drain(self);
        if (batch)
            return batch;
        if (pl_now_ms() >= until || poll(&woken, 1, 0) > 0)
            return NULL;
        wait_for_frames(self, wake, until - pl_now_ms());
    }
}

void
pl_feed_reader_applied(struct pl_feed_reader *self, int64_t position)
{
    self->cursor = position;
    for (int i = 0; i < self->link_count; i++)
        acknowledge(self, &self->links[i]);
}

void
pl_feed_reader_rewind(struct pl_feed_reader *self, int64_t position)
{
    self->cursor = position;
    for (int i = 0; i < self->link_count; i++) {
        subscribe(self, &self->links[i], CREDIT);
        self->links[i].catching_up = true;
    }
}

bool
pl_feed_reader_live(const struct pl_feed_reader *self)
{
    for (int i = 0; i < self->link_count; i++)
        if (self->links[i].heard_ms && pl_now_ms() - self->links[i].heard_ms < LOST_MS)
            return true;
    return false;
}
