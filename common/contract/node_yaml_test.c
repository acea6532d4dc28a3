#include "pl_check.h"
#include "pl_node.h"

static struct pl_arena *arena;
static struct pl_err err;

__attribute__((destructor)) static void
done(void)
{
    pl_arena_destroy(&arena);
}

static struct pl_node *
parse_within(const char *text, const struct pl_limits *limits)
{
    pl_arena_destroy(&arena);
    arena = pl_arena_new();
    err = (struct pl_err){ 0 };
    return pl_document_parse(arena, text, strlen(text), limits, &err);
}

static struct pl_node *
parse(const char *text)
{
    return parse_within(text, NULL);
}

static const char *
json(const char *text)
{
    const struct pl_node *node = parse(text);
    struct pl_buf out = { .arena = arena };

    if (node == NULL)
        return err.text;
    pl_node_write(&out, node, PL_COMPACT);
    return pl_buf_text(&out);
}

static const struct {
    const char *yaml, *json;
} cases[] = {
    { "a: 1\nb:\n  - x\n  - {c: d}\n", "{\"a\":1,\"b\":[\"x\",{\"c\":\"d\"}]}" },
    { "[~, null, Null, NULL, nUll]", "[null,null,null,null,\"nUll\"]" },
    { "\xef\xbb\xbf { openapi: 3.1.0, info: {title: t}, # said\n paths: {} }",
      "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"t\"},\"paths\":{}}" },
    { "{'a': 1,}", "{\"a\":1}" },
    { "{\"a\": 1,}", NULL }, // begins like JSON, so it is read as JSON
    { "[1, a]", NULL },
    { "- ~\n- null\n- Null\n- NULL\n- nUll\n-\n", "[null,null,null,null,\"nUll\",null]" },
    { "- true\n- True\n- TRUE\n- false\n- yes\n- off\n- 'true'\n",
      "[true,true,true,false,\"yes\",\"off\",\"true\"]" },
    { "- 1\n- +5\n- -07\n- 0o17\n- 0xFf\n- 1_000\n- 0777\n- 1:30\n",
      "[1,5,-7,15,255,\"1_000\",777,\"1:30\"]" },
    { "- .5\n- 5.\n- +1.50\n- 1e3\n- 1.e-2\n- -.5E+2\n- 1e\n- .\n- -\n- 1.2.3\n",
      "[0.5,5,1.50,1e3,1e-2,-0.5E+2,\"1e\",\".\",[null],\"1.2.3\"]" },
    { "- 2020-01-01\n- 0x\n- 0xg\n- 0o8\n- \"1\"\n- '2'\n",
      "[\"2020-01-01\",\"0x\",\"0xg\",\"0o8\",\"1\",\"2\"]" },
    { "200: ok\ntrue: yes\nnull: x\n", "{\"200\":\"ok\",\"true\":\"yes\",\"null\":\"x\"}" },
    { "a: |\n  two\n  lines\nb: >-\n  fol\n  ded\n",
      "{\"a\":\"two\\nlines\\n\",\"b\":\"fol ded\"}" },
    { "a: &x {b: [1, 2]}\nc: *x\nd: [*x, *x]\n",
      "{\"a\":{\"b\":[1,2]},\"c\":{\"b\":[1,2]},\"d\":[{\"b\":[1,2]},{\"b\":[1,2]}]}" },
    { "- &x 1\n- *x\n- &x 2\n- *x\n", "[1,1,2,2]" },
    { "'<<': 1\n", "{\"<<\":1}" },
    { "--- \na: 1\n...\n", "{\"a\":1}" },
    { "# only a comment\nplain", "\"plain\"" },
    { "\xef\xbb\xbf"
      "a: \xc3\xa9\n",
      "{\"a\":\"\xc3\xa9\"}" },
};

TEST(yaml_is_read_by_the_core_schema_of_1_2)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (cases[i].json)
            CHECK_STR(json(cases[i].yaml), cases[i].json);
        else
            CHECK(parse(cases[i].yaml) == NULL);
    }
}

static const struct {
    const char *yaml, *error;
} refused[] = {
    { "", "line 1, column 1: the document is empty" },
    { "# nothing\n", "the document is empty" },
    { "a: 1\n---\nb: 2\n", "line 2, column 1: there is more than one document" },
    { "a: 1\nb: 2\na: 3\n", "line 3, column 1: duplicate member \"a\"" },
    { "a: {x: 1, x: 2}\n", "line 1, column 11: duplicate member \"x\"" },
    { "a: !!str 1\n", "line 1, column 4: tags like tag:yaml.org,2002:str are not supported" },
    { "a: !x {}\n", "tags like !x are not supported" },
    { "a: &x {b: 1}\nc:\n  <<: *x\n", "line 3, column 3: merge keys (<<) are not supported" },
    { "? [1]\n: 2\n", "line 1, column 3: a key must be a simple text" },
    { "? {a: 1}\n: 2\n", "a key must be a simple text" },
    { "a: &x 1\n*x : 2\n", "line 2, column 1: a key must be a simple text, not an alias" },
    { "&k a: 1\n", "a key cannot have an anchor" },
    { "a: *nobody\n", "line 1, column 4: there is no anchor \"nobody\"" },
    { "a: &x [1, *x]\n", "line 1, column 11: the alias \"x\" contains itself" },
    { "a: .inf\n", "line 1, column 4: JSON has no number like .inf" },
    { "- -.INF\n", "JSON has no number like -.INF" },
    { "- .nan\n", "JSON has no number like .nan" },
    { "- 0x11223344556677889\n", "JSON has no number like" },
    { "a: b: c\n", "line 1, column 5: mapping values are not allowed in this context" },
    { "a: \"x\n", "line" },
    { "a:\n\t- b\n", "line 2, column 1" },
    { "a: 'x\ny: \x01'\n", "control characters are not allowed" },
    { "a: x\nb: \xff\n", "line 2, column 4: the byte 0xff is not UTF-8" },
    { "%YAML 3.0\n--- a\n", "line 1" },
};

