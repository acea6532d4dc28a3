#include "transcode.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_INTEGER 9007199254740991 // 2^53 - 1: what every JSON reader can hold

void
violations_add(struct violations *self, struct pl_arena *arena, const char *pointer,
               const struct pl_node *node, const char *fmt, ...)
{
    char text[400];
    va_list args;

    if (self->count == MAX_VIOLATIONS)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    self->list[self->count++] = (struct pl_violation){
        .pointer = pointer,
        .keyword = "",
        .text = pl_arena_strdup(arena, text),
        .line = node ? node->line : 0,
        .column = node ? node->column : 0,
    };
}

ProtobufCMessage *
transcode_message(const ProtobufCMessageDescriptor *type, struct pl_arena *arena)
{
    ProtobufCMessage *message = pl_arena_alloc(arena, type->sizeof_message);

    protobuf_c_message_init(type, message);
    return message;
}

void
transcode_drop_nulls(struct pl_node *object, const ProtobufCMessageDescriptor *type)
{
    uint32_t kept = 0;

    if (!pl_node_is(object, PL_OBJECT))
        return;
    for (uint32_t i = 0; i < object->count; i++) {
        struct pl_member *member = &object->members[i];
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(type, member->key);

        if (field && pl_node_is(member->value, PL_NULL))
            continue;
        if (field && field->type == PROTOBUF_C_TYPE_MESSAGE) {
            transcode_drop_nulls(member->value, field->descriptor);
            for (uint32_t k = 0; pl_node_is(member->value, PL_ARRAY) && k < member->value->count;
                 k++)
                transcode_drop_nulls(member->value->items[k], field->descriptor);
        }
        object->members[kept++] = *member;
    }
    if (kept != object->count)
        object->index = NULL; // made again on the next look-up
    object->count = kept;
}

/* A whole number within the range that ${field} and JSON share; 1.0 and 1e3 are whole. */
static bool
read_integer(const struct pl_node *node, const ProtobufCFieldDescriptor *field, int64_t *out)
{
    bool narrow = field->type == PROTOBUF_C_TYPE_INT32 || field->type == PROTOBUF_C_TYPE_SINT32 ||
                  field->type == PROTOBUF_C_TYPE_SFIXED32;
    bool natural = field->type == PROTOBUF_C_TYPE_UINT32 || field->type == PROTOBUF_C_TYPE_UINT64 ||
                   field->type == PROTOBUF_C_TYPE_FIXED32 || field->type == PROTOBUF_C_TYPE_FIXED64;
    bool natural32 =
        field->type == PROTOBUF_C_TYPE_UINT32 || field->type == PROTOBUF_C_TYPE_FIXED32;
    int64_t max = narrow ? INT32_MAX : natural32 ? (int64_t)UINT32_MAX : LARGEST_INTEGER;
    int64_t min = natural ? 0 : narrow ? INT32_MIN : -LARGEST_INTEGER;
    double value;

    if (node->kind != PL_NUMBER)
        return false;
    if (strpbrk(node->text, ".eE") == NULL) {
        errno = 0;
        *out = strtoll(node->text, NULL, 10);
        return errno == 0 && *out >= min && *out <= max;
    }
    value = pl_node_double(node, NAN);
    if (!isfinite(value) || value != trunc(value) || value < (double)min || value > (double)max)
        return false;
    *out = (int64_t)value;
    return true;
}

static const ProtobufCEnumValue *
read_enum(const struct pl_node *node, const ProtobufCFieldDescriptor *field)
{
    return node->kind == PL_STRING
               ? protobuf_c_enum_descriptor_get_value_by_name(field->descriptor, node->text)
               : NULL;
}

static bool
set_string(void *at, const struct pl_node *value, struct pl_arena *arena)
{
    if (value->kind != PL_STRING || strlen(value->text) != value->length)
        return false;
    *(char **)at = pl_arena_memdup(arena, value->text, value->length);
    return true;
}

static void
set_raw(void *at, const struct pl_node *value, struct pl_arena *arena)
{
    struct pl_buf text = { .arena = arena };
    ProtobufCBinaryData *bytes = at;

    pl_node_write(&text, value, PL_COMPACT);
    bytes->data = (uint8_t *)text.data;
    bytes->len = text.length;
}

static bool
set_number(void *at, const ProtobufCFieldDescriptor *field, const struct pl_node *value)
{
    double real = pl_node_double(value, NAN);

    if (value->kind != PL_NUMBER || !isfinite(real))
        return false;
    if (field->type == PROTOBUF_C_TYPE_FLOAT)
        *(float *)at = (float)real;
    else
        *(double *)at = real;
    return true;
}

static bool
set_integer(void *at, const ProtobufCFieldDescriptor *field, const struct pl_node *value,
            size_t size)
{
    int64_t number;
    int32_t small;

    if (!read_integer(value, field, &number))
        return false;
    small = (int32_t)number;
    if (size == sizeof number)
        memcpy(at, &number, sizeof number);
    else
        memcpy(at, &small, sizeof small);
    return true;
}

