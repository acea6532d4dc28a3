#include "fuzz.h"
#include "fuzz_feed.h"

#include "../../common/pl_feed_reader.c" // for receive()

/* A batch that is handed on continues where the cursor is, and its events are in order. */
static void
check(const Pl__Batch *batch, int64_t cursor)
{
    int64_t before = cursor;

    HOLDS(batch->from <= cursor + 1, "a gap in front of it");
    HOLDS(batch->to > cursor, "nothing new");
    for (size_t i = 0; i < batch->n_events; i++) {
        HOLDS(batch->events[i]->position > before, "position %lld behind %lld",
              (long long)batch->events[i]->position, (long long)before);
        before = batch->events[i]->position;
    }
    HOLDS(before <= batch->to, "an event behind the end");
}

void
feed_consumer(struct feed_frames *frames)
{
    static zsock_t *here, *there;
    struct pl_feed_reader *self = pl_feed_reader_new("x", "me", 0, NULL, true, 10);
    struct link *link = &self->links[0];
    const uint8_t *bytes;
    size_t length;

    if (here == NULL) {
        here = zsock_new_pair("@inproc://consumer");
        there = zsock_new_pair(">inproc://consumer");
    }
    *link = (struct link){ .address = strdup("a"), .socket = here, .opened_ms = pl_now_ms() };
    self->link_count = 1;
    while (feed_next(frames, &bytes, &length)) {
        zframe_t *frame = zframe_new(bytes, length);
        const Pl__Batch *batch = NULL;

        zframe_send(&frame, there, 0);
        HOLDS(receive(self, link, &batch), "a frame was lost");
        if (batch) {
            check(batch, self->cursor);
            pl_feed_reader_applied(self, batch->to);
        }
        while ((frame = zframe_recv_nowait(there)))
            zframe_destroy(&frame);
    }
    link->socket = NULL;
    pl_feed_reader_destroy(&self);
}
