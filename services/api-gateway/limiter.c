#include "limiter.h"

#include "exchange.h"
#include "limiter_redis.h"
#include "mount.h"
#include "problem.h"
#include "reactor.h"
#include "record.h"
#include "settings.h"

#include "pl_metric.h"

#include <arpa/inet.h>
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_US 1000000
#define POLICY    "client"
#define NOBODY    UINT64_MAX

PL_COUNTER(results, "gateway_limited_total", "requests by what the rate limit said", "result");
PL_COUNTER(fallbacks, "gateway_limit_fallback_total",
           "requests that Redis could not tell about, by why", "reason");

enum fallback { FALLBACK_LOCAL, FALLBACK_OPEN, FALLBACK_CLOSED, FALLBACK_COUNT };

static const char *const FALLBACKS[] = { "local", "open", "closed" };

struct limiter {
    struct limit limit;
    struct limit part; // of this gateway, when each counts for itself
    enum fallback fallback;
    struct limiter_redis *redis; // NULL: no Redis
    char policy[64];             // the RateLimit-Policy field
};

// ---- its life -------------------------------------------------------------------------------

static enum fallback
find_fallback(void)
{
    int i = 0;

    while (i < FALLBACK_COUNT && strcmp(settings.limit_fallback, FALLBACKS[i]) != 0)
        i++;
    return (enum fallback)i;
}

int
limiter_check(struct pl_err *err)
{
    struct limiter_address to;

    if (find_fallback() == FALLBACK_COUNT)
        return pl_fail(err, INVALID, "PLUMB_LIMIT_FALLBACK is local, open or closed, not \"%s\"",
                       settings.limit_fallback);
    return *settings.redis ? limiter_address_parse(&to, settings.redis, err) : 0;
}

static int64_t
divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

int
limiter_new(struct limiter **out, int epoll, struct pl_err *err)
{
    struct limiter_address to;
    struct limiter *self;

    *out = NULL;
    if (settings.limit_rate == 0)
        return 0;
    if (limiter_check(err))
        return -1;
    *out = self = calloc(1, sizeof *self);
    if (self == NULL)
        return pl_fail(err, INTERNAL, "out of memory");
    self->fallback = find_fallback();
    self->limit = (struct limit){ divide_up(SECOND_US, settings.limit_rate), settings.limit_burst };
    self->part = (struct limit){ self->limit.interval_us * settings.limit_gateways,
                                 divide_up(settings.limit_burst, settings.limit_gateways) };
    snprintf(self->policy, sizeof self->policy, "\"" POLICY "\";q=%" PRId64 ";w=%" PRId64,
             self->limit.burst, divide_up(self->limit.burst, settings.limit_rate));
    if (*settings.redis && limiter_address_parse(&to, settings.redis, err) == 0)
        self->redis = limiter_redis_new(epoll, &to, &self->limit, settings.limit_wait_ms);
    return 0;
}

void
limiter_destroy(struct limiter **self_p)
{
    if (*self_p == NULL)
        return;
    limiter_redis_destroy(&(*self_p)->redis);
    free(*self_p);
    *self_p = NULL;
}

void
limiter_ready(struct limiter *self, int fd, uint32_t events)
{
    if (self && self->redis)
        limiter_redis_ready(self->redis, fd, events);
}

void
limiter_run(struct limiter *self)
{
    if (self && self->redis)
        limiter_redis_run(self->redis);
}

void
limiter_flush(struct limiter *self)
{
    if (self && self->redis)
        limiter_redis_flush(self->redis);
}

int64_t
limiter_timeout_ms(const struct limiter *self, int64_t most)
{
    int64_t wait = self && self->redis ? limiter_redis_timeout_ms(self->redis) : most;

    return wait < most ? wait : most;
}

// ---- one request ----------------------------------------------------------------------------

uint64_t
limiter_client(const char *address)
{
    static const unsigned char MAPPED[12] = { [10] = 0xff, 0xff };
    unsigned char bytes[16];
    uint64_t prefix;
    uint32_t v4;

    if (inet_pton(AF_INET6, address, bytes) == 1 && memcmp(bytes, MAPPED, 12) != 0) {
        memcpy(&prefix, bytes, 8);
        return be64toh(prefix);
    }
    if (strchr(address, ':') == NULL && inet_pton(AF_INET, address, bytes + 12) != 1)
        return NOBODY;
    memcpy(&v4, bytes + 12, 4);
    return 0xffff000000000000u | be32toh(v4); // ff00::/8 is nobody's own address
}

/* Seconds until one more is allowed than now. */
static int64_t
next_s(const struct limit *limit, const struct limit_verdict *verdict)
{
    int64_t us = verdict->reset_us % limit->interval_us;

    if (!verdict->allowed)
        us = verdict->retry_us;
    else if (us == 0)
        us = limit->interval_us;
    return divide_up(us, SECOND_US);
}

static void
decide(struct exchange *exchange, const struct limiter *self, const struct limit *limit,
       const struct limit_verdict *verdict)
{
    int64_t next = next_s(limit, verdict);

    pl_inc(&results, verdict->allowed ? "allowed" : "limited");
    if (!verdict->allowed) {
        exchange->answered = false; // what it was going to be, a 404 say, is not for this client
        exchange->answer = (struct answer){ 0 };
    }
    answer_header(exchange, "RateLimit-Policy", self->policy);
    answer_header(exchange, "RateLimit",
                  pl_arena_printf(exchange->arena, "\"" POLICY "\";r=%" PRId64 ";t=%" PRId64,
                                  verdict->remaining, next));
    if (!verdict->allowed)
        problem_quota(exchange, POLICY, next);
}

static void
decide_locally(struct exchange *exchange, const struct limiter *self)
{
    struct limit_verdict verdict =
        limit_ask_locally(&self->part, limiter_client(exchange->client), record_now_us());

    decide(exchange, self, &self->part, &verdict);
}

static void
fall_back(struct exchange *exchange, const struct limiter *self, const char *why)
{
    pl_inc(&fallbacks, why);
    if (self->fallback == FALLBACK_LOCAL)
        decide_locally(exchange, self);
    else if (self->fallback == FALLBACK_OPEN)
        pl_inc(&results, "open");
    else {
        pl_inc(&results, "closed");
        problem(exchange, PL_UNAVAILABLE, "the rate limit could not be checked");
    }
}

static void
told(void *arg, const struct limit_verdict *verdict, const char *why)
{
    struct exchange *exchange = arg;
    const struct limiter *self = reactor_limiter(exchange->reactor);

    if (verdict)
        decide(exchange, self, &self->limit, verdict);
    else
        fall_back(exchange, self, why);
    exchange_limited(exchange);
}

void
limiter_begin(struct exchange *exchange)
{
    struct limiter *self = reactor_limiter(exchange->reactor);

    if (self == NULL || (exchange->mount && mount_is_free(exchange->mount)))
        return;
    if (self->redis == NULL)
        decide_locally(exchange, self);
    else if (limiter_redis_ask(self->redis, limiter_client(exchange->client), told, exchange))
        exchange->pending = true;
    else
        fall_back(exchange, self, "down");
}
