#include "sample.h"

#include "producers.h"

#include "pl_check.h"

static struct pl_node *
json(const struct artifact_set *set, const char *path, struct pl_arena *arena)
{
    const struct artifact *file = set_find(set, path);
    struct pl_err err = { 0 };

    return file ? pl_json_parse(arena, file->bytes, file->size, NULL, &err) : NULL;
}

TEST(the_set_holds_every_file_of_the_requirements)
{
    static const char *const PATHS[] = {
        "openapi.json",
        "stability-metrics.json",
        "governance-summary.json",
        "operations-classification.json",
        "semver-validation.json",
        "milestone-summary.json",
        "stability-history.jsonl",
        "checksums.json",
        "index.html",
        "checksums-badge.json",
        "payload-version-badge.json",
        "placeholder-streak-badge.json",
        "governance-summary-badge.json",
        "governance-combined-badge.json",
        "stability-badge.json",
        "milestone-badge.json",
        "status.css",
        NULL,
    };
    struct pl_arena *arena = pl_arena_new();
    struct artifact_set *set = sample_set(sample_publication(arena), arena);

    for (int i = 0; PATHS[i]; i++)
        CHECK_THAT(set_find(set, PATHS[i]) != NULL, "%s is missing", PATHS[i]);
    CHECK(set_find(set, "checksums-signature.json") == NULL);
    CHECK(set_find(set, "checksums-pubkey.txt") == NULL);
    CHECK(!set->is_signed);
    pl_arena_destroy(&arena);
}

TEST(the_same_record_gives_the_same_bytes)
{
    struct pl_arena *arena = pl_arena_new();
    struct artifact_set *a = sample_set(sample_publication(arena), arena);
    struct artifact_set *b = sample_set(sample_publication(arena), arena);

    CHECK_INT(a->count, ==, b->count);
    for (int i = 0; i < a->count; i++)
        CHECK_STR(a->files[i].sha256, b->files[i].sha256);
    CHECK_STR(a->aggregate, b->aggregate);
    pl_arena_destroy(&arena);
}

TEST(checksums_cover_data_and_drop_ins_and_nothing_made_of_them)
{
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena);
    struct artifact dropin = { .path = "coverage.txt", .content_type = "text/plain" };
    struct artifact_set *set;
    struct pl_node *sums;
    int covered = 0;

    dropin.kind = ARTIFACT_DROPIN;
    artifact_seal(&dropin, "98%\n", 4);
    from->dropins = &dropin;
    from->dropin_count = 1;
    from->signer = sample_signer();
    set = sample_set(from, arena);
    sums = pl_node_get(json(set, "checksums.json", arena), "artifacts");
    for (uint32_t i = 0; i < sums->count; i++) {
        const struct pl_node *row = pl_node_at(sums, i);
        const struct artifact *file = set_find(set, pl_node_text(pl_node_get(row, "path"), ""));

        CHECK(file != NULL);
        CHECK(file->kind != ARTIFACT_DERIVED);
        CHECK_STR(pl_node_text(pl_node_get(row, "sha256"), ""), file->sha256);
        CHECK_INT(pl_node_int(pl_node_get(row, "size"), -1), ==, file->size);
        covered += strcmp(file->path, "coverage.txt") == 0;
    }
    CHECK_INT(covered, ==, 1);
    CHECK_INT(sums->count, ==, 14); // 7 files, 6 badges, 1 drop-in
    CHECK_STR(set_find(set, "coverage.txt")->bytes, "98%\n");
    pl_arena_destroy(&arena);
}

TEST(checksums_have_the_exact_shape_that_tools_depend_on)
{
    static const char *const KEYS[] = { "algorithm", "aggregate_method", "aggregate_sha256",
                                        "count", "artifacts" };
    struct pl_arena *arena = pl_arena_new();
    struct artifact_set *set = sample_set(sample_publication(arena), arena);
    struct pl_node *file = json(set, "checksums.json", arena);

    CHECK_INT(file->count, ==, 5);
    for (int i = 0; i < 5; i++)
        CHECK_STR(file->members[i].key, KEYS[i]);
    CHECK_STR(pl_node_text(pl_node_get(file, "algorithm"), ""), "sha256");
    CHECK_STR(pl_node_text(pl_node_get(file, "aggregate_sha256"), ""), set->aggregate);
    CHECK_INT(pl_node_int(pl_node_get(file, "count"), 0), ==,
              pl_node_get(file, "artifacts")->count);
    pl_arena_destroy(&arena);
}

