#include "fixture_fake.h"
#include "pl_check.h"
#include "pl_trace.h"
#include "sign.h"

NEEDS_ENV("PL_TEST_DB_URL");

static struct fixture f;

/* Does what was received carry a signature by ${secret}? */
static bool
signed_by(const struct received *got, const char *secret)
{
    struct pl_err err = { 0 };
    char *header;

    if (sign_header(&secret, 1, got->id, strtoll(got->timestamp, NULL, 10), got->body,
                    strlen(got->body), f.arena, &header, &err))
        return false;
    return strstr(got->signature, header) != NULL;
}

TEST(a_notice_is_delivered_once_signed_and_on_record)
{
    Events__Notice notice = fixture_example();
    const struct received *got;
    Notifier__GetDeliveryReply *shown;
    char *endpoint;

    fixture_set_up(&f, "0.01");
    endpoint = fixture_endpoint(&f, "a", "webhook", NULL);
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0); // the feed sends it again
    CHECK_INT(fixture_send(&f), ==, 1);
    CHECK_INT(receiver_count(f.receiver), ==, 1);
    got = receiver_got(f.receiver, 0);
    CHECK(signed_by(got, fixture_secret));
    CHECK_STR(got->path, "/hook");
    CHECK(strncmp(got->id, "msg_", 4) == 0);
    CHECK_HAS(got->body, "\"event\":\"governance_notice\"");

    CHECK_INT(fixture_deliveries(&f, "delivered")->n_deliveries, ==, 1);
    shown = fixture_delivery(&f, fixture_deliveries(&f, "")->deliveries[0]->id);
    CHECK_STR(shown->delivery->webhook_id, got->id);
    CHECK_STR(shown->delivery->endpoint_name, "a");
    CHECK_INT(shown->n_attempts, ==, 1);
    CHECK_INT(shown->attempts[0]->status, ==, 200);
    CHECK_STR(shown->attempts[0]->error_class, "");
    CHECK_STR(shown->attempts[0]->answer, "ok");
    CHECK_STR(shown->attempts[0]->peer_address, "127.0.0.1");
    CHECK(shown->attempts[0]->total_ms > 0);
    CHECK_INT(shown->payload.len, ==, strlen(got->body));
    CHECK(memcmp(shown->payload.data, got->body, shown->payload.len) == 0);
    CHECK(fixture_get_endpoint(&f, endpoint)->last_success_at != NULL);
    CHECK_STR(fixture_sql(&f, "SELECT string_agg(type, ',') FROM outbox"),
              "notification.delivered");
    fixture_tear_down(&f);
}

