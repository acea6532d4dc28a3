#include "contain_case.h"

/* Both ways round without a search: one step is enough. */
static void
check_same_words(const char *one, const char *other, enum pl_dialect dialect)
{
    const struct pl_contain_limits one_step = { .steps = 1 };
    struct pl_arena *arena = pl_arena_new();
    struct pl_document *base = document_of(one, dialect, arena);
    struct pl_document *head = document_of(other, dialect, arena);
    struct pl_contain *contain = pl_contain_new(base, head, &one_step, arena);

    for (int reply = 0; reply < 2; reply++) {
        enum pl_containment verdict =
            pl_contain_ask(contain, base->root, head->root, reply).verdict;

        if (verdict != PL_CONTAINED)
            fprintf(stderr, "  %s, %s\n", one, other);
        CHECK_INT(verdict, ==, PL_CONTAINED);
    }
    pl_contain_free(&contain);
    pl_arena_destroy(&arena);
}

TEST(what_is_said_in_other_words_is_known_to_be_equal)
{
    static const char *const PAIRS[][2] = {
        { "{\"type\":\"string\",\"minLength\":0}", "{\"type\":\"string\"}" },
        { "{\"const\":\"a\"}", "{\"enum\":[\"a\"]}" },
        { "{\"type\":\"integer\",\"maximum\":10}",
          "{\"type\":\"integer\",\"exclusiveMaximum\":11}" },
        { "{\"type\":[\"null\",\"string\"],\"maxLength\":3,\"contentEncoding\":\"base64\"}",
          "{\"anyOf\":[{\"type\":\"string\",\"maxLength\":3,\"contentEncoding\":\"base64\"},{\"type\":\"null\"}]}" },
    };

    for (size_t i = 0; i < sizeof PAIRS / sizeof PAIRS[0]; i++)
        check_same_words(PAIRS[i][0], PAIRS[i][1], PL_DIALECT_2020_12);
    check_same_words("{\"type\":\"string\",\"nullable\":true}",
                     "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", PL_DIALECT_OAS30);
}

TEST(what_only_looks_alike_is_not_equal)
{
    static const struct question questions[] = {
        { "{\"type\":\"number\",\"maximum\":10}", "{\"type\":\"number\",\"exclusiveMaximum\":11}",
          "contained" },
        { "{\"type\":\"number\",\"exclusiveMaximum\":11}", "{\"type\":\"number\",\"maximum\":10}",
          "10.1  maximum" },
        { "{\"type\":[\"null\",\"string\"],\"enum\":[\"a\",null]}",
          "{\"anyOf\":[{\"type\":\"string\",\"enum\":[\"a\"]}]}", "null  anyOf" },
        { 0 }
    };

    ask_all(questions, PL_DIALECT_2020_12, false);
}
