#include "pl_arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A block up to KEPT bytes stays for the next request; not where use after reset shall be seen. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define RED_ZONE   16 // so that an overrun is seen although blocks are shared
#define TEXT_ALIGN 16 // poison has no finer grain
#define KEPT       0u
#else
#define RED_ZONE                              0
#define TEXT_ALIGN                            1
#define KEPT                                  (32u * 1024)
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

#define FIRST_BLOCK   4096u
#define LARGEST_BLOCK (1u << 20)

struct block {
    struct block *next;
    size_t size, used; // of bytes[]
    max_align_t bytes[];
};

struct pl_arena {
    struct block *blocks; // newest first; only the newest has room
    size_t size;
    struct pl_arena *children, *next; // next: of the same parent
};

/* Out of memory is not a request's problem to handle: stop cleanly and be restarted. */
static void *
must_calloc(size_t size)
{
    void *bytes = calloc(1, size);

    if (bytes == NULL) {
        fprintf(stderr, "out of memory asking for %zu bytes\n", size);
        abort();
    }
    return bytes;
}

static void
free_blocks(struct block *block)
{
    while (block) {
        struct block *next = block->next;

        ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
        free(block);
        block = next;
    }
}

struct pl_arena *
pl_arena_new(void)
{
    return must_calloc(sizeof(struct pl_arena));
}

struct pl_arena *
pl_arena_child(struct pl_arena *parent)
{
    struct pl_arena *self = pl_arena_new();

    self->next = parent->children;
    parent->children = self;
    return self;
}

static void
free_children(struct pl_arena *self)
{
    while (self->children) {
        struct pl_arena *child = self->children;

        self->children = child->next;
        pl_arena_destroy(&child);
    }
}

void
pl_arena_destroy(struct pl_arena **self_p)
{
    if (*self_p == NULL)
        return;
    free_children(*self_p);
    free_blocks((*self_p)->blocks);
    free(*self_p);
    *self_p = NULL;
}

/* Blocks double up to a megabyte, so that a small request costs one small block and a large
 * document few large ones. */
static struct block *
add_block(struct pl_arena *self, size_t needed)
{
    size_t size = self->blocks ? self->blocks->size * 2 : FIRST_BLOCK;
    struct block *block;

    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (size < needed)
        size = needed;
    block = must_calloc(sizeof *block + size);
    block->size = size;
    ASAN_POISON_MEMORY_REGION(block->bytes, size);
    self->size += sizeof *block + size;
    block->next = self->blocks;
    self->blocks = block;
    return block;
}

static size_t
round_up(size_t size, size_t align)
{
    return (size + align - 1) / align * align;
}

/* ${align} is a constant: what divides by it is compiled to a mask. */
static inline void *
take(struct pl_arena *self, size_t size, size_t align)
{
    struct block *block = self->blocks;
    size_t from = block ? round_up(block->used, align) : 0;
    char *at;

    if (size > SIZE_MAX / 2)
        abort();
    if (block == NULL || block->size < from || block->size - from < size + RED_ZONE) {
        block = add_block(self, round_up(size + RED_ZONE, align));
        from = 0;
    }
    at = (char *)block->bytes + from;
    block->used = from + size + RED_ZONE;
    ASAN_UNPOISON_MEMORY_REGION(at, size);
    return at;
}

void *
pl_arena_alloc(struct pl_arena *self, size_t size)
{
    return take(self, size, _Alignof(max_align_t));
}

char *
pl_arena_memdup(struct pl_arena *self, const void *bytes, size_t length)
{
    char *copy = take(self, length + 1, TEXT_ALIGN);

    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

char *
pl_arena_strdup(struct pl_arena *self, const char *text)
{
    return pl_arena_memdup(self, text ? text : "", text ? strlen(text) : 0);
}

char *
pl_arena_printf(struct pl_arena *self, const char *fmt, ...)
{
    va_list ap;
    int length;
    char *text, brief[256];

    va_start(ap, fmt);
    length = vsnprintf(brief, sizeof brief, fmt, ap);
    va_end(ap);
    if (length >= 0 && (size_t)length < sizeof brief)
        return pl_arena_memdup(self, brief, (size_t)length);

    text = pl_arena_alloc(self, (size_t)length + 1);
    va_start(ap, fmt);
    vsnprintf(text, (size_t)length + 1, fmt, ap);
    va_end(ap);
    return text;
}

void
pl_arena_reset(struct pl_arena *self)
{
    struct block *newest = self->blocks;

    free_children(self);
    if (newest == NULL || newest->size > KEPT) {
        free_blocks(newest);
        self->blocks = NULL;
        self->size = 0;
        return;
    }
    free_blocks(newest->next);
    newest->next = NULL;
    memset(newest->bytes, 0, newest->used);
    newest->used = 0;
    self->size = sizeof *newest + newest->size;
}

size_t
pl_arena_size(const struct pl_arena *self)
{
    return self->size;
}
