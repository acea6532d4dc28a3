/* push -- one push: what `plumb push` and `plumb replay` share. */
#ifndef PUSH_H
#define PUSH_H

#include "plumb.h"

struct push {
    const char *file;               // "-" is standard input; NULL for a placeholder
    const char *api, *sha, *branch; // branch NULL: the api's default
    const char *version, *committed_at, *placeholder;
    bool breaking_ack;
};

/* Send it (with retries: the same push is the same run) and give the run back.  0, or
 * EXIT_TROUBLE after saying why on standard error. */
int push_send(const struct push *push, struct pl_arena *arena, struct pl_node **run);

#endif
