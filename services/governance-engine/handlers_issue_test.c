/* Issues and notices over the life of a contract, with a real database. */
#include "pl_check.h"

#include "engine_test.h"
#include "events.pb-c.h"
#include "governance.h"

NEEDS_ENV("PL_TEST_DB_URL");

static void
settings(struct engine *e, const char *api, double threshold, int64_t window, int64_t streak_alert)
{
    Governance__PutApiRequest request = GOVERNANCE__PUT_API_REQUEST__INIT;

    request.api = (char *)api;
    PUT(&request, stability_threshold, threshold);
    PUT(&request, window, window);
    PUT(&request, placeholder_streak_alert_threshold, streak_alert);
    engine_ask(e, "governance.PutApi", &request.base, NULL);
}

/* Push the next commit. */
static const Governance__Run *
push(struct engine *e, const char *api, const char *version, const char *paths)
{
    static int commit;

    char *sha = pl_arena_printf(e->worker.arena, "commit%04d", ++commit);
    struct push_answer a =
        engine_push(e, api, sha, NULL, version ? engine_document(e, version, paths) : NULL);

    if (a.run == NULL) {
        fprintf(stderr, "push failed: %s\n", a.text);
        exit(EXIT_FAILURE);
    }
    return a.run;
}

static const Governance__ListIssuesReply *
issues(struct engine *e, const char *api, const char *state)
{
    Governance__ListIssuesRequest request = GOVERNANCE__LIST_ISSUES_REQUEST__INIT;

    request.api = (char *)api;
    request.state = (char *)state;
    return engine_ask(e, "governance.ListIssues", &request.base, NULL).message;
}

static struct answer
label(struct engine *e, const char *api, const char *id, const char *name)
{
    Governance__PutIssueLabelsRequest request = GOVERNANCE__PUT_ISSUE_LABELS_REQUEST__INIT;
    char *labels[] = { (char *)name };

    request.api = (char *)api;
    request.id = (char *)id;
    request.labels = labels;
    request.n_labels = name != NULL;
    return engine_ask(e, "governance.PutIssueLabels", &request.base, NULL);
}

static const char *
joined(struct engine *e, size_t count, char *const *texts)
{
    struct pl_buf out = { .arena = e->worker.arena };

    for (size_t i = 0; i < count; i++)
        pl_buf_printf(&out, "%s%s", i ? "," : "", texts[i]);
    return pl_buf_text(&out);
}

/* How many notices there are about ${api}, and the last one. */
static int64_t
notices(struct engine *e, const char *api, Events__Notice **last)
{
    *last = engine_event(e, api, "governance.notice", &events__notice__descriptor);
    return engine_count(
        e, "SELECT count(*) FROM outbox WHERE aggregateid = $1 AND type = 'governance.notice'", api);
}

TEST(a_placeholder_streak_opens_one_issue_that_the_next_document_closes)
{
    struct engine e;
    const Governance__ListIssuesReply *list;
    const Governance__Run *third, *back;

    engine_open(&e);
    settings(&e, "streak", 0, 20, 2);
    push(&e, "streak", "1.0.0", "a");
    push(&e, "streak", NULL, NULL);
    CHECK_INT(issues(&e, "streak", "open")->n_issues, ==, 0);
    third = push(&e, "streak", NULL, NULL);
    list = issues(&e, "streak", "open");
    CHECK_INT(list->n_issues, ==, 1);
    CHECK_STR(list->issues[0]->kind, "placeholder_streak");
    CHECK_STR(list->issues[0]->opened_by_run, third->id);
    CHECK_HAS(list->issues[0]->body, "the export failed");
    push(&e, "streak", NULL, NULL);
    CHECK_INT(engine_count(&e, "SELECT count(*) FROM issue WHERE api = $1 AND kind <> 'anomaly'", "streak"), ==, 1);
    back = push(&e, "streak", "1.0.0", "a");
    CHECK_INT(issues(&e, "streak", "open")->n_issues <= 1, ==, 1); // the anomaly may last
    list = issues(&e, "streak", "closed");
    CHECK_INT(list->n_issues, ==, 1);
    CHECK_STR(list->issues[0]->kind, "placeholder_streak");
    CHECK_STR(list->issues[0]->closed_by_run, back->id);
    CHECK(list->issues[0]->closed_at != NULL);
    engine_close(&e);
}

TEST(a_held_issue_stays_open_until_the_label_is_gone)
{
    struct engine e;
    struct answer answer;
    const Governance__Issue *issue;

    engine_open(&e);
    settings(&e, "hold", 0, 20, 1);
    push(&e, "hold", "1.0.0", "a");
    push(&e, "hold", NULL, NULL);
    issue = issues(&e, "hold", "open")->issues[issues(&e, "hold", "open")->n_issues - 1];
    CHECK_STR(issue->kind, "placeholder_streak");
    answer = label(&e, "hold", issue->id, "governance-hold");
    CHECK_INT(answer.code, ==, PL_OK);
    CHECK_STR(((const Governance__PutIssueLabelsReply *)answer.message)->issue->labels[0],
              "governance-hold");
    push(&e, "hold", "1.0.0", "a");
    CHECK_STR(engine_text(&e, "SELECT state FROM issue WHERE id = $1", issue->id), "open");
    CHECK_INT(label(&e, "hold", issue->id, NULL).code, ==, PL_OK);
    push(&e, "hold", "1.0.0", "a");
    CHECK_STR(engine_text(&e, "SELECT state FROM issue WHERE id = $1", issue->id), "closed");
    CHECK_INT(label(&e, "hold", "none", "x").code, ==, PL_NOT_FOUND);
    engine_close(&e);
}

