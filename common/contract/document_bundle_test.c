#include "pl_check.h"
#include "pl_document.h"

static struct pl_arena *arena;
static struct pl_err err;
static struct pl_document *document;

__attribute__((destructor)) static void
done(void)
{
    pl_arena_destroy(&arena);
}

/* Files beside the document. */
static const char *const files[][2] = {
    { "schemas/pet.yaml",
      "Pet:\n  properties:\n    next: {$ref: '#/Pet'}\n    tag: {$ref: tag.json}\n" },
    { "schemas/tag.json", "{\"type\": \"string\",\n \"enum\": [\"a\"]}" },
    { "paths.yaml",
      "a:\n  get:\n    parameters: [{$ref: '#/limit'}]\n    responses: {'200': {description: x}}\n"
      "limit: {name: limit, in: query, schema: {$ref: 'schemas/tag.json'}}\n" },
    { "bad.yaml", "a: [\n" },
    { "back.yaml", "$ref: 'main.yaml#/components/schemas/Own'\n" },
};

static int
read_file(void *self, const char *path, struct pl_arena *to, char **bytes, size_t *length,
          struct pl_err *why)
{
    (void)self;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (strcmp(files[i][0], path) == 0) {
            *bytes = pl_arena_strdup(to, files[i][1]);
            *length = strlen(*bytes);
            return 0;
        }
    return pl_fail(why, MALFORMED, "there is no \"%s\"", path);
}

/* A document with this schema and path item. */
static int
load(const char *schema, const char *item)
{
    static const struct pl_document_reader reader = { read_file, NULL };
    const char *text;

    pl_arena_destroy(&arena);
    arena = pl_arena_new();
    err = (struct pl_err){ 0 };
    text = pl_arena_printf(arena,
                           "openapi: 3.0.3\ninfo: {title: T, version: v}\npaths:\n  /a: %s\n"
                           "components:\n  schemas:\n    Own: {type: integer}\n    A: %s\n",
                           item, schema);
    return pl_document_load_files(&document, arena, "api/main.yaml", text, strlen(text), NULL,
                                  &reader, &err);
}

static const char *
text_at(const char *pointer)
{
    return pl_node_text(pl_node_pointer(document->root, pointer), "");
}

TEST(what_another_file_holds_moves_into_the_components)
{
    CHECK_INT(load("{$ref: 'schemas/pet.yaml#/Pet'}", "{}"), ==, 0);
    CHECK_STR(text_at("/components/schemas/A/$ref"), "#/components/schemas/Pet");
    CHECK_STR(text_at("/components/schemas/Pet/properties/next/$ref"), "#/components/schemas/Pet");
    CHECK_STR(text_at("/components/schemas/Pet/properties/tag/$ref"), "#/components/schemas/tag");
    CHECK_INT(document->file_count, ==, 3);
    CHECK(document->several);
}

TEST(a_node_knows_its_file_and_the_pointer_it_has_there)
{
    const char *pointer = "/components/schemas/tag/enum";
    struct pl_node *node;

    load("{$ref: 'schemas/pet.yaml#/Pet'}", "{}");
    node = pl_node_pointer(document->root, pointer);
    CHECK_STR(pl_document_origin(document, node, &pointer), "api/schemas/tag.json");
    CHECK_STR(pointer, "/enum");
    CHECK_INT(node->line, ==, 2);
    pointer = "/components/schemas/Pet/properties/next";
    node = pl_node_pointer(document->root, pointer);
    CHECK_STR(pl_document_origin(document, node, &pointer), "api/schemas/pet.yaml");
    CHECK_STR(pointer, "/Pet/properties/next");
    pointer = "/components/schemas/Own";
    CHECK_STR(pl_document_origin(document, pl_node_pointer(document->root, pointer), &pointer),
              "api/main.yaml");
    CHECK_STR(pointer, "/components/schemas/Own");
}

TEST(a_path_item_moves_into_its_place)
{
    CHECK_INT(load("{}", "{$ref: 'paths.yaml#/a'}"), ==, 0);
    CHECK_STR(text_at("/paths/~1a/get/parameters/0/$ref"), "#/components/parameters/limit");
    CHECK_STR(text_at("/components/parameters/limit/schema/$ref"), "#/components/schemas/tag");
}

