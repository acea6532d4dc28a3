/* governance.CreateRun through the dispatcher, with a real database. */
#include "pl_check.h"

#include "engine_test.h"
#include "events.pb-c.h"
#include "governance.h"
#include "pl_gzip.h"

NEEDS_ENV("PL_TEST_DB_URL");

#define RUNS "SELECT count(*) FROM run WHERE api = $1"

TEST(a_first_push_is_recorded_judged_and_announced)
{
    struct engine e;
    struct push_answer a;
    Events__RunCompleted *event;

    engine_open(&e);
    engine_api(&e, "first");
    a = engine_push(&e, "first", "sha0001", NULL, engine_document(&e, "1.0.0", "a b"));
    CHECK_INT(a.code, ==, PL_OK);
    CHECK_INT(a.reply->http->status, ==, 201);
    CHECK_STR(a.reply->http->location, a.run->links->self);
    CHECK(a.run->created);
    CHECK_STR(a.run->verdict, "stable");
    CHECK_STR(a.run->policy, "pass");
    CHECK_STR(a.run->branch, "main");
    CHECK_STR(a.run->version, "1.0.0");
    CHECK_STR(a.run->semver->status, "ok");
    CHECK_INT(a.run->seq, ==, 1);
    CHECK(a.run->base_run == NULL);
    CHECK_INT(strlen(a.run->document_sha256), ==, 64);
    CHECK_STR(engine_events(&e, "first"), "api.changed run.completed");
    event =
        engine_event(&e, "first", "governance.run.completed", &events__run_completed__descriptor);
    CHECK_STR(event->run, a.run->id);
    CHECK(!event->preview);
    CHECK(event->stability_ratio == 1);
    engine_close(&e);
}

TEST(the_same_document_again_is_the_same_run_and_another_one_a_conflict)
{
    struct engine e;
    struct push_answer first, again, other;
    char *document;

    engine_open(&e);
    engine_api(&e, "again");
    document = engine_document(&e, "1.0.0", "a");
    first = engine_push(&e, "again", "sha0001", NULL, document);
    again = engine_push(&e, "again", "sha0001", NULL, document);
    CHECK_INT(again.code, ==, PL_OK);
    CHECK(again.reply->http == NULL || again.reply->http->status != 201);
    CHECK(!again.run->created);
    CHECK_STR(again.run->id, first.run->id);
    other = engine_push(&e, "again", "sha0001", NULL, engine_document(&e, "1.0.0", "b"));
    CHECK_INT(other.code, ==, PL_CONFLICT);
    CHECK_HAS(other.text, "another document");
    other = engine_push(&e, "again", "sha0001", NULL, NULL);
    CHECK_INT(other.code, ==, PL_CONFLICT);
    CHECK_INT(engine_count(&e, RUNS, "again"), ==, 1);
    other = engine_push(&e, "again", "sha0001", "feature", engine_document(&e, "1.0.0", "b"));
    CHECK_INT(other.code, ==, PL_OK);
    engine_close(&e);
}

TEST(a_document_is_stored_once_however_often_it_is_pushed)
{
    struct engine e;
    struct push_answer a;
    char *document;

    engine_open(&e);
    engine_api(&e, "once");
    engine_api(&e, "once-more");
    document = engine_document(&e, "7.7.7", "once");
    a = engine_push(&e, "once", "sha0001", NULL, document);
    engine_push(&e, "once", "sha0002", NULL, document);
    engine_push(&e, "once-more", "sha0001", NULL, document);
    CHECK_INT(
        engine_count(&e, "SELECT count(*) FROM document WHERE sha256 = $1", a.run->document_sha256),
        ==, 1);
    CHECK_INT(engine_count(&e, "SELECT count(*) FROM run WHERE document_sha256 = $1",
                           a.run->document_sha256),
              ==, 3);
    engine_close(&e);
}

