/* Reading what was recorded, with a real database. */
#include "pl_check.h"

#include "engine_test.h"
#include "governance.h"

NEEDS_ENV("PL_TEST_DB_URL");

/* Five runs of the record and a preview in between: 1.0.0, 1.1.0, preview, a break, a
 * placeholder, 2.0.0. */
static void
history(struct engine *e, const char *api)
{
    engine_api(e, api);
    engine_push(e, api, "sha0001", NULL, engine_document(e, "1.0.0", "a b"));
    engine_push(e, api, "sha0002", NULL, engine_document(e, "1.1.0", "a b c"));
    engine_push(e, api, "sha0003", "feature", engine_document(e, "1.2.0", "a b c d"));
    engine_push(e, api, "sha0003", NULL, engine_document(e, "1.1.1", "a"));
    engine_push(e, api, "sha0004", NULL, NULL);
    engine_push(e, api, "sha0005", NULL, engine_document(e, "2.0.0", "a"));
}

static struct answer
get_run_answer(struct engine *e, const char *api, const char *run)
{
    Governance__GetRunRequest request = GOVERNANCE__GET_RUN_REQUEST__INIT;

    request.api = (char *)api;
    request.run = (char *)run;
    return engine_ask(e, "governance.GetRun", &request.base, NULL);
}

static const Governance__Run *
run_named(struct engine *e, const char *api, const char *run)
{
    struct answer answer = get_run_answer(e, api, run);

    return answer.code == PL_OK ? ((const Governance__GetRunReply *)answer.message)->run : NULL;
}

TEST(a_run_is_found_by_id_by_sha_on_the_default_branch_first_and_as_the_latest)
{
    struct engine e;
    const Governance__Run *run;

    engine_open(&e);
    history(&e, "find");
    run = run_named(&e, "find", "latest");
    CHECK_STR(run->sha, "sha0005");
    CHECK_STR(run_named(&e, "find", run->id)->id, run->id);
    run = run_named(&e, "find", "sha0003");
    CHECK_STR(run->branch, "main");
    CHECK_STR(run->verdict, "breaking");
    CHECK_INT(run->n_operations_removed, ==, 2);
    CHECK(run_named(&e, "find", "sha9999") == NULL);
    CHECK_INT(get_run_answer(&e, "nobody", "latest").code, ==, PL_NOT_FOUND);
    engine_api(&e, "find-empty");
    CHECK_INT(get_run_answer(&e, "find-empty", "latest").code, ==, PL_NOT_FOUND);
    engine_close(&e);
}

TEST(runs_are_listed_newest_first_page_by_page)
{
    struct engine e;
    Governance__ListRunsRequest request = GOVERNANCE__LIST_RUNS_REQUEST__INIT;
    const Governance__ListRunsReply *reply;

    engine_open(&e);
    history(&e, "pages");
    request.api = "pages";
    PUT(&request, limit, 4);
    reply = engine_ask(&e, "governance.ListRuns", &request.base, NULL).message;
    CHECK_INT(reply->n_runs, ==, 4);
    CHECK_INT(reply->runs[0]->seq, ==, 6);
    CHECK_STR(reply->runs[0]->semver_status, "fail");
    CHECK_STR(reply->runs[1]->verdict, "placeholder");
    CHECK_INT(reply->runs[2]->operations_removed, ==, 2);
    request.cursor = reply->next_cursor;
    reply = engine_ask(&e, "governance.ListRuns", &request.base, NULL).message;
    CHECK_INT(reply->n_runs, ==, 2);
    CHECK_INT(reply->runs[1]->seq, ==, 1);
    CHECK(reply->next_cursor == NULL);
    request.cursor = NULL;
    request.branch = "feature";
    reply = engine_ask(&e, "governance.ListRuns", &request.base, NULL).message;
    CHECK_INT(reply->n_runs, ==, 1);
    CHECK(reply->runs[0]->preview);
    request.cursor = "rubbish";
    CHECK_INT(engine_ask(&e, "governance.ListRuns", &request.base, NULL).code, ==, PL_MALFORMED);
    engine_close(&e);
}

