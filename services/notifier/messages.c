/* From rows to messages, and pages. */
#include "handlers.h"

#include "payload.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_USUAL 50
#define LIMIT_MOST  200

struct visible
visible_to(const struct pl_call *call)
{
    return (struct visible){ call->principal->apis, call->principal->n_apis };
}

int
page_of(struct pl_call *call, const char *cursor, bool has_limit, int64_t limit, struct page *out)
{
    out->after = 0;
    out->limit = has_limit ? limit : LIMIT_USUAL;
    if (out->limit < 1 || out->limit > LIMIT_MOST)
        return pl_fail(&call->err, INVALID, "limit must be between 1 and %d", LIMIT_MOST);
    if (cursor == NULL || *cursor == '\0')
        return 0;
    if (strspn(cursor, "0123456789") != strlen(cursor) || strlen(cursor) > 18)
        return pl_fail(&call->err, INVALID, "that cursor was not made by this list");
    out->after = strtoll(cursor, NULL, 10);
    return 0;
}

char *
next_cursor(struct pl_call *call, const struct page *page, int count, int64_t last_number)
{
    if (count < page->limit)
        return NULL;
    return pl_arena_printf(call->arena, "%" PRId64, last_number);
}

/* Set a field that is left out when it says nothing. */
static char *
unless_empty(char *text)
{
    return text && *text ? text : NULL;
}

Notifier__Endpoint *
endpoint_message(const struct endpoint *endpoint, struct pl_arena *arena)
{
    const struct payload_kind *kind = payload_kind(endpoint->kind);
    Notifier__Endpoint *out = pl_arena_alloc(arena, sizeof *out);

    notifier__endpoint__init(out);
    out->id = endpoint->id;
    out->name = endpoint->name;
    out->kind = endpoint->kind;
    out->url_hint = endpoint->url_hint;
    out->policy = *endpoint->policy || !kind ? endpoint->policy : (char *)kind->policy;
    out->apis = endpoint->apis;
    out->n_apis = endpoint->api_count;
    out->events = endpoint->events;
    out->n_events = endpoint->event_count;
    out->has_rate_per_minute = true;
    out->rate_per_minute = endpoint->rate_per_minute;
    out->has_allow_private = true;
    out->allow_private = endpoint->allow_private;
    out->has_enabled = true;
    out->enabled = endpoint->enabled;
    out->disabled_reason = unless_empty(endpoint->disabled_reason);
    out->created_at = unless_empty(endpoint->created_at);
    out->last_success_at = unless_empty(endpoint->last_success_at);
    out->has_consecutive_failures = true;
    out->consecutive_failures = endpoint->failures;
    out->has_has_secret = true;
    out->has_secret = endpoint->secret.bytes != NULL;
    return out;
}

Notifier__Attempt *
attempt_message(const struct attempt *attempt, struct pl_arena *arena)
{
    Notifier__Attempt *out = pl_arena_alloc(arena, sizeof *out);

    notifier__attempt__init(out);
    out->has_number = out->has_status = out->has_dns_ms = out->has_connect_ms = true;
    out->has_tls_ms = out->has_first_byte_ms = out->has_total_ms = true;
    out->number = attempt->number;
    out->at = unless_empty((char *)attempt->at);
    out->trigger = (char *)attempt->trigger;
    out->status = attempt->status;
    out->error_class = (char *)attempt->error_class;
    out->error = (char *)attempt->error;
    out->dns_ms = attempt->dns_ms;
    out->connect_ms = attempt->connect_ms;
    out->tls_ms = attempt->tls_ms;
    out->first_byte_ms = attempt->first_byte_ms;
    out->total_ms = attempt->total_ms;
    out->peer_address = unless_empty((char *)attempt->peer);
    out->answer = (char *)attempt->answer;
    return out;
}

Notifier__Delivery *
delivery_message(const struct delivery *delivery, struct pl_arena *arena)
{
    Notifier__Delivery *out = pl_arena_alloc(arena, sizeof *out);

    notifier__delivery__init(out);
    out->id = delivery->id;
    out->endpoint = delivery->endpoint;
    out->endpoint_name = delivery->endpoint_name;
    out->webhook_id = delivery->webhook_id;
    out->api = delivery->api;
    out->run = delivery->run;
    out->reasons = delivery->reasons;
    out->n_reasons = delivery->reason_count;
    out->state = delivery->state;
    out->has_attempts = true;
    out->attempts = delivery->attempts;
    out->next_attempt_at = unless_empty(delivery->next_attempt_at);
    out->created_at = delivery->created_at;
    out->finished_at = unless_empty(delivery->finished_at);
    out->last_error = unless_empty(delivery->last_error);
    return out;
}