TEST(a_document_replaces_the_placeholder_of_its_sha_as_a_new_run)
{
    struct engine e;
    struct push_answer placeholder, again, real;

    engine_open(&e);
    engine_api(&e, "replace");
    engine_push(&e, "replace", "sha0001", NULL, engine_document(&e, "1.0.0", "a"));
    placeholder = engine_push(&e, "replace", "sha0002", NULL, NULL);
    CHECK_STR(placeholder.run->verdict, "placeholder");
    CHECK_STR(placeholder.run->placeholder_reason, "the export failed");
    CHECK_STR(placeholder.run->semver->status, "unknown");
    CHECK_INT(placeholder.run->metrics->extensions->placeholder_streak, ==, 1);
    again = engine_push(&e, "replace", "sha0002", NULL, NULL);
    CHECK_STR(again.run->id, placeholder.run->id);
    CHECK(!again.run->created);
    real = engine_push(&e, "replace", "sha0002", NULL, engine_document(&e, "1.1.0", "a b"));
    CHECK_INT(real.code, ==, PL_OK);
    CHECK(strcmp(real.run->id, placeholder.run->id) != 0);
    CHECK_INT(real.run->seq, ==, 3);
    CHECK_INT(real.run->metrics->extensions->placeholder_streak, ==, 0);
    CHECK_INT(real.run->n_operations_added, ==, 1);
    CHECK_INT(engine_push(&e, "replace", "sha0002", NULL, NULL).code, ==, PL_CONFLICT);
    engine_close(&e);
}

TEST(the_base_is_the_last_document_of_the_default_branch_over_placeholders)
{
    struct engine e;
    struct push_answer first, run;

    engine_open(&e);
    engine_api(&e, "base");
    first = engine_push(&e, "base", "sha0001", NULL, engine_document(&e, "1.0.0", "a b"));
    engine_push(&e, "base", "sha0002", NULL, NULL);
    engine_push(&e, "base", "sha0003", "feature", engine_document(&e, "1.0.0", "a b c d"));
    run = engine_push(&e, "base", "sha0004", NULL, engine_document(&e, "1.0.1", "a"));
    CHECK_STR(run.run->base_run, first.run->id);
    CHECK_STR(run.run->verdict, "breaking");
    CHECK_STR(run.run->policy, "fail");
    CHECK_STR(run.run->semver->previous_version, "1.0.0");
    CHECK_INT(run.run->n_operations_removed, ==, 1);
    CHECK_STR(run.run->operations_removed[0]->path, "/b");
    CHECK_INT(run.run->n_findings, >=, 1);
    CHECK_STR(run.run->findings[0]->level, "error");
    engine_close(&e);
}

TEST(a_preview_leaves_the_record_untouched)
{
    static const char RECORD[] =
        "SELECT concat_ws('|', last_run, base_run, runs, stable_runs, stable_streak,\n"
        "       longest_streak, placeholder_streak, semver_fail, stability_drop,\n"
        "       placeholder_alert)\n"
        "  FROM api WHERE api = $1";

    struct engine e;
    struct push_answer a;
    const char *before;
    Events__RunCompleted *event;

    engine_open(&e);
    engine_api(&e, "preview");
    engine_push(&e, "preview", "sha0001", NULL, engine_document(&e, "1.0.0", "a b"));
    before = engine_text(&e, RECORD, "preview");
    a = engine_push(&e, "preview", "sha0002", "feature", engine_document(&e, "1.0.1", "a"));
    CHECK(a.run->preview);
    CHECK_STR(a.run->policy, "fail");
    CHECK_INT(a.run->n_reasons, ==, 0);
    CHECK_STR(engine_text(&e, RECORD, "preview"), before);
    event =
        engine_event(&e, "preview", "governance.run.completed", &events__run_completed__descriptor);
    CHECK(event->preview);
    CHECK_STR(engine_events(&e, "preview"), "api.changed run.completed run.completed");
    a = engine_push(&e, "preview", "sha0003", NULL, engine_document(&e, "1.0.0", "a b"));
    CHECK_STR(a.run->verdict, "stable");
    CHECK_INT(a.run->seq, ==, 3);
    CHECK_INT(a.run->metrics->window_total_count, ==, 2);
    engine_close(&e);
}

