#include "pl_log.h"

#include "pl_check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char line[8192];

/* The line that is written for this text. */
static const char *
logged(const char *text)
{
    int ends[2], was = dup(STDERR_FILENO);
    ssize_t length;

    if (was < 0 || pipe(ends))
        abort();
    dup2(ends[1], STDERR_FILENO);
    pl_error("test.event", PL_S("text", text), PL_I("n", -7));
    dup2(was, STDERR_FILENO);
    close(was);
    close(ends[1]);
    length = read(ends[0], line, sizeof line - 1);
    close(ends[0]);
    line[length > 0 ? length : 0] = '\0';
    return line;
}

TEST(a_line_says_when_who_and_what)
{
    int year, month, day, hour, minute, second, ms;

    pl_log_open("here", PL_INFO, true);
    logged("x");
    CHECK_INT(sscanf(line, "{\"ts\":\"%d-%d-%dT%d:%d:%d.%dZ\",", &year, &month, &day, &hour,
                     &minute, &second, &ms),
              ==, 7);
    CHECK_INT(year, >=, 2026);
    CHECK_HAS(line, "Z\",\"level\":\"error\",\"service\":\"here\",\"event\":\"test.event\","
                    "\"text\":\"x\",\"n\":-7}\n");
}

TEST(what_could_end_a_quote_or_a_line_is_escaped_and_other_bytes_stay)
{
    pl_log_open("here", PL_INFO, true);
    CHECK_HAS(logged("a\"b\\c\nd\001e\177f\xc3\xa9%s"),
              "\"text\":\"a\\\"b\\\\c\\u000ad\\u0001e\\u007ff\xc3\xa9%s\",");
    CHECK_HAS(logged(""), "\"text\":\"\",");
}

TEST(a_text_that_is_too_long_is_cut_and_the_line_is_whole)
{
    char text[6000];

    pl_log_open("here", PL_INFO, true);
    for (int last = 0; last < 3; last++) { // plain, escaped by one more byte, by five
        memset(text, "x\"\n"[last], sizeof text - 1);
        text[sizeof text - 1] = '\0';
        logged(text);
        CHECK_INT(strlen(line), <=, 4096);
        CHECK_INT(strlen(line), >, 4000);
        CHECK_STR(line + strlen(line) - 3, "\"}\n");
    }
}
