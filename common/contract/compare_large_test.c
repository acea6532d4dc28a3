/* Documents that are small and ask for much: each of these took for ever once. */
#include "compare_case.h"
#include "value_set.h"

#define LEVELS 60

/* A chain of levels, each of which names both schemas of the next one: 2^60 ways down. */
static const char *
diamonds(const char *keyword, int longest, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    pl_buf_str(&out, "openapi: 3.1.0\ninfo: { title: case, version: 1.0.0 }\npaths:\n  /things:\n"
                     "    post:\n      requestBody:\n        content: { application/json: { "
                     "schema: { $ref: '#/components/schemas/A0' } } }\n"
                     "      responses: { '200': { description: fine } }\n"
                     "components:\n  schemas:\n");
    for (int i = 0; i < LEVELS; i++)
        for (int twin = 0; twin < 2; twin++)
            pl_buf_printf(&out,
                          "    %c%d: { %s: [ { $ref: '#/components/schemas/A%d' }, "
                          "{ $ref: '#/components/schemas/B%d' } ] }\n",
                          "AB"[twin], i, keyword, i + 1, i + 1);
    pl_buf_printf(&out, "    A%d: { type: string }\n    B%d: { type: string, maxLength: %d }\n",
                  LEVELS, LEVELS, longest);
    return pl_buf_text(&out);
}

TEST(schemas_that_meet_again_are_merged_once_and_to_the_bottom)
{
    struct pl_arena *arena = pl_arena_new();

    CHECK_STR(compare_texts(diamonds("allOf", 5, arena), diamonds("allOf", 5, arena), arena), "");
    CHECK_STR(compare_texts(diamonds("allOf", 5, arena), diamonds("allOf", 4, arena), arena),
              "warn request-length-limit-tightened");
    CHECK(compare_texts(diamonds("anyOf", 5, arena), diamonds("anyOf", 4, arena), arena) != NULL);
    CHECK(compare_texts(diamonds("oneOf", 5, arena), diamonds("oneOf", 4, arena), arena) != NULL);
    pl_arena_destroy(&arena);
}

static const char *
numbers(int from, int count, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    for (int i = 0; i < count; i++)
        pl_buf_printf(&out, "%s%d", i ? ", " : "{ enum: [", from + i);
    pl_buf_str(&out, "] }");
    return pl_buf_text(&out);
}

TEST(long_lists_of_values_are_compared_value_by_value)
{
    struct pl_arena *arena = pl_arena_new();

    CHECK_STR(IN_REQUEST(numbers(0, 100000, arena), numbers(0, 100000, arena)), "");
    CHECK_STR(IN_REQUEST(numbers(0, 100000, arena), numbers(1, 99999, arena)),
              "error request-enum-value-removed");
    pl_arena_destroy(&arena);
}

static const char *
alternatives(int count, char letter, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    for (int i = 0; i < count; i++)
        pl_buf_printf(&out, "%s{ type: object, required: [%c%d] }", i ? ", " : "{ oneOf: [", letter,
                      i);
    pl_buf_str(&out, "] }");
    return pl_buf_text(&out);
}

TEST(alternatives_beyond_what_can_be_compared_are_said_to_be)
{
    struct pl_arena *arena = pl_arena_new();

    CHECK_STR(IN_REQUEST(alternatives(1001, 'a', arena), alternatives(1001, 'a', arena)), "");
    CHECK_STR(IN_REQUEST(alternatives(1001, 'a', arena), alternatives(1001, 'b', arena)),
              "error request-values-narrowed");
    pl_arena_destroy(&arena);
}

TEST(a_set_knows_values_by_what_they_mean)
{
    static const char *const same[][2] = { { "1", "1.0" },
                                           { "0", "-0.0" },
                                           { "\"a\"", "\"\\u0061\"" },
                                           { "{\"a\":1,\"b\":[2]}", "{\"b\":[2e0],\"a\":1}" } };
    static const char *const other[] = { "1",    "\"1\"", "[1]",  "[1,2]", "[2,1]", "{\"1\":1}",
                                         "true", "false", "null", "{}",    "[]" };
    struct pl_arena *arena = pl_arena_new();
    struct cmp_map set = { .arena = arena };
    struct pl_err err = { 0 };

    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        CHECK(cmp_value_add(&set, pl_json_parse(arena, other[i], strlen(other[i]), NULL, &err)));
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        cmp_value_add(&set, pl_json_parse(arena, same[i][0], strlen(same[i][0]), NULL, &err));
        CHECK(cmp_value_known(&set,
                              pl_json_parse(arena, same[i][1], strlen(same[i][1]), NULL, &err)));
    }
    pl_arena_destroy(&arena);
}