TEST(a_signed_set_verifies_and_a_changed_one_does_not)
{
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena);
    struct pl_node *sums, *signature;
    struct artifact_set *set;
    struct pl_err err = { 0 };
    char key[64];

    from->signer = sample_signer();
    from->previous_aggregate = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";
    from->previous_run = "01JD3Z0033";
    set = sample_set(from, arena);
    sums = json(set, "checksums.json", arena);
    signature = json(set, "checksums-signature.json", arena);
    snprintf(key, sizeof key, "%.44s", set_find(set, "checksums-pubkey.txt")->bytes);
    CHECK(set->is_signed);
    CHECK_INT(pl_signature_verify(sums, signature, key, arena, &err), ==, 0);
    CHECK_INT(pl_node_int(pl_node_get(signature, "signature_format_version"), 0), ==, 2);
    CHECK_STR(pl_node_text(pl_node_pointer(signature, "/metadata/sha"), ""),
              from->record->run->sha);
    CHECK_STR(pl_node_text(pl_node_pointer(signature, "/metadata/run"), ""), from->record->run->id);
    CHECK_STR(pl_node_text(pl_node_pointer(signature, "/metadata/previous_run"), ""), "01JD3Z0033");
    CHECK_STR(pl_signature_previous(signature), from->previous_aggregate);

    pl_node_set(arena, pl_node_get(signature, "metadata"), "previous_aggregate_sha256",
                pl_node_string(arena, set->aggregate));
    CHECK_INT(pl_signature_verify(sums, signature, key, arena, &err), ==, -1);
    signature = json(set, "checksums-signature.json", arena);
    pl_node_set(arena, pl_node_at(pl_node_get(sums, "artifacts"), 0), "path",
                pl_node_string(arena, "other.json"));
    CHECK_INT(pl_signature_verify(sums, signature, key, arena, &err), ==, -1);
    pl_arena_destroy(&arena);
}

TEST(a_run_with_the_document_of_the_set_before_takes_its_openapi_over)
{
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena), *next = sample_publication(arena);
    struct artifact_set *before = sample_set(from, arena), *after;

    next->openapi = set_find(before, "openapi.json");
    next->document = NULL;
    after = sample_set(next, arena);
    CHECK(set_find(after, "openapi.json")->bytes == NULL);
    CHECK_STR(set_find(after, "openapi.json")->sha256, next->openapi->sha256);
    CHECK_STR(after->aggregate, before->aggregate);
    pl_arena_destroy(&arena);
}

TEST(the_summary_answers_the_questions_of_a_dashboard)
{
    struct pl_arena *arena = pl_arena_new();
    struct artifact_set *set = sample_set(sample_publication(arena), arena);
    struct pl_node *file = json(set, "governance-summary.json", arena);

    CHECK_STR(pl_node_text(pl_node_get(file, "sha"), ""), set->from->record->run->sha);
    CHECK(pl_node_double(pl_node_get(file, "stability_ratio"), 0) == 0.75);
    CHECK_STR(pl_node_text(pl_node_get(file, "semver_policy_status"), ""), "fail");
    CHECK(!pl_node_true(pl_node_get(file, "placeholder"), true));
    CHECK_INT(pl_node_int(pl_node_get(file, "placeholder_streak"), -1), ==, 0);
    CHECK_INT(pl_node_int(pl_node_get(file, "operations_added"), -1), ==, 1);
    CHECK_INT(pl_node_int(pl_node_get(file, "operations_removed"), -1), ==, 1);
    CHECK_STR(pl_node_text(pl_node_at(pl_node_get(file, "reasons"), 0), ""), "semver_fail");
    pl_arena_destroy(&arena);
}

