#include "upload.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4096

static enum upload_result
grow(struct upload *self, size_t room)
{
    size_t more = room - self->room;
    char *bytes;

    if (more > self->budget->most - self->budget->used)
        return UPLOAD_NO_ROOM;
    bytes = realloc(self->bytes, room + 1);
    if (bytes == NULL)
        return UPLOAD_NO_ROOM;
    self->budget->used += more;
    self->bytes = bytes;
    self->room = room;
    return UPLOAD_OK;
}

enum upload_result
upload_begin(struct upload *self, struct upload_budget *budget, size_t limit, size_t length)
{
    *self = (struct upload){ .limit = limit, .budget = budget };
    if (length > limit)
        return UPLOAD_TOO_LARGE;
    return length ? grow(self, length) : UPLOAD_OK;
}

enum upload_result
upload_add(struct upload *self, const char *bytes, size_t length)
{
    enum upload_result result = UPLOAD_OK;

    if (length > self->limit - self->length)
        return UPLOAD_TOO_LARGE;
    if (length > self->room - self->length) {
        size_t room = self->room ? self->room * 2 : FIRST_ROOM;

        if (room < self->length + length)
            room = self->length + length;
        result = grow(self, room > self->limit ? self->limit : room);
    }
    if (result != UPLOAD_OK)
        return result;
    memcpy(self->bytes + self->length, bytes, length);
    self->length += length;
    self->bytes[self->length] = '\0';
    return UPLOAD_OK;
}

void
upload_end(struct upload *self)
{
    if (self->budget)
        self->budget->used -= self->room;
    free(self->bytes);
    *self = (struct upload){ 0 };
}
