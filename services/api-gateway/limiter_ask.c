#include "contract.h"
#include "exchange.h"
#include "limiter_answer.h"
#include "limiter_impl.h"
#include "limiter_lease.h"
#include "mount.h"
#include "problem.h"
#include "reactor.h"
#include "record.h"

#include "pl_metric.h"

#include <string.h>

PL_COUNTER(results, "gateway_limited_total", "requests by what the rate limit said", "result");
PL_COUNTER(decisions, "gateway_limit_decisions_total", "what each policy said", "policy,result");
PL_COUNTER(answers, "gateway_limit_answers_total", "buckets by who knew about them", "by");
PL_COUNTER(fallbacks, "gateway_limit_fallback_total",
           "requests that Redis could not tell about, by why", "reason");
PL_COUNTER(blocks, "auth_rate_limit_block_total", "logins and refreshes that were too many",
           "endpoint");

enum knower { BY_NOBODY, BY_LEASE, BY_REDIS, BY_LOCAL };

/* One bucket that counts the request. */
struct bucket {
    struct limit_key key;
    int64_t wish, debt;
    enum knower knower;
};

/* All of them: those before the token was known and those after. */
struct limiter_work {
    struct limiter_set *set;
    int64_t cost, asked_us;
    int count, begun; // buckets; the first of this question
    bool with_token;  // those of its user and token are asked, too
    bool second;      // by a question of their own
    struct limit_part parts[MAX_POLICIES];
    struct bucket buckets[MAX_POLICIES];
};

// ---- what counts a request ------------------------------------------------------------------

static struct limit_key
key_of(const struct exchange *exchange, const struct policy *policy)
{
    uint64_t client = limit_client(exchange->client);
    const char *text = "";

    if (policy->by == BY_ADDRESS)
        return limit_key_make(policy->name, &client, sizeof client);
    if (policy->by == BY_USER)
        text = exchange->principal->subject ? exchange->principal->subject : "";
    else if (policy->by == BY_TOKEN)
        text = exchange_header(exchange, "Authorization");
    return limit_key_make(policy->name, text ? text : "", text ? strlen(text) : 0);
}

static bool
is_of_token(const struct policy *policy)
{
    return policy->by == BY_USER || policy->by == BY_TOKEN;
}

static void
collect(const struct exchange *exchange, struct limiter_work *work)
{
    const struct limits *limits = work->set->limits;
    const char *id = exchange->operation ? exchange->operation->id : NULL;
    const char *route = exchange_route(exchange);

    work->cost = limits_cost(limits, id, route);
    for (int i = 0; i < limits->count; i++) {
        const struct policy *policy = &limits->policies[i];

        if (is_of_token(policy) ? !work->with_token : work->second)
            continue;
        if (!policy_counts(policy, id, route))
            continue;
        work->parts[work->count] = (struct limit_part){ .policy = policy };
        work->buckets[work->count++] = (struct bucket){ .key = key_of(exchange, policy) };
    }
}

// ---- deciding -------------------------------------------------------------------------------

static bool
is_refused(const struct limit_part *part)
{
    return !part->verdict.allowed && !part->policy->shadow;
}

static void
return_leases(struct limiter *self, const struct limiter_work *work)
{
    for (int i = work->begun; i < work->count; i++)
        if (work->buckets[i].knower == BY_LEASE && work->parts[i].verdict.allowed)
            limiter_lease_return(self->leases, work->buckets[i].key, work->cost);
}

static void
count_block(const struct exchange *exchange)
{
    static const char *const ENDPOINTS[] = { "login", "refresh" };

    for (size_t i = 0; exchange->operation && i < 2; i++)
        if (strcmp(exchange->operation->id, ENDPOINTS[i]) == 0)
            pl_inc(&blocks, ENDPOINTS[i]);
}

/* What is allowed by Redis is charged to this gateway's part, too, so that it does not begin full
 * when Redis goes away; what is allowed here is owed to Redis. */