TEST(findings_come_page_by_page_and_by_level)
{
    struct engine e;
    Governance__ListFindingsRequest request = GOVERNANCE__LIST_FINDINGS_REQUEST__INIT;
    const Governance__ListFindingsReply *reply;
    size_t seen = 0;
    int64_t all;

    engine_open(&e);
    engine_api(&e, "found");
    engine_push(&e, "found", "sha0001", NULL, engine_document(&e, "1.0.0", "a b c d"));
    engine_push(&e, "found", "sha0002", NULL, engine_document(&e, "2.0.0", "a x"));
    all = engine_count(&e,
                       "SELECT count(*) FROM finding JOIN run ON run.id = run WHERE api = $1 AND "
                       "level = 'error'",
                       "found");
    CHECK_INT(all, >=, 3);
    request.api = "found";
    request.run = "latest";
    request.level = "error";
    PUT(&request, limit, 2);
    do {
        reply = engine_ask(&e, "governance.ListFindings", &request.base, NULL).message;
        for (size_t i = 0; i < reply->n_findings; i++) {
            CHECK_STR(reply->findings[i]->level, "error");
            CHECK(reply->findings[i]->text[0] != '\0');
            CHECK(reply->findings[i]->location.len > 2);
        }
        seen += reply->n_findings;
        request.cursor = reply->next_cursor;
    } while (reply->next_cursor);
    CHECK_INT(seen, ==, all);
    engine_close(&e);
}

TEST(the_document_comes_back_as_it_was_pushed)
{
    struct engine e;
    Governance__GetDocumentRequest request = GOVERNANCE__GET_DOCUMENT_REQUEST__INIT;
    const Governance__GetDocumentReply *reply;
    const char *yaml = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n# the end\n";

    engine_open(&e);
    engine_api(&e, "bytes");
    engine_push(&e, "bytes", "sha0001", NULL, yaml);
    engine_push(&e, "bytes", "sha0002", NULL, NULL);
    request.api = "bytes";
    request.run = "sha0001";
    reply = engine_ask(&e, "governance.GetDocument", &request.base, NULL).message;
    CHECK_STR(reply->body->content_type, "application/yaml");
    CHECK_INT(reply->body->data.len, ==, strlen(yaml));
    CHECK(memcmp(reply->body->data.data, yaml, strlen(yaml)) == 0);
    request.run = "sha0002";
    CHECK_INT(engine_ask(&e, "governance.GetDocument", &request.base, NULL).code, ==, PL_NOT_FOUND);
    engine_close(&e);
}

static const Governance__GetRunRecordReply *
record_of(struct engine *e, const char *api, const char *run)
{
    Governance__GetRunRecordRequest request = GOVERNANCE__GET_RUN_RECORD_REQUEST__INIT;

    request.api = (char *)api;
    request.run = (char *)run;
    return engine_ask(e, "governance.GetRunRecord", &request.base, NULL).message;
}

TEST(the_record_of_a_run_shows_nothing_that_came_later)
{
    struct engine e;
    const Governance__GetRunRecordReply *reply;

    engine_open(&e);
    history(&e, "record");
    reply = record_of(&e, "record", "sha0002");
    CHECK_INT(reply->n_history, ==, 2);
    CHECK_STR(reply->history[0]->sha, "sha0002");
    CHECK(reply->last_breaking == NULL);
    CHECK_INT(reply->overall_runs, ==, 2);
    CHECK_STR(reply->document_run, reply->run->id);
    reply = record_of(&e, "record", "sha0004");
    CHECK_INT(reply->n_history, ==, 4); // without the preview
    CHECK_STR(reply->last_breaking->sha, "sha0003");
    CHECK_INT(reply->last_breaking->n_findings, >=, 2);
    CHECK_STR(reply->document_run, reply->last_breaking->id);
    CHECK_INT(reply->overall_runs, ==, 4);
    engine_close(&e);
}

TEST(milestones_are_weighted_by_milestone_and_by_category)
{
    static const char JSON[] =
        "{\"categories\": ["
        "{\"name\": \"auth\", \"weight\": 3, \"milestones\": ["
        "  {\"name\": \"login\", \"complete\": true, \"weight\": 3},"
        "  {\"name\": \"logout\", \"complete\": false}]},"
        "{\"name\": \"docs\", \"milestones\": [{\"name\": \"guide\", \"complete\": 0.5}]}]}";

    struct engine e;
    Governance__PutApiRequest put = GOVERNANCE__PUT_API_REQUEST__INIT;
    const Governance__GetRunRecordReply *reply;

    engine_open(&e);
    put.api = "milestones";
    PUT(&put, milestones, ((ProtobufCBinaryData){ sizeof JSON - 1, (uint8_t *)JSON }));
    CHECK_INT(engine_ask(&e, "governance.PutApi", &put.base, NULL).code, ==, PL_OK);
    engine_push(&e, "milestones", "sha0001", NULL, engine_document(&e, "1.0.0", "a"));
    reply = record_of(&e, "milestones", "latest");
    CHECK_INT(reply->n_milestones, ==, 2);
    CHECK_STR(reply->milestones[0]->category, "auth");
    CHECK(reply->milestones[0]->percent == 75);
    CHECK_INT(reply->milestones[0]->total, ==, 2);
    CHECK_INT(reply->milestones[0]->complete, ==, 1);
    CHECK(reply->milestones[1]->percent == 50);
    CHECK(reply->milestone_percent == (3 * 75 + 50) / 4.0);
    engine_close(&e);
}
