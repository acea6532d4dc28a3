#include "pl_check.h"
#include "pl_node.h"

#include <stdarg.h>

static struct pl_arena *arena;
static struct pl_err err;

__attribute__((destructor)) static void
done(void)
{
    pl_arena_destroy(&arena);
}

static struct pl_node *
parse_bytes(const char *bytes, size_t length, const struct pl_limits *limits)
{
    pl_arena_destroy(&arena);
    arena = pl_arena_new();
    err = (struct pl_err){ 0 };
    return pl_json_parse(arena, bytes, length, limits, &err);
}

static struct pl_node *
parse(const char *text)
{
    return parse_bytes(text, strlen(text), NULL);
}

static const char *
written(const struct pl_node *node, int flags)
{
    struct pl_buf out = { .arena = arena };

    pl_node_write(&out, node, flags);
    return pl_buf_text(&out);
}

TEST(json_is_written_as_it_was_read)
{
    const char *text =
        "{\"b\":[1,-0.50,1e5,null,true,false,{}],\"a\":\"\\u0000\\t\\\"x\\\\\xc3\xa9\"}";

    CHECK_STR(written(parse(text), PL_COMPACT), text);
}

TEST(pretty_json_has_two_spaces_and_sorted_members)
{
    CHECK_STR(written(parse("{\"b\":[1,[]],\"a\":{},\"B\":2}"), PL_SORTED | PL_PRETTY),
              "{\n  \"B\": 2,\n  \"a\": {},\n  \"b\": [\n    1,\n    []\n  ]\n}");
}

TEST(a_deep_value_is_not_written_as_a_wall_of_spaces)
{
    char text[200];
    const char *pretty;

    memset(text, '[', 90);
    memset(text + 90, ']', 90);
    text[180] = '\0';
    pretty = written(parse(text), PL_PRETTY);
    CHECK_HAS(pretty, "\n                                                                [");
    CHECK(strstr(pretty, "\n                                                                 ") ==
          NULL);
    CHECK_INT(strlen(pretty), <, 180 * 70);
}

TEST(every_value_and_key_knows_its_line_and_column)
{
    struct pl_node *root =
        parse("{\n  \"\xc3\xa9\" : [ 1,\n 22, \"x\\n\" ],\r\n \"b\":{\"c\" :null}\n}");
    const struct pl_member *list = pl_node_member(root, "\xc3\xa9");
    const struct pl_member *b = pl_node_member(root, "b");
    const struct pl_member *c = pl_node_member(b->value, "c");

    CHECK_INT(root->line, ==, 1);
    CHECK_INT(list->line, ==, 2);
    CHECK_INT(list->column, ==, 3);
    CHECK_INT(list->value->column, ==, 9); // characters, not bytes
    CHECK_INT(list->value->items[0]->column, ==, 11);
    CHECK_INT(list->value->items[1]->line, ==, 3);
    CHECK_INT(list->value->items[1]->column, ==, 2);
    CHECK_INT(list->value->items[2]->column, ==, 6);
    CHECK_INT(b->line, ==, 4);
    CHECK_INT(b->column, ==, 2);
    CHECK_INT(b->value->column, ==, 6);
    CHECK_INT(c->column, ==, 7);
    CHECK_INT(c->value->column, ==, 12);
}

TEST(scalars_may_stand_alone)
{
    CHECK_STR(written(parse(" 12 "), 0), "12");
    CHECK_STR(written(parse("12"), 0), "12");
    CHECK_STR(written(parse("\"x\""), 0), "\"x\"");
    CHECK_STR(written(parse("null"), 0), "null");
}

TEST(a_byte_order_mark_is_dropped)
{
    CHECK_STR(written(parse("\xef\xbb\xbf{}"), 0), "{}");
}

