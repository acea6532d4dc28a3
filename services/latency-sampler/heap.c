#include "heap.h"

#include <stdlib.h>

struct live *
heap_first(const struct heap *self)
{
    return self->count ? self->items[0] : NULL;
}

static void
place(struct heap *self, int at, struct live *live)
{
    self->items[at] = live;
    live->heap_index = at;
}

void
heap_push(struct heap *self, struct live *live)
{
    int at = self->count;

    if (self->count == self->room) {
        int room = self->room ? self->room * 2 : 64;
        void *grown = realloc(self->items, (size_t)room * sizeof *self->items);

        if (grown == NULL)
            abort();
        self->items = grown;
        self->room = room;
    }
    self->count++;
    for (; at > 0 && self->items[(at - 1) / 2]->due_us > live->due_us; at = (at - 1) / 2)
        place(self, at, self->items[(at - 1) / 2]);
    place(self, at, live);
}

void
heap_first_later(struct heap *self)
{
    struct live *live = self->items[0];
    int at = 0;

    for (;;) {
        int child = at * 2 + 1;

        if (child + 1 < self->count && self->items[child + 1]->due_us < self->items[child]->due_us)
            child++;
        if (child >= self->count || self->items[child]->due_us >= live->due_us)
            break;
        place(self, at, self->items[child]);
        at = child;
    }
    place(self, at, live);
}

void
heap_clear(struct heap *self)
{
    for (int i = 0; i < self->count; i++)
        self->items[i]->heap_index = -1;
    free(self->items);
    *self = (struct heap){ 0 };
}
