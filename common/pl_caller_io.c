/* What goes over an instance's sockets. */
#include "pl_caller_impl.h"

#include "pl_health.h"
#include "pl_log.h"
#include "pl_pack.h"
#include "pl_service.h"

#include <stdlib.h>

#define TAIL    40  // bytes that differ between attempts, at most
#define AT_ONCE 256 // messages read from one link before others get their turn

/* What differs between attempts, to be put behind the envelope. */
static size_t
make_tail(uint8_t tail[TAIL], const struct outgoing *call, int64_t now)
{
    int64_t remaining = call->deadline > now ? call->deadline - now : 1;
    size_t length = pl_append_varint(tail, 1, call->id);

    return length + pl_append_varint(tail + length, 7, (uint64_t)remaining);
}

static void
write_envelope(uint8_t *to, const struct outgoing *call, const uint8_t *tail, size_t length)
{
    memcpy(to, call->envelope, call->length);
    memcpy(to + call->length, tail, length);
}

/* The body is copied: its owner may free it at done(), which may be before libzmq has sent it. */
static void
send_body(struct link *link, const struct outgoing *call)
{
    zmq_msg_t body;

    if (zmq_msg_init_size(&body, call->body.len))
        abort();
    memcpy(zmq_msg_data(&body), call->body.data, call->body.len);
    if (zmq_msg_send(&body, link->handle, ZMQ_DONTWAIT) < 0)
        zmq_msg_close(&body); // the connection went: its event takes the call back
}

static int
events_of(struct link *link)
{
    int events = 0;
    size_t size = sizeof events;

    /* Also makes libzmq look at its mailbox, which sending alone does only now and then. */
    if (zmq_getsockopt(link->handle, ZMQ_EVENTS, &events, &size))
        return 0;
    return events;
}

static bool
send_frame(struct link *link, zmq_msg_t *frame, int flags)
{
    bool sent = zmq_msg_send(frame, link->handle, flags) >= 0;

    /* Asking costs two system calls, so only who cannot send asks whether that is still so. */
    if (!sent && events_of(link) & ZMQ_POLLOUT)
        sent = zmq_msg_send(frame, link->handle, flags) >= 0;
    if (!sent)
        zmq_msg_close(frame);
    return sent;
}

static bool
send_alone(struct link *link, const struct outgoing *call, const uint8_t *tail, size_t length)
{
    zmq_msg_t envelope;

    if (zmq_msg_init_size(&envelope, call->length + length))
        abort();
    write_envelope(zmq_msg_data(&envelope), call, tail, length);
    if (!send_frame(link, &envelope, ZMQ_DONTWAIT | (call->body.len ? ZMQ_SNDMORE : 0)))
        return false;
    if (call->body.len)
        send_body(link, call);
    return true;
}

bool
pl_link_send(struct link *link, struct outgoing *call, int64_t now)
{
    uint8_t tail[TAIL];
    size_t length = make_tail(tail, call, now);

    /* The descriptor's edge may be gone after this although there is something to read. */
    pl_link_mark(link);
    if (!link->batches || call->body.len || !pl_batch_fits(&link->out, call->length + length))
        return send_alone(link, call, tail, length);
    link->out_ids[link->out.count] = call->id;
    write_envelope(pl_batch_add(&link->out, call->length + length), call, tail, length);
    return true;
}

void
pl_link_give_back(struct link *link)
{
    uint64_t ids[PL_BATCH_MOST];
    int count = link->out.count;

    memcpy(ids, link->out_ids, (size_t)count * sizeof *ids);
    pl_batch_clear(&link->out);
    for (int i = 0; i < count; i++)
        pl_calls_unsent(link, ids[i]);
}

void
pl_link_flush(struct link *link)
{
    ProtobufCBinaryData bytes = pl_batch_frame(&link->out);
    zmq_msg_t frame;

    if (link->out.count == 0 || link->handle == NULL)
        return;
    if (zmq_msg_init_size(&frame, bytes.len))
        abort();
    memcpy(zmq_msg_data(&frame), bytes.data, bytes.len);
    if (send_frame(link, &frame, ZMQ_DONTWAIT))
        pl_batch_clear(&link->out);
    else
        pl_link_give_back(link);
}

static void
report_peer(struct peer *peer)
{
    bool up = false;
    char name[96];

    for (const struct instance *i = peer->instances; i; i = i->next)
        up = up || i->normal.live;
    snprintf(name, sizeof name, "service:%s", peer->name);
    pl_health_set(name, up ? "ok" : "down", up ? "" : "no instance answers");
}

