#include "limiter_lease.h"

#include <stdlib.h>

#define SETS           4096
#define WAYS           4
#define LONGEST_DENIAL 1000000 // us
#define LONGEST_DEBT   1500000 // us
#define MOST_DEBT      1000000 // as many as a bucket may hold

struct entry {
    struct limit_key key;
    int64_t seen_us; // 0: free
    int64_t tokens, ends_us;
    int64_t remaining, told_us; // in the shared bucket, when Redis said so
    int64_t empty_until_us;
    int64_t debt, debt_since_us;
    int64_t period_us, used, used_before; // requests in this period and in the one before
    bool wishing;                         // a question with a wish is on its way
};

struct limiter_leases {
    struct entry entries[SETS][WAYS];
};

struct limiter_leases *
limiter_leases_new(void)
{
    struct limiter_leases *self = calloc(1, sizeof *self);

    if (self == NULL)
        abort();
    return self;
}

void
limiter_leases_destroy(struct limiter_leases **self_p)
{
    free(*self_p);
    *self_p = NULL;
}

static struct entry *
find(struct limiter_leases *self, struct limit_key key)
{
    struct entry *set = self->entries[key.low % SETS];

    for (int i = 0; i < WAYS; i++)
        if (set[i].seen_us && limit_key_equal(set[i].key, key))
            return &set[i];
    return NULL;
}

/* The bucket's entry, or a fresh one in place of that which was used least recently. */
static struct entry *
find_or_make(struct limiter_leases *self, struct limit_key key, int64_t now_us)
{
    struct entry *set = self->entries[key.low % SETS], *oldest = set, *out = find(self, key);

    for (int i = 1; out == NULL && i < WAYS; i++)
        if (set[i].seen_us < oldest->seen_us)
            oldest = &set[i];
    if (out == NULL) {
        out = oldest;
        *out = (struct entry){ .key = key };
    }
    out->seen_us = now_us;
    return out;
}

/* How much this reactor asks of the bucket, period by period. */
static void
note_use(struct entry *self, int64_t lease_us, int64_t cost, int64_t now_us)
{
    int64_t periods = (now_us - self->period_us) / lease_us;

    if (periods > 0) {
        self->used_before = periods == 1 ? self->used : 0;
        self->used = 0;
        self->period_us = now_us - (now_us - self->period_us) % lease_us;
    }
    self->used += cost;
}

static int64_t
wish_of(struct entry *self, const struct policy *policy, int64_t now_us)
{
    int64_t most = policy->lease_us / policy->limit.interval_us, wish = self->used_before;

    if (self->used > wish)
        wish = self->used;
    // a wish whose reply was lost does not stand in the way for long
    if (wish < 2 || (self->wishing && now_us - self->told_us < policy->lease_us))
        return 0;
    self->wishing = true;
    self->told_us = now_us;
    return wish < most ? wish : most;
}

enum lease
limiter_lease_take(struct limiter_leases *self, const struct policy *policy, struct limit_key key,
                   int64_t cost, int64_t now_us, struct limit_verdict *verdict, int64_t *wish)
{
    struct entry *entry = policy->lease_us ? find_or_make(self, key, now_us) : find(self, key);

    *wish = 0;
    if (entry == NULL)
        return LEASE_ASK;
    if (policy->lease_us)
        note_use(entry, policy->lease_us, cost, now_us);
    if (entry->tokens >= cost && now_us < entry->ends_us) {
        entry->tokens -= cost;
        *verdict = (struct limit_verdict){ .allowed = true,
                                           .remaining = entry->remaining + entry->tokens };
        return LEASE_TAKEN;
    }
    if (now_us < entry->empty_until_us) {
        *verdict = (struct limit_verdict){ .retry_us = entry->empty_until_us - now_us,
                                           .reset_us = entry->empty_until_us - now_us };
        return LEASE_EMPTY;
    }
    if (policy->lease_us)
        *wish = wish_of(entry, policy, now_us);
    return LEASE_ASK;
}

void
limiter_lease_return(struct limiter_leases *self, struct limit_key key, int64_t cost)
{
    struct entry *entry = find(self, key);

    if (entry)
        entry->tokens += cost;
}

/* Who asks for one finds an empty bucket until then; who asks for more finds out by asking. */
static void
note_empty(struct limiter_leases *self, struct limit_key key, const struct limit_verdict *verdict,
           const struct policy *policy, int64_t now_us)
{
    int64_t wait = verdict->reset_us - (policy->limit.burst - 1) * policy->limit.interval_us;

    if (verdict->remaining > 0 || wait <= 0)
        return;
    if (wait > LONGEST_DENIAL)
        wait = LONGEST_DENIAL;
    find_or_make(self, key, now_us)->empty_until_us = now_us + wait;
}

void
limiter_lease_told(struct limiter_leases *self, const struct policy *policy, struct limit_key key,
                   const struct limit_answer *answer, bool wished, bool refused, int64_t asked_us,
                   int64_t now_us)
{
    struct entry *entry = find(self, key);

    if (entry && wished)
        entry->wishing = false;
    if (answer == NULL)
        return;
    if (!answer->verdict.allowed)
        note_empty(self, key, &answer->verdict, policy, now_us);
    else if (entry && !refused) {
        if (now_us >= entry->ends_us)
            entry->tokens = 0;
        if (entry->tokens == 0) // else the new ones end with the older
            entry->ends_us = asked_us + policy->lease_us;
        entry->tokens += answer->given;
        entry->remaining = answer->verdict.remaining;
    }
}

void
limiter_lease_owe(struct limiter_leases *self, struct limit_key key, int64_t cost, int64_t now_us)
{
    struct entry *entry = cost > 0 ? find_or_make(self, key, now_us) : find(self, key);

    if (entry && entry->debt == 0)
        entry->debt_since_us = now_us;
    if (entry)
        entry->debt = entry->debt + cost > 0 ? entry->debt + cost : 0;
}

int64_t
limiter_lease_debt(struct limiter_leases *self, struct limit_key key, int64_t now_us)
{
    struct entry *entry = find(self, key);
    int64_t debt = entry && now_us - entry->debt_since_us < LONGEST_DEBT ? entry->debt : 0;

    if (entry)
        entry->debt = 0;
    return debt < MOST_DEBT ? debt : MOST_DEBT;
}

void
limiter_lease_forget(struct limiter_leases *self, struct limit_key key)
{
    struct entry *entry = find(self, key);

    if (entry)
        *entry = (struct entry){ 0 };
}

void
limiter_leases_forget_denials(struct limiter_leases *self)
{
    for (int i = 0; i < SETS; i++)
        for (int j = 0; j < WAYS; j++)
            self->entries[i][j].empty_until_us = 0;
}
