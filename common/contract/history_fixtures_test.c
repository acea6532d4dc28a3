/* Histories of real APIs.  PLUMB_FIXTURES names the folder that holds them. */
#include "history_case.h"
#include "pl_report.h"

NEEDS_ENV("PLUMB_FIXTURES");

static struct history *
replay_named(const char *name, struct pl_arena *arena)
{
    return replay_history(
        pl_arena_printf(arena, "%s/openapi/history/%s", getenv("PLUMB_FIXTURES"), name), arena);
}

static int
failing_steps(const struct history *history)
{
    int n = 0;

    for (int i = 0; i < history->count; i++)
        n += strcmp(history->steps[i].semver.status, "fail") == 0;
    return n;
}

TEST(museum_has_two_steps_that_break_without_a_major)
{
    struct pl_arena *arena = pl_arena_new();
    struct history *history = replay_named("museum", arena);

    CHECK_INT(history->count, ==, 15);
    CHECK_INT(failing_steps(history), ==, 2);
    CHECK_INT(history->steps[9].diff->breaking, ==, 2);  // 200 became 201, twice
    CHECK_INT(history->steps[12].diff->breaking, ==, 2); // two ids became optional
    pl_arena_destroy(&arena);
}

TEST(every_document_of_the_histories_is_the_same_as_itself)
{
    static const char *const NAMES[] = { "museum", "twilio-verify", "docker-engine" };

    for (int k = 0; k < 3; k++) {
        struct pl_arena *arena = pl_arena_new();
        struct history *history = replay_named(NAMES[k], arena);

        CHECK_INT(history->count, >, 10);
        for (int i = 0; i < history->count; i++) {
            struct history again = { .arena = arena, .folder = history->folder };
            const struct step *step = &history->steps[i];
            const struct pl_diff *diff =
                pl_compare(step->document, read_document(&again, step->file), NULL, arena);

            CHECK_INT(diff->finding_count, ==, 0);
            CHECK(!diff->different);
        }
        pl_arena_destroy(&arena);
    }
}

TEST(the_same_pair_gives_the_same_bytes)
{
    const char *first = NULL;
    struct pl_arena *kept = pl_arena_new();

    for (int i = 0; i < 3; i++) {
        struct pl_arena *arena = pl_arena_new();
        struct history *history = replay_named("docker-engine", arena);
        struct pl_buf out = { .arena = arena };

        for (int k = 1; k < history->count; k++) {
            struct pl_report report = { .base = history->steps[k - 1].document,
                                        .head = history->steps[k].document,
                                        .diff = history->steps[k].diff,
                                        .semver = &history->steps[k].semver };

            pl_report_diff(&out, &report, PL_FORMAT_JSON);
        }
        if (first == NULL)
            first = pl_arena_strdup(kept, pl_buf_text(&out));
        CHECK(strcmp(first, pl_buf_text(&out)) == 0);
        pl_arena_destroy(&arena);
    }
    pl_arena_destroy(&kept);
}
