#include "pl_check.h"
#include "pl_schema.h"

#include <pthread.h>

static struct pl_arena *arena;
static struct pl_err err;
static struct pl_violation violations[10];

__attribute__((destructor)) static void
done(void)
{
    pl_arena_destroy(&arena);
}

static struct pl_node *
json(const char *text)
{
    struct pl_err ignored = { 0 };

    return pl_yaml_parse(arena, text, strlen(text), NULL, &ignored);
}

static struct pl_schema *
compile(const char *text, enum pl_dialect dialect)
{
    struct pl_schema *schema;
    struct pl_node *node;

    pl_arena_destroy(&arena);
    arena = pl_arena_new();
    err = (struct pl_err){ 0 };
    node = json(text);
    pl_schema_compile(&schema, node, node, dialect, arena, &err);
    return schema;
}

#define D2020 PL_DIALECT_2020_12
#define D4    PL_DIALECT_4
#define OAS30 PL_DIALECT_OAS30
#define OAS31 PL_DIALECT_OAS31

/* A schema, a value, and the first violation ("pointer keyword text"); NULL: valid. */
static const struct {
    enum pl_dialect dialect;
    const char *schema, *value, *wrong;
} cases[] = {
    { D2020, "{type: string}", "1", " type expected string, found integer" },
    { D2020, "{type: [integer, 'null']}", "1.5", " type expected null or integer, found number" },
    { D2020, "{type: integer}", "1.0", NULL },
    { D4, "{type: integer}", "1.0", " type expected integer, found number" },
    { OAS30, "{type: integer, nullable: true}", "null", NULL },
    { OAS30, "{type: integer}", "null", " type expected integer, found null" },
    { OAS31, "{type: integer, nullable: true}", "null", " type expected integer, found null" },
    { D2020, "{maximum: 9007199254740992}", "9007199254740993",
      " maximum expected at most 9007199254740992, found 9007199254740993" },
    { D2020, "{exclusiveMinimum: 0.1}", "0.10",
      " exclusiveMinimum expected more than 0.1, found 0.10" },
    { OAS30, "{maximum: 5, exclusiveMaximum: true}", "5",
      " maximum expected less than 5, found 5" },
    { OAS30, "{maximum: 5, exclusiveMaximum: false}", "5", NULL },
    { D2020, "{multipleOf: 0.01}", "19.99", NULL },
    { D2020, "{multipleOf: 0.01}", "19.999",
      " multipleOf expected a multiple of 0.01, found 19.999" },
    { D2020, "{minLength: 2}", "\"\xf0\x9f\x98\x80\"",
      " minLength expected at least 2 characters, found 1" },
    { D2020, "{pattern: '^a+$'}", "\"b\"", " pattern expected a text that matches \"^a+$\"" },
    { D2020, "{format: date-time}", "\"2026-02-30T00:00:00Z\"",
      " format expected a date and time like 2026-01-31T12:00:00Z" },
    { D2020, "{format: int32}", "2147483648", " format expected an integer of 32 bits" },
    { D2020, "{format: int64}", "9223372036854775807", NULL },
    { D2020, "{format: anything}", "\"x\"", NULL },
    { D2020, "{required: [a, b]}", "{\"a\":1}", " required the member \"b\" is missing" },
    { D2020, "{dependentRequired: {a: [b]}}", "{\"a\":1}",
      " dependentRequired the member \"b\" is missing, which \"a\" needs" },
    { D2020, "{properties: {a: {}, b: {}}, additionalProperties: false}", "{\"a\":1,\"x\":2}",
      "/x additionalProperties the member \"x\" is not known here; expected \"a\", \"b\"" },
    { D2020, "{properties: {'a/b': {items: {type: string}}}}", "{\"a/b\":[\"x\",2]}",
      "/a~1b/1 type expected string, found integer" },
    { D2020, "{enum: [red, 3]}", "\"blue\"", " enum expected one of [\"red\",3]" },
    { D2020, "{const: {a: 1}}", "{\"a\":1.0}", NULL },
    { D2020, "{uniqueItems: true}", "[1,2,{\"a\":[1.0]},{\"a\":[1]}]",
      " uniqueItems expected items that all differ, but 2 and 3 are equal" },
    { D2020, "{contains: {type: string}}", "[1]",
      " contains expected at least 1 matching items, found 0" },
    { D2020, "{oneOf: [{type: object, required: [a]}, {type: string}]}", "{}",
      " required the member \"a\" is missing" },
    { D2020, "{anyOf: [{required: [a]}, {required: [b]}]}", "{}",
      " anyOf expected a value that fits one of 2 alternatives, but it fits none" },
    { D2020, "{oneOf: [{}, {}]}", "1",
      " oneOf expected a value that fits exactly one of 2 alternatives, but it fits more" },
    { D2020, "{not: {type: string}}", "\"x\"",
      " not expected a value that does not fit the schema of \"not\"" },
    { D2020, "{if: {type: string}, then: {minLength: 3}, else: {minimum: 3}}", "2",
      " minimum expected at least 3, found 2" },
    { D2020, "{allOf: [{properties: {a: {}}}], unevaluatedProperties: false}", "{\"a\":1,\"b\":1}",
      "/b unevaluatedProperties the member \"b\" is not known here" },
    { D2020, "{x-json: raw, unknown: [1], type: object}", "{}", NULL },
    { D2020, "{$ref: '#/$defs/n', $defs: {n: {properties: {n: {$ref: '#'}}, required: [v]}}}",
      "{\"v\":1,\"n\":{}}", "/n required the member \"v\" is missing" },
    { OAS30, "{$ref: '#/x', minimum: 5, x: {type: integer}}", "1", NULL },
    { D2020, "{$ref: '#/x', minimum: 5, x: {type: integer}}", "1",
      " minimum expected at least 5, found 1" },
#define SCOPES                                                                                  \
    "{$id: 'http://x.test/r', $ref: m, $defs: {a: {$dynamicAnchor: T, type: string}, m: {$id: " \
    "m, $ref: l, $defs: {b: {$dynamicAnchor: T, type: number}}}, l: {$id: l, $dynamicRef: "     \
    "'#T', $defs: {c: {$dynamicAnchor: T}}}}}"
    { D2020, SCOPES, "\"x\"", NULL },
    { D2020, SCOPES, "1", " type expected string, found integer" }, // the outermost of three
    { D2020, "false", "1", " schema no value is allowed here" },
};

