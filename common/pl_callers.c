#include "pl_callers.h"

#include <stdlib.h>
#include <string.h>

#define ID_SIZE 5 // a zero byte, then 32 bits

static uint32_t
home(uint32_t id)
{
    return id * 2654435761u % PL_CALLERS_SLOTS;
}

void
pl_callers_add(struct pl_callers *self, const zmq_msg_t *identity)
{
    const char *bytes = zmq_msg_data((zmq_msg_t *)identity);
    uint32_t id, at;

    if (zmq_msg_size(identity) != ID_SIZE || *bytes != 0)
        return;
    memcpy(&id, bytes + 1, sizeof id);
    if (id == 0)
        return;
    for (at = home(id); self->ids[at]; at = (at + 1) % PL_CALLERS_SLOTS)
        if (self->ids[at] == id)
            return;
    if (self->count >= PL_CALLERS_SLOTS / 2) {
        memset(self, 0, sizeof *self);
        at = home(id);
    }
    self->ids[at] = id;
    self->count++;
}

bool
pl_callers_next(const struct pl_callers *self, int *at, zmq_msg_t *identity)
{
    while (*at < PL_CALLERS_SLOTS && self->ids[*at] == 0)
        ++*at;
    if (*at == PL_CALLERS_SLOTS)
        return false;
    if (zmq_msg_init_size(identity, ID_SIZE))
        abort();
    memset(zmq_msg_data(identity), 0, 1);
    memcpy((char *)zmq_msg_data(identity) + 1, &self->ids[*at], sizeof *self->ids);
    ++*at;
    return true;
}
