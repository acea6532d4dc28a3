/* witness_request -- the request or the status that shows what breaks. */
#ifndef CMP_WITNESS_REQUEST_H
#define CMP_WITNESS_REQUEST_H

#include "compare.h"

/* Fill in the witness of a finding about ${base}, an operation of the base document (NULL: there
 * is none), if its rule is about requests; without one `reason` says why. */
void cmp_request_witness(struct cmp *self, const struct cmp_found *found,
                         const struct cmp_operation *base, struct pl_witness *out);

#endif
