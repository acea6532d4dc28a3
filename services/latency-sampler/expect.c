#include "expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
answer_add_body(struct answer *self, const char *data, size_t length)
{
    size_t wanted = self->length + length;

    if (wanted > ANSWER_MAX) {
        length = ANSWER_MAX - self->length;
        wanted = ANSWER_MAX;
        self->enough = true;
    }
    if (wanted > self->room) {
        size_t room = wanted < 4096 ? 4096 : wanted * 2 < ANSWER_MAX ? wanted * 2 : ANSWER_MAX;
        char *grown = realloc(self->body, room);

        if (grown == NULL)
            return false;
        self->body = grown;
        self->room = room;
    }
    memcpy(self->body + self->length, data, length);
    self->length = wanted;
    return !self->enough;
}

bool
answer_add_header(struct answer *self, const struct target *target, const char *line, size_t length)
{
    size_t name = target->header_name ? strlen(target->header_name) : 0;

    self->seen += length;
    if (self->seen > ANSWER_MAX)
        return false;
    if (name && length > name && line[name] == ':' &&
        strncasecmp(line, target->header_name, name) == 0 &&
        memmem(line + name + 1, length - name - 1, target->header_text,
               strlen(target->header_text)))
        self->header_found = true;
    return true;
}

static bool
json_fits(const struct answer *self, const struct target *target)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    struct pl_node *root =
        pl_json_parse(arena, self->body ? self->body : "", self->length, NULL, &err);
    const struct pl_node *found = root ? pl_node_pointer(root, target->pointer) : NULL;
    bool fits = found && (target->value == NULL || pl_node_equal(found, target->value));

    pl_arena_destroy(&arena);
    return fits;
}

enum sample_outcome
answer_judge(const struct answer *self, const struct target *target, int status, char *text,
             size_t room)
{
    if (!target_wants_status(target->status, status)) {
        snprintf(text, room, "status %d is not in %s", status, target->status);
        return SAMPLE_STATUS;
    }
    if (target->header_name && !self->header_found)
        snprintf(text, room, "no header %s with the wanted text", target->header_name);
    else if (target->body && (self->body == NULL || memmem(self->body, self->length, target->body,
                                                           strlen(target->body)) == NULL))
        snprintf(text, room, "the body does not contain the wanted text");
    else if (target->pointer && !json_fits(self, target))
        snprintf(text, room, "the body has not the wanted value at %.60s", target->pointer);
    else
        return SAMPLE_OK;
    return SAMPLE_ASSERTION;
}

void
answer_clear(struct answer *self)
{
    free(self->body);
    *self = (struct answer){ 0 };
}
