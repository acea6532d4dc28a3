#include "pl_check.h"
#include "pl_semver.h"

/* Print what a version was read as, so that one line of a test says it all. */
static const char *
read_as(const char *text)
{
    static char out[120];
    struct pl_version v;

    if (!pl_version_parse(text, &v))
        return "unreadable";
    snprintf(out, sizeof out, "%d.%d.%d%s%s%s", (int)v.major, (int)v.minor, (int)v.patch,
             *v.prerelease ? "-" : "", v.prerelease, v.strict ? "" : " leniently");
    return out;
}

TEST(a_semantic_version_is_read_strictly)
{
    CHECK_STR(read_as("1.2.3"), "1.2.3");
    CHECK_STR(read_as("0.0.0"), "0.0.0");
    CHECK_STR(read_as("1.0.0+20130313144700"), "1.0.0");
    CHECK_STR(read_as("1.0.0-x-y-z.--"), "1.0.0-x-y-z.--");
}

TEST(dates_and_short_numbers_are_read_leniently)
{
    CHECK_STR(read_as("2025.09.17+abc1234"), "2025.9.17 leniently");
    CHECK_STR(read_as("2022-11-15"), "2022.11.15 leniently");
    CHECK_STR(read_as("2020-09-14_1.645.0"), "2020.9.14 leniently");
    CHECK_STR(read_as("v1.2.3"), "1.2.3 leniently");
    CHECK_STR(read_as("1.41"), "1.41.0 leniently");
    CHECK_STR(read_as("70"), "70.0.0 leniently");
    CHECK_STR(read_as("01.2.3"), "1.2.3 leniently");
    CHECK_STR(read_as("1.0-beta"), "1.0.0-beta leniently");
}

TEST(what_is_no_number_is_not_read)
{
    CHECK_STR(read_as("unversioned"), "unreadable");
    CHECK_STR(read_as(""), "unreadable");
    CHECK_STR(read_as(NULL), "unreadable");
    CHECK_STR(read_as("1.x"), "unreadable");
    CHECK_STR(read_as("12abc"), "unreadable");
    CHECK_STR(read_as("99999999999999999999.0.0"), "unreadable");
}

TEST(precedence_follows_the_example_of_the_specification)
{
    static const char *const ROW[] = { "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
                                       "1.0.0-beta",  "1.0.0-beta.2",  "1.0.0-beta.11",
                                       "1.0.0-rc.1",  "1.0.0",         "1.0.1" };
    struct pl_version a, b;

    for (int i = 0; i < 9; i++) {
        for (int k = 0; k < 9; k++) {
            int order, wanted = (i > k) - (i < k);

            CHECK(pl_version_parse(ROW[i], &a) && pl_version_parse(ROW[k], &b));
            order = pl_version_order(&a, &b);
            CHECK_INT((order > 0) - (order < 0), ==, wanted);
        }
    }
}

TEST(build_metadata_does_not_order)
{
    struct pl_version a, b;

    CHECK(pl_version_parse("1.0.0+a", &a) && pl_version_parse("1.0.0+b", &b));
    CHECK_INT(pl_version_order(&a, &b), ==, 0);
    CHECK(pl_version_parse("1.0.0-rc.1+a", &a) && pl_version_parse("1.0.0-rc.1+bb", &b));
    CHECK_INT(pl_version_order(&a, &b), ==, 0);
}

/* ${what}: b breaking, a additive, c changed, f first, z strict zero, d calendar, k declared. */
static const char *
judged(const char *previous, const char *current, const char *what)
{
    static char out[80];
    struct pl_arena *arena = pl_arena_new();
    struct pl_semver_input in = { .previous = previous,
                                  .current = current,
                                  .first = strchr(what, 'f') != NULL,
                                  .breaking = strchr(what, 'b') != NULL,
                                  .additive = strchr(what, 'a') != NULL,
                                  .changed = strpbrk(what, "abc") != NULL,
                                  .scheme = strchr(what, 'd') ? "calendar" : "semver",
                                  .strict_zero = strchr(what, 'z') != NULL,
                                  .breaking_ack = strchr(what, 'k') != NULL };
    struct pl_semver got;

    pl_semver_judge(&in, arena, &got);
    snprintf(out, sizeof out, "%s, needs %s", got.status, got.required);
    pl_arena_destroy(&arena);
    return out;
}

TEST(a_breaking_change_needs_a_major_version)
{
    CHECK_STR(judged("1.2.3", "1.2.4", "b"), "fail, needs major");
    CHECK_STR(judged("1.2.3", "1.3.0", "ba"), "fail, needs major");
    CHECK_STR(judged("1.2.3", "1.2.3", "b"), "fail, needs major");
    CHECK_STR(judged("1.2.3", "2.0.0", "b"), "ok, needs major");
}

TEST(a_major_version_without_a_breaking_change_fails)
{
    CHECK_STR(judged("1.2.3", "2.0.0", ""), "fail, needs none");
    CHECK_STR(judged("1.2.3", "2.0.0", "a"), "fail, needs minor");
}

