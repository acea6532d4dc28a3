/* pl_arena -- memory that lives as long as one request (or one document).
 *
 * A handler never frees: what it takes from `call->arena` goes back in one stroke when the
 * reply has been sent.  Allocation cannot fail: without memory the process says so and aborts,
 * and the supervisor starts a clean one; sizes that come from outside are bounded before.
 */
#ifndef PL_ARENA_H
#define PL_ARENA_H

#include <stddef.h>

struct pl_arena;

/* Make an empty arena. */
struct pl_arena *pl_arena_new(void);

/* Make an empty arena that is freed with ${parent}: for memory that another thread takes but that
 * must live as long. */
struct pl_arena *pl_arena_child(struct pl_arena *parent);

/* Free the arena and everything taken from it.  Safe on NULL; clears the pointer.  A child
 * is freed by its parent alone. */
void pl_arena_destroy(struct pl_arena **self_p);

/* Take ${size} zeroed bytes, aligned for any type.  Never NULL. */
void *pl_arena_alloc(struct pl_arena *self, size_t size);

/* Copy a string.  NULL copies to "". */
char *pl_arena_strdup(struct pl_arena *self, const char *text);

/* Copy ${length} bytes and put a NUL behind them. */
char *pl_arena_memdup(struct pl_arena *self, const void *bytes, size_t length);

/* Print into a fresh string. */
char *pl_arena_printf(struct pl_arena *self, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Give everything back, children too, but keep the arena, and a small block of it, for the next request. */
void pl_arena_reset(struct pl_arena *self);

/* Bytes taken from the system at present, those of children left out, for limits and metrics. */
size_t pl_arena_size(const struct pl_arena *self);

#endif