TEST(a_notice_goes_out_in_the_trace_of_the_request_that_made_it_due)
{
    static const char PARENT[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    Events__Notice notice = fixture_example();

    fixture_set_up(&f, "0.01");
    fixture_endpoint(&f, "a", "webhook", NULL);
    pl_trace_set(PARENT, "foo=1,bar=2"); // what the fixture's event carries
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    pl_trace_set(NULL, NULL);
    receiver_will(f.receiver, 500, NULL, NULL, NULL);
    CHECK_INT(fixture_send_until(&f, "delivered", 1), ==, 0);
    CHECK_INT(fixture_notice(&f, "e2", &notice), ==, 0);
    CHECK_INT(fixture_send_until(&f, "delivered", 2), ==, 0);
    CHECK_INT(receiver_count(f.receiver), ==, 3);
    for (int i = 0; i < 3; i++) { // the last one is of an event without a trace
        CHECK_STR(receiver_got(f.receiver, i)->traceparent, i < 2 ? PARENT : "");
        CHECK_STR(receiver_got(f.receiver, i)->tracestate, i < 2 ? "foo=1,bar=2" : "");
    }
    CHECK_STR(fixture_sql(&f, "SELECT string_agg(tracestate, ' ' ORDER BY tracestate) FROM outbox"),
              " foo=1,bar=2");
    CHECK_STR(pl_trace_parent(), "");
    fixture_tear_down(&f);
}

TEST(a_failure_is_tried_again_with_the_same_id_and_a_new_time)
{
    Events__Notice notice = fixture_example();
    Notifier__GetDeliveryReply *shown;

    fixture_set_up(&f, "0.01,0.01");
    fixture_endpoint(&f, "a", "webhook", NULL);
    receiver_will(f.receiver, 500, NULL, NULL, "oops");
    receiver_will(f.receiver, 302, "Location", "http://127.0.0.1:1/", NULL);
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(fixture_send_until(&f, "delivered", 1), ==, 0);
    CHECK_INT(receiver_count(f.receiver), ==, 3);
    for (int i = 0; i < 3; i++) {
        CHECK_STR(receiver_got(f.receiver, i)->id, receiver_got(f.receiver, 0)->id);
        CHECK_STR(receiver_got(f.receiver, i)->body, receiver_got(f.receiver, 0)->body);
        CHECK(signed_by(receiver_got(f.receiver, i), fixture_secret));
    }
    shown = fixture_delivery(&f, fixture_deliveries(&f, "")->deliveries[0]->id);
    CHECK_INT(shown->n_attempts, ==, 3);
    CHECK_STR(shown->attempts[0]->error_class, "serverError");
    CHECK_STR(shown->attempts[0]->answer, "oops");
    CHECK_STR(shown->attempts[1]->error_class, "redirect");
    CHECK_INT(shown->attempts[2]->status, ==, 200);
    fixture_tear_down(&f);
}

TEST(after_the_last_try_it_is_dead_and_a_replay_brings_it_back)
{
    Events__Notice notice = fixture_example();
    Notifier__ReplayDeliveryRequest again = NOTIFIER__REPLAY_DELIVERY_REQUEST__INIT;
    Notifier__ReplayDeliveriesRequest all = NOTIFIER__REPLAY_DELIVERIES_REQUEST__INIT;
    Notifier__ReplayDeliveriesReply *replayed;
    Notifier__GetDeliveryReply *shown;

    fixture_set_up(&f, "0.01,0.01");
    fixture_endpoint(&f, "a", "webhook", NULL);
    for (int i = 0; i < 3; i++)
        receiver_will(f.receiver, 500, NULL, NULL, NULL);
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(fixture_send_until(&f, "dead", 1), ==, 0);
    CHECK_INT(receiver_count(f.receiver), ==, 3);
    CHECK_STR(fixture_sql(&f, "SELECT string_agg(type, ',') FROM outbox"),
              "notification.dead_lettered");

    again.id = fixture_deliveries(&f, "dead")->deliveries[0]->id;
    CHECK_INT(fixture_call(&f, "notifier.ReplayDelivery", &again.base, NULL), ==, PL_OK);
    CHECK_INT(fixture_send(&f), ==, 1);
    CHECK_INT(fixture_deliveries(&f, "delivered")->n_deliveries, ==, 1);
    CHECK_STR(receiver_got(f.receiver, 3)->id, receiver_got(f.receiver, 0)->id);
    shown = fixture_delivery(&f, again.id);
    CHECK_INT(shown->n_attempts, ==, 4);
    CHECK_STR(shown->attempts[3]->trigger, "manual");

    all.since = "2020-01-01T00:00:00Z";
    CHECK_INT(fixture_call(&f, "notifier.ReplayDeliveries", &all.base, (void **)&replayed), ==,
              PL_OK);
    CHECK_INT(replayed->count, ==, 0);
    all.state = "delivered";
    CHECK_INT(fixture_call(&f, "notifier.ReplayDeliveries", &all.base, (void **)&replayed), ==,
              PL_OK);
    CHECK_INT(replayed->count, ==, 1);
    CHECK_INT(fixture_send(&f), ==, 1);
    fixture_tear_down(&f);
}

TEST(a_410_switches_the_endpoint_off_and_what_waits_is_kept)
{
    Events__Notice notice = fixture_example();
    Notifier__UpdateEndpointRequest on = NOTIFIER__UPDATE_ENDPOINT_REQUEST__INIT;
    Notifier__ReplayDeliveryRequest again = NOTIFIER__REPLAY_DELIVERY_REQUEST__INIT;
    Notifier__ReplayDeliveriesRequest all = NOTIFIER__REPLAY_DELIVERIES_REQUEST__INIT;
    char *endpoint;

    fixture_set_up(&f, "0.01,0.01");
    endpoint = fixture_endpoint(&f, "a", "webhook", NULL);
    receiver_will(f.receiver, 410, NULL, NULL, NULL);
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(fixture_notice(&f, "e2", &notice), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 1);
    CHECK(!fixture_get_endpoint(&f, endpoint)->enabled);
    CHECK_STR(fixture_get_endpoint(&f, endpoint)->disabled_reason, "the receiver answered 410");
    CHECK_INT(fixture_deliveries(&f, "dead")->n_deliveries, ==, 1);
    CHECK_INT(fixture_deliveries(&f, "suppressed")->n_deliveries, ==, 1);
    CHECK_INT(fixture_notice(&f, "e3", &notice), ==, 0);
    CHECK_INT(fixture_deliveries(&f, "suppressed")->n_deliveries, ==, 2);

    again.id = fixture_deliveries(&f, "dead")->deliveries[0]->id;
    CHECK_INT(fixture_call(&f, "notifier.ReplayDelivery", &again.base, NULL), ==, PL_CONFLICT);
    on.id = endpoint;
    on.has_enabled = on.enabled = true;
    CHECK_INT(fixture_call(&f, "notifier.UpdateEndpoint", &on.base, NULL), ==, PL_OK);
    CHECK_INT(fixture_send(&f), ==, 0);
    all.since = "2020-01-01T00:00:00Z";
    all.state = "suppressed";
    CHECK_INT(fixture_call(&f, "notifier.ReplayDeliveries", &all.base, NULL), ==, PL_OK);
    CHECK_INT(fixture_send(&f), ==, 2);
    fixture_tear_down(&f);
}

TEST(retry_after_holds_back_everything_for_that_endpoint_and_nothing_else)
{
    Events__Notice notice = fixture_example();

    fixture_set_up(&f, "0.01,0.01");
    fixture_endpoint(&f, "a", "webhook", NULL);
    receiver_will(f.receiver, 429, "Retry-After", "3600", NULL);
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 1);
    CHECK_INT(fixture_notice(&f, "e2", &notice), ==, 0);
    fixture_endpoint(&f, "b", "webhook", NULL);
    CHECK_INT(fixture_notice(&f, "e3", &notice), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 1); // e3 for b
    CHECK_STR(fixture_sql(&f, "SELECT next_send_at - now() > interval '59 minutes'\n"
                              "  FROM endpoints WHERE name = 'a'"),
              "t");
    CHECK_STR(fixture_sql(&f, "SELECT due_at - now() > interval '59 minutes'\n"
                              "  FROM deliveries WHERE state = 'retry'"),
              "t");
    fixture_tear_down(&f);
}

