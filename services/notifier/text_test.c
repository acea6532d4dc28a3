#include "pl_check.h"
#include "text.h"

TEST(a_text_that_fits_stays_as_it_is)
{
    struct pl_arena *a = pl_arena_new();

    CHECK_STR(text_fit(a, "Käse & Brot", 100, TEXT_PLAIN), "Käse & Brot");
    CHECK_STR(text_fit(a, NULL, 100, TEXT_PLAIN), "");
    CHECK_STR(text_fit(a, "1234567890", 10, TEXT_PLAIN), "1234567890");
    pl_arena_destroy(&a);
}

TEST(a_cut_falls_between_characters_and_shows)
{
    struct pl_arena *a = pl_arena_new();

    CHECK_STR(text_fit(a, "1234567890x", 10, TEXT_PLAIN), "1234567…");
    CHECK_STR(text_fit(a, "ääääää", 8, TEXT_PLAIN), "ää…");
    CHECK_STR(text_fit(a, "abc", 2, TEXT_PLAIN), "");
    pl_arena_destroy(&a);
}

TEST(an_escape_is_never_cut_in_half)
{
    struct pl_arena *a = pl_arena_new();

    for (size_t max = 0; max < 40; max++) {
        char *text = text_fit(a, "<<<<<<<<<<<<", max, TEXT_SLACK);

        CHECK_INT(strlen(text), <=, max);
        for (char *amp = strchr(text, '&'); amp; amp = strchr(amp + 1, '&'))
            CHECK(strncmp(amp, "&lt;", 4) == 0);
    }
    pl_arena_destroy(&a);
}

TEST(nothing_from_outside_starts_a_line_a_mention_or_a_link)
{
    struct pl_arena *a = pl_arena_new();

    CHECK_STR(text_fit(a, "a\nb\r\tc\x7f", 100, TEXT_PLAIN), "a b  c ");
    CHECK_STR(text_fit(a, "<!channel> & <http://x|y>", 100, TEXT_SLACK),
              "&lt;!channel&gt; &amp; &lt;http://x|y&gt;");
    CHECK_STR(text_fit(a, "[x](http://y)", 100, TEXT_TEAMS), "(x)(http://y)");
    pl_arena_destroy(&a);
}

TEST(what_is_not_utf8_becomes_a_question_mark)
{
    struct pl_arena *a = pl_arena_new();

    CHECK_STR(text_fit(a,
                       "a\xff"
                       "b",
                       100, TEXT_PLAIN),
              "a?b");
    CHECK_STR(text_fit(a, "\xc0\xaf", 100, TEXT_PLAIN), "??");           // overlong
    CHECK_STR(text_fit(a, "\xed\xa0\x80", 100, TEXT_PLAIN), "???");      // a surrogate
    CHECK_STR(text_fit(a, "\xf4\x90\x80\x80", 100, TEXT_PLAIN), "????"); // beyond Unicode
    CHECK_STR(text_fit(a, "\xe2\x82", 100, TEXT_PLAIN), "??");           // broken off
    pl_arena_destroy(&a);
}

TEST(a_kept_answer_is_text_that_a_database_takes)
{
    struct pl_arena *a = pl_arena_new();

    CHECK_STR(text_clean(a, "a\0b\x01\r\nc\xff", 8, 100), "a?b?\nc?");
    CHECK_STR(text_clean(a, "äää", 6, 5), "ää");
    CHECK_STR(text_clean(a, NULL, 0, 5), "");
    pl_arena_destroy(&a);
}

TEST(a_path_that_is_a_credential_is_taken_out)
{
    struct pl_arena *a = pl_arena_new();

    CHECK_STR(
        text_redact(a, "Cannot POST /services/T0/B0/x, /services/T0/B0/x", "/services/T0/B0/x"),
        "Cannot POST [url], [url]");
    CHECK_STR(text_redact(a, "a / b", "/"), "a / b");
    pl_arena_destroy(&a);
}
