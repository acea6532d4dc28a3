#include "pl_check.h"

#include "params.h"

TEST(a_time_is_rfc_3339_on_a_day_that_exists)
{
    static const char *const good[] = {
        "2025-01-31T23:59:59Z",     "2024-02-29T00:00:00z",      "2023-11-01T20:28:00-05:00",
        "2025-01-31t10:00:00.5Z",   "2025-01-31T10:00:00+15:59", "2000-02-29T00:00:00Z",
        "1970-01-01T00:00:00.123Z",
    };
    static const char *const bad[] = {
        "",
        "2025-01-31",
        "2025-01-31 10:00:00Z",
        "2025-01-31T10:00:00",
        "2025-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2025-00-10T00:00:00Z",
        "2025-13-10T00:00:00Z",
        "2025-01-00T00:00:00Z",
        "2025-04-31T00:00:00Z",
        "2025-01-31T24:00:00Z",
        "2025-01-31T10:60:00Z",
        "2025-01-31T10:00:61Z",
        "2025-01-31T10:00:00.Z",
        "2025-01-31T10:00:00+16:00",
        "2025-01-31T10:00:00+01:60",
        "2025-01-31T10:00:00+0100",
        "2025-01-31T10:00:00Zx",
        "1969-12-31T23:59:59Z",
        "now",
    };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK_THAT(timestamp_ok(good[i]), "\"%s\" was refused", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_THAT(!timestamp_ok(bad[i]), "\"%s\" was accepted", bad[i]);
}

TEST(a_text_is_utf8_without_control_characters_within_its_bounds)
{
    CHECK(text_ok("main", 1, 4));
    CHECK(text_ok("größe/日本/😀", 1, 100));
    CHECK(!text_ok("", 1, 4));
    CHECK(!text_ok("mains", 1, 4));
    CHECK(!text_ok("a\nb", 1, 4));
    CHECK(!text_ok("a\x7f", 1, 4));
    CHECK(!text_ok("\xc3", 1, 4));             // cut short
    CHECK(!text_ok("\xc0\xaf", 1, 4));         // overlong
    CHECK(!text_ok("\xed\xa0\x80", 1, 4));     // a surrogate
    CHECK(!text_ok("\xf4\x90\x80\x80", 1, 4)); // above U+10FFFF
}
