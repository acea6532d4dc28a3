/* pl_batch -- several packed envelopes of Calls in one frame of the bus.
 *
 * A frame is one pl.Request or pl.Reply, or, for a peer that has said `takes_batches`, a row of
 * fields 15, each with such an envelope.  What is ready in the same turn of an event loop travels
 * together, and nothing waits for company: a thread is woken, and CURVE encrypts, once for all.
 * An envelope with a body behind it, or a large one, travels alone.
 */
#ifndef PL_BATCH_H
#define PL_BATCH_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PL_BATCH_MOST 64 // envelopes in one frame

/* A frame being made; zero is empty. */
struct pl_batch {
    uint8_t *data;
    size_t length, room;
    int count;
};

/* Is there room for one more envelope of ${length} bytes?  Never for a large one. */
bool pl_batch_fits(const struct pl_batch *self, size_t length);

/* Where to write one more envelope that fits. */
uint8_t *pl_batch_add(struct pl_batch *self, size_t length);

/* What to send: a single envelope bare, as everybody understands it. */
ProtobufCBinaryData pl_batch_frame(const struct pl_batch *self);

/* Empty it and keep the memory; free the memory. */
void pl_batch_clear(struct pl_batch *self);
void pl_batch_free(struct pl_batch *self);

/* Does this frame hold several envelopes? */
bool pl_batch_is(ProtobufCBinaryData frame);

/* Take the next envelope from what is left of such a frame; false at its end, where *rest is
 * empty, and where it is damaged. */
bool pl_batch_next(ProtobufCBinaryData *rest, ProtobufCBinaryData *envelope);

#endif
