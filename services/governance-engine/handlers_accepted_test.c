/* Accepted findings, with a real database. */
#include "pl_check.h"

#include "engine_test.h"
#include "events.pb-c.h"
#include "governance.h"

#include <string.h>

NEEDS_ENV("PL_TEST_DB_URL");

static struct answer
accept(struct engine *e, const char *api, const char *fingerprint, const char *reason,
       const char *expires)
{
    Governance__AcceptFindingRequest request = GOVERNANCE__ACCEPT_FINDING_REQUEST__INIT;

    request.api = (char *)api;
    request.fingerprint = (char *)fingerprint;
    request.reason = (char *)reason;
    request.expires = (char *)expires;
    return engine_ask(e, "governance.AcceptFinding", &request.base, NULL);
}

static const Governance__ListAcceptedReply *
accepted(struct engine *e, const char *api)
{
    Governance__ListAcceptedRequest request = GOVERNANCE__LIST_ACCEPTED_REQUEST__INIT;

    request.api = (char *)api;
    return engine_ask(e, "governance.ListAccepted", &request.base, NULL).message;
}

static enum pl_code
withdraw(struct engine *e, const char *api, const char *fingerprint)
{
    Governance__WithdrawAcceptanceRequest request = GOVERNANCE__WITHDRAW_ACCEPTANCE_REQUEST__INIT;

    request.api = (char *)api;
    request.fingerprint = (char *)fingerprint;
    return engine_ask(e, "governance.WithdrawAcceptance", &request.base, NULL).code;
}

/* An api whose GET /b was removed on a branch; the fingerprint of that. */
static const char *
broken(struct engine *e, const char *api)
{
    struct push_answer a;

    engine_open(e);
    engine_api(e, api);
    engine_push(e, api, "sha0001", NULL, engine_document(e, "1.0.0", "a b"));
    a = engine_push(e, api, "sha0002", "x", engine_document(e, "1.0.0", "a"));
    return a.run->findings[0]->fingerprint;
}

TEST(a_push_is_judged_without_what_was_accepted_and_says_so)
{
    struct engine e;
    const char *fingerprint = broken(&e, "agreed");
    const Governance__AcceptFindingReply *said;
    struct push_answer a;

    said = accept(&e, "agreed", fingerprint, "unused", "2999-12-31").message;
    CHECK_STR(said->acceptance->rule, "operation-removed");
    CHECK_STR(said->acceptance->expires, "2999-12-31");
    CHECK(!said->acceptance->expired);
    a = engine_push(&e, "agreed", "sha0003", NULL, engine_document(&e, "1.0.1", "a"));
    CHECK_STR(a.run->verdict, "stable");
    CHECK_STR(a.run->policy, "pass");
    CHECK_INT(a.run->breaking, ==, 0);
    CHECK_INT(a.run->accepted, ==, 1);
    CHECK_STR(a.run->accepted_findings[0], fingerprint);
    CHECK_INT(a.run->n_findings, ==, 0);
    engine_close(&e);
}

TEST(an_acceptance_that_is_over_counts_again_with_a_note)
{
    struct engine e;
    const char *fingerprint = broken(&e, "over");
    struct push_answer a;

    CHECK_INT(accept(&e, "over", fingerprint, "until the spring", "2001-03-01").code, ==, PL_OK);
    CHECK(accepted(&e, "over")->accepted[0]->expired);
    a = engine_push(&e, "over", "sha0003", "x", engine_document(&e, "1.0.0", "a"));
    CHECK_STR(a.run->verdict, "breaking");
    CHECK_INT(a.run->accepted, ==, 0);
    CHECK_HAS(a.run->findings[0]->note, "2001-03-01: until the spring");
    engine_close(&e);
}

TEST(what_is_withdrawn_counts_again)
{
    struct engine e;
    const char *fingerprint = broken(&e, "withdrawn");
    struct push_answer a;

    CHECK_INT(accept(&e, "withdrawn", fingerprint, "first", NULL).reply->http->status, ==, 201);
    CHECK_INT(accept(&e, "withdrawn", fingerprint, "second", NULL).code, ==, PL_OK);
    CHECK_INT(accepted(&e, "withdrawn")->n_accepted, ==, 1);
    CHECK_STR(accepted(&e, "withdrawn")->accepted[0]->reason, "second");
    CHECK_INT(withdraw(&e, "withdrawn", fingerprint), ==, PL_OK);
    CHECK_INT(withdraw(&e, "withdrawn", fingerprint), ==, PL_NOT_FOUND);
    a = engine_push(&e, "withdrawn", "sha0003", "x", engine_document(&e, "1.0.0", "a"));
    CHECK_STR(a.run->verdict, "breaking");
    CHECK_STR(engine_events(&e, "withdrawn"),
              "api.changed run.completed run.completed finding.accepted finding.accepted "
              "acceptance.withdrawn run.completed");
    engine_close(&e);
}

TEST(an_acceptance_is_of_one_api_and_says_who_and_why)
{
    struct engine e;
    const char *fingerprint = broken(&e, "mine");
    const Events__AcceptanceChanged *event;
    struct push_answer a;

    engine_api(&e, "theirs");
    CHECK_INT(accept(&e, "theirs", fingerprint, "r", NULL).code, ==, PL_OK);
    a = engine_push(&e, "mine", "sha0003", "x", engine_document(&e, "1.0.0", "a"));
    CHECK_STR(a.run->verdict, "breaking");
    event = engine_event(&e, "theirs", "governance.finding.accepted",
                         &events__acceptance_changed__descriptor);
    CHECK_STR(event->author, event->by);
    CHECK(*event->by);
    CHECK_INT(accept(&e, "mine", fingerprint, NULL, NULL).code, ==, PL_INVALID);
    CHECK_INT(accept(&e, "mine", "xyz", "r", NULL).code, ==, PL_INVALID);
    CHECK_INT(accept(&e, "mine", fingerprint, "r", "2026-02-30").code, ==, PL_INVALID);
    CHECK_INT(accept(&e, "nobody", fingerprint, "r", NULL).code, ==, PL_NOT_FOUND);
    engine_close(&e);
}
