/* contract_compile -- one operation of the contract: its extensions, parameters, body, answers. */
#ifndef CONTRACT_COMPILE_H
#define CONTRACT_COMPILE_H

#include "contract.h"

/* Fill in ${out} from the operation ${node} of the path item ${item}; what is wrong becomes
 * problems of the contract. */
void contract_compile(struct contract *self, struct operation *out, const char *path,
                      const char *method, struct pl_node *item, struct pl_node *node);

#endif