static size_t
size_of(ProtobufCType type)
{
    static const size_t SIZES[] = {
        [PROTOBUF_C_TYPE_INT32] = 4,
        [PROTOBUF_C_TYPE_SINT32] = 4,
        [PROTOBUF_C_TYPE_SFIXED32] = 4,
        [PROTOBUF_C_TYPE_INT64] = 8,
        [PROTOBUF_C_TYPE_SINT64] = 8,
        [PROTOBUF_C_TYPE_SFIXED64] = 8,
        [PROTOBUF_C_TYPE_UINT32] = 4,
        [PROTOBUF_C_TYPE_FIXED32] = 4,
        [PROTOBUF_C_TYPE_UINT64] = 8,
        [PROTOBUF_C_TYPE_FIXED64] = 8,
        [PROTOBUF_C_TYPE_FLOAT] = 4,
        [PROTOBUF_C_TYPE_DOUBLE] = 8,
        [PROTOBUF_C_TYPE_BOOL] = sizeof(protobuf_c_boolean),
        [PROTOBUF_C_TYPE_ENUM] = sizeof(int),
        [PROTOBUF_C_TYPE_STRING] = sizeof(char *),
        [PROTOBUF_C_TYPE_BYTES] = sizeof(ProtobufCBinaryData),
        [PROTOBUF_C_TYPE_MESSAGE] = sizeof(void *),
    };

    return SIZES[type];
}

static bool
set_message(void *at, const ProtobufCFieldDescriptor *field, const struct pl_node *value,
            const char *pointer, struct violations *bad, struct pl_arena *arena)
{
    ProtobufCMessage *message;

    if (value->kind != PL_OBJECT)
        return false;
    message = transcode_message(field->descriptor, arena);
    *(ProtobufCMessage **)at = message;
    transcode_object(message, value, pointer, bad, arena);
    return true;
}

/* One value into the memory of a field or of one item of it. */
static bool
set_value(void *at, const ProtobufCFieldDescriptor *field, const struct pl_node *value,
          const char *pointer, struct violations *bad, struct pl_arena *arena)
{
    const ProtobufCEnumValue *word;

    // NOLINTNEXTLINE: the types of protobuf are what this is about
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return set_string(at, value, arena);
    case PROTOBUF_C_TYPE_BYTES:
        set_raw(at, value, arena);
        return true;
    case PROTOBUF_C_TYPE_MESSAGE:
        return set_message(at, field, value, pointer, bad, arena);
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)at = value->truth;
        return value->kind == PL_BOOL;
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return set_number(at, field, value);
    case PROTOBUF_C_TYPE_ENUM:
        word = read_enum(value, field);
        *(int *)at = word ? word->value : 0;
        return word != NULL;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return set_integer(at, field, value, size_of(field->type));
    }
    return false;
}

static const char *
expectation(const ProtobufCFieldDescriptor *field)
{
    static const char *const WORDS[] = {
        [PROTOBUF_C_TYPE_FLOAT] = "a number",
        [PROTOBUF_C_TYPE_DOUBLE] = "a number",
        [PROTOBUF_C_TYPE_BOOL] = "true or false",
        [PROTOBUF_C_TYPE_ENUM] = "one of its words",
        [PROTOBUF_C_TYPE_STRING] = "a string without U+0000",
        [PROTOBUF_C_TYPE_BYTES] = "JSON",
        [PROTOBUF_C_TYPE_MESSAGE] = "an object",
    };
    const char *words =
        (size_t)field->type < sizeof WORDS / sizeof *WORDS ? WORDS[field->type] : NULL;

    return words ? words : "a whole number within 2^53 - 1";
}

static void
set_list(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
         const struct pl_node *value, const char *pointer, struct violations *bad,
         struct pl_arena *arena)
{
    size_t size = size_of(field->type);
    char *items = pl_arena_alloc(arena, (value->count + 1) * size);

    for (uint32_t i = 0; i < value->count; i++) {
        const char *at = pl_pointer_add_index(arena, pointer, i);

        if (!set_value(items + i * size, field, value->items[i], at, bad, arena))
            violations_add(bad, arena, at, value->items[i], "must be %s", expectation(field));
    }
    *(void **)((char *)message + field->offset) = items;
    *(size_t *)((char *)message + field->quantifier_offset) = value->count;
}

void
transcode_set(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
              const struct pl_node *value, const char *pointer, struct violations *bad,
              struct pl_arena *arena)
{
    bool has_flag = field->label == PROTOBUF_C_LABEL_OPTIONAL &&
                    field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE;

    if (value == NULL || value->kind == PL_NULL)
        return;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        if (value->kind == PL_ARRAY)
            set_list(message, field, value, pointer, bad, arena);
        else
            violations_add(bad, arena, pointer, value, "must be a list");
        return;
    }
    if (!set_value((char *)message + field->offset, field, value, pointer, bad, arena)) {
        violations_add(bad, arena, pointer, value, "must be %s", expectation(field));
        return;
    }
    if (has_flag)
        *(protobuf_c_boolean *)((char *)message + field->quantifier_offset) = 1;
}

void
transcode_object(ProtobufCMessage *message, const struct pl_node *object, const char *pointer,
                 struct violations *bad, struct pl_arena *arena)
{
    if (object->kind != PL_OBJECT)
        violations_add(bad, arena, pointer, object, "must be an object");
    for (uint32_t i = 0; object->kind == PL_OBJECT && i < object->count; i++) {
        const struct pl_member *member = &object->members[i];
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(message->descriptor, member->key);

        if (field && strlen(member->key) == member->key_length)
            transcode_set(message, field, member->value,
                          pl_pointer_add(arena, pointer, member->key), bad, arena);
    }
}