TEST(an_unknown_or_archived_api_takes_no_push)
{
    struct engine e;
    struct push_answer a;
    Governance__DeleteApiRequest archive = GOVERNANCE__DELETE_API_REQUEST__INIT;

    engine_open(&e);
    a = engine_push(&e, "nobody", "sha0001", NULL, engine_document(&e, "1.0.0", "a"));
    CHECK_INT(a.code, ==, PL_NOT_FOUND);
    engine_api(&e, "archived");
    archive.api = "archived";
    CHECK_INT(engine_ask(&e, "governance.DeleteApi", &archive.base, NULL).code, ==, PL_OK);
    a = engine_push(&e, "archived", "sha0001", NULL, engine_document(&e, "1.0.0", "a"));
    CHECK_INT(a.code, ==, PL_CONFLICT);
    CHECK_HAS(a.text, "archived");
    CHECK_INT(engine_count(&e, RUNS, "archived"), ==, 0);
    engine_close(&e);
}

TEST(severity_overrides_of_the_api_decide)
{
    struct engine e;
    struct push_answer a;
    Governance__PutApiRequest put = GOVERNANCE__PUT_API_REQUEST__INIT;
    const char *rule;
    char *json;

    engine_open(&e);
    engine_api(&e, "override");
    engine_push(&e, "override", "sha0001", NULL, engine_document(&e, "1.0.0", "a b"));
    a = engine_push(&e, "override", "sha0002", "x", engine_document(&e, "1.0.1", "a"));
    CHECK_STR(a.run->verdict, "breaking");
    rule = a.run->findings[0]->id;
    json = pl_arena_printf(e.worker.arena, "{\"%s\": \"info\"}", rule);
    put.api = "override";
    PUT(&put, severity_overrides, ((ProtobufCBinaryData){ strlen(json), (uint8_t *)json }));
    CHECK_INT(engine_ask(&e, "governance.PutApi", &put.base, NULL).code, ==, PL_OK);
    a = engine_push(&e, "override", "sha0003", "x", engine_document(&e, "1.0.1", "a"));
    CHECK_STR(a.run->verdict, "stable");
    CHECK_STR(a.run->findings[0]->id, rule);
    CHECK_STR(a.run->findings[0]->level, "info");
    engine_close(&e);
}

TEST(a_finding_keeps_its_witness_and_its_fingerprint)
{
    struct engine e;
    struct push_answer a;
    const Governance__Finding *finding;

    engine_open(&e);
    engine_api(&e, "witness");
    engine_push(&e, "witness", "sha0001", NULL, engine_document(&e, "1.0.0", "a b"));
    a = engine_push(&e, "witness", "sha0002", NULL, engine_document(&e, "2.0.0", "a"));
    finding = a.run->findings[0];
    CHECK_STR(finding->id, "operation-removed");
    CHECK_HAS(pl_arena_printf(e.worker.arena, "%.*s", (int)finding->witness.len,
                              (const char *)finding->witness.data),
              "\"value\":\"GET /b\"");
    CHECK_INT(strlen(finding->fingerprint), ==, 16);
    CHECK_INT(finding->operations, ==, 1);
    CHECK(!finding->has_hits);
    engine_close(&e);
}

TEST(a_gzip_body_is_the_document_that_it_inflates_to)
{
    struct engine e;
    Governance__CreateRunRequest request = GOVERNANCE__CREATE_RUN_REQUEST__INIT;
    Pl__HttpBody body = PL__HTTP_BODY__INIT;
    struct push_answer zipped, plain;
    char *document;

    engine_open(&e);
    engine_api(&e, "gzip");
    document = engine_document(&e, "1.0.0", "a");
    body.has_data = 1;
    body.data.data = (uint8_t *)pl_gzip(document, strlen(document), e.worker.arena, &body.data.len);
    body.content_encoding = "gzip";
    request.api = "gzip";
    request.sha = "sha0001";
    request.body = &body;
    zipped = engine_push_request(&e, &request, NULL);
    CHECK_INT(zipped.code, ==, PL_OK);
    plain = engine_push(&e, "gzip", "sha0001", NULL, document);
    CHECK_STR(plain.run->id, zipped.run->id);
    body.content_encoding = "br";
    CHECK_INT(engine_push_request(&e, &request, NULL).code, ==, PL_UNSUPPORTED);
    engine_close(&e);
}

