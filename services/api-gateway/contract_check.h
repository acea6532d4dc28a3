/* contract_check -- do the contract and the protobuf messages say the same? (RULINGS 47)
 *
 * Names, types and completeness, both ways: what the contract lets in has a field to go to, each
 * field of a request can be reached, each field of a reply is described.
 */
#ifndef CONTRACT_CHECK_H
#define CONTRACT_CHECK_H

#include "contract.h"

/* The messages of ${service}'s rpc for ${operation_id}, and its Call's name; a problem, and
 * false, if there is none. */
bool contract_find_call(struct contract *self, struct operation *operation);

/* The one field of ${message} that is a pl.HttpBody, or NULL. */
const ProtobufCFieldDescriptor *contract_http_body(const ProtobufCMessageDescriptor *message);

/* Compare the parameters and the JSON body schema (NULL: none) with the request message. */
void contract_check_request(struct contract *self, const struct operation *operation,
                            struct pl_node *body);

/* Compare the schema of the JSON answer with the reply message or its unwrapped field. */
void contract_check_reply(struct contract *self, const struct operation *operation);

#endif
