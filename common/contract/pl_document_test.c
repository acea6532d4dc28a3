#include "pl_check.h"
#include "pl_document.h"
#include "pl_uri.h"

static struct pl_arena *arena;
static struct pl_err err;
static struct pl_document *document;

__attribute__((destructor)) static void
done(void)
{
    pl_arena_destroy(&arena);
}

static int
load(const char *text)
{
    pl_arena_destroy(&arena);
    arena = pl_arena_new();
    err = (struct pl_err){ 0 };
    return pl_document_load(&document, arena, "document", text, strlen(text), NULL, &err);
}

TEST(each_version_that_can_be_read_is_recognised)
{
    CHECK_INT(load("swagger: '2.0'\ninfo: {title: T, version: '1'}\npaths: {}\n"), ==, 0);
    CHECK_INT(document->spec, ==, PL_SWAGGER_20);
    CHECK_INT(load("openapi: 3.0.3\ninfo: {title: T, version: v1}\npaths: {}\n"), ==, 0);
    CHECK_INT(document->spec, ==, PL_OPENAPI_30);
    CHECK_INT(document->dialect, ==, PL_DIALECT_OAS30);
    CHECK_INT(load("{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"T\",\"version\":\"2\"},"
                   "\"webhooks\":{}}"),
              ==, 0);
    CHECK_INT(document->spec, ==, PL_OPENAPI_31);
    CHECK_INT(document->dialect, ==, PL_DIALECT_OAS31);
    CHECK_STR(document->title, "T");
    CHECK_STR(document->version, "2");
    CHECK_INT(document->problem_count, ==, 0);
}

#define HEAD   "openapi: 3.0.3\ninfo: {title: T, version: v}\n"
#define BARE   HEAD "paths: {}\n"
#define HEAD31 "openapi: 3.1.0\ninfo: {title: T, version: v}\n"

