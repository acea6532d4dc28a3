#include "own.h"

#include "contract.h"
#include "exchange.h"
#include "invoke.h"
#include "problem.h"

#include "pl_pack.h"

#include <string.h>

#define PL_CALL_HERE(call, run) \
    {                           \
        call, run               \
    }

static const struct {
    const char *call;
    own_fn *run;
} TABLE[] = {
    PL_CALL_HERE("gateway.ListLimits", own_list_limits),
    PL_CALL_HERE("gateway.GetLimit", own_get_limit),
    PL_CALL_HERE("gateway.DeleteLimit", own_delete_limit),
};

void
own_run(struct exchange *exchange, const ProtobufCMessage *request)
{
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
        if (strcmp(TABLE[i].call, exchange->operation->call) == 0) {
            TABLE[i].run(exchange, request);
            return;
        }
    problem(exchange, PL_INTERNAL, "nobody answers %s", exchange->operation->id);
}

void
own_reply(struct exchange *exchange, const ProtobufCMessage *reply)
{
    const struct pl_answer answer = { .code = PL_OK, .message = pl_pack(reply, exchange->arena) };

    invoke_reply(exchange, &answer);
}