TEST(a_sender_that_dies_leaves_a_trace_and_another_one_goes_on)
{
    Events__Notice notice = fixture_example();
    Notifier__GetDeliveryReply *shown;
    struct pl_err err = { 0 };
    char *id;

    fixture_set_up(&f, "0.01,0.01");
    fixture_endpoint(&f, "a", "webhook", NULL);
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    fixture_sql(&f, "UPDATE deliveries SET state = 'sending', attempts = 1, tries = 1,\n"
                    "       due_at = now() + interval '1 hour'");
    fixture_sql(&f, "INSERT INTO attempts (delivery, number, trigger, error_class)\n"
                    "SELECT id, 1, 'auto', 'interrupted' FROM deliveries");
    CHECK_INT(fixture_send(&f), ==, 0); // its hold lasts
    fixture_sql(&f, "UPDATE deliveries SET due_at = now()");
    pl_pg_destroy(&f.worker.db); // a restart
    CHECK_INT(pl_pg_open(&f.worker.db, pl_test_db_dsn(f.test), &err), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 1);
    id = fixture_deliveries(&f, "delivered")->deliveries[0]->id;
    shown = fixture_delivery(&f, id);
    CHECK_INT(shown->n_attempts, ==, 2);
    CHECK_STR(shown->attempts[0]->error_class, "interrupted");
    CHECK_STR(shown->attempts[1]->error_class, "");
    CHECK_STR(shown->delivery->webhook_id, receiver_got(f.receiver, 0)->id);
    fixture_tear_down(&f);
}

TEST(after_a_rotation_both_secrets_sign_for_a_day)
{
    Events__Notice notice = fixture_example();
    Notifier__RotateEndpointSecretRequest request = NOTIFIER__ROTATE_ENDPOINT_SECRET_REQUEST__INIT;
    Notifier__RotateEndpointSecretReply *rotated;
    char *old;

    fixture_set_up(&f, "0.01");
    request.id = fixture_endpoint(&f, "a", "webhook", NULL);
    old = fixture_secret;
    CHECK_INT(fixture_call(&f, "notifier.RotateEndpointSecret", &request.base, (void **)&rotated),
              ==, PL_OK);
    CHECK(strcmp(rotated->secret, old) != 0);
    CHECK_STR(fixture_sql(&f, "SELECT old_secret_until - now() BETWEEN interval '23:59:00'\n"
                              "   AND interval '24:00:00' FROM endpoints"),
              "t");
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 1);
    CHECK(signed_by(receiver_got(f.receiver, 0), rotated->secret));
    CHECK(signed_by(receiver_got(f.receiver, 0), old));

    fixture_sql(&f, "UPDATE endpoints SET old_secret_until = now()");
    CHECK_INT(fixture_notice(&f, "e2", &notice), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 1);
    CHECK(signed_by(receiver_got(f.receiver, 1), rotated->secret));
    CHECK(!signed_by(receiver_got(f.receiver, 1), old));
    fixture_tear_down(&f);
}

