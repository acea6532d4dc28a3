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
        e, "SELECT count(*) FROM outbox WHERE aggregateid = $1 AND type = 'governance.notice'",
        api);
}

/* How many issues of ${kind} there are in ${state}, an anomaly apart: it comes along. */
static int64_t
count(struct engine *e, const char *api, const char *kind, const char *state)
{
    const Governance__ListIssuesReply *list = issues(e, api, state);
    int64_t found = 0;

    for (size_t i = 0; i < list->n_issues; i++)
        found += strcmp(list->issues[i]->kind, kind) == 0;
    return found;
}

static const Governance__Issue *
find(struct engine *e, const char *api, const char *kind, const char *state)
{
    const Governance__ListIssuesReply *list = issues(e, api, state);

    for (size_t i = 0; i < list->n_issues; i++)
        if (strcmp(list->issues[i]->kind, kind) == 0)
            return list->issues[i];
    return NULL;
}

TEST(a_placeholder_streak_opens_one_issue_that_the_next_document_closes)
{
    static const char KIND[] = "placeholder_streak";

    struct engine e;
    const Governance__Issue *issue;
    const Governance__Run *third, *back;

    engine_open(&e);
    settings(&e, "streak", 0, 20, 2);
    push(&e, "streak", "1.0.0", "a");
    push(&e, "streak", NULL, NULL);
    CHECK_INT(count(&e, "streak", KIND, "open"), ==, 0);
    third = push(&e, "streak", NULL, NULL);
    CHECK_INT(count(&e, "streak", KIND, "open"), ==, 1);
    issue = find(&e, "streak", KIND, "open");
    CHECK_STR(issue->opened_by_run, third->id);
    CHECK_HAS(issue->body, "the export failed");
    push(&e, "streak", NULL, NULL);
    CHECK_INT(count(&e, "streak", KIND, NULL), ==, 1);
    back = push(&e, "streak", "1.0.0", "a");
    CHECK_INT(count(&e, "streak", KIND, "open"), ==, 0);
    issue = find(&e, "streak", KIND, "closed");
    CHECK_STR(issue->closed_by_run, back->id);
    CHECK(issue->closed_at != NULL);
    engine_close(&e);
}

TEST(a_held_issue_stays_open_until_the_label_is_gone)
{
    struct engine e;
    struct answer answer;
    const Governance__Issue *issue;

    engine_open(&e);
    settings(&e, "hold", 0, 20, 2);
    push(&e, "hold", "1.0.0", "a");
    push(&e, "hold", NULL, NULL);
    push(&e, "hold", NULL, NULL);
    issue = find(&e, "hold", "placeholder_streak", "open");
    answer = label(&e, "hold", issue->id, "governance-hold");
    CHECK_INT(answer.code, ==, PL_OK);
    CHECK_STR(((const Governance__PutIssueLabelsReply *)answer.message)->issue->labels[0],
              "governance-hold");
    push(&e, "hold", "1.0.0", "a");
    CHECK_INT(count(&e, "hold", "placeholder_streak", "open"), ==, 1);
    CHECK_INT(label(&e, "hold", issue->id, NULL).code, ==, PL_OK);
    push(&e, "hold", NULL, NULL); // without a document nothing has recovered
    CHECK_INT(count(&e, "hold", "placeholder_streak", "open"), ==, 1);
    push(&e, "hold", "1.0.0", "a");
    CHECK_INT(count(&e, "hold", "placeholder_streak", "open"), ==, 0);
    CHECK_INT(label(&e, "hold", "none", "x").code, ==, PL_NOT_FOUND);
    engine_close(&e);
}

TEST(labels_that_are_empty_double_or_too_many_are_refused)
{
    struct engine e;
    Governance__PutIssueLabelsRequest request = GOVERNANCE__PUT_ISSUE_LABELS_REQUEST__INIT;
    char *labels[21] = { "a", "a" };

    engine_open(&e);
    engine_api(&e, "labels");
    request.api = "labels";
    request.id = "any";
    request.labels = labels;
    request.n_labels = 2;
    CHECK_INT(engine_ask(&e, "governance.PutIssueLabels", &request.base, NULL).code, ==,
              PL_INVALID);
    labels[1] = "";
    CHECK_INT(engine_ask(&e, "governance.PutIssueLabels", &request.base, NULL).code, ==,
              PL_INVALID);
    for (int i = 0; i < 21; i++)
        labels[i] = pl_arena_printf(e.worker.arena, "label-%d", i);
    request.n_labels = 21;
    CHECK_INT(engine_ask(&e, "governance.PutIssueLabels", &request.base, NULL).code, ==,
              PL_INVALID);
    request.n_labels = 20;
    CHECK_INT(engine_ask(&e, "governance.PutIssueLabels", &request.base, NULL).code, ==,
              PL_NOT_FOUND);
    engine_close(&e);
}

TEST(instability_opens_an_issue_and_a_second_fall_another_one)
{
    static const char KIND[] = "stability_degradation";

    struct engine e;
    const char *body;

    engine_open(&e);
    settings(&e, "drop", 0.6, 2, 0);
    push(&e, "drop", "1.0.0", "a b");
    push(&e, "drop", "2.0.0", "a"); // 1 of 2
    CHECK_INT(count(&e, "drop", KIND, "open"), ==, 1);
    CHECK_INT(count(&e, "drop", "anomaly", "open"), ==, 1);
    body = find(&e, "drop", KIND, "open")->body;
    CHECK_HAS(body, "0.5000");
    CHECK_HAS(body, "0.6000");
    push(&e, "drop", NULL, NULL);   // moves the ratio, never the condition
    push(&e, "drop", "2.0.0", "a"); // 1 of 2, the other is the placeholder
    CHECK_INT(count(&e, "drop", KIND, "open"), ==, 1);
    push(&e, "drop", "2.0.0", "a"); // 2 of 2
    CHECK_INT(count(&e, "drop", KIND, "open"), ==, 0);
    push(&e, "drop", "3.0.0", "b");
    CHECK_INT(count(&e, "drop", KIND, "open"), ==, 1);
    CHECK_INT(count(&e, "drop", KIND, "closed"), ==, 1);
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
    event = engine_event(&e, "issue-events", "governance.issue.closed",
                         &events__issue_changed__descriptor);
    CHECK_STR(event->kind, "placeholder_streak");
    CHECK_STR(event->state, "closed");
    event = engine_event(&e, "issue-events", "governance.issue.opened",
                         &events__issue_changed__descriptor);
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
