/* What this service answers to, hears and does on time. */
#include "notifier.h"

#include "events.pb-c.h"
#include "notifier.pb-c.h"

// clang-format off
const struct pl_endpoint notifier_endpoints[] = {
    PL_CALL_SECRET("notifier.CreateEndpoint", create_endpoint, notifier__create_endpoint,
                   "a new receiver; its signing secret is shown once"),
    PL_CALL("notifier.ListEndpoints", PL_READ, list_endpoints, notifier__list_endpoints,
            "receivers, oldest first"),
    PL_CALL("notifier.GetEndpoint", PL_READ, get_endpoint, notifier__get_endpoint, "one receiver"),
    PL_CALL("notifier.UpdateEndpoint", PL_WRITE, update_endpoint, notifier__update_endpoint,
            "change a receiver; what is absent stays"),
    PL_CALL("notifier.DeleteEndpoint", PL_WRITE, delete_endpoint, notifier__delete_endpoint,
            "forget a receiver and its deliveries"),
    PL_CALL_HEAVY("notifier.TestEndpoint", PL_READ, test_endpoint, notifier__test_endpoint,
                  "send a test message now and say what came back"),
    PL_CALL_SECRET("notifier.RotateEndpointSecret", rotate_endpoint_secret,
                   notifier__rotate_endpoint_secret, "a new secret; the old one signs too for 24 h"),
    PL_CALL("notifier.ListDeliveries", PL_READ, list_deliveries, notifier__list_deliveries,
            "deliveries, newest first"),
    PL_CALL("notifier.GetDelivery", PL_READ, get_delivery, notifier__get_delivery,
            "one delivery with its attempts and body"),
    PL_CALL("notifier.ReplayDelivery", PL_WRITE, replay_delivery, notifier__replay_delivery,
            "send one again, under the same webhook-id"),
    PL_CALL("notifier.ReplayDeliveries", PL_WRITE, replay_deliveries, notifier__replay_deliveries,
            "send again everything in a state since a time"),
    { 0 },
};

const struct pl_listener notifier_listeners[] = {
    PL_ON("governance-engine", "governance.notice", queue_notice, events__notice,
          "one delivery for every endpoint that wants it"),
    PL_ON("artifact-publisher", "artifacts.published", release_notices, events__artifacts_published,
          "notices that waited for the page they link to may go"),
    { 0 },
};

const struct pl_timer notifier_timers[] = {
    { 250, send_due, "send what is due", 4 },
    { 5000, refresh_gauges, "count what waits and what is dead", 0 },
    { 60000, apply_environment, "the endpoint of GOVERNANCE_WEBHOOK is as the setting says", 0 },
    { 3600000, forget_old, "forget deliveries past their time", 0 },
    { 0 },
};
// clang-format on
