/* pl_callers -- who has asked here, by routing id, to be told when the server goes away. */
#ifndef PL_CALLERS_H
#define PL_CALLERS_H

#include <stdbool.h>
#include <stdint.h>
#include <zmq.h>

#define PL_CALLERS_SLOTS 4096

/* { 0 } is empty.  When it is half full it starts afresh: a caller that is not told only
 * notices a little later. */
struct pl_callers {
    uint32_t ids[PL_CALLERS_SLOTS]; // a hash table; 0 is a free slot
    int count;
};

/* Remember one; ids that libzmq did not make up itself are left out. */
void pl_callers_add(struct pl_callers *self, const zmq_msg_t *identity);

/* Go through them: *at starts at 0.  The caller closes ${identity}.  False at the end. */
bool pl_callers_next(const struct pl_callers *self, int *at, zmq_msg_t *identity);

#endif
