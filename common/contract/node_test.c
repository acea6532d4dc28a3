#include "decimal.h"
#include "pl_check.h"
#include "pl_node.h"
#include "pl_utf8.h"

#include <math.h>

static struct pl_arena *arena;

__attribute__((constructor)) static void
open_arena(void)
{
    arena = pl_arena_new();
}

__attribute__((destructor)) static void
done(void)
{
    pl_arena_destroy(&arena);
}

static struct pl_node *
json(const char *text)
{
    struct pl_err err = { 0 };

    return pl_json_parse(arena, text, strlen(text), NULL, &err);
}

static const char *
canonical(const char *text)
{
    struct pl_buf out = { .arena = arena };
    struct pl_err err = { 0 };

    if (pl_node_canonical(&out, json(text), &err))
        return pl_arena_strdup(arena, err.text);
    return pl_buf_text(&out);
}

TEST(what_is_not_there_reads_as_absent)
{
    CHECK(pl_node_get(NULL, "x") == NULL);
    CHECK(pl_node_at(NULL, 0) == NULL);
    CHECK(pl_node_get(json("[1]"), "x") == NULL);
    CHECK(pl_node_at(json("[1]"), 1) == NULL);
    CHECK_STR(pl_node_text(json("1"), "no"), "no");
    CHECK_INT(pl_node_int(json("\"1\""), 7), ==, 7);
    CHECK(pl_node_true(NULL, true));
    CHECK(!pl_node_is(NULL, PL_NULL));
}

TEST(integers_are_read_exactly_or_not_at_all)
{
    CHECK_INT(pl_node_int(json("9223372036854775807"), 0), ==, INT64_MAX);
    CHECK_INT(pl_node_int(json("-9223372036854775808"), 0), ==, INT64_MIN);
    CHECK_INT(pl_node_int(json("9223372036854775808"), -1), ==, -1);
    CHECK_INT(pl_node_int(json("1.0"), -1), ==, 1);
    CHECK_INT(pl_node_int(json("12e2"), -1), ==, 1200);
    CHECK_INT(pl_node_int(json("1.5"), -1), ==, -1);
    CHECK_INT(pl_node_int(json("1e300"), -1), ==, -1);
}

TEST(pointers_lead_to_values)
{
    struct pl_node *root = json("{\"a/b\":{\"m~n\":[10,20]},\"\":1,\"x\":{\"\":2}}");

    CHECK(pl_node_pointer(root, "") == root);
    CHECK_INT(pl_node_int(pl_node_pointer(root, "/a~1b/m~0n/1"), 0), ==, 20);
    CHECK_INT(pl_node_int(pl_node_pointer(root, "/"), 0), ==, 1);
    CHECK_INT(pl_node_int(pl_node_pointer(root, "/x/"), 0), ==, 2);
    CHECK(pl_node_pointer(root, "/a~1b/m~0n/01") == NULL);
    CHECK(pl_node_pointer(root, "/a~1b/m~0n/-") == NULL);
    CHECK(pl_node_pointer(root, "/a~1b/m~0n/2") == NULL);
    CHECK(pl_node_pointer(root, "/a~2b") == NULL);
    CHECK(pl_node_pointer(root, "/a~") == NULL);
    CHECK(pl_node_pointer(root, "a") == NULL);
    CHECK_STR(pl_pointer_add(arena, "/x", "a/b~c"), "/x/a~1b~0c");
    CHECK_STR(pl_pointer_add_index(arena, "", 3), "/3");
}

TEST(equality_is_that_of_json_values)
{
    CHECK(pl_node_equal(json("{\"a\":1.0,\"b\":[1e2]}"), json("{\"b\":[100],\"a\":1}")));
    CHECK(pl_node_equal(json("0"), json("-0.0e5")));
    CHECK(!pl_node_equal(json("9007199254740993"), json("9007199254740992")));
    CHECK(!pl_node_equal(json("1"), json("\"1\"")));
    CHECK(!pl_node_equal(json("[1,2]"), json("[2,1]")));
    CHECK(!pl_node_equal(json("{\"a\":null}"), json("{}")));
    CHECK(!pl_node_equal(json("{\"a\":null}"), json("{\"b\":null}")));
}

TEST(a_tree_is_built_and_written)
{
    struct pl_node *root = pl_node_object(arena);
    struct pl_node *list = pl_node_set(arena, root, "list", pl_node_array(arena));
    struct pl_buf out = { .arena = arena };

    pl_node_push(arena, list, pl_node_integer(arena, INT64_MIN));
    pl_node_push(arena, list, pl_node_real(arena, 0.1));
    pl_node_push(arena, list, pl_node_real(arena, NAN));
    pl_node_push(arena, list, pl_node_bool(arena, true));
    pl_node_set(arena, root, "bad", pl_node_string(arena, "a\xff"));
    pl_node_set(arena, root, "again", pl_node_integer(arena, 1));
    pl_node_set(arena, root, "again", pl_node_integer(arena, 2));
    pl_node_write(&out, root, PL_COMPACT);
    CHECK_STR(out.data, "{\"list\":[-9223372036854775808,0.1,null,true],\"bad\":\"a\xef\xbf\xbd\","
                        "\"again\":2}");
}

TEST(many_members_are_set_and_found)
{
    struct pl_node *root = pl_node_object(arena);
    char key[20];

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 3000; i++) {
            snprintf(key, sizeof key, "k%d", i);
            pl_node_set(arena, root, key, pl_node_integer(arena, i + round));
        }
    CHECK_INT(root->count, ==, 3000);
    CHECK_INT(pl_node_int(pl_node_get(root, "k2999"), 0), ==, 3000);
}

