#include "fixture_fake.h"
#include "pl_check.h"

NEEDS_ENV("PL_TEST_DB_URL");

static struct fixture f;

static Notifier__CreateEndpointRequest
a_request(void)
{
    Notifier__CreateEndpointRequest request = NOTIFIER__CREATE_ENDPOINT_REQUEST__INIT;

    request.name = "ops";
    request.kind = "webhook";
    request.url = "https://hooks.example.com/services/T0/B0/topsecret";
    return request;
}

static enum pl_code
create(const Notifier__CreateEndpointRequest *request, Notifier__CreateEndpointReply **reply)
{
    return fixture_call(&f, "notifier.CreateEndpoint", &request->base, (void **)reply);
}

TEST(a_new_endpoint_shows_its_secret_once_and_its_url_never)
{
    Notifier__CreateEndpointRequest request = a_request();
    Notifier__CreateEndpointReply *made;
    Notifier__Endpoint *shown;

    fixture_set_up(&f, "1");
    CHECK_INT(create(&request, &made), ==, PL_OK);
    CHECK(strncmp(made->secret, "whsec_", 6) == 0);
    CHECK_STR(made->endpoint->url_hint, "hooks.example.com/…cret");
    shown = fixture_get_endpoint(&f, made->endpoint->id);
    CHECK_STR(shown->name, "ops");
    CHECK_STR(shown->policy, "every_run");
    CHECK(shown->enabled && shown->has_secret && shown->allow_private);
    CHECK_INT(shown->rate_per_minute, ==, 0);
    CHECK_STR(fixture_sql(&f, "SELECT count(*) FROM endpoints e\n"
                              " WHERE e::text LIKE '%topsecret%' OR e::text LIKE '%whsec%'\n"
                              "    OR position('topsecret'::bytea IN url) > 0\n"
                              "    OR position('whsec'::bytea IN secret) > 0"),
              "0");
    fixture_tear_down(&f);
}

TEST(what_cannot_work_is_refused_with_its_reason)
{
    Notifier__CreateEndpointRequest request = a_request();
    char *events[] = { "moon_phase" };

    fixture_set_up(&f, "1");
    request.url = "http://10.0.0.1/";
    CHECK_INT(create(&request, NULL), ==, PL_INVALID);
    CHECK_HAS(fixture_refusal, "PLUMB_EGRESS_ALLOW");
    request.url = "http://user:pw@example.com/";
    CHECK_INT(create(&request, NULL), ==, PL_INVALID);
    CHECK(strstr(fixture_refusal, "pw@") == NULL);
    request = a_request();
    request.kind = "pigeon";
    CHECK_INT(create(&request, NULL), ==, PL_INVALID);
    request = a_request();
    request.kind = "slack";
    request.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    CHECK_INT(create(&request, NULL), ==, PL_INVALID);
    request = a_request();
    request.secret = "whsec_short";
    CHECK_INT(create(&request, NULL), ==, PL_INVALID);
    request = a_request();
    request.events = events;
    request.n_events = 1;
    CHECK_INT(create(&request, NULL), ==, PL_INVALID);
    request = a_request();
    request.policy = "sometimes";
    CHECK_INT(create(&request, NULL), ==, PL_INVALID);
    request = a_request();
    request.url = "http://127.0.0.1:9000/";
    request.has_allow_private = true; // and false
    CHECK_INT(create(&request, NULL), ==, PL_INVALID);
    CHECK_STR(fixture_sql(&f, "SELECT count(*) FROM endpoints"), "0");
    fixture_tear_down(&f);
}

TEST(two_endpoints_cannot_have_one_name)
{
    Notifier__CreateEndpointRequest request = a_request();
    Notifier__UpdateEndpointRequest rename = NOTIFIER__UPDATE_ENDPOINT_REQUEST__INIT;
    Notifier__CreateEndpointReply *second;

    fixture_set_up(&f, "1");
    CHECK_INT(create(&request, NULL), ==, PL_OK);
    CHECK_INT(create(&request, NULL), ==, PL_CONFLICT);
    CHECK_STR(fixture_refusal, "there is an endpoint named \"ops\" already");
    request.name = "dev";
    CHECK_INT(create(&request, &second), ==, PL_OK);
    rename.id = second->endpoint->id;
    rename.name = "ops";
    CHECK_INT(fixture_call(&f, "notifier.UpdateEndpoint", &rename.base, NULL), ==, PL_CONFLICT);
    CHECK_STR(fixture_refusal, "there is an endpoint named \"ops\" already");
    fixture_tear_down(&f);
}

