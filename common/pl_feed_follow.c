#include "pl_feed_follow.h"

#include "pl_arena.h"
#include "pl_feed_reader.h"
#include "pl_wake.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define WAIT_MS 1000

struct pl_follow {
    const char *source, *name;
    pl_follow_fn *callback;
    void *arg;
    struct pl_arena *arena;
    char **types;
    size_t type_count;
    struct pl_feed_reader *reader;
    int wake;
    _Atomic bool stopping;
    pthread_t thread;
};

static void *
run(void *arg)
{
    struct pl_follow *self = arg;
    bool live = false; // what was before the start is nobody's loss

    while (!self->stopping) {
        const Pl__Batch *batch = pl_feed_reader_next(self->reader, self->wake, WAIT_MS);

        if (live && !pl_feed_reader_live(self->reader))
            self->callback(self->arg, NULL);
        live = pl_feed_reader_live(self->reader);
        if (batch == NULL)
            continue;
        for (size_t i = 0; i < batch->n_events; i++)
            self->callback(self->arg, batch->events[i]);
        pl_feed_reader_applied(self->reader, batch->to);
    }
    pl_feed_reader_destroy(&self->reader);
    return NULL;
}

static void
clean_up(struct pl_follow **self_p)
{
    pl_feed_reader_destroy(&(*self_p)->reader);
    pl_arena_destroy(&(*self_p)->arena);
    if ((*self_p)->wake >= 0)
        close((*self_p)->wake);
    free(*self_p);
    *self_p = NULL;
}

int
pl_feed_follow(struct pl_follow **out, const char *source, const char *name,
               const char *const *types, pl_follow_fn *callback, void *arg, struct pl_err *err)
{
    struct pl_follow *self = calloc(1, sizeof *self);
    size_t count = 0;

    if (self == NULL)
        return pl_fail(err, INTERNAL, "out of memory");
    while (types[count])
        count++;
    self->arena = pl_arena_new();
    self->types = pl_arena_alloc(self->arena, (count + 1) * sizeof *self->types);
    for (; self->type_count < count; self->type_count++)
        self->types[self->type_count] = pl_arena_strdup(self->arena, types[self->type_count]);
    self->source = source;
    self->name = name;
    self->callback = callback;
    self->arg = arg;
    self->wake = pl_wake_open();
    self->reader = pl_feed_reader_new(source, name, count, self->types, false, PL_FEED_NEW_ONLY);
    if (self->wake < 0 || pthread_create(&self->thread, NULL, run, self)) {
        clean_up(&self);
        return pl_fail(err, INTERNAL, "could not start a thread");
    }
    *out = self;
    return 0;
}

void
pl_feed_unfollow(struct pl_follow **self_p)
{
    if (*self_p == NULL)
        return;
    (*self_p)->stopping = true;
    pl_wake((*self_p)->wake);
    pthread_join((*self_p)->thread, NULL);
    clean_up(self_p);
}
