/* operations_callbacks -- callbacks as operations that the server calls, named by the operation
 * that asks for them. */
#include "operations.h"

#include <string.h>

static void
add_callback(struct cmp_model *model, const struct cmp_operation *parent, struct cmp_spot callback,
             const char *name, struct pl_arena *arena)
{
    const struct cmp_operation like = { .reversed = true,
                                        .what = "callback",
                                        .parent = parent->spot.node };
    const struct pl_operation_ref ref = parent->ref; // the list of operations moves as it grows

    for (uint32_t i = 0; pl_node_is(callback.node, PL_OBJECT) && i < callback.node->count; i++) {
        const char *address = callback.node->members[i].key;
        struct cmp_spot item = cmp_spot_follow(cmp_spot_get(callback, address, arena), arena);
        const char *path;

        if (strncmp(address, "x-", 2) == 0)
            continue;
        path = pl_arena_printf(arena, "%s %s callback %s %s", ref.method, ref.path, name, address);
        cmp_add_operations(model, item, path, &like, arena);
    }
}

void
cmp_add_callbacks(struct cmp_model *model, int parent, struct pl_arena *arena)
{
    const struct cmp_operation owner = model->operations[parent];

    for (uint32_t i = 0;
         pl_node_is(owner.callbacks.node, PL_OBJECT) && i < owner.callbacks.node->count; i++) {
        const char *name = owner.callbacks.node->members[i].key;
        struct cmp_spot callback =
            cmp_spot_follow(cmp_spot_get(owner.callbacks, name, arena), arena);

        if (strncmp(name, "x-", 2) != 0)
            add_callback(model, &owner, callback, name, arena);
    }
}
