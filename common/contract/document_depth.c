/* How deep schemas refer to schemas for one and the same value: `$ref` and `allOf`, `anyOf`, `oneOf`
 * in each other.  What goes deeper than the comparison follows makes the document not comparable,
 * instead of being passed over. */
#include "document_private.h"

#include "schema_map.h"

#include <stdint.h>

#define DEEPEST 500 // the comparison follows 512

struct depth {
    struct pl_document *document;
    struct schema_map heights; // node -> height + 2; 1: on the way
    bool too_deep;
};

static int measure(struct depth *self, struct pl_node *node, int depth);

static int
highest(struct depth *self, const struct pl_node *list, int depth)
{
    int most = 0;

    for (uint32_t i = 0; pl_node_is(list, PL_ARRAY) && i < list->count && !self->too_deep; i++) {
        int height = 1 + measure(self, list->items[i], depth + 1);

        most = height > most ? height : most;
    }
    return most;
}

/* The longest way down from ${node}, which is ${depth} steps down itself; a circle ends it. */
static int
measure(struct depth *self, struct pl_node *node, int depth)
{
    static const char *const lists[] = { "allOf", "anyOf", "oneOf" };
    const char *reference = pl_node_text(pl_node_get(node, "$ref"), NULL);
    struct pl_node *target = reference ? document_target(self->document, reference) : NULL;
    uintptr_t known;
    int height = 0;

    if (node->kind != PL_OBJECT)
        return 0;
    known = (uintptr_t)schema_map_get(&self->heights, &node, sizeof node);
    if (known)
        height = known == 1 ? 0 : (int)known - 2;
    if (depth + height > DEEPEST)
        self->too_deep = true;
    if (known || self->too_deep)
        return height;
    schema_map_put(&self->heights, &node, sizeof node, (void *)(uintptr_t)1);
    if (target)
        height = 1 + measure(self, target, depth + 1);
    for (int i = 0; i < 3; i++) {
        int other = highest(self, pl_node_get(node, lists[i]), depth);

        height = other > height ? other : height;
    }
    schema_map_put(&self->heights, &node, sizeof node, (void *)(uintptr_t)(height + 2));
    return height;
}

void
document_check_depth(struct pl_document *document, const struct document_step *at,
                     struct pl_node *node)
{
    struct depth *self = document->depth;

    if (self == NULL) {
        self = document->depth = pl_arena_alloc(document->arena, sizeof *self);
        self->document = document;
        self->heights.arena = document->arena;
    }
    if (self->too_deep)
        return; // said once
    measure(self, node, 0);
    if (self->too_deep)
        document_problem(document, at, node,
                         "references and alternatives lead more than %d schemas deep from here",
                         DEEPEST);
}