static const struct {
    const char *text, *error;
} broken[] = {
    { "", "line 1, column 1: the document is empty" },
    { "  ", "line 1, column 3: the JSON text ends too early" },
    { "{\"a\":", "line 1, column 6: the JSON text ends too early" },
    { "[1,\n2", "line 2, column 2: the JSON text ends too early" },
    { "[\"abc", "ends too early" },
    { "[1,]", "line 1, column 4" },
    { "{\"a\" 1}", "line 1, column 6" },
    { "{a:1}", "line 1, column 2" },
    { "[01]", "line 1, column" },
    { "[1.]", "line 1, column" },
    { "[+1]", "line 1, column 2" },
    { "[NaN]", "line 1, column 2" },
    { "[tru]", "line 1, column" },
    { "[\"\t\"]", "line 1, column" },
    { "[\"\\x\"]", "line 1, column" },
    { "// no\n[]", "line 1, column" },
    { "{} {}", "line 1, column 4" },
    { "[1] x", "line 1, column 5" },
    { "{\"a\":1,\n \"b\":2,\"a\":3}", "line 2, column 8: duplicate member \"a\"" },
    { "{\"a\":1,\"\\u0061\":3}", "line 1, column 8: duplicate member \"a\"" },
    { "[\"\xc3\"]", "line 1, column 3: the byte 0xc3 is not UTF-8" },
    { "[\n\"\xc3\xa9\xc0\xaf\"]", "line 2, column 3: the byte 0xc0 is not UTF-8" },
    { "[\"\xed\xa0\x80\"]", "0xed is not UTF-8" },
    { "[\"\\ud800\"]", "line 1, column 2: the string has half of a surrogate pair" },
    { "[\"\\udc00x\"]", "half of a surrogate pair" },
    { "[\"\\ud83d\\u0041\"]", "half of a surrogate pair" },
    { "{\"\\ud83d\\n\":1}", "half of a surrogate pair" },
};

TEST(broken_json_is_refused_with_its_place)
{
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        CHECK_THAT(parse(broken[i].text) == NULL, "accepted: %s", broken[i].text);
        CHECK_INT(err.code, ==, PL_MALFORMED);
        CHECK_THAT(strstr(err.text, broken[i].error), "%s: \"%s\", wanted \"%s\"", broken[i].text,
                   err.text, broken[i].error);
    }
}

TEST(escapes_and_surrogate_pairs_become_characters)
{
    CHECK_STR(parse("[\"\\ud83d\\ude00\\u00e9\\/\"]")->items[0]->text, "\xf0\x9f\x98\x80\xc3\xa9/");
}

TEST(a_nul_byte_or_utf16_is_refused)
{
    CHECK(parse_bytes("{\"a\":\0 1}", 9, NULL) == NULL);
    CHECK_HAS(err.text, "line 1, column 6: there is a NUL byte");
    CHECK(parse_bytes("\xff\xfe{\0}\0", 6, NULL) == NULL);
    CHECK_HAS(err.text, "UTF-16");
}

TEST(ten_thousand_levels_are_refused_at_the_limit)
{
    static char text[20001];

    memset(text, '[', 10000);
    memset(text + 10000, ']', 10000);
    CHECK(parse(text) == NULL);
    CHECK_INT(err.code, ==, PL_MALFORMED);
    CHECK_STR(err.text, "line 1, column 201: nested deeper than 200 levels");
    memset(text + 200, ']', 200);
    text[400] = '\0';
    CHECK(parse(text) != NULL);
}

TEST(limits_of_bytes_and_values_hold)
{
    struct pl_limits limits = { .bytes = 8 };

    CHECK(parse_bytes("[1,2,3,4]", 9, &limits) == NULL);
    CHECK_INT(err.code, ==, PL_TOO_LARGE);
    limits = (struct pl_limits){ .nodes = 4 };
    CHECK(parse_bytes("[1,2,3,4]", 9, &limits) == NULL);
    CHECK_STR(err.text, "line 1, column 8: the document has more than 4 values");
    CHECK(parse_bytes("[1,2,3]", 7, &limits) != NULL);
}

TEST(large_objects_find_their_members_and_their_duplicates)
{
    struct pl_buf text = { 0 };
    struct pl_arena *mine = pl_arena_new();
    struct pl_node *root;

    text.arena = mine;
    pl_buf_char(&text, '{');
    for (int i = 0; i < 5000; i++)
        pl_buf_printf(&text, "%s\"key%d\":%d", i ? "," : "", i, i);
    pl_buf_str(&text, "}");
    root = parse_bytes(text.data, text.length, NULL);
    CHECK_INT(pl_node_int(pl_node_get(root, "key4321"), 0), ==, 4321);
    CHECK(pl_node_get(root, "key5000") == NULL);
    text.data[text.length - 1] = ',';
    pl_buf_str(&text, "\"key77\":0}");
    CHECK(parse_bytes(text.data, text.length, NULL) == NULL);
    CHECK_HAS(err.text, "duplicate member \"key77\"");
    pl_arena_destroy(&mine);
}
