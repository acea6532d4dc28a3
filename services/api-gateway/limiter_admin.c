#include "exchange.h"
#include "limiter.h"
#include "limits_file.h"
#include "own.h"
#include "problem.h"
#include "reactor.h"
#include "record.h"
#include "settings.h"

#include "pl_log.h"

#include "gateway.pb-c.h"

#include <arpa/inet.h>
#include <string.h>

static Gateway__Policy *
policy_message(struct exchange *exchange, const struct policy *policy)
{
    Gateway__Policy *out = pl_arena_alloc(exchange->arena, sizeof *out);

    gateway__policy__init(out);
    out->name = pl_arena_strdup(exchange->arena, policy->name);
    out->key = (char *)(uintptr_t)limit_by_name(policy->by);
    out->has_rate = out->has_burst = out->has_shadow = out->has_leases = 1;
    out->rate = policy->rate;
    out->burst = policy->limit.burst;
    out->shadow = policy->shadow;
    out->leases = policy->lease_us > 0;
    out->away = (char *)(uintptr_t)limit_away_name(policy->away);
    while (policy->routes && policy->routes[out->n_routes])
        out->n_routes++;
    out->routes = (char **)(uintptr_t)policy->routes;
    return out;
}

void
own_list_limits(struct exchange *exchange, const ProtobufCMessage *request)
{
    const struct limiter *limiter = reactor_limiter(exchange->reactor);
    const struct limits *limits = limiter_limits(limiter);
    struct limiter_redis *redis = limiter_of_redis(limiter);
    Gateway__ListLimitsReply reply = GATEWAY__LIST_LIMITS_REPLY__INIT;
    const char *refused = limits_refusal(exchange->arena);

    (void)request;
    reply.source = (char *)(uintptr_t)limits_source();
    reply.refused = *refused ? (char *)(uintptr_t)refused : NULL;
    reply.redis = redis == NULL ? "none" : limiter_redis_is_up(redis) ? "up" : "down";
    reply.has_gateways = 1;
    reply.gateways = redis ? limiter_redis_gateways(redis) : 1;
    reply.policies =
        pl_arena_alloc(exchange->arena, (size_t)(limits->count + 1) * sizeof(Gateway__Policy *));
    for (int i = 0; i < limits->count; i++)
        reply.policies[reply.n_policies++] = policy_message(exchange, &limits->policies[i]);
    own_reply(exchange, &reply.base);
}

/* One bucket, as `policy:value` names it. */
struct named {
    const struct policy *policy;
    struct limit_key key;
};

/* False: answered with what is wrong about the name. */
static bool
read_name(struct exchange *exchange, const char *text, struct named *out)
{
    const char *value = strchr(text, ':');
    const char *policy =
        pl_arena_memdup(exchange->arena, text, value ? (size_t)(value - text) : strlen(text));
    unsigned char address[16];
    uint64_t client;

    value = value ? value + 1 : "";
    out->policy = limits_find(limiter_limits(reactor_limiter(exchange->reactor)), policy);
    if (out->policy == NULL) {
        problem(exchange, PL_NOT_FOUND, "there is no policy \"%s\"; a key is policy:value", policy);
        return false;
    }
    if (out->policy->by != BY_ADDRESS) {
        if (out->policy->by == BY_TOKEN)
            value = pl_arena_printf(exchange->arena, "Bearer %s", value);
        out->key = limit_key_make(policy, value, strlen(value));
        return true;
    }
    if (inet_pton(AF_INET, value, address) != 1 && inet_pton(AF_INET6, value, address) != 1) {
        problem(exchange, PL_MALFORMED, "the policy \"%s\" counts by address, and \"%s\" is none",
                policy, value);
        return false;
    }
    client = limit_client(value);
    out->key = limit_key_make(policy, &client, sizeof client);
    return true;
}

static void
send_state(struct exchange *exchange, const struct named *named,
           const struct limit_verdict *verdict, const char *store, int64_t burst)
{
    Gateway__GetLimitReply reply = GATEWAY__GET_LIMIT_REPLY__INIT;
    Gateway__Limit limit = GATEWAY__LIMIT__INIT;
    char bucket[LIMIT_KEY_TEXT];

    limit_key_print(named->key, bucket);
    reply.limit = &limit;
    limit.policy = (char *)(uintptr_t)named->policy->name;
    limit.bucket = bucket;
    limit.store = (char *)(uintptr_t)store;
    limit.has_burst = limit.has_remaining = limit.has_full_in_ms = 1;
    limit.burst = burst;
    limit.remaining = verdict->remaining;
    limit.full_in_ms = (verdict->reset_us + 999) / 1000;
    own_reply(exchange, &reply.base);
}

static void
send_local_state(struct exchange *exchange, const struct named *named)
{
    struct limit_local ask = {
        .limit = limiter_part(reactor_limiter(exchange->reactor), named->policy),
        .client = named->key.low,
    };

    limit_ask_all_locally(&ask, 1, record_now_us());
    send_state(exchange, named, &ask.verdict, "local", ask.limit.burst);
}

static void
told(void *arg, const struct limit_answer *answer, const char *why)
{
    struct exchange *exchange = arg;
    const struct named *named = exchange->work;

    (void)why;
    if (answer)
        send_state(exchange, named, &answer->verdict, "redis", named->policy->limit.burst);
    else
        send_local_state(exchange, named);
    exchange_done(exchange);
}

void
own_get_limit(struct exchange *exchange, const ProtobufCMessage *request)
{
    const char *key = ((const Gateway__GetLimitRequest *)request)->key;
    struct limiter_redis *redis = limiter_of_redis(reactor_limiter(exchange->reactor));
    struct named *named = pl_arena_alloc(exchange->arena, sizeof *named);
    struct limit_question question = { 0 };

    if (!read_name(exchange, key, named))
        return;
    question = (struct limit_question){ .key = named->key,
                                        .limit = named->policy->limit,
                                        .hold_us = named->policy->lease_us };
    exchange->work = named;
    if (redis && limiter_redis_ask(redis, &question, 1, told, exchange))
        exchange->pending = true;
    else
        send_local_state(exchange, named);
}

void
own_delete_limit(struct exchange *exchange, const ProtobufCMessage *request)
{
    static const Gateway__DeleteLimitReply REPLY = GATEWAY__DELETE_LIMIT_REPLY__INIT;
    const char *key = ((const Gateway__DeleteLimitRequest *)request)->key;
    struct named named;

    if (!read_name(exchange, key, &named))
        return;
    limiter_forget(reactor_limiter(exchange->reactor), named.key);
    pl_info("limit.reset", PL_S("policy", named.policy->name),
            PL_S("who", exchange->principal ? exchange->principal->subject : ""));
    own_reply(exchange, &REPLY.base);
}
