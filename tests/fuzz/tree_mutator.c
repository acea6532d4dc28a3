/* In place of libFuzzer's mutator where inputs are JSON: half of the time whole values are moved,
 * repeated, removed and renamed, so that inputs stay readable and reach what is behind the
 * parser; the other half bytes are changed as usual. */
#include "fuzz.h"

#include "pl_node.h"

#include <string.h>

#define MOST_NODES 4000

static const char *const WORDS[] = {
    "$ref",
    "#",
    "#/components/schemas/A",
    "#/schema",
    "type",
    "object",
    "array",
    "string",
    "number",
    "integer",
    "boolean",
    "null",
    "properties",
    "required",
    "items",
    "prefixItems",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "dependentSchemas",
    "dependentRequired",
    "dependencies",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "const",
    "enum",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "^(a+)+$",
    "format",
    "date-time",
    "uuid",
    "email",
    "uri",
    "ipv6",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contains",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "nullable",
    "readOnly",
    "writeOnly",
    "deprecated",
    "discriminator",
    "mapping",
    "default",
    "$id",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$defs",
    "openapi",
    "3.1.0",
    "3.0.3",
    "swagger",
    "2.0",
    "info",
    "title",
    "version",
    "paths",
    "/a/{b}",
    "/a",
    "get",
    "post",
    "put",
    "delete",
    "patch",
    "parameters",
    "name",
    "in",
    "query",
    "path",
    "header",
    "cookie",
    "body",
    "schema",
    "content",
    "application/json",
    "*/*",
    "requestBody",
    "responses",
    "default",
    "200",
    "2XX",
    "404",
    "description",
    "headers",
    "security",
    "securitySchemes",
    "oauth2",
    "http",
    "bearer",
    "apiKey",
    "scopes",
    "flows",
    "style",
    "explode",
    "form",
    "operationId",
    "callbacks",
    "webhooks",
    "components",
    "schemas",
    "definitions",
    "servers",
    "x-a",
    "",
};
static const char *const NUMBERS[] = {
    "0",
    "-0",
    "1",
    "-1",
    "2",
    "0.5",
    "1.0",
    "1e2",
    "1e400",
    "-1e-400",
    "9007199254740993",
    "18446744073709551616",
    "2147483648",
    "3.0000000000000000000001",
};

struct tree {
    struct pl_arena *arena;
    struct pl_node *nodes[MOST_NODES];
    size_t count;
    unsigned seed;
};

static unsigned
dice(struct tree *tree, size_t sides)
{
    tree->seed = tree->seed * 1103515245u + 12345u;
    return sides ? (tree->seed >> 8) % (unsigned)sides : 0;
}

static void
list(struct tree *tree, struct pl_node *node)
{
    if (tree->count == MOST_NODES)
        return;
    tree->nodes[tree->count++] = node;
    for (uint32_t i = 0; i < node->count; i++)
        list(tree, node->kind == PL_OBJECT ? node->members[i].value : node->items[i]);
}

static const char *
word(struct tree *tree)
{
    return WORDS[dice(tree, sizeof WORDS / sizeof *WORDS)];
}

static struct pl_node *
some(struct tree *tree)
{
    return tree->nodes[dice(tree, tree->count)];
}

static struct pl_node *
scalar(struct tree *tree)
{
    switch (dice(tree, 5)) {
    case 0:
        return pl_node_number(tree->arena, NUMBERS[dice(tree, sizeof NUMBERS / sizeof *NUMBERS)]);
    case 1:
        return pl_node_bool(tree->arena, dice(tree, 2));
    case 2:
        return pl_node_null(tree->arena);
    default:
        return pl_node_string(tree->arena, word(tree));
    }
}

static void
remove_one(struct tree *tree, struct pl_node *from)
{
    uint32_t at = dice(tree, from->count);

    if (from->kind == PL_OBJECT)
        memmove(&from->members[at], &from->members[at + 1],
                (from->count - at - 1) * sizeof *from->members);
    else
        memmove(&from->items[at], &from->items[at + 1],
                (from->count - at - 1) * sizeof *from->items);
    from->count--;
}

/* A value of the tree may stand in another place too, but not within itself. */
static struct pl_node *
copy_of_some(struct tree *tree)
{
    struct pl_buf text = { .arena = tree->arena };
    struct pl_err err = { 0 };
    struct pl_node *copy;

    pl_node_write(&text, some(tree), PL_COMPACT);
    copy = pl_json_parse(tree->arena, pl_buf_text(&text), text.length, NULL, &err);
    return copy ? copy : pl_node_null(tree->arena);
}

static void
change(struct tree *tree)
{
    struct pl_node *at = some(tree), *value = dice(tree, 2) ? copy_of_some(tree) : scalar(tree);
    bool is_list = at->kind == PL_ARRAY || at->kind == PL_OBJECT;

    if (is_list && at->count && dice(tree, 4) == 0) {
        remove_one(tree, at);
    } else if (is_list && dice(tree, 3)) {
        if (at->kind == PL_ARRAY)
            pl_node_push(tree->arena, at, value);
        else
            pl_node_set(tree->arena, at, word(tree), value);
    } else if (at->kind == PL_OBJECT && at->count && dice(tree, 2)) {
        struct pl_member moved = at->members[dice(tree, at->count)];

        pl_node_set(tree->arena, at, word(tree), moved.value);
    } else {
        *at = *value;
    }
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    static const struct pl_limits LIMITS = { .nodes = MOST_NODES };
    struct tree tree = { .seed = seed };
    struct pl_buf out = { 0 };
    struct pl_err err = { 0 };
    struct pl_node *root;

    tree.arena = pl_arena_new();
    root =
        dice(&tree, 2) ? pl_json_parse(tree.arena, (const char *)data, size, &LIMITS, &err) : NULL;
    if (root) {
        list(&tree, root);
        for (unsigned i = 1 + dice(&tree, 3); i > 0; i--)
            change(&tree);
        out.arena = tree.arena;
        pl_node_write(&out, root, PL_COMPACT);
    }
    if (out.length > 0 && out.length <= most) {
        memcpy(data, out.data, out.length);
        size = out.length;
    } else {
        size = LLVMFuzzerMutate(data, size, most);
    }
    pl_arena_destroy(&tree.arena);
    return size;
}
