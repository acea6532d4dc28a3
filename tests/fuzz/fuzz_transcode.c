/* JSON to protobuf and back, by descriptor: the first byte chooses the message, the rest is its
 * JSON, or, for an odd choice of direction, its packed bytes. */
#include "fuzz.h"

#include "transcode.h"

#include "pl_pack.h"

#include "auth.pb-c.h"
#include "events.pb-c.h"
#include "governance.pb-c.h"
#include "notifier.pb-c.h"
#include "publisher.pb-c.h"

#include <string.h>

static const ProtobufCMessageDescriptor *const TYPES[] = {
    &governance__put_api_request__descriptor,
    &governance__run__descriptor,
    &governance__list_findings_reply__descriptor,
    &governance__get_run_record_reply__descriptor,
    &notifier__create_endpoint_request__descriptor,
    &notifier__get_delivery_reply__descriptor,
    &notifier__update_endpoint_request__descriptor,
    &auth__create_token_request__descriptor,
    &auth__list_tokens_reply__descriptor,
    &publisher__list_artifacts_reply__descriptor,
    &events__notice__descriptor,
    &events__run_completed__descriptor,
};

static struct pl_buf
write(const ProtobufCMessage *message, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };
    struct pl_err err = { 0 };

    HOLDS(transcode_write(&out, message, &err) == 0, "cannot be written: %s", err.text);
    return out;
}

static bool
equal(const struct pl_buf *a, const struct pl_buf *b)
{
    return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

/* What was taken in comes out the same: over the wire, and through JSON once more. */
static void
from_json(const ProtobufCMessageDescriptor *type, const char *text, size_t length,
          struct pl_arena *arena)
{
    static const struct pl_limits LIMITS = { .nodes = 20000 };
    struct pl_err err = { 0 };
    struct pl_node *body = pl_json_parse(arena, text, length, &LIMITS, &err);
    ProtobufCMessage *message = transcode_message(type, arena), *again;
    struct violations bad = { 0 };
    struct pl_buf once, twice;

    if (!pl_node_is(body, PL_OBJECT))
        return;
    transcode_drop_nulls(body, type);
    transcode_object(message, body, "", &bad, arena);
    for (int i = 0; i < bad.count; i++)
        HOLDS(bad.list[i].pointer && bad.list[i].text && *bad.list[i].text, "says nothing");
    if (bad.count)
        return;
    once = write(message, arena);
    again = pl_unpack(type, pl_pack(message, arena), arena);
    HOLDS(again, "what was packed cannot be unpacked");
    twice = write(again, arena);
    HOLDS(equal(&once, &twice), "the wire changed it");
    body = pl_json_parse(arena, pl_buf_text(&once), once.length, NULL, &err);
    HOLDS(body, "what was written is no JSON: %s", err.text);
    again = transcode_message(type, arena);
    transcode_object(again, body, "", &bad, arena);
    twice = write(again, arena);
    HOLDS(bad.count == 0 && equal(&once, &twice), "read again, it differs");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_arena *arena = pl_arena_new();
    size_t count = sizeof TYPES / sizeof *TYPES;
    const ProtobufCMessageDescriptor *type = size ? TYPES[data[0] / 2 % count] : NULL;

    if (type && data[0] % 2 == 0) {
        from_json(type, (const char *)data + 1, size - 1, arena);
    } else if (type) {
        ProtobufCBinaryData bytes = { size - 1, (uint8_t *)(uintptr_t)(data + 1) };
        ProtobufCMessage *message = pl_unpack(type, bytes, arena);
        struct pl_buf out = { .arena = arena };
        struct pl_err err = { 0 };

        if (message && transcode_write(&out, message, &err))
            HOLDS(*err.text, "refused without a reason");
    }
    pl_arena_destroy(&arena);
    return 0;
}
