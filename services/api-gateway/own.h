/* own -- the operations of the contract that the gateway answers by itself (`x-service: api-gateway`).
 *
 * They come checked like any other; a row of the table in dispatch.c is the function that answers. */
#ifndef OWN_H
#define OWN_H

#include <protobuf-c/protobuf-c.h>

struct exchange;

/* Answer by a reply message, or a problem, or become pending and do so later. */
typedef void own_fn(struct exchange *exchange, const ProtobufCMessage *request);

/* Run the function of the exchange's operation. */
void own_run(struct exchange *exchange, const ProtobufCMessage *request);

/* Answer with the operation's reply. */
void own_reply(struct exchange *exchange, const ProtobufCMessage *reply);

/* The functions (limiter_admin.c). */
own_fn own_list_limits, own_get_limit, own_delete_limit;

#endif
