#include "sample.h"

#include "badges.h"
#include "producers.h"

#include "pl_check.h"

static struct pl_node *
published(const struct artifact_set *set, const char *path, struct pl_arena *arena)
{
    const struct artifact *file = set_find(set, path);
    struct pl_err err = { 0 };

    return file ? pl_json_parse(arena, file->bytes, file->size, NULL, &err) : NULL;
}

static const char *
message(const struct artifact_set *set, const char *path, struct pl_arena *arena)
{
    return pl_node_text(pl_node_get(published(set, path, arena), "message"), "(none)");
}

static const char *
color(const struct artifact_set *set, const char *path, struct pl_arena *arena)
{
    return pl_node_text(pl_node_get(published(set, path, arena), "color"), "(none)");
}

TEST(a_streak_has_the_colours_of_e31)
{
    CHECK_STR(streak_color(0), "brightgreen");
    CHECK_STR(streak_color(1), "green");
    CHECK_STR(streak_color(2), "green");
    CHECK_STR(streak_color(3), "yellow");
    CHECK_STR(streak_color(4), "yellow");
    CHECK_STR(streak_color(5), "red");
    CHECK_STR(streak_color(1000), "red");
}

TEST(a_percentage_never_looks_more_complete_than_it_is)
{
    struct pl_arena *arena = pl_arena_new();

    CHECK_STR(percent_text(1, arena), "100%");
    CHECK_STR(percent_text(0.9999, arena), "99.9%");
    CHECK_STR(percent_text(0.95, arena), "95%");
    CHECK_STR(percent_text(14.0 / 15, arena), "93.3%");
    CHECK_STR(percent_text(0.29, arena), "29%");
    CHECK_STR(percent_text(0, arena), "0%");
    pl_arena_destroy(&arena);
}

TEST(a_badge_file_has_exactly_the_members_that_shields_accepts)
{
    struct pl_arena *arena = pl_arena_new();
    struct artifact_set *set = sample_set(sample_publication(arena), arena);

    for (const struct producer *row = producers; row->path; row++) {
        struct pl_node *badge;

        if (row->badge == NULL)
            continue;
        badge = published(set, row->path, arena);
        CHECK(badge != NULL);
        CHECK_INT(badge->count, ==, 5);
        CHECK_INT(pl_node_int(pl_node_get(badge, "schemaVersion"), 0), ==, 1);
        CHECK_INT(pl_node_int(pl_node_get(badge, "cacheSeconds"), 0), ==, 300);
        CHECK(pl_node_text(pl_node_get(badge, "label"), NULL) != NULL);
        CHECK(pl_node_text(pl_node_get(badge, "message"), "")[0] != '\0');
        CHECK(pl_node_text(pl_node_get(badge, "color"), "")[0] != '\0');
    }
    pl_arena_destroy(&arena);
}

TEST(badges_tell_a_breaking_run_as_it_is)
{
    struct pl_arena *arena = pl_arena_new();
    struct artifact_set *set = sample_set(sample_publication(arena), arena);

    CHECK_STR(message(set, "placeholder-streak-badge.json", arena), "0");
    CHECK_STR(message(set, "governance-summary-badge.json", arena), "breaking, 75%");
    CHECK_STR(color(set, "governance-summary-badge.json", arena), "red");
    CHECK_STR(message(set, "governance-combined-badge.json", arena), "breaking, semver fail");
    CHECK_STR(color(set, "governance-combined-badge.json", arena), "red");
    CHECK_STR(message(set, "stability-badge.json", arena), "75%");
    CHECK_STR(color(set, "stability-badge.json", arena), "yellow");
    CHECK_STR(message(set, "milestone-badge.json", arena), "80.5%");
    CHECK_STR(message(set, "payload-version-badge.json", arena), "v1");
    CHECK_INT(strlen(message(set, "checksums-badge.json", arena)), ==, 12);
    CHECK(strncmp(message(set, "checksums-badge.json", arena), set->aggregate, 12) == 0);
    pl_arena_destroy(&arena);
}

TEST(the_combined_badge_takes_the_worse_of_both_colours)
{
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena);
    Governance__Run *run = from->record->run;

    run->policy = "pass";
    run->verdict = "stable";
    run->semver->status = "warn";
    CHECK_STR(color(sample_set(from, arena), "governance-combined-badge.json", arena), "yellow");
    run->semver->status = "ok";
    CHECK_STR(color(sample_set(from, arena), "governance-combined-badge.json", arena),
              "brightgreen");
    run->verdict = "breaking";
    CHECK_STR(color(sample_set(from, arena), "governance-combined-badge.json", arena), "orange");
    run->semver = NULL;
    run->verdict = "placeholder";
    CHECK_STR(message(sample_set(from, arena), "governance-combined-badge.json", arena),
              "placeholder, semver unknown");
    CHECK_STR(color(sample_set(from, arena), "governance-combined-badge.json", arena), "lightgrey");
    pl_arena_destroy(&arena);
}

TEST(without_milestones_their_badge_says_none)
{
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena);
    Governance__GetRunRecordReply *record = sample_record(arena);

    record->n_milestones = 0;
    from->record = record;
    CHECK_STR(message(sample_set(from, arena), "milestone-badge.json", arena), "none");
    pl_arena_destroy(&arena);
}