TEST(a_change_keeps_what_it_does_not_name)
{
    Notifier__CreateEndpointRequest request = a_request();
    Notifier__UpdateEndpointRequest change = NOTIFIER__UPDATE_ENDPOINT_REQUEST__INIT;
    Notifier__CreateEndpointReply *made;
    Notifier__UpdateEndpointReply *changed;
    char *apis[] = { "museum", "zoo" }, *clear[] = { "apis" };
    char *sealed;

    fixture_set_up(&f, "1");
    request.apis = apis;
    request.n_apis = 2;
    CHECK_INT(create(&request, &made), ==, PL_OK);
    sealed = fixture_sql(&f, "SELECT url FROM endpoints");
    change.id = made->endpoint->id;
    change.policy = "on_change";
    change.has_rate_per_minute = true;
    change.rate_per_minute = 7;
    CHECK_INT(fixture_call(&f, "notifier.UpdateEndpoint", &change.base, (void **)&changed), ==,
              PL_OK);
    CHECK_STR(changed->endpoint->policy, "on_change");
    CHECK_INT(changed->endpoint->n_apis, ==, 2);
    CHECK_INT(changed->endpoint->rate_per_minute, ==, 7);
    CHECK_STR(changed->endpoint->name, "ops");
    CHECK_STR(fixture_sql(&f, "SELECT url FROM endpoints"), sealed);
    change = (Notifier__UpdateEndpointRequest)NOTIFIER__UPDATE_ENDPOINT_REQUEST__INIT;
    change.id = made->endpoint->id;
    change.clear = clear;
    change.n_clear = 1;
    change.url = "https://elsewhere.example.com/abcd";
    CHECK_INT(fixture_call(&f, "notifier.UpdateEndpoint", &change.base, (void **)&changed), ==,
              PL_OK);
    CHECK_INT(changed->endpoint->n_apis, ==, 0);
    CHECK_STR(changed->endpoint->url_hint, "elsewhere.example.com/…abcd");
    CHECK(strcmp(fixture_sql(&f, "SELECT url FROM endpoints"), sealed) != 0);
    fixture_tear_down(&f);
}

TEST(lists_come_in_pages)
{
    Notifier__ListEndpointsRequest list = NOTIFIER__LIST_ENDPOINTS_REQUEST__INIT;
    Notifier__ListEndpointsReply *page;

    fixture_set_up(&f, "1");
    for (int i = 0; i < 3; i++)
        fixture_endpoint(&f, pl_arena_printf(f.arena, "e%d", i), "webhook", NULL);
    list.has_limit = true;
    list.limit = 2;
    CHECK_INT(fixture_call(&f, "notifier.ListEndpoints", &list.base, (void **)&page), ==, PL_OK);
    CHECK_INT(page->n_endpoints, ==, 2);
    CHECK_STR(page->endpoints[0]->name, "e0");
    list.cursor = page->next_cursor;
    CHECK_INT(fixture_call(&f, "notifier.ListEndpoints", &list.base, (void **)&page), ==, PL_OK);
    CHECK_INT(page->n_endpoints, ==, 1);
    CHECK_STR(page->endpoints[0]->name, "e2");
    CHECK(page->next_cursor == NULL || *page->next_cursor == '\0');
    list.cursor = "not ours";
    CHECK_INT(fixture_call(&f, "notifier.ListEndpoints", &list.base, NULL), ==, PL_INVALID);
    fixture_tear_down(&f);
}

TEST(deliveries_are_filtered_and_paged_newest_first)
{
    Notifier__ListDeliveriesRequest list = NOTIFIER__LIST_DELIVERIES_REQUEST__INIT;
    Notifier__ListDeliveriesReply *page;
    Events__Notice notice = fixture_example();
    char *a, *newest;

    fixture_set_up(&f, "1");
    a = fixture_endpoint(&f, "a", "webhook", NULL);
    fixture_endpoint(&f, "b", "webhook", NULL);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fixture_notice(&f, pl_arena_printf(f.arena, "e%d", i), &notice), ==, 0);
    notice.api = "zoo";
    CHECK_INT(fixture_notice(&f, "z", &notice), ==, 0);
    list.endpoint = a;
    list.api = "museum";
    list.state = "pending";
    list.has_limit = true;
    list.limit = 2;
    CHECK_INT(fixture_call(&f, "notifier.ListDeliveries", &list.base, (void **)&page), ==, PL_OK);
    CHECK_INT(page->n_deliveries, ==, 2);
    newest = page->deliveries[0]->id;
    list.cursor = page->next_cursor;
    CHECK_INT(fixture_call(&f, "notifier.ListDeliveries", &list.base, (void **)&page), ==, PL_OK);
    CHECK_INT(page->n_deliveries, ==, 1);
    CHECK(strcmp(page->deliveries[0]->id, newest) != 0);
    CHECK_STR(
        fixture_sql(&f, pl_arena_printf(f.arena,
                                        "SELECT number = (SELECT max(number) FROM deliveries\n"
                                        "  WHERE endpoint = '%s' AND api = 'museum')\n"
                                        "  FROM deliveries WHERE id = '%s'",
                                        a, newest)),
        "t");
    fixture_tear_down(&f);
}

