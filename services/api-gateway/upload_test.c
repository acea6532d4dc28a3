#include "upload.h"

#include "pl_check.h"

TEST(a_body_grows_up_to_its_limit_and_not_a_byte_further)
{
    struct upload_budget budget = { 0, 1 << 20 };
    struct upload upload;
    char part[1000];

    memset(part, 'x', sizeof part);
    CHECK_INT(upload_begin(&upload, &budget, 10000, 0), ==, UPLOAD_OK);
    for (int i = 0; i < 10; i++)
        CHECK_INT(upload_add(&upload, part, sizeof part), ==, UPLOAD_OK);
    CHECK_INT(upload.length, ==, 10000);
    CHECK_INT(upload_add(&upload, part, 1), ==, UPLOAD_TOO_LARGE);
    CHECK_INT(strlen(upload.bytes), ==, 10000);
    CHECK_INT(budget.used, ==, upload.room);
    upload_end(&upload);
    CHECK_INT(budget.used, ==, 0);
    upload_end(&upload);
}

TEST(an_announced_body_that_is_too_large_is_refused_before_it_comes)
{
    struct upload_budget budget = { 0, 1 << 20 };
    struct upload upload;

    CHECK_INT(upload_begin(&upload, &budget, 100, 101), ==, UPLOAD_TOO_LARGE);
    CHECK_INT(upload_begin(&upload, &budget, 100, 100), ==, UPLOAD_OK);
    CHECK_INT(budget.used, ==, 100);
    upload_end(&upload);
}

TEST(all_bodies_together_stay_within_the_budget)
{
    struct upload_budget budget = { 0, 1500 };
    struct upload a, b, c;

    CHECK_INT(upload_begin(&a, &budget, 1000, 1000), ==, UPLOAD_OK);
    CHECK_INT(upload_begin(&b, &budget, 1000, 1000), ==, UPLOAD_NO_ROOM);
    CHECK_INT(upload_begin(&c, &budget, 1000, 0), ==, UPLOAD_OK);
    CHECK_INT(upload_add(&c, "0123456789", 10), ==, UPLOAD_NO_ROOM);
    upload_end(&a);
    CHECK_INT(upload_begin(&b, &budget, 1000, 1000), ==, UPLOAD_OK);
    upload_end(&b);
    upload_end(&c);
    CHECK_INT(budget.used, ==, 0);
}
