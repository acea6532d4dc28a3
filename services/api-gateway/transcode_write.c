#include "transcode.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define LARGEST_INTEGER 9007199254740991

static void
write_string(struct pl_buf *out, const char *text)
{
    const struct pl_node node = { .kind = PL_STRING, .text = text, .length = strlen(text) };

    pl_node_write(out, &node, PL_COMPACT);
}

static int
write_integer(struct pl_buf *out, int64_t value, const ProtobufCFieldDescriptor *field,
              struct pl_err *err)
{
    if (value > LARGEST_INTEGER || value < -LARGEST_INTEGER)
        return pl_fail(err, INTERNAL, "the answer's \"%s\" is too large for JSON", field->name);
    pl_buf_printf(out, "%" PRId64, value);
    return 0;
}

static int
write_real(struct pl_buf *out, double value, const ProtobufCFieldDescriptor *field,
           struct pl_err *err)
{
    if (!isfinite(value))
        return pl_fail(err, INTERNAL, "the answer's \"%s\" is no number", field->name);
    pl_node_write(out, pl_node_real(out->arena, value), PL_COMPACT);
    return 0;
}

static int
write_raw(struct pl_buf *out, const ProtobufCBinaryData *bytes)
{
    if (bytes->len)
        pl_buf_add(out, bytes->data, bytes->len);
    else
        pl_buf_str(out, "null");
    return 0;
}

static int
write_value(struct pl_buf *out, const void *at, const ProtobufCFieldDescriptor *field,
            struct pl_err *err)
{
    const ProtobufCEnumValue *word;

    // NOLINTNEXTLINE: the types of protobuf are what this is about
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        write_string(out, *(char *const *)at ? *(char *const *)at : "");
        return 0;
    case PROTOBUF_C_TYPE_BYTES:
        return write_raw(out, at);
    case PROTOBUF_C_TYPE_MESSAGE:
        return transcode_write(out, *(ProtobufCMessage *const *)at, err);
    case PROTOBUF_C_TYPE_BOOL:
        pl_buf_str(out, *(const protobuf_c_boolean *)at ? "true" : "false");
        return 0;
    case PROTOBUF_C_TYPE_FLOAT:
        return write_real(out, (double)*(const float *)at, field, err);
    case PROTOBUF_C_TYPE_DOUBLE:
        return write_real(out, *(const double *)at, field, err);
    case PROTOBUF_C_TYPE_ENUM:
        word = protobuf_c_enum_descriptor_get_value(field->descriptor, *(const int *)at);
        write_string(out, word ? word->name : "");
        return 0;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return write_integer(out, *(const int32_t *)at, field, err);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return write_integer(out, *(const uint32_t *)at, field, err);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return write_integer(out, *(const int64_t *)at, field, err);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        if (*(const uint64_t *)at > LARGEST_INTEGER)
            return write_integer(out, INT64_MAX, field, err);
        return write_integer(out, (int64_t) * (const uint64_t *)at, field, err);
    }
    return pl_fail(err, INTERNAL, "the answer's \"%s\" is of no known type", field->name);
}

static size_t
stride(ProtobufCType type)
{
    if (type == PROTOBUF_C_TYPE_STRING || type == PROTOBUF_C_TYPE_MESSAGE)
        return sizeof(void *);
    if (type == PROTOBUF_C_TYPE_BYTES)
        return sizeof(ProtobufCBinaryData);
    if (type == PROTOBUF_C_TYPE_DOUBLE || type == PROTOBUF_C_TYPE_INT64 ||
        type == PROTOBUF_C_TYPE_SINT64 || type == PROTOBUF_C_TYPE_SFIXED64 ||
        type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64)
        return 8;
    return 4; // booleans and enums are ints in protobuf-c
}

static int
write_list(struct pl_buf *out, const ProtobufCMessage *message,
           const ProtobufCFieldDescriptor *field, struct pl_err *err)
{
    const char *items = *(char *const *)((const char *)message + field->offset);
    size_t count = *(const size_t *)((const char *)message + field->quantifier_offset);

    pl_buf_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            pl_buf_char(out, ',');
        if (write_value(out, items + i * stride(field->type), field, err))
            return -1;
    }
    pl_buf_char(out, ']');
    return 0;
}

static bool
is_present(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const char *at = (const char *)message + field->offset;

    if (field->label != PROTOBUF_C_LABEL_OPTIONAL)
        return true;
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(void *const *)at != NULL;
    return *(const protobuf_c_boolean *)((const char *)message + field->quantifier_offset);
}

static int
write_present(struct pl_buf *out, const ProtobufCMessage *message,
              const ProtobufCFieldDescriptor *field, struct pl_err *err)
{
    return field->label == PROTOBUF_C_LABEL_REPEATED
               ? write_list(out, message, field, err)
               : write_value(out, (const char *)message + field->offset, field, err);
}

int
transcode_write_field(struct pl_buf *out, const ProtobufCMessage *message,
                      const ProtobufCFieldDescriptor *field, struct pl_err *err)
{
    if (!is_present(message, field))
        return pl_fail(err, INTERNAL, "the answer's \"%s\" is missing", field->name);
    return write_present(out, message, field, err);
}

int
transcode_write(struct pl_buf *out, const ProtobufCMessage *message, struct pl_err *err)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    bool first = true;

    pl_buf_char(out, '{');
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];

        if (!is_present(message, field))
            continue;
        if (!first)
            pl_buf_char(out, ',');
        first = false;
        write_string(out, field->name);
        pl_buf_char(out, ':');
        if (write_present(out, message, field, err))
            return -1;
    }
    pl_buf_char(out, '}');
    return 0;
}