TEST(values_are_judged_and_violations_say_what_was_expected)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pl_schema *schema = compile(cases[i].schema, cases[i].dialect);
        int count;
        char said[400];

        CHECK_THAT(schema, "%s: %s", cases[i].schema, err.text);
        count = pl_schema_check(schema, json(cases[i].value), arena, violations, 10);
        CHECK_THAT((count == 0) == (cases[i].wrong == NULL), "%s of %s: %s", cases[i].value,
                   cases[i].schema, count ? violations[0].text : "valid");
        if (count == 0)
            continue;
        snprintf(said, sizeof said, "%s %s %s", violations[0].pointer, violations[0].keyword,
                 violations[0].text);
        CHECK_STR(said, cases[i].wrong);
    }
}

static const struct {
    const char *schema, *error;
} no_schemas[] = {
    { "[]", "the schema at \"\" is not valid: it must be an object, not array" },
    { "{type: text}", "the schema at \"/type\" is not valid: there is no type \"text\"" },
    { "{type: 5}", "/type" },
    { "{properties: {a: 1}}", "the schema at \"/properties/a\" is not valid" },
    { "{minimum: '1'}",
      "the schema at \"/minimum\" is not valid: it must be a number, not string" },
    { "{multipleOf: 0}", "it must be greater than 0" },
    { "{maxItems: -1}", "/maxItems" },
    { "{minLength: 1.5}", "/minLength" },
    { "{pattern: '('}", "\"(\" is not a pattern: missing closing parenthesis" },
    { "{required: a}", "/required" },
    { "{required: [1]}", "/required" },
    { "{allOf: []}", "/allOf" },
    { "{enum: x}", "/enum" },
    { "{uniqueItems: 1}", "/uniqueItems" },
    { "{$ref: 1}", "/$ref" },
    { "{items: {$ref: '#/nowhere'}}",
      "the schema at \"/items/$ref\" is not valid: \"#/nowhere\" leads nowhere" },
    { "{$ref: 'http://x.test/s'}", "outside of the document" },
    { "{$ref: '#/$defs/a', $defs: {a: {$ref: '#/$defs/b'}, b: {type: x}}}",
      "the schema at \"/$defs/b/type\"" },
};

TEST(what_is_no_schema_is_refused_with_its_pointer)
{
    for (size_t i = 0; i < sizeof no_schemas / sizeof no_schemas[0]; i++) {
        CHECK_THAT(compile(no_schemas[i].schema, D2020) == NULL, "accepted: %s",
                   no_schemas[i].schema);
        CHECK_INT(err.code, ==, PL_INVALID);
        CHECK_HAS(err.text, no_schemas[i].error);
    }
}

