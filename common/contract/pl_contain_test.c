#include "contain_case.h"

TEST(types_and_values_are_compared)
{
    static const struct question questions[] = {
        { "{\"type\":\"string\"}", "{\"type\":\"string\"}", "contained" },
        { "{\"type\":\"integer\"}", "{\"type\":\"number\"}", "contained" },
        { "{\"type\":\"number\"}", "{\"type\":\"integer\"}", "0.1  type" },
        { "{\"type\":[\"string\",\"null\"]}", "{\"type\":\"string\"}", "null  type" },
        { "{\"enum\":[1,2,3]}", "{\"enum\":[3,2,1.0]}", "contained" },
        { "{\"enum\":[1,2,3]}", "{\"enum\":[1,2]}", "3  enum" },
        { "{\"const\":\"a\"}", "{\"enum\":[\"a\"]}", "contained" },
        { "{\"type\":\"string\"}", "{\"enum\":[\"a\",\"A\"]}", "\"1\"  enum" },
        { "{\"type\":\"boolean\"}", "{\"enum\":[true,false]}", "contained" },
        { "{}", "{\"type\":\"object\"}", "\"a\"  type" },
        { "true", "{}", "contained" },
        { "false", "{\"type\":\"object\"}", "contained" },
        { "{\"type\":\"object\"}", "false", "{}  schema" },
        { 0 },
    };

    ask_all(questions, PL_DIALECT_2020_12, false);
}

TEST(numbers_lie_on_a_grid)
{
    static const struct question questions[] = {
        { "{\"type\":\"integer\",\"minimum\":3}", "{\"type\":\"integer\",\"exclusiveMinimum\":2}",
          "contained" },
        { "{\"type\":\"number\",\"minimum\":3}", "{\"type\":\"number\",\"exclusiveMinimum\":2.5}",
          "contained" },
        { "{\"type\":\"number\",\"exclusiveMinimum\":2}", "{\"type\":\"number\",\"minimum\":3}",
          "2.1  minimum" },
        { "{\"type\":\"integer\",\"maximum\":10}", "{\"type\":\"integer\",\"maximum\":9}",
          "10  maximum" },
        { "{\"type\":\"integer\",\"multipleOf\":6}", "{\"type\":\"integer\",\"multipleOf\":3}",
          "contained" },
        { "{\"type\":\"integer\",\"multipleOf\":3}", "{\"type\":\"integer\",\"multipleOf\":6}",
          "3  multipleOf" },
        { "{\"type\":\"number\",\"multipleOf\":0.01}", "{\"type\":\"number\",\"multipleOf\":0.1}",
          "0.01  multipleOf" },
        { "{\"type\":\"number\",\"multipleOf\":0.5,\"minimum\":0,\"maximum\":1}",
          "{\"enum\":[0,0.5,1]}", "contained" },
        { "{\"type\":\"integer\"}", "{\"type\":\"integer\",\"format\":\"int32\"}",
          "2147483648  format" },
        { "{\"type\":\"integer\",\"minimum\":0,\"maximum\":3}", "{\"enum\":[0,1,2,3]}",
          "contained" },
        { 0 },
    };

    ask_all(questions, PL_DIALECT_2020_12, false);
}

TEST(strings_are_matched_by_automata)
{
    static const struct question questions[] = {
        { "{\"type\":\"string\",\"pattern\":\"^[a-f]+$\"}",
          "{\"type\":\"string\",\"pattern\":\"^[a-z]*$\"}", "contained" },
        { "{\"type\":\"string\",\"pattern\":\"^[a-z]+$\"}",
          "{\"type\":\"string\",\"pattern\":\"^[a-f]+$\"}", "\"g\"  pattern" },
        { "{\"type\":\"string\",\"pattern\":\"^\\\\d{3}$\"}",
          "{\"type\":\"string\",\"minLength\":3,\"maxLength\":3}", "contained" },
        { "{\"type\":\"string\",\"pattern\":\"^(ab|cd)*$\",\"minLength\":1}",
          "{\"type\":\"string\",\"minLength\":2}", "contained" },
        { "{\"type\":\"string\",\"pattern\":\"^a|b$\"}", "{\"type\":\"string\",\"pattern\":\"a\"}",
          "\"b\"  pattern" },
        { "{\"type\":\"string\",\"maxLength\":5}", "{\"type\":\"string\",\"maxLength\":4}",
          "\"aaaaa\"  maxLength" },
        { "{\"type\":\"string\",\"format\":\"uri\"}",
          "{\"type\":\"string\",\"format\":\"uri-reference\"}", "contained" },
        { "{\"type\":\"string\",\"format\":\"date\"}",
          "{\"type\":\"string\",\"format\":\"date-time\"}", "\"2026-01-31\"  format" },
        { "{\"type\":\"string\",\"format\":\"uuid\"}", "{\"type\":\"string\",\"maxLength\":36}",
          "contained" },
        { "{\"type\":\"string\",\"format\":\"made-up\"}", "{\"type\":\"string\"}", "contained" },
        { 0 },
    };

    ask_all(questions, PL_DIALECT_2020_12, false);
}