TEST(a_reference_back_into_the_document_stays_one)
{
    CHECK_THAT(load("{$ref: back.yaml}", "{}") == 0, "%s", err.text);
    CHECK_STR(text_at("/components/schemas/back/$ref"), "#/components/schemas/Own");
}

TEST(what_cannot_be_followed_is_named_with_its_place)
{
    static const struct {
        const char *schema, *item, *problem;
    } cases[] = {
        { "{$ref: '../up.yaml'}", "{}", "is not below the document's folder" },
        { "{$ref: '/etc/passwd'}", "{}", "is not below the document's folder" },
        { "{$ref: 'schemas/../../x.yaml'}", "{}", "is not below the document's folder" },
        { "{$ref: 'http://x.test/a.yaml'}", "{}", "nothing is fetched" },
        { "{$ref: '//x.test/a.yaml'}", "{}", "nothing is fetched" },
        { "{$ref: 'none.yaml'}", "{}", "there is no \"none.yaml\"" },
        { "{$ref: 'bad.yaml'}", "{}", "bad.yaml: line 2" },
        { "{$ref: 'paths.yaml#/none'}", "{}", "leads nowhere in that file" },
        { "{}", "{$ref: 'paths.yaml#/a', summary: x}", "must stand alone" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_THAT(load(cases[i].schema, cases[i].item) == -1, "accepted: %s %s", cases[i].schema,
                   cases[i].item);
        CHECK_HAS(document->problems[0].text, cases[i].problem);
        CHECK_INT(document->problems[0].line, ==, strcmp(cases[i].item, "{}") ? 4 : 8);
        CHECK_INT(document->problem_count, ==, 1);
    }
}

TEST(without_a_reader_there_are_no_other_files)
{
    static const char text[] = "openapi: 3.0.3\ninfo: {title: T, version: v}\npaths: {}\n"
                               "components: {schemas: {A: {$ref: 'schemas/tag.json'}}}\n";

    CHECK_INT(pl_document_load(&document, arena, "d", text, sizeof text - 1, NULL, &err), ==, -1);
    CHECK_HAS(document->problems[0].text, "outside of the document");
}

TEST(an_extract_is_a_schema_of_its_own)
{
    struct pl_node *schema;
    struct pl_schema *compiled;
    struct pl_node *value;

    load("{$ref: 'schemas/pet.yaml#/Pet'}", "{}");
    schema = pl_document_extract(document, "/components/schemas/A");
    CHECK_INT(pl_schema_compile(&compiled, schema, schema, PL_DIALECT_OAS30, arena, &err), ==, 0);
    value = pl_json_parse(arena, "{\"next\":{\"tag\":\"b\"}}", 20, NULL, &err);
    CHECK_INT(pl_schema_check(compiled, value, arena, NULL, 0), ==, 1);
    CHECK(pl_node_pointer(schema, "/components/schemas/Own") == NULL);
}

TEST(what_leads_deeper_than_can_be_followed_is_a_problem)
{
    for (int depth = 100; depth <= 400; depth += 300) {
        struct pl_arena *mine = pl_arena_new();
        struct pl_buf text = { .arena = mine };
        struct pl_document *deep;
        struct pl_err why = { 0 };
        int rc;

        pl_buf_str(&text, "openapi: 3.0.3\ninfo: {title: T, version: v}\npaths: {}\n"
                          "components:\n  schemas:\n    S0: {type: string}\n");
        for (int i = 1; i <= depth; i++)
            pl_buf_printf(&text, "    S%d: {allOf: [{$ref: '#/components/schemas/S%d'}]}\n", i,
                          i - 1);
        rc = pl_document_load(&deep, mine, "d", text.data, text.length, NULL, &why);
        CHECK_INT(rc, ==, depth == 100 ? 0 : -1);
        CHECK_INT(deep->problem_count, ==, depth == 100 ? 0 : 1);
        if (rc)
            CHECK_HAS(why.text, "more than 500 schemas deep");
        pl_arena_destroy(&mine);
    }
}
