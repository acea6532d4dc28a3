#include "compare_case.h"

/* An operation with a parameter and a request property, each with its extras. */
#define API(operation, parameter, property)                                                      \
    "openapi: 3.0.3\ninfo: { title: t, version: 1.0.0 }\npaths:\n  /a:\n    post:\n"             \
    "      responses: { '200': { description: x } }\n" operation                                 \
    "      parameters: [ { name: q, in: query, schema: { type: string } " parameter " } ]\n"     \
    "      requestBody: { content: { a/b: { schema: { properties: { p: { type: string " property \
    " } } } } } }\n"
#define OPERATION(extras) API("      " extras "\n", "", "")

#define ENDED  "deprecated: true\n      x-sunset: 2026-10-01"
#define LATER  "deprecated: true\n      x-sunset: 2027-10-01"
#define SOONER "deprecated: true\n      x-sunset: 2026-12-01"
#define SOON   "deprecated: true\n      x-sunset: 2026-11-21"

static const char *
found(const char *base, const char *head, int notice)
{
    static char out[1000];
    struct pl_compare_options how = { .today = "2026-11-20",
                                      .notice_beta = notice / 2,
                                      .notice_stable = notice };
    struct pl_arena *arena = pl_arena_new();
    const struct pl_diff *diff =
        pl_compare_with(load_case(base, "b", arena), load_case(head, "h", arena), &how, arena);

    snprintf(out, sizeof out, "%s", list_findings(diff, arena));
    pl_arena_destroy(&arena);
    return out;
}

TEST(an_operation_may_go_when_its_sunset_is_over)
{
    const char *gone = "openapi: 3.0.3\ninfo: { title: t, version: 1.0.0 }\npaths: {}\n";

    CHECK_STR(found(OPERATION(ENDED), gone, 0), "warn operation-removed-after-sunset");
    CHECK_STR(found(OPERATION(LATER), gone, 0), "error operation-removed");
    CHECK_STR(found(OPERATION("x-sunset: 2026-10-01"), gone, 0), "error operation-removed");
    CHECK_STR(found(OPERATION("deprecated: true"), gone, 0), "error operation-removed");
    CHECK_STR(found(OPERATION("x-stability-level: alpha"), gone, 0),
              "info operation-removed-unstable");
    CHECK_STR(found(OPERATION("x-stability-level: beta"), gone, 0), "error operation-removed");
}

TEST(a_sunset_is_a_day_that_stays_and_leaves_notice)
{
    const char *plain = OPERATION("description: x");

    CHECK_STR(found(plain, OPERATION(LATER), 0),
              "info operation-deprecated, info sunset-announced");
    CHECK_STR(found(plain, OPERATION("deprecated: true\n      x-sunset: soon"), 0),
              "error sunset-invalid, info operation-deprecated");
    CHECK_STR(found(OPERATION(LATER), OPERATION("deprecated: true"), 0), "error sunset-deleted");
    CHECK_STR(found(OPERATION(LATER), plain, 0), "info operation-reactivated");
    CHECK_STR(found(OPERATION(SOON), OPERATION(LATER), 30), "info sunset-announced");
    CHECK_STR(found(OPERATION(LATER), OPERATION(SOON), 30), "error sunset-too-soon");
    CHECK_STR(found(OPERATION(LATER), OPERATION(SOONER), 0), "info sunset-announced");
    CHECK_STR(found(plain, OPERATION(SOON), 30),
              "error sunset-too-soon, info operation-deprecated");
    CHECK_STR(found(plain, OPERATION("deprecated: true"), 30),
              "error sunset-missing, info operation-deprecated");
    CHECK_STR(found(plain, OPERATION("deprecated: true"), 0), "info operation-deprecated");
}

TEST(stability_only_grows)
{
    CHECK_STR(found(OPERATION("x-stability-level: beta"), OPERATION("x-stability-level: alpha"), 0),
              "error stability-decreased");
    CHECK_STR(
        found(OPERATION("x-stability-level: beta"), OPERATION("x-stability-level: stable"), 0),
        "info stability-increased");
    CHECK_STR(found(OPERATION("x-stability-level: stable"), OPERATION("description: x"), 0), "");
    CHECK_STR(found(OPERATION("description: x"), OPERATION("x-stability-level: done"), 0),
              "error stability-level-invalid");
}

TEST(what_hits_drafts_only_is_news)
{
    CHECK_STR(found(API("      x-stability-level: draft\n", ", required: false", ""),
                    API("      x-stability-level: draft\n", ", required: true", ""), 0),
              "info parameter-became-required");
    CHECK_STR(found(API("      x-stability-level: beta\n", ", required: false", ""),
                    API("      x-stability-level: beta\n", ", required: true", ""), 0),
              "error parameter-became-required");
}

TEST(parameters_and_properties_announce_too)
{
    CHECK_STR(found(API("", "", ""),
                    API("", ", deprecated: true, x-sunset: 2027-01-01",
                        ", deprecated: true, x-sunset: 2027-01-01"),
                    0),
              "info deprecated, info sunset-announced, info deprecated, info sunset-announced");
    CHECK_STR(found(API("", "", ", x-stability-level: stable"),
                    API("", "", ", x-stability-level: draft"), 0),
              "error stability-decreased");
    CHECK_STR(found(API("", "", ", x-extensible-enum: [a, b]"),
                    API("", "", ", x-extensible-enum: [a]"), 0),
              "error request-extensible-enum-value-removed");
    CHECK_STR(found(API("", "", ", x-extensible-enum: [a]"),
                    API("", "", ", x-extensible-enum: [b, a]"), 0),
              "info extensible-enum-changed");
}
