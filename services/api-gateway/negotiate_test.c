#include "negotiate.h"

#include "pl_check.h"

static const char *const JSON[] = { "application/json", NULL };
static const char *const DOCUMENTS[] = { "application/json", "application/yaml", NULL };

TEST(gzip_is_used_only_where_it_is_taken)
{
    CHECK(negotiate_gzip("gzip"));
    CHECK(negotiate_gzip("deflate, gzip;q=0.5"));
    CHECK(negotiate_gzip("*"));
    CHECK(negotiate_gzip("br;q=1, GZIP"));
    CHECK(!negotiate_gzip(NULL));
    CHECK(!negotiate_gzip(""));
    CHECK(!negotiate_gzip("gzip;q=0"));
    CHECK(!negotiate_gzip("gzip; q=0.000, *"));
    CHECK(!negotiate_gzip("identity, deflate"));
    CHECK(!negotiate_gzip("*;q=0"));
}

TEST(an_accept_is_read_by_its_most_exact_range)
{
    CHECK(negotiate_type(NULL, JSON));
    CHECK(negotiate_type("", JSON));
    CHECK(negotiate_type("*/*", JSON));
    CHECK(negotiate_type("application/*", JSON));
    CHECK(negotiate_type("text/html, application/json;q=0.9", JSON));
    CHECK(negotiate_type("APPLICATION/JSON", JSON));
    CHECK(negotiate_type("application/yaml", DOCUMENTS));
    CHECK(!negotiate_type("text/html", JSON));
    CHECK(!negotiate_type("application/xml, text/*", JSON));
    CHECK(!negotiate_type("application/json;q=0, */*", JSON));
    CHECK(!negotiate_type("application/jsonx", JSON));
}

TEST(a_body_is_judged_by_its_media_type_and_charset)
{
    CHECK(negotiate_content("application/json", JSON));
    CHECK(negotiate_content("Application/JSON; charset=UTF-8", JSON));
    CHECK(negotiate_content("application/json;charset=\"utf-8\"", JSON));
    CHECK(!negotiate_content("application/json; charset=latin1", JSON));
    CHECK(!negotiate_content("text/plain", JSON));
    CHECK(!negotiate_content("application/jsonx", JSON));
    CHECK(!negotiate_content("", JSON));
    CHECK(!negotiate_content(NULL, JSON));
}

TEST(times_are_written_as_HTTP_does)
{
    char date[32];
    long long seconds, again;

    CHECK(negotiate_http_date("2026-11-20T19:00:05.123Z", date, &seconds));
    CHECK_STR(date, "Fri, 20 Nov 2026 19:00:05 GMT");
    CHECK(negotiate_parse_date(date, &again));
    CHECK_INT(again, ==, seconds);
    CHECK(negotiate_http_date("2026-11-20T19:00:05Z", date, &seconds));
    CHECK(!negotiate_http_date("2026-11-20 19:00:05", date, &seconds));
    CHECK(!negotiate_http_date("yesterday", date, &seconds));
    CHECK(!negotiate_parse_date("2026-11-20", &seconds));
    CHECK(!negotiate_parse_date("Fri, 20 Nov 2026 19:00:05 CET", &seconds));
}