TEST(an_endpoint_that_keeps_failing_is_only_probed)
{
    Events__Notice notice = fixture_example();

    setenv("NOTIFY_BREAKER_FAILURES", "2", 1);
    fixture_set_up(&f, "0.001,0.001,0.001,0.001,0.001,0.001,0.001");
    unsetenv("NOTIFY_BREAKER_FAILURES");
    fixture_endpoint(&f, "a", "webhook", NULL);
    receiver_will(f.receiver, 500, NULL, NULL, NULL);
    receiver_will(f.receiver, 500, NULL, NULL, NULL);
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(fixture_notice(&f, "e2", &notice), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 2);
    CHECK_STR(fixture_sql(&f, "SELECT next_send_at - now() > interval '5 s' FROM endpoints"), "t");
    CHECK_STR(fixture_sql(&f, "SELECT max(tries) FROM deliveries"), "1"); // no try is burnt
    fixture_sql(&f, "UPDATE endpoints SET next_send_at = now()");
    CHECK_INT(fixture_send_until(&f, "delivered", 2), ==, 0);
    CHECK_STR(fixture_sql(&f, "SELECT failures FROM endpoints"), "0");
    fixture_tear_down(&f);
}

TEST(a_rate_spaces_what_goes_to_one_endpoint)
{
    Events__Notice notice = fixture_example();

    fixture_set_up(&f, "0.01");
    fixture_endpoint(&f, "s", "slack", NULL);
    CHECK_STR(fixture_sql(&f, "SELECT rate_per_minute FROM endpoints"),
              "60");                                             // unless said otherwise
    fixture_sql(&f, "UPDATE endpoints SET rate_per_minute = 1"); // no minute passes in this test
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(fixture_notice(&f, "e2", &notice), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 1);
    CHECK_STR(fixture_sql(&f, "SELECT next_send_at - now() BETWEEN interval '5 s' AND '60 s'\n"
                              "  FROM endpoints"),
              "t");
    fixture_sql(&f, "UPDATE endpoints SET next_send_at = now()");
    CHECK_INT(fixture_send(&f), ==, 1);
    CHECK_STR(receiver_got(f.receiver, 0)->signature, "");
    CHECK_HAS(receiver_got(f.receiver, 0)->body, "\"blocks\"");
    fixture_tear_down(&f);
}

TEST(an_endpoint_that_may_not_reach_inside_does_not)
{
    Events__Notice notice = fixture_example();
    Notifier__GetDeliveryReply *shown;

    fixture_set_up(&f, "0.001");
    fixture_endpoint(&f, "a", "webhook", NULL);
    fixture_sql(&f, "UPDATE endpoints SET allow_private = false");
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(fixture_send_until(&f, "dead", 1), ==, 0);
    CHECK_INT(receiver_count(f.receiver), ==, 0);
    shown = fixture_delivery(&f, fixture_deliveries(&f, "")->deliveries[0]->id);
    CHECK_STR(shown->attempts[0]->error_class, "refused");
    CHECK_HAS(shown->attempts[0]->error, "loopback");
    fixture_tear_down(&f);
}

TEST(a_key_that_was_lost_shows_as_an_attempt_and_sends_nothing)
{
    Events__Notice notice = fixture_example();
    Notifier__GetDeliveryReply *shown;

    fixture_set_up(&f, "0.001");
    fixture_endpoint(&f, "a", "webhook", NULL);
    fixture_sql(&f, "UPDATE endpoints SET url = '\\x0102'");
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(fixture_send_until(&f, "dead", 1), ==, 0);
    CHECK_INT(receiver_count(f.receiver), ==, 0);
    shown = fixture_delivery(&f, fixture_deliveries(&f, "")->deliveries[0]->id);
    CHECK_STR(shown->attempts[0]->error_class, "config");
    fixture_tear_down(&f);
}

TEST(a_test_message_goes_out_at_once_and_is_not_queued)
{
    Notifier__TestEndpointRequest request = NOTIFIER__TEST_ENDPOINT_REQUEST__INIT;
    Notifier__TestEndpointReply *reply;

    fixture_set_up(&f, "0.01");
    request.id = fixture_endpoint(&f, "a", "webhook", NULL);
    receiver_will(f.receiver, 418, NULL, NULL, "I am a teapot");
    CHECK_INT(fixture_call(&f, "notifier.TestEndpoint", &request.base, (void **)&reply), ==, PL_OK);
    CHECK_INT(reply->attempt->status, ==, 418);
    CHECK_STR(reply->attempt->trigger, "test");
    CHECK_STR(reply->attempt->error_class, "clientError");
    CHECK_STR(reply->attempt->answer, "I am a teapot");
    CHECK(signed_by(receiver_got(f.receiver, 0), fixture_secret));
    CHECK_HAS(receiver_got(f.receiver, 0)->body, "\"test\":true");
    CHECK_INT(fixture_deliveries(&f, "")->n_deliveries, ==, 0);
    fixture_tear_down(&f);
}