TEST(an_honest_minor_version_is_never_punished)
{
    CHECK_STR(judged("1.2.3", "1.3.0", "a"), "ok, needs minor");
    CHECK_STR(judged("1.2.3", "1.3.0", "c"), "warn, needs patch");
    CHECK_STR(judged("1.2.3", "1.3.0", ""), "warn, needs none");
    CHECK_STR(judged("1.2.3", "1.2.4", "a"), "warn, needs minor");
    CHECK_STR(judged("1.2.3", "1.2.4", "c"), "ok, needs patch");
}

TEST(an_unchanged_version_is_fine_unless_something_broke)
{
    CHECK_STR(judged("1.2.3", "1.2.3", ""), "ok, needs none");
    CHECK_STR(judged("1.2.3", "1.2.3", "a"), "ok, needs minor");
    CHECK_STR(judged("1.2.3", "1.2.3+other", "c"), "ok, needs patch");
}

TEST(a_lower_version_fails)
{
    CHECK_STR(judged("1.2.3", "1.2.2", ""), "fail, needs none");
    CHECK_STR(judged("2.0.0", "2.0.0-rc.1", "a"), "fail, needs minor");
    CHECK_STR(judged("2025.01.02", "2025.01.01", "d"), "fail, needs none");
}

TEST(the_first_run_is_fine_and_a_missing_version_unknown)
{
    CHECK_STR(judged(NULL, "1.0.0", "f"), "ok, needs none");
    CHECK_STR(judged(NULL, "unversioned", "f"), "ok, needs none");
    CHECK_STR(judged("1.0.0", "", "b"), "unknown, needs major");
    CHECK_STR(judged("", "1.0.0", "a"), "unknown, needs minor");
}

TEST(an_unreadable_version_is_a_warning)
{
    CHECK_STR(judged("1.0.0", "unversioned", ""), "warn, needs none");
    CHECK_STR(judged("latest", "1.0.0", "b"), "warn, needs major");
}

TEST(under_zero_the_minor_version_plays_the_major)
{
    CHECK_STR(judged("0.4.1", "0.5.0", "b"), "ok, needs minor");
    CHECK_STR(judged("0.4.1", "0.4.2", "b"), "fail, needs minor");
    CHECK_STR(judged("0.4.1", "0.4.2", "a"), "ok, needs patch");
    CHECK_STR(judged("0.4.1", "0.5.0", "a"), "ok, needs patch");
    CHECK_STR(judged("0.4.1", "0.5.0", "c"), "warn, needs patch");
    CHECK_STR(judged("0.9.0", "1.0.0", ""), "ok, needs none");
    CHECK_STR(judged("0.9.0", "1.0.0", "b"), "ok, needs minor");
}

TEST(strict_zero_takes_that_away)
{
    CHECK_STR(judged("0.4.1", "0.5.0", "bz"), "fail, needs major");
    CHECK_STR(judged("0.4.1", "0.4.2", "az"), "warn, needs minor");
    CHECK_STR(judged("0.9.0", "1.0.0", "z"), "fail, needs none");
}

TEST(a_prerelease_may_still_break)
{
    CHECK_STR(judged("2.0.0-alpha.1", "2.0.0-alpha.2", "b"), "ok, needs major");
    CHECK_STR(judged("2.0.0-rc.1", "2.0.0", "b"), "ok, needs major");
    CHECK_STR(judged("1.4.0-rc.1", "1.4.0", "b"), "warn, needs major");
    CHECK_STR(judged("1.2.3", "2.0.0-rc.1", "b"), "ok, needs major");
}

TEST(a_date_version_only_has_to_grow_and_the_break_to_be_declared)
{
    CHECK_STR(judged("2025.09.17+abc1234", "2025.09.18+def5678", "bdk"), "ok, needs patch");
    CHECK_STR(judged("2025.09.17", "2025.09.18", "bd"), "warn, needs patch");
    CHECK_STR(judged("2025.09.17", "2025.09.17", "bdk"), "warn, needs patch");
    CHECK_STR(judged("2025.12.31", "2026.01.01", "d"), "ok, needs none");
    CHECK_STR(judged("2025.09.17", "2025.09.18", "b"), "fail, needs major");
}

TEST(the_next_version_is_named)
{
    struct pl_arena *arena = pl_arena_new();

    CHECK_STR(pl_semver_next("1.2.3", "major", arena), "2.0.0");
    CHECK_STR(pl_semver_next("1.2.3-rc.1", "minor", arena), "1.3.0");
    CHECK_STR(pl_semver_next("1.2.3", "patch", arena), "1.2.4");
    CHECK_STR(pl_semver_next("1.2.3-rc.1", "patch", arena), "1.2.3");
    CHECK_STR(pl_semver_next("1.2.3", "none", arena), "1.2.3");
    CHECK(pl_semver_next("unversioned", "major", arena) == NULL);
    pl_arena_destroy(&arena);
}

TEST(a_version_that_is_cut_to_be_shown_stays_utf8)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_semver_input input = {
        .previous = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xc3\xa9",
        .current = "1.0.0",
    };
    struct pl_semver said;

    pl_semver_judge(&input, arena, &said);
    CHECK_HAS(said.messages[0], "xxx?\"");
    pl_arena_destroy(&arena);
}
