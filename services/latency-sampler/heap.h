/* heap -- targets by when they are due next.
 */
#ifndef HEAP_H
#define HEAP_H

#include "live.h"

struct heap {
    struct live **items;
    int count, room;
};

struct live *heap_first(const struct heap *self); // NULL if it is empty
void heap_push(struct heap *self, struct live *live);

/* The first one's due_us has grown. */
void heap_first_later(struct heap *self);

/* Take all out. */
void heap_clear(struct heap *self);

#endif
