/* The heap of due times: which call the clock has to look at next. */
#include "pl_caller_impl.h"

#include <stdlib.h>

static void
place(struct pl_caller *self, struct outgoing *call, size_t at)
{
    self->heap[at] = call;
    call->heap_at = at;
}

static void
rise(struct pl_caller *self, struct outgoing *call, size_t at)
{
    for (; at > 1 && self->heap[at / 2]->due > call->due; at /= 2)
        place(self, self->heap[at / 2], at);
    place(self, call, at);
}

static void
sink(struct pl_caller *self, struct outgoing *call, size_t at)
{
    for (;;) {
        size_t child = at * 2;

        if (child > self->heap_count)
            break;
        if (child < self->heap_count && self->heap[child + 1]->due < self->heap[child]->due)
            child++;
        if (self->heap[child]->due >= call->due)
            break;
        place(self, self->heap[child], at);
        at = child;
    }
    place(self, call, at);
}

void
pl_due_remove(struct pl_caller *self, struct outgoing *call)
{
    size_t at = call->heap_at;
    struct outgoing *last;

    if (at == 0)
        return;
    call->heap_at = 0;
    last = self->heap[self->heap_count--];
    if (last == call)
        return;
    if (at > 1 && self->heap[at / 2]->due > last->due)
        rise(self, last, at);
    else
        sink(self, last, at);
}

void
pl_due_set(struct pl_caller *self, struct outgoing *call, int64_t due)
{
    pl_due_remove(self, call);
    call->due = due;
    if (self->heap_count + 2 > self->heap_room) {
        self->heap_room = self->heap_room ? self->heap_room * 2 : 64;
        self->heap = realloc(self->heap, self->heap_room * sizeof *self->heap);
        if (self->heap == NULL)
            abort();
    }
    rise(self, call, ++self->heap_count);
}

struct outgoing *
pl_due_first(struct pl_caller *self)
{
    return self->heap_count ? self->heap[1] : NULL;
}