/* Appendix B of RFC 8785, and the neighbourhood of a power of two. */
static const struct {
    uint64_t bits;
    const char *text;
} numbers[] = {
    { 0x0000000000000000, "0" },
    { 0x8000000000000000, "0" },
    { 0x0000000000000001, "5e-324" },
    { 0x8000000000000001, "-5e-324" },
    { 0x7fefffffffffffff, "1.7976931348623157e+308" },
    { 0xffefffffffffffff, "-1.7976931348623157e+308" },
    { 0x4340000000000000, "9007199254740992" },
    { 0xc340000000000000, "-9007199254740992" },
    { 0x4430000000000000, "295147905179352830000" },
    { 0x44b52d02c7e14af5, "9.999999999999997e+22" },
    { 0x44b52d02c7e14af6, "1e+23" },
    { 0x44b52d02c7e14af7, "1.0000000000000001e+23" },
    { 0x444b1ae4d6e2ef4e, "999999999999999700000" },
    { 0x444b1ae4d6e2ef4f, "999999999999999900000" },
    { 0x444b1ae4d6e2ef50, "1e+21" },
    { 0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7" },
    { 0x3eb0c6f7a0b5ed8d, "0.000001" },
    { 0x41b3de4355555553, "333333333.3333332" },
    { 0x41b3de4355555554, "333333333.33333325" },
    { 0x41b3de4355555555, "333333333.3333333" },
    { 0x41b3de4355555556, "333333333.3333334" },
    { 0x41b3de4355555557, "333333333.33333343" },
    { 0xbecbf647612f3696, "-0.0000033333333333333333" },
    { 0x43143ff3c1cb0959, "1424953923781206.2" },
    { 0x3d30000000000000, "5.684341886080802e-14" }, // 2^-44: the nearest 16 digits fail
};

TEST(numbers_are_printed_as_ecmascript_does)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char text[DECIMAL_TEXT];
        double value;

        memcpy(&value, &numbers[i].bits, sizeof value);
        decimal_print(value, text);
        CHECK_STR(text, numbers[i].text);
        CHECK_STR(canonical(text), numbers[i].text);
    }
}

TEST(the_example_of_rfc_8785_comes_out_canonical)
{
    CHECK_STR(canonical("{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,"
                        "0.000000000000000000000000001],"
                        "\"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
                        "\"literals\":[null,true,false]}"),
              "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,"
              "1e-27],\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

TEST(members_are_sorted_by_utf16_code_units)
{
    CHECK_STR(canonical("{\"\\u20ac\":5,\"\\r\":1,\"\\ufb33\":7,\"1\":2,\"\\ud83d\\ude00\":6,"
                        "\"\\u0080\":3,\"\\u00f6\":4}"),
              "{\"\\r\":1,\"1\":2,\"\xc2\x80\":3,\"\xc3\xb6\":4,\"\xe2\x82\xac\":5,"
              "\"\xf0\x9f\x98\x80\":6,\"\xef\xac\xb3\":7}");
}

TEST(utf16_order_is_the_same_from_both_sides)
{
    const char *const sorted[] = { "",
                                   "a",
                                   "aa",
                                   "b",
                                   "\xc3\xb6",
                                   "\xed\x9f\xbf",
                                   "\xf0\x9f\x98\x80",
                                   "\xee\x80\x80",
                                   "\xef\xac\xb3" };
    const int count = sizeof sorted / sizeof sorted[0];

    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            int said =
                pl_utf8_order_utf16(sorted[i], strlen(sorted[i]), sorted[j], strlen(sorted[j]));

            CHECK_INT((said > 0) - (said < 0), ==, (i > j) - (i < j));
        }
}

TEST(integers_that_a_double_would_change_have_no_canonical_form)
{
    CHECK_HAS(canonical("[9007199254740993]"), "9007199254740993");
    CHECK_HAS(canonical("[1e400]"), "too large");
    CHECK_STR(canonical("[9007199254740992]"), "[9007199254740992]");
    CHECK_STR(canonical("[1e-400]"), "[0]");
}

static int
order(const char *a, const char *b)
{
    struct decimal x = decimal_read(a, strlen(a)), y = decimal_read(b, strlen(b));

    return decimal_order(&x, &y);
}

static bool
multiple(const char *a, const char *b)
{
    struct decimal x = decimal_read(a, strlen(a)), y = decimal_read(b, strlen(b));

    return decimal_is_multiple(&x, &y);
}

TEST(decimals_are_compared_exactly)
{
    CHECK_INT(order("9007199254740993", "9007199254740992"), >, 0);
    CHECK_INT(order("0.1", "0.10000000000000000001"), <, 0);
    CHECK_INT(order("-2", "1"), <, 0);
    CHECK_INT(order("-2", "-10"), >, 0);
    CHECK_INT(order("0.00120e3", "1.2"), ==, 0);
    CHECK_INT(order("100", "1E+2"), ==, 0);
    CHECK_INT(order("-0", "0"), ==, 0);
    CHECK_INT(order("1e99999999999999999999", "1e5"), >, 0);
    CHECK_INT(order("10.01", "10.1"), <, 0);
}

TEST(multiples_of_decimals_are_exact)
{
    CHECK(multiple("0.3", "0.1"));
    CHECK(multiple("19.99", "0.01"));
    CHECK(!multiple("19.995", "0.01"));
    CHECK(multiple("1e308", "3") == false);
    CHECK(multiple("0", "7"));
    CHECK(multiple("-9", "3"));
    CHECK(multiple("1e300", "1e-300"));
    CHECK(multiple("9223372036854775806", "2"));
    CHECK(!multiple("9223372036854775807", "2"));
    CHECK(multiple("4.50", "1.5"));
    CHECK(multiple("1e1000000000", "0.5"));
}
