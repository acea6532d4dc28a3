/* invoke -- a request that the contract describes: check it, make its message, ask the service,
 * and turn the reply into the answer. */
#ifndef INVOKE_H
#define INVOKE_H

#include "pl_caller.h"

#include <stdbool.h>
#include <stdint.h>

struct exchange;

/* What can be refused before the body is read: media types, a body that is not wanted, the key. */
void invoke_head(struct exchange *self);

/* Everything is here: check, transcode, call.  Afterwards the exchange is answered or pending. */
void invoke_run(struct exchange *self);

/* Parameters of the path and the query into the operation's message; violations are a 400.
 * (invoke_request.c) */
ProtobufCMessage *invoke_request(struct exchange *self);

/* The reply as the answer.  (invoke_reply.c) */
void invoke_reply(struct exchange *self, const struct pl_answer *answer);

/* What a reply says about the HTTP answer beyond its body. */
void invoke_meta(struct exchange *self, const Pl__HttpMeta *meta);

/* A pl.HttpBody as the answer; data that came as a frame of its own is in ${data}. */
void invoke_body(struct exchange *self, int status, const Pl__HttpBody *body,
                 ProtobufCBinaryData data);

/* Fill in what every call of this exchange has in common. */
struct pl_outcall invoke_call(struct exchange *self, const char *service, const char *operation,
                              const ProtobufCMessage *request, int64_t timeout_ms);

#endif