TEST(what_json_cannot_say_is_refused_with_its_place)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        CHECK_THAT(parse(refused[i].yaml) == NULL, "accepted: %s", refused[i].yaml);
        CHECK_INT(err.code, ==, PL_MALFORMED);
        CHECK_THAT(strstr(err.text, refused[i].error), "%s: \"%s\", wanted \"%s\"", refused[i].yaml,
                   err.text, refused[i].error);
    }
}

TEST(yaml_keys_and_values_know_their_places)
{
    struct pl_node *root = parse("# c\n\xc3\xa9:\n  b: [1,  22]\n  c: &x\n    d: e\n");
    const struct pl_member *first = &root->members[0];
    const struct pl_member *b = pl_node_member(first->value, "b");

    CHECK_INT(root->line, ==, 2);
    CHECK_INT(first->line, ==, 2);
    CHECK_INT(first->column, ==, 1);
    CHECK_INT(first->value->line, ==, 2); // it begins below its key, which people look for
    CHECK_INT(first->value->column, ==, 1);
    CHECK_INT(b->column, ==, 3);
    CHECK_INT(b->value->column, ==, 6);
    CHECK_INT(b->value->items[1]->column, ==, 11);
}

TEST(a_yaml_bomb_runs_into_the_alias_limit)
{
    const char *bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
                       "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
                       "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
                       "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
                       "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]\n"
                       "f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e]\n"
                       "g: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f]\n";

    CHECK(parse(bomb) == NULL);
    CHECK_HAS(err.text, "line 6, column");
    CHECK_HAS(err.text, "the aliases stand for too many values");
}

TEST(aliases_of_long_texts_count_by_their_bytes)
{
    struct pl_arena *mine = pl_arena_new();
    struct pl_buf text = { .arena = mine };

    pl_buf_str(&text, "- &a ");
    for (int i = 0; i < 1000000; i++)
        pl_buf_char(&text, 'x');
    for (int i = 0; i < 33; i++)
        pl_buf_str(&text, "\n- *a");
    CHECK(parse(text.data) != NULL);
    pl_buf_str(&text, "\n- *a");
    CHECK(parse(text.data) == NULL);
    CHECK_STR(err.text, "line 35, column 3: the aliases stand for too many values");
    pl_arena_destroy(&mine);
}

TEST(aliases_count_within_their_limit)
{
    struct pl_limits limits = { .aliases = 6 };

    CHECK(parse_within("- &a [1, 2]\n- *a\n- *a\n", &limits) != NULL);
    CHECK(parse_within("- &a [1, 2]\n- *a\n- *a\n- *a\n", &limits) == NULL);
    CHECK_STR(err.text, "line 4, column 3: the aliases stand for too many values");
}

TEST(aliases_do_not_get_around_the_depth_limit)
{
    struct pl_limits limits = { .depth = 5 };

    CHECK(parse_within("a: &a [[[1]]]\nb: [*a]\n", &limits) != NULL);
    CHECK(parse_within("a: &a [[[1]]]\nb: [[*a]]\n", &limits) == NULL);
    CHECK_STR(err.text, "line 2, column 6: nested deeper than 5 levels");
    CHECK(parse_within("a: &a [[1]]\nb: &b [*a]\nc: [[*b]]\n", &limits) == NULL);
    CHECK_HAS(err.text, "line 3");
}

TEST(deep_yaml_is_refused_at_the_limit)
{
    static char flow[20100], block[20100];

    strcpy(flow, "a: ");
    memset(flow + 3, '[', 10000);
    CHECK(parse(flow) == NULL);
    CHECK_STR(err.text, "line 1, column 203: nested deeper than 200 levels");
    for (int i = 0; i < 10000; i++)
        memcpy(block + 2 * i, "- ", 2);
    CHECK(parse(block) == NULL);
    CHECK_STR(err.text, "line 1, column 401: nested deeper than 200 levels");
}

TEST(many_anchors_are_found)
{
    struct pl_arena *mine = pl_arena_new();
    struct pl_buf text = { .arena = mine };
    struct pl_node *root;

    for (int i = 0; i < 2000; i++)
        pl_buf_printf(&text, "- &a%d %d\n- *a%d\n", i, i, i / 2);
    root = parse(text.data);
    CHECK(root != NULL);
    CHECK_INT(pl_node_int(root->items[3999], 0), ==, 999);
    pl_arena_destroy(&mine);
}
