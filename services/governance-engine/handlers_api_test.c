/* Apis through the dispatcher, with a real database. */
#include "pl_check.h"

#include "engine_test.h"
#include "events.pb-c.h"
#include "governance.h"

NEEDS_ENV("PL_TEST_DB_URL");

static struct answer
put(struct engine *e, Governance__PutApiRequest *request, const char *api)
{
    request->api = (char *)api;
    return engine_ask(e, "governance.PutApi", &request->base, NULL);
}

static const Governance__Api *
get(struct engine *e, const char *api)
{
    Governance__GetApiRequest request = GOVERNANCE__GET_API_REQUEST__INIT;
    struct answer answer;

    request.api = (char *)api;
    answer = engine_ask(e, "governance.GetApi", &request.base, NULL);
    return answer.code == PL_OK ? ((const Governance__GetApiReply *)answer.message)->api : NULL;
}

static ProtobufCBinaryData
json(const char *text)
{
    return (ProtobufCBinaryData){ strlen(text), (uint8_t *)text };
}

TEST(a_new_api_has_the_documented_defaults)
{
    struct engine e;
    Governance__PutApiRequest request = GOVERNANCE__PUT_API_REQUEST__INIT;
    struct answer answer;
    const Governance__Api *api;

    engine_open(&e);
    answer = put(&e, &request, "defaults");
    CHECK_INT(answer.code, ==, PL_OK);
    CHECK_INT(answer.reply->http->status, ==, 201);
    CHECK_STR(answer.reply->http->location, "/api/v1/apis/defaults");
    api = get(&e, "defaults");
    CHECK_STR(api->visibility, "private");
    CHECK_STR(api->default_branch, "main");
    CHECK(api->stability_threshold == 0.85);
    CHECK_INT(api->window, ==, 20);
    CHECK_INT(api->placeholder_streak_alert_threshold, ==, 5);
    CHECK_INT(api->placeholder_max_runs, ==, 0);
    CHECK_STR(api->version_scheme, "semver");
    CHECK(!api->strict_zero);
    CHECK_STR(api->notice_policy, "");
    CHECK(!api->archived);
    CHECK(api->last_run == NULL);
    CHECK_INT(strlen(api->created_at), ==, strlen("2025-01-01T00:00:00.000Z"));
    engine_close(&e);
}

TEST(a_setting_that_is_absent_keeps_its_value)
{
    struct engine e;
    Governance__PutApiRequest one = GOVERNANCE__PUT_API_REQUEST__INIT;
    Governance__PutApiRequest two = GOVERNANCE__PUT_API_REQUEST__INIT;
    struct answer answer;
    const Governance__Api *api;

    engine_open(&e);
    one.title = "Museum";
    one.visibility = "public";
    PUT(&one, window, 7);
    PUT(&one, strict_zero, true);
    PUT(&one, milestones, json("{\"categories\": []}"));
    put(&e, &one, "merge");
    PUT(&two, stability_threshold, 0.5);
    answer = put(&e, &two, "merge");
    CHECK(answer.reply->http == NULL || answer.reply->http->status != 201);
    api = get(&e, "merge");
    CHECK_STR(api->title, "Museum");
    CHECK_STR(api->visibility, "public");
    CHECK_INT(api->window, ==, 7);
    CHECK(api->strict_zero);
    CHECK(api->stability_threshold == 0.5);
    CHECK_INT(api->milestones.len, ==, strlen("{\"categories\": []}"));
    engine_close(&e);
}

TEST(a_change_is_announced_and_no_change_is_not)
{
    struct engine e;
    Governance__PutApiRequest request = GOVERNANCE__PUT_API_REQUEST__INIT;
    Events__ApiChanged *event;

    engine_open(&e);
    request.title = "One";
    put(&e, &request, "announce");
    put(&e, &request, "announce");
    CHECK_STR(engine_events(&e, "announce"), "api.changed");
    request.visibility = "badges";
    put(&e, &request, "announce");
    CHECK_STR(engine_events(&e, "announce"), "api.changed api.changed");
    event =
        engine_event(&e, "announce", "governance.api.changed", &events__api_changed__descriptor);
    CHECK_STR(event->visibility, "badges");
    CHECK_STR(event->title, "One");
    engine_close(&e);
}