static const struct {
    const char *text, *pointer, *error;
    int line, column;
} unusable[] = {
    { "[]", "", "this is not an OpenAPI document", 1, 1 },
    { "hello", "", "this is not an OpenAPI document", 1, 1 },
    { "name: x\nversion: 1\n", "", "no \"openapi\" or \"swagger\" member", 1, 1 },
    { "openapi: 3.3.0\n", "/openapi", "\"openapi\" is \"3.3.0\", but must be 3.0.x, 3.1.x or 3.2.x",
      1, 10 },
    { "openapi: 3.10.0\n", "/openapi", "must be 3.0.x, 3.1.x or 3.2.x", 1, 10 },
    { "openapi: 3.0.\n", "/openapi", "must be 3.0.x, 3.1.x or 3.2.x", 1, 10 },
    { "openapi: 3.0\n", "/openapi", "\"openapi\" is \"3.0\", but must be 3.0.x, 3.1.x or 3.2.x", 1,
      10 },
    { "swagger: [2]\n", "/swagger", "must be a text like \"2.0\" (in quotes), not a", 1, 10 },
    { "swagger: '1.2'\n", "/swagger", "\"swagger\" is \"1.2\", but must be 2.0", 1, 10 },
    { "asyncapi: 2.6.0\n", "", "no \"openapi\" or \"swagger\" member", 1, 1 },
    { "openapi: 3.0.3\npaths: {}\n", "", "the document needs the member \"info\"", 1, 1 },
    { "openapi: 3.0.3\ninfo: x\npaths: {}\n", "/info", "info must be an object, not a string", 2,
      7 },
    { "openapi: 3.0.3\ninfo: {title: T}\npaths: {}\n", "/info", "info needs the member \"version\"",
      2, 7 },
    { "openapi: 3.0.3\ninfo: {title: T, version: [1]}\npaths: {}\n", "/info/version",
      "version must be a string, not an array", 2, 27 },
    { HEAD, "", "the document needs the member \"paths\"", 1, 1 },
    { HEAD31, "", "the document needs \"paths\", \"webhooks\" or \"components\"", 1, 1 },
    { HEAD "paths: []\n", "/paths", "paths must be an object, not an array", 3, 8 },
    { HEAD "paths:\n  pets: {}\n", "/paths/pets", "the path \"pets\" must begin with \"/\"", 4, 3 },
    { HEAD "paths:\n  /a: 1\n", "/paths/~1a", "a path item must be an object, not a number", 4, 7 },
    { HEAD "paths:\n  /a:\n    get: []\n", "/paths/~1a/get", "an operation must be an object", 5,
      10 },
    { HEAD "paths:\n  /a:\n    get:\n      responses: {'200': x}\n", "/paths/~1a/get/responses/200",
      "a response must be an object, not a string", 6, 26 },
    { HEAD "paths:\n  /a:\n    parameters: {}\n", "/paths/~1a/parameters",
      "parameters must be an array, not an object", 5, 17 },
    { HEAD "paths:\n  /a:\n    parameters: [{in: query}]\n", "/paths/~1a/parameters/0",
      "a parameter needs the member \"name\"", 5, 18 },
    { HEAD "paths:\n  /a:\n    parameters: [{name: x, in: body}]\n", "/paths/~1a/parameters/0/in",
      "a parameter cannot be in \"body\"; it is in query, header, path or cookie", 5, 32 },
    { BARE "components: {schemas: []}\n", "/components/schemas",
      "schemas must be an object, not an array", 4, 23 },
    { BARE "components: {schemas: {A: true}}\n", "/components/schemas/A", "must be an object", 4,
      27 },
    { BARE "components: {schemas: {A: {$ref: '#/components/schemas/B'}}}\n",
      "/components/schemas/A/$ref", "$ref \"#/components/schemas/B\" leads nowhere", 4, 34 },
    { BARE "components: {schemas: {A: {$ref: 'other.yaml#/B'}}}\n", "/components/schemas/A/$ref",
      "$ref to a file or URL outside of the document: \"other.yaml#/B\"", 4, 34 },
    { BARE "components: {schemas: {A: {items: {$ref: 'http://x.test/y'}}}}\n",
      "/components/schemas/A/items/$ref", "$ref to a file or URL outside", 4, 42 },
    { BARE "components: {schemas: {A: {$ref: 'B'}}}\n", "/components/schemas/A/$ref",
      "$ref to a file or URL outside", 4, 34 },
    { BARE "components: {schemas: {A: {$ref: 7}}}\n", "/components/schemas/A/$ref",
      "$ref must be a text, not a number", 4, 34 },
    { BARE "components: {schemas: {A: {$ref: '#anchor'}}}\n", "/components/schemas/A/$ref",
      "leads nowhere", 4, 34 },
    { "swagger: '2.0'\ninfo: {title: T, version: v}\npaths: {}\ndefinitions: {A: {$ref: '#/definitions/C'}}\n",
      "/definitions/A/$ref", "leads nowhere", 4, 25 },
};

TEST(openapi_3_2_is_read_with_a_note)
{
    CHECK_INT(load("openapi: 3.2.0\ninfo: {title: T, version: v}\npaths: {}\n"), ==, 0);
    CHECK_INT(document->spec, ==, PL_OPENAPI_31);
    CHECK_HAS(document->note, "are not compared yet");
    CHECK_INT(load("openapi: 3.1.0\ninfo: {title: T, version: v}\npaths: {}\n"), ==, 0);
    CHECK(document->note == NULL);
}

TEST(what_makes_a_document_unusable_is_named_with_its_place)
{
    for (size_t i = 0; i < sizeof unusable / sizeof unusable[0]; i++) {
        const struct pl_problem *first;

        CHECK_THAT(load(unusable[i].text) == -1, "accepted: %s", unusable[i].text);
        CHECK_INT(err.code, ==, PL_INVALID);
        CHECK_INT(document->problem_count, ==, 1);
        first = &document->problems[0];
        CHECK_HAS(first->text, unusable[i].error);
        CHECK_HAS(err.text, unusable[i].error);
        CHECK_STR(first->pointer, unusable[i].pointer);
        CHECK_STR(first->file, "document");
        CHECK_THAT((int)first->line == unusable[i].line && (int)first->column == unusable[i].column,
                   "%s: at %u:%u", unusable[i].text, first->line, first->column);
    }
}

