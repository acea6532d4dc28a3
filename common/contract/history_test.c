/* Our own example history says beside it what each of its steps must come to. */
#include "history_case.h"

static const char FOLDER[] = "examples/history";

static const char *
reasons_text(int reasons, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    for (int flag = 1; flag <= PL_PLACEHOLDER_RECOVERED; flag *= 2)
        if (reasons & flag)
            pl_buf_printf(&out, "%s%s", out.length ? "," : "",
                          pl_reason_name((enum pl_reason)flag));
    return out.length ? pl_buf_text(&out) : "-";
}

static const char *
step_text(const struct step *step, struct pl_arena *arena)
{
    return pl_arena_printf(
        arena, "%s\t%s\t%s\t%s\t%.3f\t%s", step->sha, pl_verdict_name(step->verdict),
        step->semver.status, strcmp(step->semver.status, "fail") == 0 ? "fail" : "pass",
        step->metrics.window_stability_ratio, reasons_text(step->reasons, arena));
}

TEST(each_step_of_the_example_history_comes_to_what_is_written_beside_it)
{
    struct pl_arena *arena = pl_arena_new();
    struct history *history = replay_history(FOLDER, arena);
    char *save = NULL, *line;
    size_t length;
    char *expected = read_whole(pl_arena_printf(arena, "%s/expected.tsv", FOLDER), &length, arena);

    CHECK(expected != NULL);
    CHECK_INT(history->count, >=, 8);
    line = strtok_r(expected, "\r\n", &save);
    CHECK_STR(line, "sha\tverdict\tsemver\tpolicy\tratio\treasons");
    for (int i = 0; i < history->count; i++) {
        line = strtok_r(NULL, "\r\n", &save);
        CHECK(line != NULL);
        CHECK_STR(step_text(&history->steps[i], arena), line);
    }
    CHECK(strtok_r(NULL, "\r\n", &save) == NULL);
    pl_arena_destroy(&arena);
}

TEST(each_document_of_the_example_history_is_the_same_as_itself)
{
    struct pl_arena *arena = pl_arena_new();
    struct history *history = replay_history(FOLDER, arena);

    for (int i = 0; i < history->count; i++) {
        const struct pl_document *document = history->steps[i].document;
        const struct pl_diff *diff = document ? pl_compare(document, document, NULL, arena) : NULL;

        CHECK(diff == NULL || (diff->finding_count == 0 && !diff->different));
    }
    pl_arena_destroy(&arena);
}
