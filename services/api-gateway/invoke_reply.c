#include "contract.h"
#include "exchange.h"
#include "invoke.h"
#include "problem.h"
#include "transcode.h"

#include "pl_log.h"
#include "pl_pack.h"

#include <string.h>

static const char *
copy(struct exchange *self, const char *text)
{
    return text && *text ? pl_arena_strdup(self->arena, text) : NULL;
}

void
invoke_meta(struct exchange *self, const Pl__HttpMeta *meta)
{
    struct answer *answer = &self->answer;

    if (meta == NULL)
        return;
    answer->etag = copy(self, meta->etag);
    answer->last_modified = copy(self, meta->last_modified);
    answer->cache_control = copy(self, meta->cache_control);
    answer->cross_origin = meta->cross_origin;
    answer_header(self, "Location", copy(self, meta->location));
    for (size_t i = 0; i + 1 < meta->n_headers; i += 2)
        answer_header(self, copy(self, meta->headers[i]), copy(self, meta->headers[i + 1]));
}

void
invoke_body(struct exchange *self, int status, const Pl__HttpBody *body, ProtobufCBinaryData data)
{
    const char *type = copy(self, body->content_type);

    if (data.len == 0)
        data = body->data;
    type = type ? type : "application/octet-stream";
    answer_bytes(self, status, type,
                 pl_arena_memdup(self->arena, data.data ? (const char *)data.data : "", data.len),
                 data.len);
    self->answer.encoding = copy(self, body->content_encoding);
    self->answer.page = strncmp(type, "text/html", 9) == 0;
}

static int
write_json(struct exchange *self, int status, const ProtobufCMessage *message, struct pl_err *err)
{
    const struct operation *op = self->operation;
    struct pl_buf out = { .arena = self->arena };
    int failed = op->unwrap ? transcode_write_field(&out, message, op->unwrap, err)
                            : transcode_write(&out, message, err);

    if (failed)
        return -1;
    answer_bytes(self, status, "application/json", out.data, out.length);
    return 0;
}

static int
write_answer(struct exchange *self, int status, const struct pl_answer *answer, struct pl_err *err)
{
    const struct operation *op = self->operation;
    ProtobufCMessage *message = pl_unpack(op->reply, answer->message, self->arena);
    Pl__HttpBody **body = message ? pl_body_of(message) : NULL;

    if (message == NULL)
        return pl_fail(err, INTERNAL, "the answer of %s cannot be read", op->service);
    if (op->reply_types == NULL || status == 204) {
        answer_empty(self, status);
        return 0;
    }
    if (op->reply_field == NULL)
        return write_json(self, status, message, err);
    if (body == NULL || *body == NULL)
        return pl_fail(err, INTERNAL, "the answer of %s has no body", op->service);
    invoke_body(self, status, *body, answer->body);
    return 0;
}

void
invoke_reply(struct exchange *self, const struct pl_answer *answer)
{
    const Pl__HttpMeta *meta = answer->reply ? answer->reply->http : NULL;
    int status = meta && meta->has_status && meta->status ? meta->status : self->operation->status;
    struct pl_err err = { 0 };

    if (answer->code != PL_OK) {
        if (answer->code == PL_UNAUTHENTICATED)
            answer_header(self, "WWW-Authenticate", "Bearer realm=\"plumbline\"");
        problem_reply(self, answer->code, answer->text, answer->reply);
        return;
    }
    if (write_answer(self, status, answer, &err)) {
        pl_error("reply.unusable", PL_S("call", self->operation->call), PL_ERR(&err));
        problem(self, PL_INTERNAL, "%s", err.text);
        return;
    }
    invoke_meta(self, meta);
    if (answer->reply && answer->reply->replayed)
        answer_header(self, "Idempotency-Replayed", "true");
}