TEST(metrics_have_the_names_of_the_requirements)
{
    static const char *const KEYS[] = {
        "window_stability_ratio",
        "window_size",
        "window_stable_count",
        "window_total_count",
        "current_stable_streak",
        "longest_stable_streak",
        "overall_stability_ratio",
        "window_mean_score",
        "placeholder",
        "extensions",
        NULL,
    };
    struct pl_arena *arena = pl_arena_new();
    struct artifact_set *set = sample_set(sample_publication(arena), arena);
    struct pl_node *file = json(set, "stability-metrics.json", arena);
    struct pl_node *streak = pl_node_pointer(file, "/extensions/placeholder_streak");

    for (int i = 0; KEYS[i]; i++)
        CHECK_THAT(pl_node_get(file, KEYS[i]) != NULL, "%s is missing", KEYS[i]);
    CHECK_INT(pl_node_int(streak, -1), ==, 0);
    CHECK_INT(pl_node_int(pl_node_get(file, "window_stable_count"), -1), ==, 15);
    pl_arena_destroy(&arena);
}

TEST(operations_are_told_by_method_and_path)
{
    struct pl_arena *arena = pl_arena_new();
    struct artifact_set *set = sample_set(sample_publication(arena), arena);
    struct pl_node *file = json(set, "operations-classification.json", arena);

    CHECK_STR(pl_node_text(pl_node_pointer(file, "/added/0/method"), ""), "GET");
    CHECK_STR(pl_node_text(pl_node_pointer(file, "/added/0/path"), ""), "/tickets/{ticketId}/qr");
    CHECK_STR(pl_node_text(pl_node_pointer(file, "/removed/0/path"), ""), "/museum-hours");
    CHECK_STR(pl_node_text(pl_node_pointer(file, "/changed/0/method"), ""), "POST");
    pl_arena_destroy(&arena);
}

TEST(a_run_without_validation_reports_unknown)
{
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena);
    struct artifact_set *set;

    from->record->run->semver = NULL;
    set = sample_set(from, arena);
    CHECK_STR(pl_node_text(pl_node_get(json(set, "semver-validation.json", arena), "status"), ""),
              "unknown");
    CHECK_STR(
        pl_node_text(
            pl_node_get(json(set, "governance-summary.json", arena), "semver_policy_status"), ""),
        "unknown");
    pl_arena_destroy(&arena);
}

TEST(an_api_without_milestones_has_an_empty_summary)
{
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena);
    Governance__GetRunRecordReply *record = sample_record(arena);
    struct pl_node *file;

    record->n_milestones = 0;
    record->milestone_percent = 0;
    from->record = record;
    file = json(sample_set(from, arena), "milestone-summary.json", arena);
    CHECK_INT(pl_node_get(file, "categories")->count, ==, 0);
    CHECK(pl_node_double(pl_node_get(file, "percent"), -1) == 0);
    pl_arena_destroy(&arena);
}

TEST(the_history_has_one_json_line_per_run_oldest_first)
{
    struct pl_arena *arena = pl_arena_new();
    struct artifact_set *set = sample_set(sample_publication(arena), arena);
    const struct artifact *file = set_find(set, "stability-history.jsonl");
    const char *line = file->bytes;
    int64_t seq = 0;

    CHECK(file->lines);
    while (*line) {
        size_t length = strcspn(line, "\n");
        struct pl_err err = { 0 };
        struct pl_node *row = pl_json_parse(arena, line, length, NULL, &err);

        CHECK(row != NULL);
        CHECK_INT(pl_node_int(pl_node_get(row, "seq"), 0), ==, ++seq);
        line += length + 1;
    }
    CHECK_INT(seq, ==, SAMPLE_RUNS);
    pl_arena_destroy(&arena);
}

TEST(the_contract_is_published_with_sorted_members)
{
    struct pl_arena *arena = pl_arena_new();
    struct artifact_set *set = sample_set(sample_publication(arena), arena);
    struct pl_node *info = pl_node_get(json(set, "openapi.json", arena), "info");

    CHECK_STR(info->members[0].key, "title");
    CHECK_STR(info->members[1].key, "version");
    pl_arena_destroy(&arena);
}

TEST(a_document_that_cannot_be_read_fails_the_set)
{
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena);
    struct artifact_set *set;
    struct pl_err err = { 0 };

    from->document = "{\"openapi\":";
    from->document_length = strlen(from->document);
    CHECK_INT(set_build(&set, from, arena, &err), ==, -1);
    CHECK(err.text[0] != '\0');
    pl_arena_destroy(&arena);
}
