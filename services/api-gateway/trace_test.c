#include "trace.h"

#include "pl_check.h"

#define TRACE  "0af7651916cd43dd8448eb211c80319c"
#define PARENT "b7ad6b7169203331"

TEST(a_proper_request_id_is_kept_and_any_other_replaced)
{
    char id[REQUEST_ID_SIZE], again[REQUEST_ID_SIZE], longest[129], too_long[130];

    trace_request_id(id, "abc-1.2_Z");
    CHECK_STR(id, "abc-1.2_Z");
    memset(longest, 'a', 128);
    longest[128] = '\0';
    trace_request_id(id, longest);
    CHECK_STR(id, longest);
    memset(too_long, 'a', 129);
    too_long[129] = '\0';
    trace_request_id(id, too_long);
    CHECK_INT(strlen(id), ==, 32);
    trace_request_id(id, "a b");
    CHECK_INT(strlen(id), ==, 32);
    trace_request_id(id, "");
    CHECK_INT(strlen(id), ==, 32);
    trace_request_id(id, NULL);
    trace_request_id(again, NULL);
    CHECK(strcmp(id, again) != 0);
}

TEST(a_trace_is_continued_with_a_span_of_our_own)
{
    char out[TRACEPARENT_SIZE];

    trace_parent(out, "00-" TRACE "-" PARENT "-01");
    CHECK_INT(strlen(out), ==, 55);
    CHECK_INT(strncmp(out, "00-" TRACE "-", 36), ==, 0);
    CHECK(strncmp(out + 36, PARENT, 16) != 0);
    CHECK_STR(out + 52, "-01");
    trace_parent(out, "cc-" TRACE "-" PARENT "-0b-what-comes-later");
    CHECK_INT(strncmp(out, "00-" TRACE "-", 36), ==, 0);
    CHECK_STR(out + 52, "-01");
}

/* The situations of the W3C's harness (w3c/trace-context, test/test.py) that are about this field. */
TEST(a_trace_is_continued_in_each_form_that_a_later_version_may_have)
{
    static const char *const CASES[] = {
        "00-" TRACE "-" PARENT "-00",  "00-" TRACE "-" PARENT "-ff",
        "00-" TRACE "-" PARENT "-01 ", "00-" TRACE "-" PARENT "-01 \t ",
        "cc-" TRACE "-" PARENT "-01",  "cc-" TRACE "-" PARENT "-01-",
        "01-" TRACE "-" PARENT "-01",  "fe-" TRACE "-" PARENT "-01-a.b",
    };

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char out[TRACEPARENT_SIZE];

        trace_parent(out, CASES[i]);
        CHECK_THAT(strncmp(out, "00-" TRACE "-", 36) == 0, "%s was not continued", CASES[i]);
        CHECK_INT(strlen(out), ==, 55);
    }
}

TEST(what_is_no_traceparent_begins_a_new_trace)
{
    static const char *const CASES[] = {
        "",
        "00-" TRACE "-" PARENT,
        "00-" TRACE "-" PARENT "-1",
        "00-" TRACE "-" PARENT "-01-more",
        "00-" TRACE "-" PARENT "-01x",
        "ff-" TRACE "-" PARENT "-01",
        "0-" TRACE "-" PARENT "-01",
        "00-00000000000000000000000000000000-" PARENT "-01",
        "00-" TRACE "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" PARENT "-01",
        "00-0af7651916cd43dd8448eb211c80319-" PARENT "-01",
        "00_" TRACE "-" PARENT "-01",
        "00-" TRACE "-" PARENT "-zz",
        "cc-" TRACE "-" PARENT "-01.what",
        ".0-" TRACE "-" PARENT "-01",
        "0.-" TRACE "-" PARENT "-01",
        "000-" TRACE "-" PARENT "-01",
        "0000-" TRACE "-" PARENT "-01",
        "00-" TRACE "1-" PARENT "-01",
        "00-.af7651916cd43dd8448eb211c80319c-" PARENT "-01",
        "00-0af7651916cd43dd8448eb211c80319.-" PARENT "-01",
        "00-" TRACE "-" PARENT "1-01",
        "00-" TRACE "-b7ad6b716920333-01",
        "00-" TRACE "-.7ad6b7169203331-01",
        "00-" TRACE "-B7AD6B7169203331-01",
        "00-" TRACE "-" PARENT "-.0",
        "00-" TRACE "-" PARENT "-0.",
        "00-" TRACE "-" PARENT "-001",
        "00-" TRACE "-" PARENT "-01,00-" TRACE "-" PARENT "-01",
        " 00-" TRACE "-" PARENT "-01",
    };

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char out[TRACEPARENT_SIZE];

        trace_parent(out, CASES[i]);
        CHECK_INT(strlen(out), ==, 55);
        CHECK_THAT(strstr(out, "0af7651916cd43dd") == NULL, "%s was continued", CASES[i]);
        CHECK_STR(out + 52, "-00");
    }
}
