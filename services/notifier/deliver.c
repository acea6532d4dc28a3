#include "deliver.h"

#include "payload.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_trace.h"
#include "sign.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

PL_COUNTER(notifications_total, "notifications_total", "attempts to notify, by result",
           "kind,result");
PL_COUNTER(notifications_failed_total, "notifications_failed_total",
           "attempts that failed, by reason", "reason");
PL_HISTOGRAM(request_seconds, "notification_request_duration_seconds",
             "how long receivers took to answer", "kind");

int
notifier_open(void **self_out, struct pl_err *err)
{
    struct notifier *self = calloc(1, sizeof *self);

    *self_out = self; // notifier_close() frees a half-opened worker too
    if (self == NULL)
        return pl_fail(err, INTERNAL, "out of memory");
    return http_sender_new(&self->http, err);
}

void
notifier_close(void **self_p)
{
    struct notifier *self = *self_p;

    if (self == NULL)
        return;
    http_sender_destroy(&self->http);
    free(self);
    *self_p = NULL;
}

/* The trace that the thread works in (pl_trace.h); a receiver may continue it. */
static int
add_trace(struct pl_arena *arena, const char **headers)
{
    int count = 0;

    if (*pl_trace_parent())
        headers[count++] = pl_arena_printf(arena, "traceparent: %s", pl_trace_parent());
    if (count && *pl_trace_state())
        headers[count++] = pl_arena_printf(arena, "tracestate: %s", pl_trace_state());
    return count;
}

/* The three headers of Standard Webhooks; nothing for kinds that do not sign. */
static int
add_signature(const struct endpoint *endpoint, const char *webhook_id, const char *body,
              struct pl_arena *arena, const char **headers, struct pl_err *err)
{
    int64_t now = time(NULL);
    char *secret, *old, *signature;
    const char *secrets[2];
    int count = 0;

    if (unseal(arena, endpoint->secret, &secret, err) ||
        unseal(arena, endpoint->old_secret, &old, err))
        return -1;
    if (secret)
        secrets[count++] = secret;
    if (old)
        secrets[count++] = old;
    if (count == 0)
        return 0;
    if (sign_header(secrets, count, webhook_id, now, body, strlen(body), arena, &signature, err))
        return -1;
    headers[0] = pl_arena_printf(arena, "webhook-id: %s", webhook_id);
    headers[1] = pl_arena_printf(arena, "webhook-timestamp: %" PRId64, now);
    headers[2] = pl_arena_printf(arena, "webhook-signature: %s", signature);
    return 0;
}

/* What cannot be opened or signed is as good as an attempt that failed: it shows in the list. */
static void
not_sendable(struct pl_arena *arena, const struct pl_err *err, struct http_answer *answer)
{
    *answer =
        (struct http_answer){ .failure = "config", .peer = "", .body = "", .retry_after = "" };
    answer->failure_text = pl_arena_strdup(arena, err->text);
    pl_error("notification.not_sendable", PL_ERR(err));
}

void
deliver(struct notifier *self, const struct endpoint *endpoint, const char *webhook_id,
        const char *body, struct pl_arena *arena, struct http_answer *answer, struct outcome *out)
{
    static const struct pl_ssrf_list NOTHING;
    const char *headers[7] = { "content-type: application/json" };
    struct http_request request = {
        .body = body,
        .length = strlen(body),
        .headers = headers,
        .allow = endpoint->allow_private ? &notifier_egress_allow : &NOTHING,
        .timeout_ms = notifier_timeout_ms,
    };
    struct pl_err err = { 0 };
    int traced = add_trace(arena, headers + 1);
    char *url;

    if (unseal(arena, endpoint->url, &url, &err) ||
        add_signature(endpoint, webhook_id, body, arena, headers + 1 + traced, &err)) {
        not_sendable(arena, &err, answer);
    } else {
        request.url = url;
        http_send(self->http, &request, arena, answer);
    }
    *out = outcome_of(endpoint->kind, answer, time(NULL), arena);
    pl_inc(&notifications_total, endpoint->kind, out->delivered ? "delivered" : "failed");
    if (!out->delivered)
        pl_inc(&notifications_failed_total, out->error_class);
    pl_observe(&request_seconds, answer->total_ms / 1000, endpoint->kind);
}

struct attempt
attempt_of(int64_t number, const char *trigger, const struct http_answer *answer,
           const struct outcome *outcome)
{
    return (struct attempt){
        .number = number,
        .status = answer->status,
        .at = "",
        .trigger = trigger,
        .error_class = outcome->error_class,
        .error = outcome->error,
        .peer = answer->peer,
        .answer = answer->body,
        .dns_ms = answer->dns_ms,
        .connect_ms = answer->connect_ms,
        .tls_ms = answer->tls_ms,
        .first_byte_ms = answer->first_byte_ms,
        .total_ms = answer->total_ms,
    };
}