TEST(an_unreadable_document_has_one_problem_with_its_place)
{
    CHECK_INT(load("{\"openapi\":\"3.0.0\",\n \"info\":"), ==, -1);
    CHECK_INT(err.code, ==, PL_MALFORMED);
    CHECK_INT(document->problem_count, ==, 1);
    CHECK_STR(document->problems[0].text, "the JSON text ends too early");
    CHECK_INT(document->problems[0].line, ==, 2);
    CHECK_INT(document->problems[0].column, ==, 9);
    CHECK_STR(document->title, "");
}

TEST(all_problems_are_collected_up_to_a_hundred)
{
    struct pl_arena *mine = pl_arena_new();
    struct pl_buf text = { .arena = mine };

    CHECK_INT(load(HEAD "paths:\n  a: {}\n  /b: {get: []}\n  /c: {$ref: '#/nowhere'}\n"), ==, -1);
    CHECK_INT(document->problem_count, ==, 3);
    CHECK_HAS(err.text, "line 4, column 3: the path \"a\" must begin with \"/\" (and 2 more)");
    pl_buf_str(&text, BARE "components:\n  schemas:\n");
    for (int i = 0; i < 150; i++)
        pl_buf_printf(&text, "    S%d: {$ref: x}\n", i);
    CHECK_INT(load(text.data), ==, -1);
    CHECK_INT(document->problem_count, ==, 100);
    pl_arena_destroy(&mine);
}

TEST(references_lead_through_escapes_names_and_circles)
{
    CHECK_INT(load(HEAD31 "components:\n"
                          "  schemas:\n"
                          "    A: {properties: {a: {$ref: '#/components/schemas/A'}}}\n"
                          "    'b/c~d e': {type: string}\n"
                          "    C: {$ref: '#/components/schemas/b~1c~0d%20e'}\n"
                          "    D: {$ref: '#/components/schemas/C'}\n"
                          "    E: {$ref: '#here'}\n"
                          "    F: {$anchor: here, type: object}\n"
                          "    G: {$id: 'http://x.test/g', $defs: {h: {type: number}}}\n"
                          "    H: {$ref: 'http://x.test/g#/$defs/h'}\n"
                          "    I: {$ref: '#/components/schemas/J'}\n"
                          "    J: {$ref: '#/components/schemas/I'}\n"),
              ==, 0);
#define RESOLVED(name) \
    pl_document_resolve(document, pl_node_pointer(document->root, "/components/schemas/" name))
    CHECK_STR(pl_node_text(pl_node_get(RESOLVED("D"), "type"), ""), "string");
    CHECK_STR(pl_node_text(pl_node_get(RESOLVED("E"), "type"), ""), "object");
    CHECK_STR(pl_node_text(pl_node_get(RESOLVED("H"), "type"), ""), "number");
    CHECK(RESOLVED("A") == pl_node_pointer(document->root, "/components/schemas/A"));
    CHECK(RESOLVED("I") == NULL);
    CHECK(pl_document_resolve(document, NULL) == NULL);
}

TEST(a_parameter_may_be_a_reference)
{
    CHECK_INT(load(HEAD "paths:\n"
                        "  /a:\n"
                        "    parameters: [{$ref: '#/components/parameters/P'}]\n"
                        "components: {parameters: {P: {name: p, in: query}}}\n"),
              ==, 0);
}

