/* The schemas of one document, compiled as checks come to them: a comparison asks few of many. */
#include "schema_private.h"

#define MOST_STEPS 50000 // of one check: many are made

struct pl_schema_set {
    struct schema_compiler compiler;
    const struct schema_resource *whole;
    struct pl_err err;
};

struct pl_schema_set *
pl_schema_set_new(struct pl_node *root, enum pl_dialect dialect, struct pl_arena *arena)
{
    static const struct pl_schema_options defaults = { .steps = MOST_STEPS };
    struct pl_schema_set *self = pl_arena_alloc(arena, sizeof *self);

    self->whole = schema_open_compiler(&self->compiler, arena, root, dialect, &defaults);
    self->compiler.err = &self->err;
    // what a $dynamicRef may mean is known when all has been compiled
    self->compiler.lazy = self->compiler.dynamic.count == 0;
    return self;
}

struct pl_schema *
pl_schema_of(struct pl_schema_set *set, struct pl_node *node)
{
    struct pl_schema *schema = schema_of(&set->compiler, node, set->whole, "");

    if (schema == NULL || (!set->compiler.lazy && schema_compile_pending(&set->compiler))) {
        schema = pl_arena_alloc(set->compiler.arena, sizeof *schema);
        schema->options = set->compiler.options;
        schema->broken = true;
    }
    return schema;
}

void
schema_compile_now(struct pl_schema *schema)
{
    struct schema_compiler *compiler = schema->later;

    schema->later = NULL;
    schema->broken = schema_compile_body(compiler, schema) != 0;
}
