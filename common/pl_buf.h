/* pl_buf -- bytes that grow, in an arena: for building texts, frames and pages.
 *
 * `{ .arena = a }` is a valid empty buffer.  There is always a NUL behind the last byte once
 * something was added, so `buf.data` is a C string if no NUL was put in.
 */
#ifndef PL_BUF_H
#define PL_BUF_H

#include "pl_arena.h"

struct pl_buf {
    struct pl_arena *arena;
    char *data; // NULL while empty
    size_t length, room;
};

/* Append bytes, a string, one character, or a printed text. */
void pl_buf_add(struct pl_buf *self, const void *bytes, size_t length);
void pl_buf_str(struct pl_buf *self, const char *text);
void pl_buf_char(struct pl_buf *self, char c);
void pl_buf_printf(struct pl_buf *self, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The text so far; "" if nothing was added. */
const char *pl_buf_text(const struct pl_buf *self);

#endif
