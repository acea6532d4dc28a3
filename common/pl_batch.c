#include "pl_batch.h"

#include <stdlib.h>

#define FRAME_MOST    (64u * 1024)
#define ENVELOPE_MOST (16u * 1024)
#define KEY           (15 << 3 | 2)
#define HEAD          4 // the key and the length, always in three bytes

bool
pl_batch_fits(const struct pl_batch *self, size_t length)
{
    return self->count < PL_BATCH_MOST && length <= ENVELOPE_MOST &&
           self->length + HEAD + length <= FRAME_MOST;
}

uint8_t *
pl_batch_add(struct pl_batch *self, size_t length)
{
    uint8_t *at;

    if (self->length + HEAD + length > self->room) {
        self->room = 2 * (self->length + HEAD + length);
        self->data = realloc(self->data, self->room);
        if (self->data == NULL)
            abort();
    }
    at = self->data + self->length;
    at[0] = KEY;
    at[1] = (uint8_t)(length | 0x80);
    at[2] = (uint8_t)(length >> 7 | 0x80);
    at[3] = (uint8_t)(length >> 14);
    self->length += HEAD + length;
    self->count++;
    return at + HEAD;
}

ProtobufCBinaryData
pl_batch_frame(const struct pl_batch *self)
{
    size_t skip = self->count == 1 ? HEAD : 0;

    return (ProtobufCBinaryData){ self->length - skip, self->data + skip };
}

void
pl_batch_clear(struct pl_batch *self)
{
    self->length = 0;
    self->count = 0;
}

void
pl_batch_free(struct pl_batch *self)
{
    free(self->data);
    *self = (struct pl_batch){ 0 };
}

bool
pl_batch_is(ProtobufCBinaryData frame)
{
    return frame.len > 0 && frame.data[0] == KEY;
}

bool
pl_batch_next(ProtobufCBinaryData *rest, ProtobufCBinaryData *envelope)
{
    const uint8_t *at = rest->data;
    size_t length;

    if (rest->len < HEAD || at[0] != KEY || !(at[1] & 0x80) || !(at[2] & 0x80) || at[3] & 0x80)
        return false;
    length = (at[1] & 0x7fu) | (at[2] & 0x7fu) << 7 | (size_t)at[3] << 14;
    if (length > rest->len - HEAD)
        return false;
    *envelope = (ProtobufCBinaryData){ length, rest->data + HEAD };
    rest->data += HEAD + length;
    rest->len -= HEAD + length;
    return true;
}