static void
charge_locally(struct limiter *self, const struct limiter_work *work)
{
    int64_t now_us = record_now_us();

    for (int i = work->begun; i < work->count; i++) {
        const struct policy *policy = work->parts[i].policy;
        struct limit part = limiter_part(self, policy);

        if (!work->parts[i].verdict.allowed)
            continue;
        if (work->buckets[i].knower == BY_LOCAL)
            limiter_lease_owe(self->leases, work->buckets[i].key, work->cost, now_us);
        else if (work->buckets[i].knower != BY_NOBODY && policy->away == AWAY_LOCAL)
            limit_charge_locally(&part, work->buckets[i].key.low, work->cost, now_us);
    }
}

/* Everything is known that will be. */
static void
decide(struct exchange *exchange, struct limiter *self, struct limiter_work *work)
{
    static const char *const KNOWERS[] = { "nobody", "lease", "redis", "local" };
    bool refused = false;
    int known = 0;

    for (int i = work->begun; i < work->count; i++) {
        const struct limit_part *part = &work->parts[i];

        if (work->buckets[i].knower == BY_NOBODY)
            continue;
        pl_inc(&answers, KNOWERS[work->buckets[i].knower]);
        pl_inc(&decisions, part->policy->name,
               part->verdict.allowed  ? "allowed"
               : part->policy->shadow ? "shadow_limited"
                                      : "limited");
        refused = refused || is_refused(part);
    }
    if (refused) {
        return_leases(self, work);
        count_block(exchange);
    } else if (self->redis)
        charge_locally(self, work);
    for (int i = 0; i < work->count; i++) // those that nobody knew are not told
        if (work->buckets[i].knower != BY_NOBODY) {
            work->parts[known] = work->parts[i];
            work->buckets[known++] = work->buckets[i];
        }
    work->count = work->begun = known;
    pl_inc(&results, refused ? "limited" : "allowed");
    limiter_answer(exchange, work->parts, known);
}

/* Each gateway counts its part of those that Redis could not tell about, all or nothing. */
static void
count_locally(struct limiter *self, struct limiter_work *work)
{
    struct limit_local asks[MAX_POLICIES];
    int of[MAX_POLICIES], count = 0;

    for (int i = work->begun; i < work->count; i++)
        if (work->buckets[i].knower == BY_NOBODY &&
            (self->redis == NULL || work->parts[i].policy->away == AWAY_LOCAL)) {
            of[count] = i;
            asks[count++] = (struct limit_local){
                .limit = limiter_part(self, work->parts[i].policy),
                .client = work->buckets[i].key.low,
                .cost = work->cost,
                .shadow = work->parts[i].policy->shadow,
            };
        }
    limit_ask_all_locally(asks, count, record_now_us());
    for (int i = 0; i < count; i++) {
        work->parts[of[i]].verdict = asks[i].verdict;
        work->buckets[of[i]].knower = BY_LOCAL;
    }
}

static bool
must_close(const struct limiter *self, const struct limiter_work *work)
{
    for (int i = work->begun; self->redis && i < work->count; i++)
        if (work->buckets[i].knower == BY_NOBODY && !work->parts[i].policy->shadow &&
            work->parts[i].policy->away == AWAY_CLOSED)
            return true;
    return false;
}

static void
fall_back(struct exchange *exchange, struct limiter *self, struct limiter_work *work,
          const char *why)
{
    if (self->redis)
        pl_inc(&fallbacks, why);
    if (must_close(self, work)) {
        return_leases(self, work);
        pl_inc(&results, "closed");
        exchange->answered = false;
        exchange->answer = (struct answer){ 0 };
        problem(exchange, PL_UNAVAILABLE, "the rate limit could not be checked");
        return;
    }
    count_locally(self, work);
    decide(exchange, self, work);
}

// ---- asking ---------------------------------------------------------------------------------

/* What the reactor knows by itself.  True if an empty bucket ends the question. */
static bool
look_here(struct limiter *self, struct limiter_work *work, int64_t now_us)
{
    bool ends = false;

    for (int i = work->begun; self->redis && !ends && i < work->count; i++) {
        struct bucket *bucket = &work->buckets[i];
        enum lease lease =
            limiter_lease_take(self->leases, work->parts[i].policy, bucket->key, work->cost, now_us,
                               &work->parts[i].verdict, &bucket->wish);

        if (lease != LEASE_ASK)
            bucket->knower = BY_LEASE;
        ends = bucket->knower == BY_LEASE && is_refused(&work->parts[i]);
    }
    return ends;
}

