#include "pl_trace.h"

static _Thread_local const char *parent_now, *state_now;

void
pl_trace_set(const char *parent, const char *state)
{
    parent_now = parent;
    state_now = state;
}

const char *
pl_trace_parent(void)
{
    return parent_now ? parent_now : "";
}

const char *
pl_trace_state(void)
{
    return state_now ? state_now : "";
}
