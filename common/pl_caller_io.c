/* What goes over an instance's sockets. */
#include "pl_caller_impl.h"

#include "pl_health.h"
#include "pl_log.h"
#include "pl_pack.h"
#include "pl_service.h"

#include <stdlib.h>

#define AT_ONCE 256 // messages read from one link before others get their turn

/* The envelope with what differs between attempts behind it. */
static void
make_envelope(zmq_msg_t *envelope, const struct outgoing *call, int64_t now)
{
    int64_t remaining = call->deadline > now ? call->deadline - now : 1;
    uint8_t tail[40];
    size_t length = pl_append_varint(tail, 1, call->id);

    length += pl_append_varint(tail + length, 7, (uint64_t)remaining);
    if (zmq_msg_init_size(envelope, call->length + length))
        abort();
    memcpy(zmq_msg_data(envelope), call->envelope, call->length);
    memcpy((uint8_t *)zmq_msg_data(envelope) + call->length, tail, length);
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

bool
pl_link_send(struct link *link, struct outgoing *call, int64_t now)
{
    int flags = ZMQ_DONTWAIT | (call->body.len ? ZMQ_SNDMORE : 0);
    zmq_msg_t envelope;
    bool sent;

    make_envelope(&envelope, call, now);
    sent = zmq_msg_send(&envelope, link->handle, flags) >= 0;
    /* Asking costs two system calls, so only who cannot send asks whether that is still so. */
    if (!sent && events_of(link) & ZMQ_POLLOUT)
        sent = zmq_msg_send(&envelope, link->handle, flags) >= 0;
    if (sent && call->body.len)
        send_body(link, call);
    if (!sent)
        zmq_msg_close(&envelope);
    /* The descriptor's edge may be gone by now although there is something to read. */
    pl_link_mark(link);
    return sent;
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
        link->refused = false;
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

/* One reply of one or two frames; false if there is none. */
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
        const Pl__Reply *reply;

        bytes = (ProtobufCBinaryData){ zmq_msg_size(&frames[0]), zmq_msg_data(&frames[0]) };
        if (count > 1)
            body = (ProtobufCBinaryData){ zmq_msg_size(&frames[1]), zmq_msg_data(&frames[1]) };
        reply = pl_unpack(&pl__reply__descriptor, bytes, arena);
        if (reply)
            pl_calls_reply(link, reply, body);
        else
            pl_warn("peer.reply_unreadable", PL_S("service", link->instance->peer->name));
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
