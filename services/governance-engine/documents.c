#include "documents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct documents {
    struct document *newest;
    size_t most_bytes;
};

static void *
must_calloc(size_t size)
{
    void *bytes = calloc(1, size);

    if (bytes == NULL)
        abort(); // as the arena does
    return bytes;
}

struct documents *
documents_new(size_t most_bytes)
{
    struct documents *self = must_calloc(sizeof *self);

    self->most_bytes = most_bytes;
    return self;
}

void
documents_destroy(struct documents **self_p)
{
    struct documents *self = *self_p;

    if (self == NULL)
        return;
    while (self->newest) {
        struct document *document = self->newest;

        self->newest = document->next;
        document_destroy(&document);
    }
    free(self);
    *self_p = NULL;
}

struct document *
documents_take(struct documents *self, const char *sha256)
{
    for (struct document **at = &self->newest; *at; at = &(*at)->next)
        if (strcmp((*at)->sha256, sha256) == 0) {
            struct document *found = *at;

            *at = found->next;
            found->next = NULL;
            return found;
        }
    return NULL;
}

/* Drop from the first document on with which the limit is passed. */
static void
trim(struct documents *self)
{
    size_t bytes = 0;
    struct document **at = &self->newest;

    while (*at && (bytes += pl_arena_size((*at)->arena)) <= self->most_bytes)
        at = &(*at)->next;
    while (*at) {
        struct document *old = *at;

        *at = old->next;
        document_destroy(&old);
    }
}

void
documents_give(struct documents *self, struct document **document_p)
{
    struct document *document = *document_p, *same;

    *document_p = NULL;
    if (document == NULL)
        return;
    if (document->read == NULL || document->read->problem_count > 0) {
        document_destroy(&document);
        return;
    }
    same = documents_take(self, document->sha256);
    document_destroy(&same);
    document->next = self->newest;
    self->newest = document;
    trim(self);
}

struct document *
document_new(const char *sha256)
{
    struct document *self = must_calloc(sizeof *self);

    snprintf(self->sha256, sizeof self->sha256, "%s", sha256);
    self->arena = pl_arena_new();
    return self;
}

void
document_destroy(struct document **self_p)
{
    struct document *self = *self_p;

    if (self == NULL)
        return;
    pl_arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}
