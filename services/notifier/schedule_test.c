#include "pl_check.h"
#include "schedule.h"

TEST(the_usual_schedule_has_eight_tries)
{
    static const int64_t seconds[] = { 5, 300, 1800, 7200, 18000, 36000, 36000 };
    struct schedule schedule;
    struct pl_err err = { 0 };

    CHECK_INT(schedule_parse("5,300,1800,7200,18000,36000,36000", &schedule, &err), ==, 0);
    CHECK_INT(schedule.count, ==, 7);
    for (int i = 0; i < 7; i++)
        CHECK_INT(schedule_delay_ms(&schedule, i + 1, 0.5), ==, seconds[i] * 1000);
    CHECK_INT(schedule_delay_ms(&schedule, 8, 0.5), ==, -1);
    CHECK_INT(schedule_delay_ms(&schedule, 9, 0.5), ==, -1);
}

TEST(a_pause_is_spread_by_a_fifth_both_ways)
{
    struct schedule schedule = { { 100 }, 1 };

    CHECK_INT(schedule_delay_ms(&schedule, 1, 0), ==, 80000);
    CHECK_INT(schedule_delay_ms(&schedule, 1, 0.999999), >=, 119999);
    CHECK_INT(schedule_delay_ms(&schedule, 1, 0.999999), <=, 120000);
}

TEST(a_schedule_may_be_fast_for_tests)
{
    struct schedule schedule;
    struct pl_err err = { 0 };

    CHECK_INT(schedule_parse("0.05,.1", &schedule, &err), ==, 0);
    CHECK_INT(schedule_delay_ms(&schedule, 1, 0.5), ==, 50);
    CHECK_INT(schedule_delay_ms(&schedule, 2, 0.5), ==, 100);
}

TEST(nonsense_is_no_schedule)
{
    static const char *const bad[] = {
        "",     ",",    "5,",   "5;6", "-1",  "nan",    "inf",
        "1e99", "5,,6", "soon", " 5",  "5 6", "604801", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct schedule schedule;
        struct pl_err err = { 0 };

        CHECK_THAT(schedule_parse(bad[i], &schedule, &err) == -1, "\"%s\" was taken", bad[i]);
        CHECK_INT(err.code, ==, PL_INVALID);
    }
}

TEST(retry_after_may_be_seconds_or_a_date_and_is_capped_at_a_day)
{
    static const struct {
        const char *value;
        int64_t ms;
    } cases[] = {
        { "0", 0 },
        { "120", 120000 },
        { "86400", 86400000 },
        { "86401", 86400000 },
        { "99999999999999999999", 86400000 },
        { "Fri, 31 Dec 1999 23:59:59 GMT", 59000 },  // IMF-fixdate
        { "Friday, 31-Dec-99 23:59:59 GMT", 59000 }, // RFC 850
        { "Fri Dec 31 23:59:59 1999", 59000 },       // asctime
        { "Fri, 31 Dec 1999 23:58:00 GMT", 0 },      // gone by
        { "Sat, 31 Dec 2050 23:59:59 GMT", 86400000 },
        { "", -1 },
        { "soon", -1 },
        { "-5", -1 },
        { "1.5", -1 },
        { "5 minutes", -1 },
    };
    const time_t now = 946684740; // 1999-12-31T23:59:00Z

    CHECK_INT(schedule_retry_after_ms(NULL, now), ==, -1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_THAT(schedule_retry_after_ms(cases[i].value, now) == cases[i].ms,
                   "\"%s\" gave %" PRId64, cases[i].value,
                   schedule_retry_after_ms(cases[i].value, now));
}
