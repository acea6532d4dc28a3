#include "pl_check.h"
#include "pl_schema.h"

static struct pl_arena *arena;

__attribute__((destructor)) static void
done(void)
{
    pl_arena_destroy(&arena);
}

static struct pl_node *
yaml(const char *text)
{
    struct pl_err ignored = { 0 };

    return pl_yaml_parse(arena, text, strlen(text), NULL, &ignored);
}

/* Documents that are known in every case. */
static const char *const known[][2] = {
    { "http://x.test/int", "{type: integer}" },
    { "http://x.test/dir/parts", "{$defs: {n: {$anchor: num, $ref: ../int}}}" },
    { "http://x.test/open-tree",
      "{$id: 'http://x.test/open-tree', $dynamicAnchor: node, type: object, properties: {children: "
      "{items: {$dynamicRef: '#node'}}}}" },
    { "http://x.test/no-validation",
      "{$vocabulary: {'https://json-schema.org/draft/2020-12/vocab/core': true, "
      "'https://json-schema.org/draft/2020-12/vocab/applicator': true}}" },
    { "http://x.test/format-asserts",
      "{$vocabulary: {'https://json-schema.org/draft/2020-12/vocab/format-assertion': true}}" },
    { "http://x.test/old",
      "{id: 'http://x.test/old', definitions: {a: {id: '#a', type: string}}}" },
};

#define NEW PL_DIALECT_2020_12
#define OLD PL_DIALECT_4

static const struct {
    enum pl_dialect dialect;
    const char *schema, *value;
    bool valid;
} cases[] = {
    { NEW, "{$ref: 'http://x.test/int'}", "1", true },
    { NEW, "{$ref: 'http://x.test/int'}", "x", false },
    { NEW, "{$id: 'http://x.test/', $ref: int}", "x", false },
    { NEW, "{$ref: 'http://x.test/dir/parts#/$defs/n'}", "x", false },
    { NEW, "{$ref: 'http://x.test/dir/parts#num'}", "x", false },
    { NEW, "{$ref: 'http://x.test/dir/parts#num'}", "1", true },
    // a dynamic reference in a known document finds the anchor of the schema that led there
    { NEW,
      "{$id: 'http://x.test/strict', $dynamicAnchor: node, $ref: open-tree, "
      "unevaluatedProperties: false}",
      "{children: [{children: []}]}", true },
    { NEW,
      "{$id: 'http://x.test/strict', $dynamicAnchor: node, $ref: open-tree, "
      "unevaluatedProperties: false}",
      "{children: [{childern: []}]}", false },
    { NEW, "{$ref: 'http://x.test/open-tree'}", "{children: [{childern: []}]}", true },
    // vocabularies
    { NEW, "{$schema: 'http://x.test/no-validation', properties: {a: false}, minimum: 5}", "1",
      true },
    { NEW, "{$schema: 'http://x.test/no-validation', properties: {a: false}}", "{a: 1}", false },
    { NEW, "{$schema: 'http://x.test/format-asserts', format: date}", "x", false },
    { NEW, "{format: date}", "x", true },
    { NEW, "{$schema: 'http://x.test/unknown', minimum: 5}", "1", false },
    // the metaschemas are always known
    { NEW, "{$ref: 'https://json-schema.org/draft/2020-12/schema'}", "{type: object}", true },
    { NEW, "{$ref: 'https://json-schema.org/draft/2020-12/schema'}", "{type: objekt}", false },
    { NEW, "{$ref: 'https://json-schema.org/draft/2020-12/schema'}",
      "{$defs: {a: {minLength: -1}}}", false },
    { OLD, "{$ref: 'http://json-schema.org/draft-04/schema#'}", "{minLength: 1}", true },
    { OLD, "{$ref: 'http://json-schema.org/draft-04/schema#'}", "{minLength: -1}", false },
    { OLD, "{$ref: 'http://x.test/old#a'}", "1", false },
    { OLD, "{$ref: 'http://x.test/old#a'}", "x", true },
};

TEST(references_lead_into_known_documents_and_their_vocabularies_count)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pl_schema_known list[sizeof known / sizeof known[0]];
        struct pl_schema_options options = { .formats_say_nothing = true, .known = list };
        struct pl_err err = { 0 };
        struct pl_schema *schema;
        struct pl_node *node;

        pl_arena_destroy(&arena);
        arena = pl_arena_new();
        for (size_t j = 0; j < sizeof known / sizeof known[0]; j++)
            list[options.known_count++] =
                (struct pl_schema_known){ known[j][0], yaml(known[j][1]) };
        node = yaml(cases[i].schema);
        CHECK_THAT(pl_schema_compile_with(&schema, node, node, cases[i].dialect, &options, arena,
                                          &err) == 0,
                   "%s: %s", cases[i].schema, err.text);
        CHECK_THAT((pl_schema_check(schema, yaml(cases[i].value), arena, NULL, 0) == 0) ==
                       cases[i].valid,
                   "%s: %s", cases[i].schema, cases[i].value);
    }
}

TEST(budgets_are_settings)
{
    const struct pl_schema_options few = { .steps = 5 }, flat = { .depth = 3 };
    struct pl_violation violation;
    struct pl_err err = { 0 };
    struct pl_schema *schema;
    struct pl_node *node;

    pl_arena_destroy(&arena);
    arena = pl_arena_new();
    node = yaml("{items: {items: {items: {type: integer}}}}");
    pl_schema_compile_with(&schema, node, node, NEW, &few, arena, &err);
    CHECK_INT(pl_schema_check(schema, yaml("[[[1]]]"), arena, NULL, 0), ==, 0);
    CHECK_INT(pl_schema_check(schema, yaml("[[[1,2,3]]]"), arena, &violation, 1), ==, 1);
    CHECK_HAS(violation.text, "too deep or too large");
    pl_schema_compile_with(&schema, node, node, NEW, &flat, arena, &err);
    CHECK_INT(pl_schema_check(schema, yaml("[[1]]"), arena, &violation, 1), ==, 0);
    CHECK_INT(pl_schema_check(schema, yaml("[[[1]]]"), arena, &violation, 1), ==, 1);
}
