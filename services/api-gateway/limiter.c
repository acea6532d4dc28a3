#include "limiter.h"

#include "limiter_answer.h"
#include "limiter_impl.h"
#include "limiter_lease.h"
#include "limits_file.h"
#include "settings.h"

#include "pl_service.h"

#include <stdlib.h>
#include <string.h>

// ---- its life -------------------------------------------------------------------------------

static const char *const AWAY_WORDS[] = { "local", "open", "closed" };

enum limit_away
limiter_away(void)
{
    int i = 0;

    while (i < AWAY_COUNT && strcmp(settings.limit_fallback, AWAY_WORDS[i]) != 0)
        i++;
    return (enum limit_away)i;
}

int
limiter_check(struct pl_err *err)
{
    struct redis_address to;

    if (limiter_away() == AWAY_COUNT)
        return pl_fail(err, INVALID, "PLUMB_LIMIT_FALLBACK is local, open or closed, not \"%s\"",
                       settings.limit_fallback);
    if (!limiter_answer_check())
        return pl_fail(err, INVALID,
                       "PLUMB_LIMIT_HEADERS is draft, legacy, both or none, not \"%s\"",
                       settings.limit_headers);
    return *settings.redis ? redis_address_parse(&to, settings.redis, err) : 0;
}

/* Give back the sets that nobody looks at any more. */
void
limiter_tidy(struct limiter *self)
{
    for (struct limiter_set **at = &self->sets->next; *at;) {
        struct limiter_set *old = *at;

        if (old->users > 0) {
            at = &old->next;
            continue;
        }
        *at = old->next;
        limits_release(&old->limits);
        free(old);
    }
}

static void
take_set(struct limiter *self)
{
    struct limiter_set *set = calloc(1, sizeof *set);

    if (set == NULL)
        abort();
    self->generation = limits_generation();
    set->limits = limits_hold();
    set->next = self->sets;
    self->sets = set;
    limiter_leases_forget_denials(self->leases);
    limiter_tidy(self);
}

/* Redis has charged after all what was owed to it since. */
static void
forgive(void *arg, const struct limit_question *question, bool all)
{
    struct limiter *self = arg;

    limiter_lease_owe(self->leases, question->key, -question->debt - (all ? question->cost : 0), 0);
}

int
limiter_new(struct limiter **out, int epoll, struct pl_err *err)
{
    struct redis_address to;
    struct limiter *self;

    *out = NULL;
    if (limiter_check(err))
        return -1;
    *out = self = calloc(1, sizeof *self);
    if (self == NULL)
        return pl_fail(err, INTERNAL, "out of memory");
    self->leases = limiter_leases_new();
    take_set(self);
    if (*settings.redis && redis_address_parse(&to, settings.redis, err) == 0)
        self->redis = limiter_redis_new(epoll, &to, settings.limit_wait_ms, forgive, self);
    return 0;
}

void
limiter_stop(struct limiter *self)
{
    if (self)
        limiter_redis_destroy(&self->redis);
}

void
limiter_destroy(struct limiter **self_p)
{
    struct limiter *self = *self_p;

    if (self == NULL)
        return;
    limiter_stop(self);
    while (self->sets) {
        struct limiter_set *set = self->sets;

        self->sets = set->next;
        limits_release(&set->limits);
        free(set);
    }
    limiter_leases_destroy(&self->leases);
    free(self);
    *self_p = NULL;
}

void
limiter_ready(struct limiter *self, int fd, uint32_t events)
{
    if (self->redis)
        limiter_redis_ready(self->redis, fd, events);
}

void
limiter_run(struct limiter *self)
{
    limits_look(pl_now_ms());
    if (self->generation != limits_generation())
        take_set(self);
    if (self->redis)
        limiter_redis_run(self->redis);
}

void
limiter_flush(struct limiter *self)
{
    if (self->redis)
        limiter_redis_flush(self->redis);
}

int64_t
limiter_timeout_ms(const struct limiter *self, int64_t most)
{
    int64_t wait = self->redis ? limiter_redis_timeout_ms(self->redis) : most;

    return wait < most ? wait : most;
}

const struct limits *
limiter_limits(const struct limiter *self)
{
    return self->sets->limits;
}

struct limiter_redis *
limiter_of_redis(const struct limiter *self)
{
    return self->redis;
}

void
limiter_forget(struct limiter *self, struct limit_key key)
{
    limiter_lease_forget(self->leases, key);
    limit_forget_locally(key.low);
    if (self->redis)
        limiter_redis_forget(self->redis, key);
}

struct limit
limiter_part(const struct limiter *self, const struct policy *policy)
{
    int64_t among = settings.limit_gateways;

    if (among == 0)
        among = self->redis ? limiter_redis_gateways(self->redis) : 1;
    return (struct limit){ policy->limit.interval_us * among,
                           (policy->limit.burst + among - 1) / among };
}
