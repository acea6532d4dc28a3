#include "pl_check.h"
#include "pl_err.h"
#include "pl_utf8.h"

#include <string.h>

TEST(what_is_not_utf8_is_found_where_it_begins)
{
    static const struct {
        const char *text;
        size_t bad;
    } rows[] = {
        { "plain", 5 },
        { "\xc3\xa9", 2 },
        { "\xf0\x9f\x98\x80!", 5 },
        { "ab\xc0\x80", 2 },
        { "a\xe0\x80\x80", 1 },
        { "\xed\xa0\x80", 0 },
        { "\xf4\x90\x80\x80", 0 },
        { "12345678\xff", 8 },
        { "cut\xe2\x82", 3 },
        { "\x80", 0 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_INT(pl_utf8_check(rows[i].text, strlen(rows[i].text)), ==, rows[i].bad);
}

TEST(a_text_that_was_cut_is_mended_in_place)
{
    char cut[] = "caf\xc3", bad[] = "\xff\xfe ok \xe2\x82", good[] = "\xe2\x82\xac";

    pl_utf8_mend(cut);
    CHECK_STR(cut, "caf?");
    pl_utf8_mend(bad);
    CHECK_STR(bad, "?? ok ??");
    pl_utf8_mend(good);
    CHECK_STR(good, "\xe2\x82\xac");
}

TEST(what_a_failure_says_is_always_utf8)
{
    struct pl_err err = { 0 };
    char text[500] = "";

    for (int i = 0; i < 200; i++)
        strcat(text, "\xc3\xa9");
    pl_fail(&err, INVALID, "there is no \"%.5s\" nor \"%s\"", text, text);
    CHECK_INT(strlen(err.text), ==, sizeof err.text - 1);
    CHECK_INT(pl_utf8_check(err.text, strlen(err.text)), ==, strlen(err.text));
}