TEST(what_is_not_valid_is_named_and_nothing_is_created)
{
    static const struct {
        const char *overrides, *milestones, *visibility;
        int64_t window;
        double threshold;
        const char *pointer;
    } rows[] = {
        { NULL, NULL, "everyone", 20, 0.5, "/visibility" },
        { NULL, NULL, NULL, 0, 0.5, "/window" },
        { NULL, NULL, NULL, 20, 1.5, "/stability_threshold" },
        { "{\"no-such-rule\": \"error\"}", NULL, NULL, 20, 0.5, "/severity_overrides" },
        { "[1]", NULL, NULL, 20, 0.5, "/severity_overrides" },
        { NULL, "{}", NULL, 20, 0.5, "/milestones/categories" },
        { NULL, "{\"categories\": [{\"name\": \"a\", \"weight\": 0, \"milestones\": []}]}", NULL,
          20, 0.5, "/milestones/categories/0/weight" },
        { NULL,
          "{\"categories\": [{\"name\": \"a\", \"milestones\": [{\"name\": \"x\", \"complete\": 2}]}]}",
          NULL, 20, 0.5, "/milestones/categories/0/milestones/0/complete" },
        { NULL, "{\"categories\": [{\"milestones\": []}]}", NULL, 20, 0.5,
          "/milestones/categories/0/name" },
    };
    struct engine e;

    engine_open(&e);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Governance__PutApiRequest request = GOVERNANCE__PUT_API_REQUEST__INIT;
        struct answer answer;

        request.visibility = (char *)rows[i].visibility;
        PUT(&request, window, rows[i].window);
        PUT(&request, stability_threshold, rows[i].threshold);
        if (rows[i].overrides)
            PUT(&request, severity_overrides, json(rows[i].overrides));
        if (rows[i].milestones)
            PUT(&request, milestones, json(rows[i].milestones));
        answer = put(&e, &request, "invalid");
        CHECK_INT(answer.code, ==, PL_INVALID);
        CHECK_INT(answer.reply->n_violations, ==, 1);
        CHECK_STR(answer.reply->violations[0]->pointer, rows[i].pointer);
    }
    CHECK(get(&e, "invalid") == NULL);
    engine_close(&e);
}

TEST(an_archived_api_stays_readable_and_is_not_changed_any_more)
{
    struct engine e;
    Governance__PutApiRequest request = GOVERNANCE__PUT_API_REQUEST__INIT;
    Governance__DeleteApiRequest archive = GOVERNANCE__DELETE_API_REQUEST__INIT;
    struct answer answer;

    engine_open(&e);
    put(&e, &request, "old");
    archive.api = "old";
    answer = engine_ask(&e, "governance.DeleteApi", &archive.base, NULL);
    CHECK_INT(answer.code, ==, PL_OK);
    CHECK_INT(answer.reply->http->status, ==, 204);
    CHECK_INT(engine_ask(&e, "governance.DeleteApi", &archive.base, NULL).code, ==, PL_OK);
    CHECK_STR(engine_events(&e, "old"), "api.changed api.changed");
    CHECK(get(&e, "old")->archived);
    CHECK_INT(put(&e, &request, "old").code, ==, PL_CONFLICT);
    archive.api = "never";
    CHECK_INT(engine_ask(&e, "governance.DeleteApi", &archive.base, NULL).code, ==, PL_NOT_FOUND);
    engine_close(&e);
}

TEST(a_list_shows_only_what_the_principal_may_see_page_by_page)
{
    struct engine e;
    char *may[] = { "list-1", "list-3", "list-5" };
    Governance__ListApisRequest request = GOVERNANCE__LIST_APIS_REQUEST__INIT;
    const Governance__ListApisReply *reply;

    engine_open(&e);
    for (int i = 1; i <= 5; i++)
        engine_api(&e, pl_arena_printf(e.worker.arena, "list-%d", i));
    e.principal.apis = may;
    e.principal.n_apis = 3;
    PUT(&request, limit, 2);
    reply = engine_ask(&e, "governance.ListApis", &request.base, NULL).message;
    CHECK_INT(reply->n_apis, ==, 2);
    CHECK_STR(reply->apis[0]->api, "list-1");
    CHECK_STR(reply->apis[1]->api, "list-3");
    request.cursor = reply->next_cursor;
    reply = engine_ask(&e, "governance.ListApis", &request.base, NULL).message;
    CHECK_INT(reply->n_apis, ==, 1);
    CHECK_STR(reply->apis[0]->api, "list-5");
    CHECK(reply->next_cursor == NULL);
    engine_close(&e);
}
