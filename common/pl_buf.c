#include "pl_buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
reserve(struct pl_buf *self, size_t more)
{
    size_t room = self->room ? self->room : 256;
    char *data;

    if (self->length + more + 1 <= self->room)
        return;
    while (room < self->length + more + 1)
        room *= 2;
    data = pl_arena_alloc(self->arena, room);
    if (self->length)
        memcpy(data, self->data, self->length);
    self->data = data;
    self->room = room;
}

void
pl_buf_add(struct pl_buf *self, const void *bytes, size_t length)
{
    reserve(self, length);
    if (length)
        memcpy(self->data + self->length, bytes, length);
    self->length += length;
    self->data[self->length] = '\0';
}

void
pl_buf_str(struct pl_buf *self, const char *text)
{
    pl_buf_add(self, text, strlen(text));
}

void
pl_buf_char(struct pl_buf *self, char c)
{
    if (self->room < self->length + 2)
        reserve(self, 1);
    self->data[self->length++] = c;
    self->data[self->length] = '\0';
}

void
pl_buf_printf(struct pl_buf *self, const char *fmt, ...)
{
    va_list ap;
    int length;

    reserve(self, 0);
    va_start(ap, fmt);
    length = vsnprintf(self->data + self->length, self->room - self->length, fmt, ap);
    va_end(ap);
    if (self->length + (size_t)length >= self->room) { // once more, where there is room
        reserve(self, (size_t)length);
        va_start(ap, fmt);
        vsnprintf(self->data + self->length, (size_t)length + 1, fmt, ap);
        va_end(ap);
    }
    self->length += (size_t)length;
}

const char *
pl_buf_text(const struct pl_buf *self)
{
    return self->data ? self->data : "";
}
