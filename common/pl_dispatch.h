/* pl_dispatch -- a service as a function from bytes to bytes.
 *
 * Reads a packed pl.Request, finds the endpoint's row, opens what the row says, runs the
 * handler and packs the pl.Reply.  No socket is in sight; pl_server is the loop around it.
 */
#ifndef PL_DISPATCH_H
#define PL_DISPATCH_H

#include "pl_service.h"

/* What one worker thread owns. */
struct pl_worker {
    const struct pl_service *service;
    void *self;
    struct pl_pg *db; // NULL in a service without a schema
    struct pl_caller *peers;
    struct pl_arena *arena; // everything in a reply lives here
};

struct pl_request_frames {
    ProtobufCBinaryData envelope; // pl.Request
    ProtobufCBinaryData body;     // the second frame; data NULL if there was none
    const char *caller;           // who sent it, or ""
    int64_t arrived;              // pl_now_ms()
};

struct pl_reply_frames {
    ProtobufCBinaryData envelope; // pl.Reply
    ProtobufCBinaryData body;     // the second frame; data NULL for none
    enum pl_code code;
};

/* Serve one request.  Whatever it is, there is a reply. */
void pl_dispatch(struct pl_worker *worker, const struct pl_request_frames *in,
                 struct pl_reply_frames *out);

/* The row of an operation; NULL if the service has none. */
const struct pl_endpoint *pl_dispatch_find(const struct pl_service *service, const char *operation,
                                           size_t length);

/* Does any row say heavy? */
bool pl_dispatch_has_heavy(const struct pl_service *service);

/* A reply that refuses a request before any handler saw it. */
ProtobufCBinaryData pl_dispatch_refusal(uint64_t id, enum pl_code code, const char *text,
                                        bool not_run, struct pl_arena *arena);

#endif