TEST(a_token_for_one_api_sees_and_touches_only_that)
{
    static char *museum[] = { "museum" }, *zoo[] = { "zoo" };
    Notifier__CreateEndpointRequest request = a_request();
    Notifier__DeleteEndpointRequest gone = NOTIFIER__DELETE_ENDPOINT_REQUEST__INIT;
    Notifier__ReplayDeliveriesRequest all = NOTIFIER__REPLAY_DELIVERIES_REQUEST__INIT;
    Notifier__ListEndpointsRequest list = NOTIFIER__LIST_ENDPOINTS_REQUEST__INIT;
    Notifier__ListEndpointsReply *page;
    Notifier__CreateEndpointReply *theirs;
    Events__Notice notice = fixture_example();
    char *delivery;

    fixture_set_up(&f, "1");
    request.apis = museum;
    request.n_apis = 1;
    CHECK_INT(create(&request, &theirs), ==, PL_OK);
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    delivery = fixture_deliveries(&f, "")->deliveries[0]->id;
    fixture_sql(&f, "UPDATE deliveries SET state = 'dead'");

    f.principal.apis = zoo;
    f.principal.n_apis = 1;
    CHECK(fixture_get_endpoint(&f, theirs->endpoint->id) == NULL);
    CHECK(fixture_delivery(&f, delivery) == NULL);
    CHECK_INT(fixture_deliveries(&f, "")->n_deliveries, ==, 0);
    gone.id = theirs->endpoint->id;
    CHECK_INT(fixture_call(&f, "notifier.DeleteEndpoint", &gone.base, NULL), ==, PL_NOT_FOUND);
    request.name = "mine";
    CHECK_INT(create(&request, NULL), ==, PL_DENIED);
    request.n_apis = 0;
    CHECK_INT(create(&request, NULL), ==, PL_DENIED);
    request.apis = zoo;
    request.n_apis = 1;
    CHECK_INT(create(&request, NULL), ==, PL_OK);
    CHECK_INT(fixture_call(&f, "notifier.ListEndpoints", &list.base, (void **)&page), ==, PL_OK);
    CHECK_INT(page->n_endpoints, ==, 1);
    CHECK_STR(page->endpoints[0]->name, "mine");
    all.since = "2020-01-01T00:00:00Z";
    CHECK_INT(fixture_call(&f, "notifier.ReplayDeliveries", &all.base, NULL), ==, PL_OK);
    CHECK_STR(fixture_sql(&f, "SELECT state FROM deliveries"), "dead");

    f.principal.n_apis = 0;
    CHECK_INT(fixture_call(&f, "notifier.DeleteEndpoint", &gone.base, NULL), ==, PL_OK);
    CHECK_STR(fixture_sql(&f, "SELECT count(*) FROM deliveries"), "0");
    fixture_tear_down(&f);
}

TEST(only_what_signs_has_a_secret_to_rotate)
{
    Notifier__RotateEndpointSecretRequest rotate = NOTIFIER__ROTATE_ENDPOINT_SECRET_REQUEST__INIT;

    fixture_set_up(&f, "1");
    rotate.id = fixture_endpoint(&f, "s", "slack", NULL);
    CHECK(fixture_secret == NULL || *fixture_secret == '\0');
    CHECK_INT(fixture_call(&f, "notifier.RotateEndpointSecret", &rotate.base, NULL), ==,
              PL_INVALID);
    rotate.id = "ep_nobody";
    CHECK_INT(fixture_call(&f, "notifier.RotateEndpointSecret", &rotate.base, NULL), ==,
              PL_NOT_FOUND);
    fixture_tear_down(&f);
}

TEST(a_replay_since_when_must_be_a_time)
{
    Notifier__ReplayDeliveriesRequest all = NOTIFIER__REPLAY_DELIVERIES_REQUEST__INIT;

    fixture_set_up(&f, "1");
    CHECK_INT(fixture_call(&f, "notifier.ReplayDeliveries", &all.base, NULL), ==, PL_INVALID);
    all.since = "yesterweek";
    CHECK_INT(fixture_call(&f, "notifier.ReplayDeliveries", &all.base, NULL), ==, PL_INVALID);
    all.since = "2020-01-01T00:00:00Z";
    all.state = "sending";
    CHECK_INT(fixture_call(&f, "notifier.ReplayDeliveries", &all.base, NULL), ==, PL_INVALID);
    fixture_tear_down(&f);
}
