/* The schema validator: {"dialect": 0-3, "schema": ..., "value": ...}. */
#include "fuzz.h"

#include "pl_schema.h"

#define MOST 8

static void
check(const struct pl_schema *schema, struct pl_node *value, struct pl_arena *arena)
{
    struct pl_violation found[MOST], again[MOST];
    int count = pl_schema_check(schema, value, arena, found, MOST);

    HOLDS(count >= 0 && count <= MOST, "%d violations", count);
    HOLDS(pl_schema_check(schema, value, arena, again, MOST) == count, "not the same twice");
    HOLDS((pl_schema_check(schema, value, arena, NULL, 0) != 0) == (count != 0),
          "valid or not depends on how many violations are asked for");
    for (int i = 0; i < count; i++)
        HOLDS(found[i].pointer && found[i].keyword && found[i].text && *found[i].text,
              "violation %d says nothing", i);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pl_limits LIMITS = { .bytes = 1 << 16, .nodes = 5000 };
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    struct pl_node *root = pl_json_parse(arena, (const char *)data, size, &LIMITS, &err);
    struct pl_node *node = pl_node_get(root, "schema"), *value = pl_node_get(root, "value");
    struct pl_schema *schema;
    int64_t dialect = pl_node_int(pl_node_get(root, "dialect"), 0) & 3;

    if (root == NULL)
        HOLDS(*err.text, "refused without a reason");
    if (node && value) {
        if (pl_schema_compile(&schema, node, root, (enum pl_dialect)dialect, arena, &err) == 0)
            check(schema, value, arena);
        else
            HOLDS(*err.text, "refused without a reason");
    }
    pl_arena_destroy(&arena);
    return 0;
}