TEST(instability_opens_an_issue_and_a_second_fall_another_one)
{
    struct engine e;
    const Governance__ListIssuesReply *list;
    char *body;

    engine_open(&e);
    settings(&e, "drop", 0.6, 2, 0);
    push(&e, "drop", "1.0.0", "a b");
    push(&e, "drop", "2.0.0", "a"); // 1 of 2
    list = issues(&e, "drop", "open");
    CHECK_INT(list->n_issues, ==, 2);
    CHECK_STR(list->issues[0]->kind, "anomaly");
    CHECK_STR(list->issues[1]->kind, "stability_degradation");
    body = list->issues[1]->body;
    CHECK_HAS(body, "0.5000");
    CHECK_HAS(body, "0.6000");
    push(&e, "drop", NULL, NULL); // moves the ratio, never the condition
    CHECK_INT(issues(&e, "drop", "closed")->n_issues, ==, 0);
    push(&e, "drop", "2.0.0", "a"); // 1 of 2, one of them the placeholder
    push(&e, "drop", "2.0.0", "a"); // 2 of 2
    CHECK_INT(engine_count(&e, "SELECT count(*) FROM issue WHERE api = $1 AND state = 'closed' AND kind = 'stability_degradation'", "drop"), ==, 1);
    push(&e, "drop", "3.0.0", "b");
    CHECK_INT(engine_count(&e, "SELECT count(*) FROM issue WHERE api = $1 AND kind = 'stability_degradation'", "drop"), ==, 2);
    engine_close(&e);
}

TEST(issue_events_say_what_opened_and_what_closed)
{
    struct engine e;
    Events__IssueChanged *event;

    engine_open(&e);
    settings(&e, "issue-events", 0, 20, 1);
    push(&e, "issue-events", "1.0.0", "a");
    push(&e, "issue-events", NULL, NULL);
    push(&e, "issue-events", "1.0.0", "a");
    event = engine_event(&e, "issue-events", "governance.issue.closed", &events__issue_changed__descriptor);
    CHECK_STR(event->kind, "placeholder_streak");
    CHECK_STR(event->state, "closed");
    event = engine_event(&e, "issue-events", "governance.issue.opened", &events__issue_changed__descriptor);
    CHECK_STR(event->state, "open");
    engine_close(&e);
}

TEST(a_notice_goes_out_while_a_reason_is_true_once_for_the_recovery_and_then_no_more)
{
    struct engine e;
    Events__Notice *notice;

    engine_open(&e);
    settings(&e, "notice", 0, 20, 0);
    push(&e, "notice", "1.0.0", "a b c");
    CHECK_INT(notices(&e, "notice", &notice), ==, 0);
    push(&e, "notice", "1.0.1", "a b");
    CHECK_INT(notices(&e, "notice", &notice), ==, 1);
    CHECK_STR(joined(&e, notice->n_reasons, notice->reasons), "semver_fail");
    CHECK_STR(joined(&e, notice->n_changed, notice->changed), "semver_fail");
    CHECK_STR(notice->semver_status, "fail");
    CHECK_STR(notice->severity, "high");
    CHECK_STR(notice->version, "1.0.1");
    CHECK_STR(notice->previous_version, "1.0.0");
    CHECK_INT(notice->operations_removed, ==, 1);
    CHECK_INT(notice->n_findings, >=, 1);
    push(&e, "notice", "1.0.2", "a");
    CHECK_INT(notices(&e, "notice", &notice), ==, 2);
    CHECK_STR(joined(&e, notice->n_reasons, notice->reasons), "semver_fail");
    CHECK_INT(notice->n_changed, ==, 0);
    push(&e, "notice", "1.1.0", "a b");
    CHECK_INT(notices(&e, "notice", &notice), ==, 3);
    CHECK_STR(joined(&e, notice->n_reasons, notice->reasons), "semver_recovered");
    CHECK_STR(joined(&e, notice->n_changed, notice->changed), "semver_recovered");
    CHECK_STR(notice->severity, "medium");
    push(&e, "notice", "1.1.0", "a b");
    CHECK_INT(notices(&e, "notice", &notice), ==, 3);
    engine_close(&e);
}

TEST(one_notice_may_mix_a_failure_and_a_recovery)
{
    struct engine e;
    Events__Notice *notice;

    engine_open(&e);
    settings(&e, "mixed", 0, 20, 1);
    push(&e, "mixed", "1.0.0", "a b");
    push(&e, "mixed", NULL, NULL);
    CHECK_INT(notices(&e, "mixed", &notice), ==, 1);
    CHECK_STR(joined(&e, notice->n_reasons, notice->reasons), "placeholder_streak");
    CHECK_STR(notice->semver_status, "unknown");
    CHECK_INT(notice->placeholder_streak, ==, 1);
    push(&e, "mixed", "1.0.1", "a");
    notices(&e, "mixed", &notice);
    CHECK_STR(joined(&e, notice->n_reasons, notice->reasons), "semver_fail,placeholder_recovered");
    engine_close(&e);
}
