/* Endpoints: what an administrator does with receivers. */
#include "deliver.h"
#include "handlers.h"
#include "payload.h"
#include "pl_log.h"
#include "sign.h"

#include <string.h>

#define OVERLAP_S (24 * 3600) // how long a replaced secret still signs

/* A token for some apis may only touch endpoints that are limited to those. */
static int
check_apis(struct pl_call *call, char *const *apis, size_t count)
{
    if (call->principal->n_apis == 0)
        return 0;
    if (count == 0)
        return pl_fail(&call->err, DENIED, "this token needs an endpoint limited to its own apis");
    for (size_t i = 0; i < count; i++)
        if (!pl_call_may_see(call, apis[i]))
            return pl_fail(&call->err, DENIED, "this token is not for the api \"%s\"", apis[i]);
    return 0;
}

static int
check_url(struct pl_call *call, const char *url, bool allow_private, char **hint)
{
    const struct pl_ssrf_list *allow = allow_private ? &notifier_egress_allow : NULL;

    if (http_check_url(url, allow, call->arena, hint, &call->err) == 0)
        return 0;
    pl_call_violation(call, "/url", 0, 0, "%s", call->err.text);
    return -1;
}

/* Kind, name, policy, events and rate; the contract has checked them for HTTP callers. */
static int
check_words(struct pl_call *call, const char *name, const char *policy, char *const *events,
            size_t event_count)
{
    if (name == NULL || strlen(name) == 0 || strlen(name) > 100)
        return pl_fail(&call->err, INVALID, "a name must have 1 to 100 characters");
    if (policy && *policy && strcmp(policy, "every_run") != 0 && strcmp(policy, "on_change") != 0)
        return pl_fail(&call->err, INVALID, "there is no policy \"%.40s\"", policy);
    for (size_t i = 0; i < event_count; i++) {
        const struct reason *reason = reasons;

        while (reason->name && strcmp(reason->name, events[i]) != 0)
            reason++;
        if (reason->name == NULL)
            return pl_fail(&call->err, INVALID, "there is no reason \"%.40s\"", events[i]);
    }
    return 0;
}

/* The secret of a new endpoint: the caller's, a fresh one, or none for kinds that do not sign. */
static int
choose_secret(struct pl_call *call, const struct payload_kind *kind, const char *wanted,
              char **secret)
{
    *secret = NULL;
    if (!kind->is_signed)
        return wanted && *wanted ? pl_fail(&call->err, INVALID,
                                           "an endpoint of kind \"%s\" has no secret", kind->name)
                                 : 0;
    if (wanted == NULL || *wanted == '\0') {
        *secret = sign_new_secret(call->arena);
        return 0;
    }
    *secret = (char *)wanted;
    return sign_check_secret(wanted, &call->err);
}

int
create_endpoint(struct pl_call *call)
{
    const Notifier__CreateEndpointRequest *request = call->request;
    Notifier__CreateEndpointReply *reply = call->reply;
    const struct payload_kind *kind = payload_kind(request->kind);
    struct endpoint endpoint = { .policy = request->policy ? request->policy : "" }, *made;
    bool allow =
        request->has_allow_private ? request->allow_private : notifier_egress_allow.count > 0;

    if (kind == NULL)
        return pl_fail(&call->err, INVALID, "a kind must be webhook, slack or teams");
    if (check_words(call, request->name, request->policy, request->events, request->n_events) ||
        check_apis(call, request->apis, request->n_apis) ||
        check_url(call, request->url, allow, &endpoint.url_hint) ||
        choose_secret(call, kind, request->secret, &reply->secret))
        return -1;
    endpoint.id = new_id(call->arena, "ep");
    endpoint.name = request->name;
    endpoint.kind = request->kind;
    endpoint.url = seal(call->arena, request->url);
    endpoint.secret = seal(call->arena, reply->secret);
    endpoint.apis = request->apis;
    endpoint.api_count = request->n_apis;
    endpoint.events = request->events;
    endpoint.event_count = request->n_events;
    endpoint.rate_per_minute =
        request->has_rate_per_minute ? request->rate_per_minute : kind->rate_per_minute;
    endpoint.allow_private = allow;
    if (store_add_endpoint(call->db, &endpoint, &call->err) ||
        store_get_endpoint(call->db, endpoint.id, NULL, call->arena, &made, &call->err))
        return -1;
    pl_info("endpoint.created", PL_S("endpoint", endpoint.name), PL_S("kind", endpoint.kind),
            PL_S("url", endpoint.url_hint));
    reply->endpoint = endpoint_message(made, call->arena);
    call->http.status = 201;
    call->http.location = pl_arena_printf(call->arena, "/api/v1/notify/endpoints/%s", made->id);
    return 0;
}

int
list_endpoints(struct pl_call *call)
{
    const Notifier__ListEndpointsRequest *request = call->request;
    Notifier__ListEndpointsReply *reply = call->reply;
    struct visible visible = visible_to(call);
    struct endpoint *rows;
    struct page page;
    int count;

    if (page_of(call, request->cursor, request->has_limit, request->limit, &page) ||
        store_list_endpoints(call->db, page, &visible, call->arena, &rows, &count, &call->err))
        return -1;
    reply->n_endpoints = (size_t)count;
    reply->endpoints = pl_arena_alloc(call->arena, (size_t)(count + 1) * sizeof *reply->endpoints);
    for (int i = 0; i < count; i++)
        reply->endpoints[i] = endpoint_message(&rows[i], call->arena);
    reply->next_cursor = next_cursor(call, &page, count, count ? rows[count - 1].number : 0);
    return 0;
}

