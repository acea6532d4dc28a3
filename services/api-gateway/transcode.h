/* transcode -- JSON to protobuf and back, by descriptor (RULINGS 47).
 *
 * Field names are the JSON names.  A `bytes` field is free-form JSON: on the way in it gets the
 * value's compact text with numbers and order as they were written, on the way out its text is
 * spliced in as it is.  Integers are those that every JSON reader has: within 2^53 - 1.
 */
#ifndef TRANSCODE_H
#define TRANSCODE_H

#include "pl_node.h"
#include "pl_schema.h"

#include <protobuf-c/protobuf-c.h>

/* Where what cannot be converted is reported; at most MAX_VIOLATIONS are kept. */
#define MAX_VIOLATIONS 50
struct violations {
    struct pl_violation list[MAX_VIOLATIONS];
    int count;
};

void violations_add(struct violations *self, struct pl_arena *arena, const char *pointer,
                    const struct pl_node *node, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* An empty message of that type, in the arena. */
ProtobufCMessage *transcode_message(const ProtobufCMessageDescriptor *type, struct pl_arena *arena);

/* Drop the members of ${object} that are null and belong to fields of ${type}: absent and null
 * are the same (except in PATCH).  Free-form JSON is left alone. */
void transcode_drop_nulls(struct pl_node *object, const ProtobufCMessageDescriptor *type);

/* Set the field from ${value}, whose place is ${pointer}.  Null sets nothing. */
void transcode_set(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                   const struct pl_node *value, const char *pointer, struct violations *bad,
                   struct pl_arena *arena);

/* Set each field that ${object} has a member for. */
void transcode_object(ProtobufCMessage *message, const struct pl_node *object, const char *pointer,
                      struct violations *bad, struct pl_arena *arena);

/* Append ${message} as a JSON object: absent fields are left out, lists are always there.
 * INTERNAL if it holds what JSON cannot say. */
int transcode_write(struct pl_buf *out, const ProtobufCMessage *message, struct pl_err *err);

/* Append one field's value alone (x-unwrap); INTERNAL if it is absent. */
int transcode_write_field(struct pl_buf *out, const ProtobufCMessage *message,
                          const ProtobufCFieldDescriptor *field, struct pl_err *err);

#endif
