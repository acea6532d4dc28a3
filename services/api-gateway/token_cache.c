#include "token_cache.h"

#include "pl_metric.h"
#include "pl_pack.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETS    2048
#define WAYS    2
#define HASH    32
#define LIFE_MS 30000

PL_COUNTER(lookups, "gateway_token_cache_total", "tokens looked up in the cache", "result");
PL_COUNTER(revocations, "gateway_token_revocations_total", "revocations heard", "");

struct entry {
    unsigned char hash[HASH];
    int64_t until_ms; // 0: free
    char id[72];
    uint8_t *principal; // packed
    size_t length;
};

struct token_cache {
    pthread_mutex_t lock; // only a revocation contends for it
    uint64_t epoch;
    unsigned char key[crypto_generichash_KEYBYTES];
    struct entry entries[SETS][WAYS];
    struct token_cache *next;
};

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct token_cache *all;

struct token_cache *
token_cache_new(void)
{
    struct token_cache *self = calloc(1, sizeof *self);

    if (self == NULL)
        abort();
    pthread_mutex_init(&self->lock, NULL);
    crypto_generichash_keygen(self->key);
    pthread_mutex_lock(&all_lock);
    self->next = all;
    all = self;
    pthread_mutex_unlock(&all_lock);
    return self;
}

static void
forget(struct entry *entry)
{
    free(entry->principal);
    *entry = (struct entry){ 0 };
}

void
token_cache_destroy(struct token_cache **self_p)
{
    struct token_cache *self = *self_p;

    if (self == NULL)
        return;
    pthread_mutex_lock(&all_lock);
    for (struct token_cache **at = &all; *at; at = &(*at)->next)
        if (*at == self) {
            *at = self->next;
            break;
        }
    pthread_mutex_unlock(&all_lock);
    for (size_t i = 0; i < SETS; i++)
        for (size_t w = 0; w < WAYS; w++)
            forget(&self->entries[i][w]);
    pthread_mutex_destroy(&self->lock);
    free(self);
    *self_p = NULL;
}

static struct entry *
set_of(struct token_cache *self, const char *token, unsigned char hash[HASH])
{
    crypto_generichash(hash, HASH, (const unsigned char *)token, strlen(token), self->key,
                       sizeof self->key);
    return self->entries[(hash[0] | (size_t)hash[1] << 8) % SETS];
}

Pl__Principal *
token_cache_get(struct token_cache *self, const char *token, int64_t now_ms, struct pl_arena *arena)
{
    unsigned char hash[HASH];
    struct entry *set = set_of(self, token, hash);
    Pl__Principal *found = NULL;

    pthread_mutex_lock(&self->lock);
    for (size_t w = 0; w < WAYS; w++)
        if (set[w].until_ms > now_ms && memcmp(set[w].hash, hash, HASH) == 0)
            found = pl_unpack(&pl__principal__descriptor,
                              (ProtobufCBinaryData){ set[w].length, set[w].principal }, arena);
    pthread_mutex_unlock(&self->lock);
    pl_inc(&lookups, found ? "hit" : "miss");
    return found;
}

uint64_t
token_cache_epoch(struct token_cache *self)
{
    uint64_t epoch;

    pthread_mutex_lock(&self->lock);
    epoch = self->epoch;
    pthread_mutex_unlock(&self->lock);
    return epoch;
}

/* The same token's place, else a free one, else the one that would go first. */
static struct entry *
choose(struct entry *set, const unsigned char hash[HASH])
{
    struct entry *oldest = &set[0];

    for (size_t w = 0; w < WAYS; w++) {
        if (set[w].until_ms && memcmp(set[w].hash, hash, HASH) == 0)
            return &set[w];
        if (set[w].until_ms < oldest->until_ms)
            oldest = &set[w];
    }
    return oldest;
}

void
token_cache_put(struct token_cache *self, const char *token, const char *id,
                const Pl__Principal *principal, int64_t lives_s, int64_t now_ms, uint64_t epoch)
{
    unsigned char hash[HASH];
    struct entry *set = set_of(self, token, hash), *entry;
    int64_t life = lives_s < 0 || lives_s > LIFE_MS / 1000 ? LIFE_MS : lives_s * 1000;
    size_t length = pl__principal__get_packed_size(principal);

    pthread_mutex_lock(&self->lock);
    if (epoch == self->epoch && life > 0) {
        entry = choose(set, hash);
        forget(entry);
        memcpy(entry->hash, hash, HASH);
        snprintf(entry->id, sizeof entry->id, "%s", id ? id : "");
        entry->principal = malloc(length + 1);
        if (entry->principal) {
            entry->length = pl__principal__pack(principal, entry->principal);
            entry->until_ms = now_ms + life;
        }
    }
    pthread_mutex_unlock(&self->lock);
}

static void
revoke(struct token_cache *self, const char *id)
{
    pthread_mutex_lock(&self->lock);
    self->epoch++;
    for (size_t i = 0; i < SETS; i++)
        for (size_t w = 0; w < WAYS; w++) {
            struct entry *entry = &self->entries[i][w];

            if (entry->until_ms && (id == NULL || strcmp(entry->id, id) == 0))
                forget(entry);
        }
    pthread_mutex_unlock(&self->lock);
}

void
token_cache_revoke(const char *id)
{
    pl_inc(&revocations);
    pthread_mutex_lock(&all_lock);
    for (struct token_cache *at = all; at; at = at->next)
        revoke(at, id);
    pthread_mutex_unlock(&all_lock);
}
