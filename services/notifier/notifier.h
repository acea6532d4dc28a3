/* notifier -- tells people and programs outside what the engine found.
 *
 * A notice becomes one delivery for every endpoint that wants it, in the transaction that reads
 * the event; timers send what is due, until the receiver has it or the schedule ends.
 */
#ifndef NOTIFIER_H
#define NOTIFIER_H

#include "pl_service.h"

#include "http_send.h"
#include "pl_ssrf.h"
#include "schedule.h"

/* ---- settings.c ---- */

extern const struct pl_setting notifier_settings[];
extern const char *notifier_public_url, *notifier_default_api;
extern const char *notifier_webhook, *notifier_webhook_secret; // "" if not set
extern int64_t notifier_timeout_ms, notifier_retention_days;
extern int64_t notifier_breaker_failures, notifier_breaker_seconds;
extern int64_t notifier_artifact_wait_ms;

extern struct schedule notifier_schedule;         // parsed by notifier_start()
extern struct pl_ssrf_list notifier_egress_allow; // the same

/* Check what pl_conf cannot: the key, the schedule, the allow-list, the URL.  Once. */
int notifier_start(struct pl_err *err);

/* ---- What one thread owns ---- */

struct notifier {
    struct http_sender *http;
};

int notifier_open(void **self_out, struct pl_err *err);
void notifier_close(void **self_p);

/* The address of an api's status page, "" without PLUMB_PUBLIC_URL. */
char *notifier_status_url(struct pl_arena *arena, const char *api);

/* ---- dispatch.c ---- */

extern const struct pl_endpoint notifier_endpoints[];
extern const struct pl_listener notifier_listeners[];
extern const struct pl_timer notifier_timers[];

pl_handler_fn create_endpoint, list_endpoints, get_endpoint, update_endpoint, delete_endpoint;
pl_handler_fn test_endpoint, rotate_endpoint_secret;
pl_handler_fn list_deliveries, get_delivery, replay_delivery, replay_deliveries;
pl_listener_fn queue_notice, release_notices;
pl_timer_fn send_due, apply_environment, refresh_gauges, forget_old;

/* ---- environment.c ---- */

/* Make the endpoint of GOVERNANCE_WEBHOOK what the setting says (G-01).  Changes nothing if it
 * is so already.  Joins a transaction that is open. */
int environment_endpoint(struct pl_pg *db, struct pl_arena *arena, struct pl_err *err);

#endif