static void
link_event(struct link *link, uint16_t event)
{
    struct instance *instance = link->instance;

    if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        link->live = true;
        link->refused = link->batches = false;
        if (!link->bulk)
            instance->draining = false;
        instance->heard_at = pl_now_ms();
        pl_breaker_good(instance); // whoever starts anew gets a new chance
        events_of(link);           // makes the new connection writable for us
        pl_link_mark(link);
        report_peer(instance->peer);
        pl_calls_flush(link->caller, instance->peer);
    } else if (event == ZMQ_EVENT_DISCONNECTED) {
        link->live = false;
        pl_link_give_back(link);
        pl_calls_lost(link);
        report_peer(instance->peer);
    } else {
        link->refused = true;
        pl_warn("peer.handshake_failed", PL_S("service", instance->peer->name),
                PL_S("instance", instance->address));
    }
}

/* The next event of the connection; false if there is none. */
static bool
next_event(struct link *link, uint16_t *event)
{
    void *monitor = zsock_resolve(link->monitor);
    zmq_msg_t frame;
    bool got = false;
    int more = 1;

    zmq_msg_init(&frame);
    for (int i = 0; more; i++) {
        if (zmq_msg_recv(&frame, monitor, ZMQ_DONTWAIT) < 0)
            break;
        if (i == 0 && zmq_msg_size(&frame) >= sizeof *event) {
            memcpy(event, zmq_msg_data(&frame), sizeof *event);
            got = true;
        }
        more = zmq_msg_more(&frame);
    }
    zmq_msg_close(&frame);
    return got;
}

static void
hear_one(struct link *link, ProtobufCBinaryData bytes, ProtobufCBinaryData body,
         struct pl_arena *arena)
{
    const Pl__Reply *reply = pl_unpack(&pl__reply__descriptor, bytes, arena);

    if (reply == NULL) {
        pl_warn("peer.reply_unreadable", PL_S("service", link->instance->peer->name));
        return;
    }
    link->batches = link->batches || reply->takes_batches;
    pl_calls_reply(link, reply, body);
}

/* One reply, or several that share the frame. */
static void
hear(struct link *link, ProtobufCBinaryData bytes, ProtobufCBinaryData body, struct pl_arena *arena)
{
    ProtobufCBinaryData one;

    if (!pl_batch_is(bytes)) {
        hear_one(link, bytes, body, arena);
        return;
    }
    while (pl_batch_next(&bytes, &one)) {
        hear_one(link, one, (ProtobufCBinaryData){ 0, NULL }, arena);
        pl_arena_reset(arena);
    }
    if (bytes.len)
        pl_warn("peer.reply_unreadable", PL_S("service", link->instance->peer->name));
}

/* One message of one or two frames; false if there is none. */
static bool
next_reply(struct link *link)
{
    struct pl_caller *self = link->caller;
    struct pl_arena *arena = self->spare ? self->spare : pl_arena_new();
    ProtobufCBinaryData bytes, body = { 0, NULL };
    zmq_msg_t frames[2], extra;
    int count = 0, more = 1;

    self->spare = NULL; // done() may bring us here again
    zmq_msg_init(&frames[0]);
    zmq_msg_init(&frames[1]);
    zmq_msg_init(&extra);
    for (; more; count++) {
        zmq_msg_t *frame = count < 2 ? &frames[count] : &extra;

        if (link->handle == NULL || zmq_msg_recv(frame, link->handle, ZMQ_DONTWAIT) < 0)
            break;
        more = zmq_msg_more(frame);
    }
    if (count && !more) {
        bytes = (ProtobufCBinaryData){ zmq_msg_size(&frames[0]), zmq_msg_data(&frames[0]) };
        if (count > 1)
            body = (ProtobufCBinaryData){ zmq_msg_size(&frames[1]), zmq_msg_data(&frames[1]) };
        hear(link, bytes, body, arena);
    }
    zmq_msg_close(&frames[0]);
    zmq_msg_close(&frames[1]);
    zmq_msg_close(&extra);
    pl_arena_reset(arena);
    if (self->spare == NULL)
        self->spare = arena;
    else
        pl_arena_destroy(&arena);
    return count > 0;
}

void
pl_link_read(struct link *link)
{
    uint16_t event = 0;
    int i = 0;

    /* Replies first: what came before the connection went is an answer all the same. */
    while (i < AT_ONCE && link->socket && next_reply(link))
        i++;
    if (i == AT_ONCE) {
        pl_link_mark(link);
        return;
    }
    while (link->monitor && next_event(link, &event)) {
        while (event == ZMQ_EVENT_DISCONNECTED && next_reply(link))
            ;
        link_event(link, event);
    }
}