int
get_endpoint(struct pl_call *call)
{
    const Notifier__GetEndpointRequest *request = call->request;
    Notifier__GetEndpointReply *reply = call->reply;
    struct visible visible = visible_to(call);
    struct endpoint *endpoint;

    if (store_get_endpoint(call->db, request->id ? request->id : "", &visible, call->arena,
                           &endpoint, &call->err))
        return -1;
    reply->endpoint = endpoint_message(endpoint, call->arena);
    return 0;
}

static bool
clears(const Notifier__UpdateEndpointRequest *request, const char *list)
{
    return payload_has(request->clear, request->n_clear, list);
}

/* Put what the request says over the row.  A new address or switching on begins with a clean
 * record. */
static int
apply_change(struct pl_call *call, const Notifier__UpdateEndpointRequest *request,
             struct endpoint *endpoint)
{
    if (request->name)
        endpoint->name = request->name;
    if (request->policy)
        endpoint->policy = request->policy;
    if (request->n_apis || clears(request, "apis")) {
        endpoint->apis = request->apis;
        endpoint->api_count = request->n_apis;
    }
    if (request->n_events || clears(request, "events")) {
        endpoint->events = request->events;
        endpoint->event_count = request->n_events;
    }
    if (request->has_rate_per_minute)
        endpoint->rate_per_minute = request->rate_per_minute;
    if (request->has_allow_private)
        endpoint->allow_private = request->allow_private;
    if (request->url) {
        if (check_url(call, request->url, endpoint->allow_private, &endpoint->url_hint))
            return -1;
        endpoint->url = seal(call->arena, request->url);
        endpoint->failures = 0;
    }
    if (request->has_enabled && request->enabled != endpoint->enabled) {
        endpoint->enabled = request->enabled;
        endpoint->disabled_reason = request->enabled ? "" : "switched off by an administrator";
        endpoint->failures = 0;
    }
    return 0;
}

int
update_endpoint(struct pl_call *call)
{
    const Notifier__UpdateEndpointRequest *request = call->request;
    Notifier__UpdateEndpointReply *reply = call->reply;
    struct visible visible = visible_to(call);
    struct endpoint *endpoint;

    if (store_lock_endpoint(call->db, request->id ? request->id : "", &visible, call->arena,
                            &endpoint, &call->err) ||
        apply_change(call, request, endpoint) ||
        check_words(call, endpoint->name, endpoint->policy, request->events, request->n_events) ||
        check_apis(call, endpoint->apis, endpoint->api_count) ||
        store_save_endpoint(call->db, endpoint, &call->err))
        return -1;
    if (!endpoint->enabled &&
        store_suppress(call->db, endpoint->id, endpoint->disabled_reason, &call->err))
        return -1;
    if (endpoint->enabled)
        pl_timers_wake();
    pl_info("endpoint.changed", PL_S("endpoint", endpoint->name), PL_S("url", endpoint->url_hint));
    reply->endpoint = endpoint_message(endpoint, call->arena);
    return 0;
}

int
delete_endpoint(struct pl_call *call)
{
    const Notifier__DeleteEndpointRequest *request = call->request;
    struct visible visible = visible_to(call);
    struct endpoint *endpoint;

    if (store_lock_endpoint(call->db, request->id ? request->id : "", &visible, call->arena,
                            &endpoint, &call->err) ||
        store_delete_endpoint(call->db, endpoint->id, &call->err))
        return -1;
    pl_info("endpoint.deleted", PL_S("endpoint", endpoint->name));
    call->http.status = 204;
    return 0;
}

/* Send now, outside any transaction; the answer is the caller's, nothing is queued. */
int
test_endpoint(struct pl_call *call)
{
    const Notifier__TestEndpointRequest *request = call->request;
    Notifier__TestEndpointReply *reply = call->reply;
    struct visible visible = visible_to(call);
    struct endpoint *endpoint;
    struct http_answer answer;
    struct outcome outcome;
    struct attempt attempt;
    const char *api, *body;

    if (store_get_endpoint(call->db, request->id ? request->id : "", &visible, call->arena,
                           &endpoint, &call->err))
        return -1;
    api = endpoint->api_count ? endpoint->apis[0] : notifier_default_api;
    body = payload_body(payload_kind(endpoint->kind), payload_example(api, call->arena),
                        *api ? notifier_status_url(call->arena, api) : "", true, call->arena);
    deliver(call->self, endpoint, new_id(call->arena, "msg"), body, call->arena, &answer, &outcome);
    attempt = attempt_of(1, "test", &answer, &outcome);
    pl_info("endpoint.tested", PL_S("endpoint", endpoint->name), PL_I("status", attempt.status),
            PL_S("class", attempt.error_class));
    reply->attempt = attempt_message(&attempt, call->arena);
    return 0;
}

int
rotate_endpoint_secret(struct pl_call *call)
{
    const Notifier__RotateEndpointSecretRequest *request = call->request;
    Notifier__RotateEndpointSecretReply *reply = call->reply;
    struct visible visible = visible_to(call);
    struct endpoint *endpoint;
    char *secret;

    if (store_lock_endpoint(call->db, request->id ? request->id : "", &visible, call->arena,
                            &endpoint, &call->err))
        return -1;
    if (endpoint->secret.bytes == NULL)
        return pl_fail(&call->err, INVALID, "an endpoint of kind \"%s\" has no secret",
                       endpoint->kind);
    secret = sign_new_secret(call->arena);
    if (store_rotate_secret(call->db, endpoint->id, seal(call->arena, secret), OVERLAP_S,
                            call->arena, &reply->previous_valid_until, &call->err))
        return -1;
    pl_info("endpoint.rotated", PL_S("endpoint", endpoint->name));
    reply->secret = secret;
    return 0;
}
