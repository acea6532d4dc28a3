/* Asking and waiting, for code that blocks; and what is known about the instances. */
#include "pl_caller_impl.h"

#include "pl_pack.h"
#include "pl_service.h"

#include <poll.h>

/* Where the answer goes. */
struct asking {
    const ProtobufCMessageDescriptor *type;
    struct pl_arena *arena;
    struct pl_err *err;
    void *reply;
    bool done;
};

static void
unpack_answer(struct asking *asking, const struct pl_answer *answer)
{
    ProtobufCBinaryData body = answer->body;

    asking->reply = pl_unpack(asking->type, answer->message, asking->arena);
    if (asking->reply == NULL) {
        pl_fail(asking->err, INTERNAL, "the answer of another service cannot be read");
        return;
    }
    if (body.data == NULL)
        return;
    body.data = (uint8_t *)pl_arena_memdup(asking->arena, body.data, body.len);
    if (!pl_body_put(asking->reply, body, asking->arena))
        pl_fail(asking->err, INTERNAL, "the answer of another service has a body too many");
}

static void
take_answer(void *arg, const struct pl_answer *answer)
{
    struct asking *asking = arg;

    asking->done = true;
    if (answer->code == PL_OK)
        unpack_answer(asking, answer);
    else
        pl_err_raise(asking->err, answer->code, __FILE__, __LINE__, "%s",
                     answer->text ? answer->text : "");
}

int
pl_caller_wait(struct pl_caller *self, const struct pl_outcall *call,
               const ProtobufCMessageDescriptor *reply_type, void **reply, struct pl_arena *arena,
               struct pl_err *err)
{
    struct asking asking = { reply_type, arena, err, NULL, false };

    *reply = NULL;
    pl_caller_start(self, call, take_answer, &asking);
    while (!asking.done) {
        struct pollfd fd = { pl_caller_fd(self), POLLIN, 0 };

        poll(&fd, 1, (int)pl_caller_timeout_ms(self));
        pl_caller_run(self);
    }
    *reply = asking.reply;
    return err->code == PL_OK ? 0 : -1;
}

int
pl_caller_ask(struct pl_caller *self, const char *service, const char *operation,
              const ProtobufCMessage *request, const ProtobufCMessageDescriptor *reply_type,
              void **reply, int64_t timeout_ms, struct pl_arena *arena, struct pl_err *err)
{
    /* Who blocks has nothing else in flight, so a big answer holds up nobody. */
    struct pl_outcall call = {
        .service = service, .operation = operation, .timeout_ms = timeout_ms, .heavy = true
    };

    call.body = pl_body_take(request, PL_BODY_INLINE);
    call.message = pl_pack(request, arena);
    if (call.body.data)
        pl_body_put(request, call.body, arena); // as it was
    return pl_caller_wait(self, &call, reply_type, reply, arena, err);
}

int
pl_caller_instances(struct pl_caller *self, struct pl_arena *arena, struct pl_instance **out)
{
    int64_t now = pl_now_ms();
    int count = 0;

    for (const struct peer *peer = self->peers; peer; peer = peer->next)
        for (const struct instance *i = peer->instances; i; i = i->next)
            count++;
    *out = pl_arena_alloc(arena, ((size_t)count + 1) * sizeof **out);
    count = 0;
    for (const struct peer *peer = self->peers; peer; peer = peer->next)
        for (const struct instance *i = peer->instances; i; i = i->next)
            (*out)[count++] =
                (struct pl_instance){ pl_arena_strdup(arena, peer->name),
                                      pl_arena_strdup(arena, i->address), pl_instance_usable(i),
                                      pl_breaker_open(i, now), i->in_flight };
    return count;
}