TEST(ref_is_data_in_examples_and_a_name_below_properties)
{
    CHECK_INT(load(HEAD "paths:\n"
                        "  /a:\n"
                        "    get:\n"
                        "      x-note: {$ref: nowhere}\n"
                        "      responses:\n"
                        "        '200':\n"
                        "          description: d\n"
                        "          content:\n"
                        "            a/b:\n"
                        "              example: {$ref: nowhere}\n"
                        "              schema:\n"
                        "                properties: {$ref: {type: string}}\n"
                        "                default: {$ref: nowhere}\n"
                        "                enum: [{$ref: nowhere}]\n"
                        "              examples: {x: {value: {$ref: nowhere}}}\n"),
              ==, 0);
    CHECK_INT(load(BARE "components: {examples: {x: {$ref: nowhere}}}\n"), ==, -1);
    CHECK_INT(load(BARE "components: {schemas: {default: {$ref: nowhere}}}\n"), ==, -1);
    CHECK_INT(load(BARE "components: {schemas: {a: {properties: {enum: {$ref: nowhere}}}}}\n"), ==,
              -1);
}

TEST(the_written_document_is_sorted_with_its_numbers_verbatim)
{
    struct pl_buf out = { 0 };

    CHECK_INT(load("paths: {}\nopenapi: 3.0.3\ninfo: {version: v, title: T}\nx-big: "
                   "9223372036854775807\nx-a: 1.50\n"),
              ==, 0);
    out.arena = arena;
    pl_document_write(document, &out);
    CHECK_STR(out.data, "{\n  \"info\": {\n    \"title\": \"T\",\n    \"version\": \"v\"\n  },\n"
                        "  \"openapi\": \"3.0.3\",\n  \"paths\": {},\n  \"x-a\": 1.50,\n"
                        "  \"x-big\": 9223372036854775807\n}\n");
}

static const struct {
    const char *base, *reference, *result;
} uris[] = {
    // from RFC 3986, 5.4
    { "http://a/b/c/d;p?q", "g:h", "g:h" },
    { "http://a/b/c/d;p?q", "g", "http://a/b/c/g" },
    { "http://a/b/c/d;p?q", "./g", "http://a/b/c/g" },
    { "http://a/b/c/d;p?q", "g/", "http://a/b/c/g/" },
    { "http://a/b/c/d;p?q", "/g", "http://a/g" },
    { "http://a/b/c/d;p?q", "//g", "http://g" },
    { "http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y" },
    { "http://a/b/c/d;p?q", "g?y#s", "http://a/b/c/g?y#s" },
    { "http://a/b/c/d;p?q", "#s", "http://a/b/c/d;p?q#s" },
    { "http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q" },
    { "http://a/b/c/d;p?q", ".", "http://a/b/c/" },
    { "http://a/b/c/d;p?q", "..", "http://a/b/" },
    { "http://a/b/c/d;p?q", "../g", "http://a/b/g" },
    { "http://a/b/c/d;p?q", "../../../g", "http://a/g" },
    { "http://a/b/c/d;p?q", "g;x=1/../y", "http://a/b/c/y" },
    { "http://a", "g", "http://a/g" },
    { "", "a.json", "a.json" },
    { "", "#/x", "#/x" },
    { "urn:x:y", "#/x", "urn:x:y#/x" },
};

TEST(uris_are_resolved_as_rfc_3986_says)
{
    CHECK_INT(load("x"), ==, -1);
    for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++)
        CHECK_STR(pl_uri_resolve(arena, uris[i].base, uris[i].reference), uris[i].result);
}

TEST(numbers_without_quotes_and_operations_without_responses_are_taken_as_meant)
{
    static const char TEXT[] = "swagger: 2.0\ninfo: {title: 7, version: 1.10}\n"
                               "paths:\n  /a:\n    get: {}\n    put:\n      responses:\n";
    struct pl_arena *memory = pl_arena_new();
    struct pl_err why = { 0 };
    struct pl_document *read;

    CHECK_INT(pl_document_load(&read, memory, "d", TEXT, sizeof TEXT - 1, NULL, &why), ==, 0);
    CHECK_STR(read->version, "1.10");
    CHECK_STR(read->title, "7");
    CHECK_INT(read->spec, ==, PL_SWAGGER_20);
    pl_arena_destroy(&memory);
}