TEST(arrays_are_compared_item_by_item)
{
    static const struct question questions[] = {
        { "{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}",
          "{\"type\":\"array\",\"items\":{\"type\":\"number\"}}", "contained" },
        { "{\"type\":\"array\",\"items\":{\"type\":\"number\"}}",
          "{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}", "[0.1] /0 type" },
        { "{\"type\":\"array\",\"maxItems\":2,\"items\":{\"type\":\"null\"}}",
          "{\"type\":\"array\",\"maxItems\":1}", "[null,null]  maxItems" },
        { "{\"type\":\"array\",\"items\":{\"enum\":[1,2]}}",
          "{\"type\":\"array\",\"uniqueItems\":true}", "[1,1]  uniqueItems" },
        { "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"enum\":[1,2]}}",
          "{\"type\":\"array\",\"maxItems\":2}", "contained" },
        { "{\"type\":\"array\",\"prefixItems\":[{\"type\":\"string\"}],\"items\":{\"type\":"
          "\"integer\"}}",
          "{\"type\":\"array\",\"items\":{\"type\":[\"string\",\"integer\"]}}", "contained" },
        { "{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}",
          "{\"type\":\"array\",\"contains\":{\"const\":1}}", "[]  contains" },
        { "{\"type\":\"array\",\"minItems\":1,\"items\":{\"const\":1}}",
          "{\"type\":\"array\",\"contains\":{\"const\":1}}", "contained" },
        { 0 },
    };

    ask_all(questions, PL_DIALECT_2020_12, false);
}

TEST(objects_have_declared_members)
{
    static const struct question questions[] = {
        { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}",
          "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"type\":"
          "\"integer\"}}}",
          "contained" },
        { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}",
          "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"]"
          "}",
          "{}  required" },
        { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}",
          "{\"type\":\"object\",\"additionalProperties\":false}",
          "{\"a\":\"a\"} /a additionalProperties" },
        { "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}",
          "{\"type\":\"object\",\"properties\":{\"b\":{\"type\":\"integer\"}}}",
          "{\"b\":\"a\"} /b type" },
        { "{\"type\":\"object\",\"additionalProperties\":true}",
          "{\"type\":\"object\",\"properties\":{\"b\":{\"type\":\"integer\"}}}", "contained" },
        { "{\"type\":\"object\",\"additionalProperties\":true}",
          "{\"type\":\"object\",\"additionalProperties\":false}",
          "{\"other\":\"a\"} /other additionalProperties" },
        { "{\"type\":\"object\"}", "{\"type\":\"object\",\"additionalProperties\":false}",
          "contained" },
        { "{\"type\":\"object\",\"additionalProperties\":{\"type\":[\"string\",\"integer\"]}}",
          "{\"type\":\"object\",\"additionalProperties\":{\"type\":[\"string\",\"integer\"]},"
          "\"patternProperties\":{\"^x-\":{\"type\":\"integer\"}}}",
          "{\"x-\":\"a\"} /x- type" },
        { "{\"type\":\"object\",\"patternProperties\":{\"^x-\":{\"type\":\"integer\"}}}",
          "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}",
          "{\"x-\":0} /x- type" },
        { "{\"type\":\"object\",\"properties\":{\"a\":{},\"b\":{}},\"dependentRequired\":{\"a\":["
          "\"b\"]}}",
          "{\"type\":\"object\",\"dependentRequired\":{\"a\":[\"b\",\"c\"]}}",
          "{\"a\":\"a\",\"b\":\"a\"}  dependentRequired" },
        { "{\"properties\":{\"a\":{\"type\":\"string\"}}}",
          "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}", "contained" },
        { 0 },
    };

    ask_all(questions, PL_DIALECT_2020_12, false);
}

