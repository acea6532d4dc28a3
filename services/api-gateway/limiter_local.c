#include "limiter_local.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

#define WAYS 8
#define SETS (LIMIT_LOCAL_KEYS / WAYS)

/* A slot is free when its TAT is over: that bucket is full, like that of a client never seen. */
struct slot {
    uint64_t client;
    int64_t tat;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot table[SETS][WAYS];
static unsigned char key[crypto_shorthash_KEYBYTES];
static bool has_key;

struct limit_verdict
limit_ask(const struct limit *limit, int64_t *tat, int64_t now_us, int64_t cost)
{
    int64_t depth = limit->interval_us * limit->burst;
    int64_t full = *tat < now_us ? now_us : *tat, wanted, spare;

    if (full > now_us + depth)
        *tat = full = now_us + depth;
    wanted = full + limit->interval_us * cost;
    spare = now_us + depth - wanted;
    if (spare < 0)
        return (struct limit_verdict){
            .remaining = (now_us + depth - full) / limit->interval_us,
            .retry_us = cost > limit->burst ? -1 : -spare,
            .reset_us = full - now_us,
        };
    if (cost > 0)
        *tat = wanted;
    return (struct limit_verdict){
        .allowed = true,
        .remaining = spare / limit->interval_us,
        .reset_us = wanted - now_us,
    };
}

/* Where a client belongs: nobody outside can aim at one set. */
static struct slot *
set_of(uint64_t client)
{
    uint64_t hash;

    if (!has_key) {
        randombytes_buf(key, sizeof key);
        has_key = true;
    }
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)&client, sizeof client, key);
    return table[hash % SETS];
}

/* The client's slot, or the one that is missed least. */
static struct slot *
slot_of(uint64_t client)
{
    struct slot *set = set_of(client), *least = set;

    for (int i = 0; i < WAYS; i++) {
        if (set[i].client == client && set[i].tat)
            return &set[i];
        if (set[i].tat < least->tat)
            least = &set[i];
    }
    *least = (struct slot){ .client = client };
    return least;
}

void
limit_ask_all_locally(struct limit_local *asks, int count, int64_t now_us)
{
    bool refused = false;

    pthread_mutex_lock(&lock);
    for (int i = 0; i < count; i++) {
        int64_t tat = slot_of(asks[i].client)->tat;

        asks[i].verdict = limit_ask(&asks[i].limit, &tat, now_us, asks[i].cost);
        refused = refused || (!asks[i].verdict.allowed && !asks[i].shadow);
    }
    for (int i = 0; !refused && i < count; i++)
        limit_ask(&asks[i].limit, &slot_of(asks[i].client)->tat, now_us, asks[i].cost);
    pthread_mutex_unlock(&lock);
}

void
limit_charge_locally(const struct limit *limit, uint64_t client, int64_t cost, int64_t now_us)
{
    int64_t most = now_us + limit->interval_us * limit->burst;
    struct slot *slot;

    pthread_mutex_lock(&lock);
    slot = slot_of(client);
    if (slot->tat < now_us)
        slot->tat = now_us;
    slot->tat += limit->interval_us * cost;
    if (slot->tat > most)
        slot->tat = most;
    pthread_mutex_unlock(&lock);
}

void
limit_forget_locally(uint64_t client)
{
    pthread_mutex_lock(&lock);
    *slot_of(client) = (struct slot){ 0 };
    pthread_mutex_unlock(&lock);
}

int
limit_local_count(int64_t now_us)
{
    int count = 0;

    pthread_mutex_lock(&lock);
    for (int i = 0; i < SETS; i++)
        for (int j = 0; j < WAYS; j++)
            count += table[i][j].tat > now_us;
    pthread_mutex_unlock(&lock);
    return count;
}

void
limit_local_forget(void)
{
    pthread_mutex_lock(&lock);
    memset(table, 0, sizeof table);
    pthread_mutex_unlock(&lock);
}
