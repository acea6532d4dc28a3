/* pl_pack -- protobuf messages in and out of an arena, and the one field that travels beside.
 */
#ifndef PL_PACK_H
#define PL_PACK_H

#include "pl_arena.h"

#include "envelope.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits of the wire, in bytes (RULINGS 34, 40). */
#define PL_BODY_INLINE ((size_t)256 * 1024)       // a larger body is a frame of its own
#define PL_BODY_MOST   ((size_t)64 * 1024 * 1024) // no frame is larger
#define PL_FRAME_MOST  ((size_t)16 * 1024 * 1024) // no message without its body is larger

/* Unpack into the arena; nothing of it is freed on its own.  NULL if the bytes are not one. */
void *pl_unpack(const ProtobufCMessageDescriptor *type, ProtobufCBinaryData bytes,
                struct pl_arena *arena);

/* Pack into the arena. */
ProtobufCBinaryData pl_pack(const ProtobufCMessage *message, struct pl_arena *arena);

/* Where ${message} keeps its pl.HttpBody, which may be NULL; NULL if its type has none. */
Pl__HttpBody **pl_body_of(const ProtobufCMessage *message);

/* Take the data out of a message's HttpBody if it is larger than ${limit}, so that the message
 * can be packed without it; put such data in. */
ProtobufCBinaryData pl_body_take(const ProtobufCMessage *message, size_t limit);
bool pl_body_put(const ProtobufCMessage *message, ProtobufCBinaryData data, struct pl_arena *arena);

/* What a server must know of a packed pl.Request before anybody unpacks it. */
struct pl_peek {
    uint64_t id;
    const char *operation; // not terminated; NULL if absent
    size_t operation_length;
    int64_t remaining_ms;
    bool takes_batches;
};
bool pl_peek(const void *bytes, size_t length, struct pl_peek *out);

/* Append a varint field; returns how many bytes that took, at most 20.  Of a field that appears
 * twice the last one counts, so a packed request is addressed and timed by appending. */
size_t pl_append_varint(uint8_t *out, unsigned field, uint64_t value);

#endif
