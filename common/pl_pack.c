#include "pl_pack.h"

#include <string.h>

static void *
take(void *arena, size_t size)
{
    return pl_arena_alloc(arena, size);
}

static void
keep(void *arena, void *bytes)
{
    (void)arena;
    (void)bytes;
}

void *
pl_unpack(const ProtobufCMessageDescriptor *type, ProtobufCBinaryData bytes, struct pl_arena *arena)
{
    ProtobufCAllocator allocator = { take, keep, arena };

    return protobuf_c_message_unpack(type, &allocator, bytes.len, bytes.data);
}

ProtobufCBinaryData
pl_pack(const ProtobufCMessage *message, struct pl_arena *arena)
{
    ProtobufCBinaryData out = { .len = protobuf_c_message_get_packed_size(message) };

    out.data = pl_arena_alloc(arena, out.len + 1);
    protobuf_c_message_pack(message, out.data);
    return out;
}

Pl__HttpBody **
pl_body_of(const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;

    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];

        if (field->type == PROTOBUF_C_TYPE_MESSAGE && field->label != PROTOBUF_C_LABEL_REPEATED &&
            field->descriptor == &pl__http_body__descriptor)
            return (Pl__HttpBody **)((char *)message + field->offset);
    }
    return NULL;
}

ProtobufCBinaryData
pl_body_take(const ProtobufCMessage *message, size_t limit)
{
    Pl__HttpBody **body = pl_body_of(message);
    ProtobufCBinaryData data = { 0, NULL };

    if (body && *body && (*body)->has_data && (*body)->data.len > limit) {
        data = (*body)->data;
        (*body)->has_data = 0;
    }
    return data;
}

bool
pl_body_put(const ProtobufCMessage *message, ProtobufCBinaryData data, struct pl_arena *arena)
{
    Pl__HttpBody **body = pl_body_of(message);

    if (body == NULL)
        return false;
    if (*body == NULL) {
        *body = pl_arena_alloc(arena, sizeof **body);
        pl__http_body__init(*body);
    }
    (*body)->has_data = 1;
    (*body)->data = data;
    return true;
}

// --- the wire format, as far as we read it ourselves -------------------------------------

static bool
read_varint(const uint8_t **at, const uint8_t *end, uint64_t *out)
{
    *out = 0;
    for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
        uint8_t byte = *(*at)++;

        *out |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

/* Step over one field's value; of a length-delimited one, say where it is. */
static bool
read_value(const uint8_t **at, const uint8_t *end, unsigned wire_type, uint64_t *number,
           const uint8_t **bytes)
{
    size_t skip = 0;

    if (wire_type == 0)
        return read_varint(at, end, number);
    if (wire_type == 2) {
        if (!read_varint(at, end, number) || *number > (uint64_t)(end - *at))
            return false;
        *bytes = *at;
        skip = (size_t)*number;
    } else if (wire_type == 1 || wire_type == 5) {
        skip = wire_type == 1 ? 8 : 4;
    } else {
        return false;
    }
    if ((size_t)(end - *at) < skip)
        return false;
    *at += skip;
    return true;
}

bool
pl_peek(const void *data, size_t length, struct pl_peek *out)
{
    const uint8_t *at = data, *end = at + length;

    memset(out, 0, sizeof *out);
    while (at < end) {
        const uint8_t *bytes = NULL;
        uint64_t key, number = 0;

        if (!read_varint(&at, end, &key) ||
            !read_value(&at, end, (unsigned)(key & 7), &number, &bytes))
            return false;
        if (key == (1 << 3)) {
            out->id = number;
        } else if (key == (2 << 3 | 2)) {
            out->operation = (const char *)bytes;
            out->operation_length = (size_t)number;
        } else if (key == (7 << 3)) {
            out->remaining_ms = (int64_t)number;
        } else if (key == (14 << 3)) {
            out->takes_batches = number != 0;
        }
    }
    return true;
}

size_t
pl_append_varint(uint8_t *out, unsigned field, uint64_t value)
{
    uint64_t parts[2] = { (uint64_t)field << 3, value };
    size_t used = 0;

    for (int i = 0; i < 2; i++) {
        for (; parts[i] >= 0x80; parts[i] >>= 7)
            out[used++] = (uint8_t)(parts[i] | 0x80);
        out[used++] = (uint8_t)parts[i];
    }
    return used;
}
