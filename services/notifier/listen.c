/* What is heard: a notice becomes deliveries, and published artifacts let them go.
 *
 * Both run in the transaction that moves the feed's cursor, so each event has its effect once.
 * Which endpoint wants a notice (RULINGS 5): its own policy if it has one, else the api's, else
 * the usual one of its kind.  With `on_change` a notice counts only if a reason appeared or went
 * at this run; the endpoint's list of events is held against what counts. */
#include "notifier.h"

#include "payload.h"
#include "pl_log.h"
#include "seal.h"
#include "store.h"

#include <string.h>

static const char *
or_empty(const char *text)
{
    return text ? text : "";
}

static const char *
policy_for(const struct endpoint *endpoint, const struct payload_kind *kind,
           const Events__Notice *notice)
{
    if (*endpoint->policy)
        return endpoint->policy;
    return notice->notice_policy && *notice->notice_policy ? notice->notice_policy : kind->policy;
}

static bool
wants(const struct endpoint *endpoint, const struct payload_kind *kind,
      const Events__Notice *notice)
{
    bool on_change = strcmp(policy_for(endpoint, kind, notice), "on_change") == 0;
    char **names = on_change ? notice->changed : notice->reasons;
    size_t count = on_change ? notice->n_changed : notice->n_reasons;

    if (endpoint->event_count == 0)
        return count > 0;
    for (size_t i = 0; i < count; i++)
        if (payload_has(endpoint->events, endpoint->event_count, names[i]))
            return true;
    return false;
}

/* A disabled endpoint's notices are kept as suppressed, so that a replay can fetch them. */
static int
queue_for(struct pl_heard *heard, const Events__Notice *notice, const struct endpoint *endpoint,
          const struct payload_kind *kind, int64_t wait_ms, bool *added)
{
    struct delivery delivery = {
        .id = new_id(heard->arena, "dlv"),
        .event_id = (char *)heard->event->id,
        .endpoint = endpoint->id,
        .webhook_id = id_from(heard->arena, "msg", heard->event->id),
        .api = (char *)or_empty(notice->api),
        .run = (char *)or_empty(notice->run),
        .reasons = notice->reasons,
        .reason_count = notice->n_reasons,
        .state = endpoint->enabled ? "pending" : "suppressed",
        .last_error = endpoint->enabled ? "" : "the endpoint is disabled",
        .traceparent = or_empty(heard->event->traceparent),
        .tracestate = or_empty(heard->event->tracestate),
    };

    delivery.body =
        payload_body(kind, notice, notifier_status_url(heard->arena, or_empty(notice->api)), false,
                     heard->arena);
    return store_add_delivery(heard->db, &delivery, endpoint->enabled ? wait_ms : 0, added,
                              &heard->err);
}

int
queue_notice(struct pl_heard *heard)
{
    const Events__Notice *notice = heard->message;
    struct endpoint *endpoints;
    int count, queued = 0;
    int64_t wait_ms = *notifier_public_url ? notifier_artifact_wait_ms : 0;
    bool published = false;

    if (environment_endpoint(heard->db, heard->arena, &heard->err) ||
        store_run_published(heard->db, or_empty(notice->run), &published, &heard->err) ||
        store_endpoints_for(heard->db, or_empty(notice->api), heard->arena, &endpoints, &count,
                            &heard->err))
        return -1;
    for (int i = 0; i < count; i++) {
        const struct payload_kind *kind = payload_kind(endpoints[i].kind);
        bool added = false;

        if (kind == NULL || !wants(&endpoints[i], kind, notice))
            continue;
        if (queue_for(heard, notice, &endpoints[i], kind, published ? 0 : wait_ms, &added))
            return -1;
        queued += added;
    }
    pl_info("notice.queued", PL_S("api", or_empty(notice->api)), PL_S("run", or_empty(notice->run)),
            PL_I("deliveries", queued));
    pl_timers_wake();
    return 0;
}

int
release_notices(struct pl_heard *heard)
{
    const Events__ArtifactsPublished *published = heard->message;
    int64_t released;

    if (store_publish_run(heard->db, or_empty(published->run), &released, &heard->err))
        return -1;
    if (released)
        pl_timers_wake();
    return 0;
}