TEST(the_same_idempotency_key_gives_the_same_answer)
{
    struct engine e;
    Governance__CreateRunRequest request = GOVERNANCE__CREATE_RUN_REQUEST__INIT;
    struct push_answer first, second;

    engine_open(&e);
    engine_api(&e, "key");
    request.api = "key";
    request.sha = "sha0001";
    request.placeholder_reason = "no export";
    first = engine_push_request(&e, &request, "one-key");
    CHECK_INT(first.code, ==, PL_OK);
    second = engine_push_request(&e, &request, "one-key");
    CHECK_STR(second.run->id, first.run->id);
    CHECK_INT(engine_count(&e, RUNS, "key"), ==, 1);
    engine_close(&e);
}

TEST(with_calendar_versions_a_break_has_to_be_declared)
{
    struct engine e;
    Governance__PutApiRequest put = GOVERNANCE__PUT_API_REQUEST__INIT;
    Governance__CreateRunRequest request = GOVERNANCE__CREATE_RUN_REQUEST__INIT;
    Pl__HttpBody body = PL__HTTP_BODY__INIT;
    struct push_answer a;
    char *document;

    engine_open(&e);
    put.api = "calendar";
    put.version_scheme = "calendar";
    CHECK_INT(engine_ask(&e, "governance.PutApi", &put.base, NULL).code, ==, PL_OK);
    engine_push(&e, "calendar", "sha0001", NULL, engine_document(&e, "2025.09.17+abc1234", "a b"));
    document = engine_document(&e, "2025.09.18+abc1235", "a");
    a = engine_push(&e, "calendar", "sha0002", "x", document);
    CHECK_STR(a.run->semver->status, "warn");
    PUT(&body, data, ((ProtobufCBinaryData){ strlen(document), (uint8_t *)document }));
    request.api = "calendar";
    request.sha = "sha0002";
    request.body = &body;
    PUT(&request, breaking_ack, true);
    a = engine_push_request(&e, &request, NULL);
    CHECK_STR(a.run->verdict, "breaking");
    CHECK_STR(a.run->semver->status, "ok");
    CHECK_STR(a.run->policy, "pass");
    engine_close(&e);
}

TEST(the_version_and_the_time_of_the_commit_may_be_given)
{
    struct engine e;
    Governance__CreateRunRequest request = GOVERNANCE__CREATE_RUN_REQUEST__INIT;
    Pl__HttpBody body = PL__HTTP_BODY__INIT;
    struct push_answer a;
    char *document;

    engine_open(&e);
    engine_api(&e, "given");
    document = engine_document(&e, "1.0.0", "a");
    PUT(&body, data, ((ProtobufCBinaryData){ strlen(document), (uint8_t *)document }));
    request.api = "given";
    request.sha = "sha0001";
    request.version = "3.2.1";
    request.committed_at = "2023-11-01T20:28:00-05:00";
    request.body = &body;
    a = engine_push_request(&e, &request, NULL);
    CHECK_STR(a.run->version, "3.2.1");
    CHECK_STR(a.run->committed_at, "2023-11-02T01:28:00.000Z");
    engine_close(&e);
}

TEST(a_large_document_travels_beside_the_message)
{
    struct engine e;
    struct push_answer a;
    struct pl_buf paths;
    char *document;

    engine_open(&e);
    engine_api(&e, "large");
    paths = (struct pl_buf){ .arena = e.worker.arena };
    for (int i = 0; i < 3000; i++)
        pl_buf_printf(&paths, "%spath-%d", i ? " " : "", i);
    document = engine_document(&e, "1.0.0", pl_buf_text(&paths));
    CHECK_INT(strlen(document), >, 256 << 10);
    a = engine_push(&e, "large", "sha0001", NULL, document);
    CHECK_THAT(a.code == PL_OK, "%s", a.text);
    a = engine_push(&e, "large", "sha0002", NULL, engine_document(&e, "2.0.0", "path-0"));
    CHECK_INT(a.run->n_operations_removed, ==, 2999);
    CHECK_INT(a.run->n_findings, ==, 100);
    CHECK(a.run->findings_truncated);
    engine_close(&e);
}