TEST(all_violations_are_found_up_to_the_number_asked_for)
{
    struct pl_schema *schema = compile(
        "{properties: {a: {type: string}, b: {minimum: 5, multipleOf: 2}}, required: [c]}", D2020);
    struct pl_node *value = json("{\"a\": 1,\n \"b\": 3}");

    CHECK_INT(pl_schema_check(schema, value, arena, violations, 10), ==, 4);
    CHECK_STR(violations[0].keyword, "required");
    CHECK_STR(violations[1].pointer, "/a");
    CHECK_INT(violations[2].line, ==, 2);
    CHECK_INT(violations[2].column, ==, 7);
    CHECK_INT(pl_schema_check(schema, value, arena, violations, 2), ==, 2);
    CHECK_INT(pl_schema_check(schema, value, arena, NULL, 0), ==, 1);
}

TEST(a_schema_that_only_refers_to_itself_ends)
{
    const char *const endless[] = { "{$ref: '#'}",
                                    "{allOf: [{$ref: '#'}]}",
                                    "{not: {$ref: '#'}}",
                                    "{not: {allOf: [{$ref: '#'}]}}",
                                    "{not: {allOf: [{allOf: [{$ref: '#'}]}]}}",
                                    "{allOf: [{not: {not: {not: {$ref: '#'}}}}]}",
                                    "{anyOf: [{$ref: '#'}, {$ref: '#'}]}",
                                    "{oneOf: [{$ref: '#'}, {$ref: '#'}]}" };

    for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++) {
        struct pl_schema *schema = compile(endless[i], D2020);

        CHECK_INT(pl_schema_check(schema, json("1"), arena, violations, 10), >, 0);
        CHECK_HAS(violations[0].text, "too deep or too large to be checked");
    }
}

TEST(a_schema_that_doubles_its_work_runs_out_of_steps)
{
    char text[4000] = "{$ref: '#/$defs/d0', $defs: {";
    struct pl_schema *schema;

    for (int i = 0; i < 30; i++)
        sprintf(text + strlen(text),
                "d%d: {anyOf: [{$ref: '#/$defs/d%d'}, {$ref: '#/$defs/d%d'}]},", i, i + 1, i + 1);
    strcat(text, "d30: false}}");
    schema = compile(text, D2020);
    CHECK_INT(pl_schema_check(schema, json("1"), arena, violations, 10), >, 0);
    CHECK_HAS(violations[0].text, "too deep or too large to be checked");
}

TEST(a_pattern_that_explodes_is_a_violation)
{
    struct pl_schema *schema = compile("{pattern: '^(a+)+$'}", D2020);

    CHECK_INT(pl_schema_check(schema, json("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\""),
                              arena, violations, 10),
              ==, 1);
    CHECK_HAS(violations[0].text, "too much work");
}

TEST(ten_thousand_references_in_a_row_are_compiled)
{
    struct pl_arena *mine = pl_arena_new();
    struct pl_buf text = { .arena = mine };

    pl_buf_str(&text, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
    for (int i = 0; i < 10000; i++)
        pl_buf_printf(&text, "\"d%d\":{\"properties\":{\"a\":{\"$ref\":\"#/$defs/d%d\"}}},", i,
                      i + 1);
    pl_buf_str(&text, "\"d10000\":{}}}");
    CHECK(compile(text.data, D2020) != NULL);
    pl_arena_destroy(&mine);
}

TEST(a_schema_inside_of_an_api_description_finds_its_components)
{
    struct pl_node *root;
    struct pl_schema *schema;

    compile("{}", D2020);
    root = json("{\"components\":{\"schemas\":{\"A\":{\"properties\":{\"b\":{\"$ref\":"
                "\"#/components/schemas/B\"}}},\"B\":{\"type\":\"string\"}}}}");
    CHECK_INT(pl_schema_compile(&schema, pl_node_pointer(root, "/components/schemas/A"), root,
                                OAS31, arena, &err),
              ==, 0);
    CHECK_INT(pl_schema_check(schema, json("{\"b\":1}"), arena, violations, 10), ==, 1);
    CHECK_STR(violations[0].pointer, "/b");
}

static void *
check_often(void *schema)
{
    const char *text = "{\"a\":\"xx\",\"b\":[1,1]}";
    struct pl_arena *mine = pl_arena_new();
    struct pl_err ignored = { 0 };
    struct pl_node *value = pl_json_parse(mine, text, strlen(text), NULL, &ignored);
    intptr_t wrong = 0;

    for (int i = 0; i < 200; i++) {
        struct pl_violation found[4];

        wrong += pl_schema_check(schema, value, mine, found, 4);
    }
    pl_arena_destroy(&mine);
    return (void *)wrong;
}

TEST(threads_share_a_compiled_schema)
{
    struct pl_schema *schema =
        compile("{properties: {a: {pattern: '^x+$'}, b: {uniqueItems: true}}}", D2020);
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, check_often, schema), ==, 0);
    for (int i = 0; i < 4; i++) {
        void *wrong;

        pthread_join(threads[i], &wrong);
        CHECK_INT((intptr_t)wrong, ==, 200);
    }
}