TEST(combinations_are_sets)
{
    static const struct question questions[] = {
        { "{\"type\":\"integer\",\"minimum\":1,\"maximum\":5}",
          "{\"allOf\":[{\"type\":\"integer\"},{\"minimum\":1},{\"maximum\":5}]}", "contained" },
        { "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]}",
          "{\"type\":[\"integer\",\"string\"]}", "contained" },
        { "{\"type\":[\"integer\",\"string\"]}",
          "{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]}", "contained" },
        { "{\"type\":\"integer\"}", "{\"oneOf\":[{\"minimum\":0},{\"maximum\":0}]}", "0  oneOf" },
        { "{\"type\":\"integer\"}",
          "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":0},{\"type\":\"integer\",\"maximum\":0}]"
          "}",
          "contained" },
        { "{\"type\":\"string\"}", "{\"not\":{\"type\":\"integer\"}}", "contained" },
        { "{\"type\":\"integer\"}", "{\"not\":{\"const\":7}}", "7  not" },
        { "{\"type\":\"object\",\"properties\":{\"k\":{\"enum\":[\"a\",\"b\"]}},\"required\":["
          "\"k\"]}",
          "{\"oneOf\":[{\"properties\":{\"k\":{\"const\":\"a\"}}},{\"properties\":{\"k\":{"
          "\"const\":\"b\"}}}]}",
          "contained" },
        { "{\"type\":\"integer\",\"if\":{\"minimum\":10},\"then\":{\"multipleOf\":10}}",
          "{\"type\":\"integer\",\"if\":{\"minimum\":10},\"then\":{\"multipleOf\":5}}",
          "contained" },
        { "{\"type\":\"integer\",\"minimum\":0,\"maximum\":20}",
          "{\"type\":\"integer\",\"if\":{\"minimum\":10},\"then\":{\"multipleOf\":5}}",
          "11  multipleOf" },
        { 0 },
    };

    ask_all(questions, PL_DIALECT_2020_12, false);
}

TEST(a_question_is_no_answer_to_itself)
{
    static const struct question questions[] = {
        { "{\"type\":\"string\",\"maxLength\":5,\"not\":{\"minLength\":1,\"pattern\":\"[0-9]\"}}",
          "{\"type\":\"string\",\"minLength\":1,\"maxLength\":5,\"not\":{\"minLength\":1,"
          "\"pattern\":\"[0-9]\"}}",
          "\"\"  minLength" },
        { 0 },
    };

    ask_all(questions, PL_DIALECT_2020_12, false);
}

TEST(a_long_address_is_one_that_everyone_takes)
{
    static const struct question questions[] = {
        { "{\"type\":\"string\",\"format\":\"uri\"}",
          "{\"type\":\"string\",\"format\":\"uri\",\"maxLength\":23}",
          "\"https://example.org/aaaa\"  maxLength" },
        { 0 },
    };

    ask_all(questions, PL_DIALECT_2020_12, false);
}

TEST(circles_end)
{
    static const struct question questions[] = {
        { "{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#\"},\"v\":{\"type\":"
          "\"integer\"}}}",
          "{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#\"},\"v\":{\"type\":"
          "\"number\"}}}",
          "contained" },
        { "{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#\"},\"v\":{\"type\":"
          "\"number\"}}}",
          "{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#\"},\"v\":{\"type\":"
          "\"integer\"}}}",
          "{\"v\":0.1} /v type" },
        { "{\"type\":\"object\",\"required\":[\"next\"],\"properties\":{\"next\":{\"$ref\":\"#\"}}"
          "}",
          "{\"type\":\"object\",\"required\":[\"other\"]}", "contained" },
        { 0 },
    };

    ask_all(questions, PL_DIALECT_2020_12, false);
}

