/* pl_call -- the transaction and the Idempotency-Key around one handler; the dispatcher's. */
#ifndef PL_CALL_H
#define PL_CALL_H

#include "pl_service.h"

struct pl_call_state {
    const struct pl_service *service;
    const struct pl_endpoint *endpoint;
    const Pl__Request *envelope;
    ProtobufCBinaryData body; // the second frame
    bool claimed;             // the key is ours in this transaction
    bool replayed;            // the reply is an old one
    Pl__Violation **violations;
    size_t violation_count;
};

/* Run the endpoint's handler as its row says: open the transaction, claim the key, keep the
 * answer, commit; roll back whatever fails.  0 or -1 with call->err set. */
int pl_call_run(struct pl_call *call);

/* Everything of the reply's envelope except the message. */
void pl_call_fill_reply(const struct pl_call *call, Pl__Reply *reply);

#endif
