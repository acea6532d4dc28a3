#include "outcome.h"
#include "pl_check.h"

static struct pl_arena *arena;

static struct outcome
of(const char *kind, int status, const char *body, const char *retry_after)
{
    struct http_answer answer = { .status = status,
                                  .failure = "",
                                  .failure_text = "",
                                  .body = body,
                                  .retry_after = retry_after,
                                  .peer = "" };

    if (arena == NULL)
        arena = pl_arena_new();
    return outcome_of(kind, &answer, 1000000000, arena);
}

TEST(a_status_has_one_meaning)
{
    static const struct {
        int status;
        const char *error_class;
        bool delivered, disable;
    } cases[] = {
        { 200, "", true, false },
        { 201, "", true, false },
        { 202, "", true, false },
        { 204, "", true, false },
        { 299, "", true, false },
        { 300, "redirect", false, false },
        { 302, "redirect", false, false },
        { 308, "redirect", false, false },
        { 304, "redirect", false, false },
        { 400, "clientError", false, false },
        { 401, "authError", false, false },
        { 403, "authError", false, false },
        { 404, "clientError", false, false },
        { 408, "timeout", false, false },
        { 410, "gone", false, true },
        { 422, "clientError", false, false },
        { 429, "rateLimited", false, false },
        { 500, "serverError", false, false },
        { 503, "serverError", false, false },
        { 599, "serverError", false, false },
        { 199, "badAnswer", false, false },
        { 0, "badAnswer", false, false },
        { 999, "badAnswer", false, false },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome out = of("webhook", cases[i].status, "", "");

        CHECK_INT(cases[i].status, ==, cases[i].status);
        CHECK_STR(out.error_class, cases[i].error_class);
        CHECK_INT(out.delivered, ==, cases[i].delivered);
        CHECK_INT(out.disable, ==, cases[i].disable);
    }
    pl_arena_destroy(&arena);
}

TEST(slacks_ways_of_saying_no)
{
    CHECK(of("slack", 200, "ok", "").delivered);
    CHECK(of("slack", 200, "{\"ok\":true}", "").delivered);
    CHECK(!of("slack", 200, "{\"ok\":false,\"error\":\"invalid_blocks\"}", "").delivered);
    CHECK_STR(of("slack", 200, "{\"ok\":false,\"error\":\"rate_limited\"}", "").error_class,
              "rateLimited");
    CHECK(of("slack", 404, "no_service", "").disable);
    CHECK(of("slack", 410, "channel_is_archived", "").disable);
    CHECK(!of("slack", 404, "channel_not_found", "").disable);
    CHECK(!of("webhook", 404, "no_service", "").disable);
    CHECK(of("webhook", 200, "{\"ok\":false}", "").delivered);
    pl_arena_destroy(&arena);
}

TEST(teams_says_429_inside_a_200)
{
    const char *no =
        "Webhook message delivery failed with error: Microsoft Teams endpoint returned "
        "HTTP error 429 with ContextId tcid=0";

    CHECK_STR(of("teams", 200, no, "").error_class, "rateLimited");
    CHECK(!of("teams", 200, no, "").delivered);
    CHECK_STR(of("teams", 200, "Microsoft Teams endpoint returned HTTP error 413", "").error_class,
              "clientError");
    CHECK(of("teams", 200, "1", "").delivered);
    CHECK(of("teams", 202, "", "").delivered);
    CHECK(of("webhook", 200, no, "").delivered);
    pl_arena_destroy(&arena);
}

TEST(a_failure_may_say_when_to_come_back)
{
    CHECK_INT(of("webhook", 429, "", "7").retry_after_ms, ==, 7000);
    CHECK_INT(of("webhook", 503, "", "Sun, 09 Sep 2001 01:47:00 GMT").retry_after_ms, ==, 20000);
    CHECK_INT(of("webhook", 503, "", "soon").retry_after_ms, ==, 0);
    CHECK_INT(of("webhook", 200, "", "7").retry_after_ms, ==, 0);
    pl_arena_destroy(&arena);
}

TEST(no_answer_is_a_failure_that_says_why)
{
    struct http_answer answer = {
        .failure = "dns", .failure_text = "no such host", .body = "", .retry_after = "", .peer = ""
    };
    struct pl_arena *a = pl_arena_new();
    struct outcome out = outcome_of("webhook", &answer, 0, a);

    CHECK(!out.delivered);
    CHECK_STR(out.error_class, "dns");
    CHECK_STR(out.error, "no such host");
    pl_arena_destroy(&a);
}
