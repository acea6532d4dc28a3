/* Deliveries: looking at them, and sending them again. */
#include "handlers.h"
#include "pl_log.h"

#include <string.h>

static const char *
or_empty(const char *text)
{
    return text ? text : "";
}

int
list_deliveries(struct pl_call *call)
{
    const Notifier__ListDeliveriesRequest *request = call->request;
    Notifier__ListDeliveriesReply *reply = call->reply;
    const struct delivery_filter filter = { or_empty(request->endpoint), or_empty(request->state),
                                            or_empty(request->api) };
    struct visible visible = visible_to(call);
    struct delivery *rows;
    struct page page;
    int count;

    if (page_of(call, request->cursor, request->has_limit, request->limit, &page) ||
        store_list_deliveries(call->db, &filter, page, &visible, call->arena, &rows, &count,
                              &call->err))
        return -1;
    reply->n_deliveries = (size_t)count;
    reply->deliveries =
        pl_arena_alloc(call->arena, (size_t)(count + 1) * sizeof *reply->deliveries);
    for (int i = 0; i < count; i++)
        reply->deliveries[i] = delivery_message(&rows[i], call->arena);
    reply->next_cursor = next_cursor(call, &page, count, count ? rows[count - 1].number : 0);
    return 0;
}

int
get_delivery(struct pl_call *call)
{
    const Notifier__GetDeliveryRequest *request = call->request;
    Notifier__GetDeliveryReply *reply = call->reply;
    struct visible visible = visible_to(call);
    struct delivery *delivery;
    struct attempt *attempts;
    int count;

    if (store_get_delivery(call->db, or_empty(request->id), &visible, call->arena, &delivery,
                           &call->err) ||
        store_attempts(call->db, delivery->id, call->arena, &attempts, &count, &call->err))
        return -1;
    reply->delivery = delivery_message(delivery, call->arena);
    reply->n_attempts = (size_t)count;
    reply->attempts = pl_arena_alloc(call->arena, (size_t)(count + 1) * sizeof *reply->attempts);
    for (int i = 0; i < count; i++)
        reply->attempts[i] = attempt_message(&attempts[i], call->arena);
    reply->has_payload = true;
    reply->payload.data = (uint8_t *)delivery->body;
    reply->payload.len = strlen(delivery->body);
    return 0;
}

int
replay_delivery(struct pl_call *call)
{
    const Notifier__ReplayDeliveryRequest *request = call->request;
    Notifier__ReplayDeliveryReply *reply = call->reply;
    struct visible visible = visible_to(call);
    struct delivery *delivery;

    if (store_get_delivery(call->db, or_empty(request->id), &visible, call->arena, &delivery,
                           &call->err))
        return -1;
    if (!delivery->endpoint_enabled)
        return pl_fail(&call->err, CONFLICT, "the endpoint \"%s\" is disabled: enable it first",
                       delivery->endpoint_name);
    if (store_replay(call->db, delivery->id, &call->err) ||
        store_get_delivery(call->db, delivery->id, &visible, call->arena, &delivery, &call->err))
        return -1;
    pl_info("delivery.replayed", PL_S("delivery", delivery->id));
    pl_timers_wake();
    reply->delivery = delivery_message(delivery, call->arena);
    return 0;
}

int
replay_deliveries(struct pl_call *call)
{
    const Notifier__ReplayDeliveriesRequest *request = call->request;
    Notifier__ReplayDeliveriesReply *reply = call->reply;
    const char *state = request->state && *request->state ? request->state : "dead";
    const struct delivery_filter filter = { or_empty(request->endpoint), state, "" };
    struct visible visible = visible_to(call);

    if (request->since == NULL)
        return pl_fail(&call->err, INVALID, "since when?");
    if (strcmp(state, "dead") != 0 && strcmp(state, "delivered") != 0 &&
        strcmp(state, "suppressed") != 0)
        return pl_fail(&call->err, INVALID, "deliveries that are \"%.40s\" cannot be replayed",
                       state);
    if (store_replay_since(call->db, request->since, &filter, &visible, &reply->count, &call->err))
        return -1;
    reply->has_count = true;
    pl_info("deliveries.replayed", PL_S("since", request->since), PL_S("state", state),
            PL_I("count", reply->count));
    pl_timers_wake();
    return 0;
}
