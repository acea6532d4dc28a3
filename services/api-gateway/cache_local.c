#include "cache_local.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define BUCKETS 1024

struct kept {
    LIST_ENTRY(kept) chain;
    TAILQ_ENTRY(kept) order;
    struct cache_key key;
    uint64_t generation;
    int64_t end_ms;
    size_t length;
    uint8_t bytes[];
};

struct cache_local {
    size_t most, size;
    TAILQ_HEAD(, kept) order; // the one that was asked for last is the last
    LIST_HEAD(, kept) buckets[BUCKETS];
};

static unsigned
bucket(const struct cache_key *key)
{
    return (key->bytes[0] | key->bytes[1] << 8) % BUCKETS;
}

static struct kept *
find(struct cache_local *self, const struct cache_key *key)
{
    struct kept *kept;

    LIST_FOREACH(kept, &self->buckets[bucket(key)], chain)
    if (memcmp(&kept->key, key, sizeof *key) == 0)
        return kept;
    return NULL;
}

static void
drop(struct cache_local *self, struct kept *kept)
{
    LIST_REMOVE(kept, chain);
    TAILQ_REMOVE(&self->order, kept, order);
    self->size -= sizeof *kept + kept->length;
    free(kept);
}

ProtobufCBinaryData
cache_local_look(struct cache_local *self, const struct cache_key *key, uint64_t generation,
                 int64_t now_ms, int64_t *left_ms)
{
    struct kept *kept = find(self, key);

    *left_ms = 0;
    if (kept && (kept->generation != generation || now_ms >= kept->end_ms)) {
        drop(self, kept);
        kept = NULL;
    }
    if (kept == NULL)
        return (ProtobufCBinaryData){ 0, NULL };
    TAILQ_REMOVE(&self->order, kept, order);
    TAILQ_INSERT_TAIL(&self->order, kept, order);
    *left_ms = kept->end_ms - now_ms;
    return (ProtobufCBinaryData){ kept->length, kept->bytes };
}

void
cache_local_keep(struct cache_local *self, const struct cache_key *key, uint64_t generation,
                 ProtobufCBinaryData bytes, int64_t now_ms, int64_t life_ms)
{
    struct kept *old = find(self, key), *kept;
    size_t size = sizeof *kept + bytes.len;

    if (old)
        drop(self, old);
    if (size > self->most)
        return;
    while (self->size + size > self->most)
        drop(self, TAILQ_FIRST(&self->order));
    kept = malloc(size);
    if (kept == NULL)
        return;
    *kept = (struct kept){
        .key = *key, .generation = generation, .end_ms = now_ms + life_ms, .length = bytes.len
    };
    memcpy(kept->bytes, bytes.data, bytes.len);
    LIST_INSERT_HEAD(&self->buckets[bucket(key)], kept, chain);
    TAILQ_INSERT_TAIL(&self->order, kept, order);
    self->size += size;
}

struct cache_local *
cache_local_new(size_t most)
{
    struct cache_local *self = calloc(1, sizeof *self);

    if (self == NULL)
        abort();
    self->most = most;
    TAILQ_INIT(&self->order);
    return self;
}

void
cache_local_destroy(struct cache_local **self_p)
{
    struct cache_local *self = *self_p;

    if (self == NULL)
        return;
    while (!TAILQ_EMPTY(&self->order))
        drop(self, TAILQ_FIRST(&self->order));
    free(self);
    *self_p = NULL;
}