TEST(directions_hide_members)
{
    static const struct question requests[] = {
        { "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\",\"readOnly\":true}}}",
          "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"integer\",\"readOnly\":true}},"
          "\"required\":[\"id\"]}",
          "contained" },
        { "{\"type\":\"string\",\"nullable\":true}", "{\"type\":\"string\"}", "null  type" },
        { 0 },
    };
    static const struct question replies[] = {
        { "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"string\"}}}",
          "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}", "{}  required" },
        { 0 },
    };

    ask_all(requests, PL_DIALECT_OAS30, false);
    ask_all(replies, PL_DIALECT_OAS30, true);
}

TEST(a_whole_is_built_around_a_part)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_document *document = document_of(
        "{\"type\":\"object\",\"required\":[\"id\",\"list\"],\"properties\":{\"id\":{\"type\":"
        "\"integer\",\"minimum\":3},\"list\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
        "\"properties\":{\"a/b\":{\"type\":\"string\"}}}}}}",
        PL_DIALECT_2020_12, arena);
    struct pl_document *other =
        document_of("{\"properties\":{\"id\":{\"type\":\"string\"}}}", PL_DIALECT_2020_12, arena);
    struct pl_contain *contain = pl_contain_new(document, other, NULL, arena);
    const char *steps[] = { "list", NULL, "a/b" };
    struct pl_buf text = { .arena = arena };
    struct pl_violation objection;
    struct pl_node *whole;

    CHECK_INT(pl_contain_build(contain, document->root, false, false, steps, 3,
                               pl_node_string(arena, "x"), &whole),
              ==, 1);
    pl_node_write(&text, whole, PL_COMPACT | PL_SORTED);
    CHECK_STR(pl_buf_text(&text), "{\"id\":3,\"list\":[{\"a/b\":\"x\"}]}");
    CHECK_INT(pl_contain_build(contain, document->root, false, false, steps, 3,
                               pl_node_bool(arena, true), &whole),
              ==, 0);
    // what is beside the place is another matter
    CHECK_INT(pl_contain_judge(contain, other->root, true, whole), ==, 0);
    CHECK(!pl_contain_objection_at(contain, other->root, true, whole, steps, 3, &objection));
    steps[0] = "id";
    CHECK(pl_contain_objection_at(contain, other->root, true, whole, steps, 1, &objection));
    CHECK_STR(objection.pointer, "/id");
    pl_contain_free(&contain);
    pl_arena_destroy(&arena);
}

TEST(other_readings_are_asked_for_by_name)
{
    struct pl_arena *arena = pl_arena_new();
    const char *twins =
        "{\"oneOf\":[{\"required\":[\"k\"],\"properties\":{\"k\":{\"type\":\"integer\"}}},"
        "{\"required\":[\"k\"],\"properties\":{\"k\":{\"type\":\"integer\"}}}]}";
    const char *step = "k";
    struct pl_document *base = document_of("{\"type\":\"object\"}", PL_DIALECT_2020_12, arena);
    struct pl_document *head = document_of(
        "{\"type\":\"object\",\"propertyNames\":{\"maxLength\":3}}", PL_DIALECT_2020_12, arena);
    struct pl_contain *contain = pl_contain_new(base, head, NULL, arena);

    CHECK(pl_contain_ask(contain, base->root, head->root, false).verdict == PL_CONTAINED);
    CHECK(pl_contain_openly(contain, base->root, head->root, false, "propertyNames"));
    CHECK(!pl_contain_openly(contain, base->root, head->root, false, "maxProperties"));
    CHECK(pl_contain_ask(contain, base->root, head->root, false).verdict == PL_CONTAINED);
    pl_contain_free(&contain);
    base = document_of(twins, PL_DIALECT_2020_12, arena);
    head = document_of("{\"properties\":{\"k\":{\"type\":\"string\"}}}", PL_DIALECT_2020_12, arena);
    contain = pl_contain_new(base, head, NULL, arena);
    CHECK(pl_contain_ask(contain, base->root, head->root, false).verdict == PL_CONTAINED);
    CHECK(pl_contain_loosely_at(contain, base->root, head->root, false, &step, 1,
                                pl_node_integer(arena, 1)));
    pl_contain_free(&contain);
    pl_arena_destroy(&arena);
}