static int
write_questions(struct limiter *self, struct limiter_work *work, struct limit_question *out)
{
    int count = 0;

    for (int i = work->begun; i < work->count; i++) {
        const struct policy *policy = work->parts[i].policy;
        struct bucket *bucket = &work->buckets[i];

        if (bucket->knower != BY_NOBODY)
            continue;
        bucket->debt = limiter_lease_debt(self->leases, bucket->key, work->asked_us);
        out[count++] = (struct limit_question){ .key = bucket->key,
                                                .limit = policy->limit,
                                                .cost = work->cost,
                                                .wish = bucket->wish,
                                                .hold_us = policy->lease_us,
                                                .debt = bucket->debt,
                                                .shadow = policy->shadow };
    }
    return count;
}

static void
hear(struct limiter *self, struct limiter_work *work, const struct limit_answer *told)
{
    int64_t now_us = record_now_us();
    bool refused = false;

    for (int i = work->begun, next = 0; told && i < work->count; i++)
        if (work->buckets[i].knower == BY_NOBODY) {
            work->parts[i].verdict = told[next++].verdict;
            refused = refused || is_refused(&work->parts[i]);
        }
    for (int i = work->begun; i < work->count; i++) {
        if (work->buckets[i].knower != BY_NOBODY)
            continue;
        limiter_lease_told(self->leases, work->parts[i].policy, work->buckets[i].key, told,
                           work->buckets[i].wish > 0, refused, work->asked_us, now_us);
        if (told == NULL) {
            limiter_lease_owe(self->leases, work->buckets[i].key, work->buckets[i].debt, now_us);
            continue;
        }
        work->parts[i].verdict.remaining += told->given;
        work->buckets[i].knower = BY_REDIS;
        told++;
    }
}

static void
told(void *arg, const struct limit_answer *answer, const char *why)
{
    struct exchange *exchange = arg;
    struct limiter *self = reactor_limiter(exchange->reactor);
    struct limiter_work *work = exchange->limit;
    bool second = work->second;

    hear(self, work, answer);
    if (answer)
        decide(exchange, self, work);
    else
        fall_back(exchange, self, work, why);
    if (second)
        exchange_done(exchange);
    else
        exchange_limited(exchange);
}

static void
ask(struct exchange *exchange, struct limiter *self, struct limiter_work *work)
{
    struct limit_question questions[MAX_QUESTIONS];
    int count;

    collect(exchange, work);
    if (work->begun == work->count)
        return;
    work->asked_us = record_now_us();
    if (look_here(self, work, work->asked_us)) {
        decide(exchange, self, work);
        return;
    }
    if (self->redis == NULL || !limiter_redis_is_up(self->redis)) {
        fall_back(exchange, self, work, "down"); // debts stay as old as they are
        return;
    }
    count = write_questions(self, work, questions);
    if (count == 0)
        decide(exchange, self, work);
    else if (limiter_redis_ask(self->redis, questions, count, told, exchange))
        exchange->pending = true;
    else {
        hear(self, work, NULL);
        fall_back(exchange, self, work, "down");
    }
}

void
limiter_begin(struct exchange *exchange)
{
    struct limiter *self = reactor_limiter(exchange->reactor);

    if (self->sets->limits->count == 0 || (exchange->mount && mount_is_free(exchange->mount)))
        return;
    exchange->limit = pl_arena_alloc(exchange->arena, sizeof *exchange->limit);
    exchange->limit->set = self->sets;
    self->sets->users++;
    exchange->limit->with_token = !exchange->answered && exchange->principal;
    ask(exchange, self, exchange->limit);
}

void
limiter_known(struct exchange *exchange)
{
    struct limiter_work *work = exchange->limit;

    if (work == NULL || work->with_token || exchange->answered || exchange->principal == NULL)
        return;
    work->with_token = work->second = true;
    ask(exchange, reactor_limiter(exchange->reactor), work);
}

void
limiter_end(struct exchange *exchange)
{
    struct limiter *self = reactor_limiter(exchange->reactor);

    if (exchange->limit == NULL)
        return;
    exchange->limit->set->users--;
    if (self->sets->next)
        limiter_tidy(self);
}
