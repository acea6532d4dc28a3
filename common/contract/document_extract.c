/* One schema of a document, with all that it refers to and nothing else. */
#include "document_private.h"

#include "schema_map.h"

#include <string.h>

struct extract {
    const struct pl_document *document;
    struct pl_node *out;
    struct schema_map done; // pointers that are there already
    const char **pending;
    int count, room;
};

static void
want(struct extract *self, const char *pointer)
{
    struct pl_arena *arena = self->document->arena;

    if (schema_map_get(&self->done, pointer, strlen(pointer)))
        return;
    schema_map_put(&self->done, pointer, strlen(pointer), self);
    if (self->count == self->room) {
        int room = self->room ? self->room * 2 : 16;
        const char **larger = pl_arena_alloc(arena, (size_t)room * sizeof *larger);

        if (self->count)
            memcpy(larger, self->pending, (size_t)self->count * sizeof *larger);
        self->pending = larger;
        self->room = room;
    }
    self->pending[self->count++] = pointer;
}

/* Every `$ref` below: a name that only looks like one costs a copy, no more. */
static void
want_below(struct extract *self, const struct pl_node *node)
{
    const char *reference = pl_node_text(pl_node_get(node, "$ref"), "");

    if (reference[0] == '#' && reference[1] == '/')
        want(self, pl_arena_strdup(self->document->arena, reference + 1));
    for (uint32_t i = 0; node->kind == PL_OBJECT && i < node->count; i++)
        want_below(self, node->members[i].value);
    for (uint32_t i = 0; node->kind == PL_ARRAY && i < node->count; i++)
        want_below(self, node->items[i]);
}

/* ~1 and ~0 in place; also %20 and the like are left, as the document's own pointers are. */
static char *
step_text(struct pl_arena *arena, const char *at, size_t length)
{
    char *text = pl_arena_memdup(arena, at, length), *out = text;

    for (char *in = text; *in; in++) {
        bool escape = in[0] == '~' && (in[1] == '0' || in[1] == '1');

        *out++ = !escape ? *in : in[1] == '1' ? '/' : '~';
        in += escape;
    }
    *out = '\0';
    return text;
}

/* Put ${node} at ${pointer}, through objects that are made on the way.  What is already inside of
 * something that was put stays there. */
static void
put(struct extract *self, const char *pointer, struct pl_node *node)
{
    struct pl_arena *arena = self->document->arena;
    struct pl_node *at = self->out;

    while (*pointer == '/') {
        size_t length = strcspn(pointer + 1, "/");
        const char *step = step_text(arena, pointer + 1, length);
        struct pl_node *next;

        pointer += 1 + length;
        next = *pointer ? pl_node_get(at, step) : NULL;
        if (next == NULL)
            next = pl_node_set(arena, at, step, *pointer ? pl_node_object(arena) : node);
        at = next;
        if (!pl_node_is(at, PL_OBJECT))
            return;
    }
}

struct pl_node *
pl_document_extract(const struct pl_document *document, const char *pointer)
{
    struct pl_arena *arena = document->arena;
    struct extract self = { .document = document, .out = pl_node_object(arena) };

    self.done.arena = arena;
    pl_node_set(arena, self.out, "$ref",
                pl_node_string(arena, pl_arena_printf(arena, "#%s", pointer)));
    want(&self, pl_arena_strdup(arena, pointer));
    for (int i = 0; i < self.count; i++) { // which add more
        struct pl_node *node = pl_node_pointer(document->root, self.pending[i]);

        if (node == NULL)
            return NULL;
        want_below(&self, node);
    }
    for (int i = 0; i < self.count; i++) {
        struct pl_node *node = pl_node_pointer(document->root, self.pending[i]);

        if (pl_node_pointer(self.out, self.pending[i]) == NULL)
            put(&self, self.pending[i], node);
    }
    return self.out;
}
