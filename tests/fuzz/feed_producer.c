#include "fuzz.h"
#include "fuzz_feed.h"

#include "../../common/pl_feed_producer.c" // for take_all()

static void
check(const struct pl_feed_producer *self)
{
    int count = 0;

    for (const struct pl_subscriber *s = self->subscribers; s; s = s->next_one, count++) {
        HOLDS(s->credit >= 1 && s->credit <= PL_FEED_MAX_CREDIT, "credit %d", s->credit);
        HOLDS(s->in_flight >= 0 && s->in_flight <= s->credit, "%d in flight", s->in_flight);
        HOLDS(s->next >= 0 && s->next > s->acked, "next %lld, acked %lld", (long long)s->next,
              (long long)s->acked);
    }
    HOLDS(count == self->subscriber_count && count <= MAX_SUBSCRIBERS, "%d subscribers", count);
}

void
feed_producer(struct feed_frames *frames)
{
    static zsock_t *router, *peer;
    struct pl_feed_producer self = { .source = "x", .known = true, .state = { .head = 20 } };
    const uint8_t *bytes;
    size_t length;

    if (router == NULL) {
        router = zsock_new_router("@inproc://producer");
        peer = zsock_new_dealer(">inproc://producer");
    }
    self.router = router;
    self.arena = pl_arena_new();
    while (feed_next(frames, &bytes, &length)) {
        zframe_t *frame = zframe_new(bytes, length);

        zframe_send(&frame, peer, 0);
        take_all(&self);
        check(&self);
        for (struct pl_subscriber *s = self.subscribers; s; s = s->next_one)
            if (s->next <= self.state.head && s->in_flight < s->credit)
                pl_subscriber_sent(s, self.state.head);
        while ((frame = zframe_recv_nowait(peer)))
            zframe_destroy(&frame);
    }
    while (self.subscribers)
        pl_subscriber_remove(&self.subscribers, self.subscribers);
    pl_arena_destroy(&self.arena);
}
