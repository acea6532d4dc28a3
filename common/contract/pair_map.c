#include "pair_map.h"

#include <string.h>

struct cmp_slot {
    struct cmp_key key;
    void *value;
    bool used;
};

static size_t
hash_of(const struct cmp_key *key)
{
    uint64_t h = (uint64_t)(uintptr_t)key->base * 0x9e3779b97f4a7c15u;

    h = (h ^ (h >> 29) ^ (uint64_t)(uintptr_t)key->head) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 32) ^ key->extra) * 0x94d049bb133111ebu;
    return (size_t)(h ^ (h >> 31));
}

static struct cmp_slot *
find(struct cmp_slot *slots, size_t room, const struct cmp_key *key)
{
    size_t at = hash_of(key) & (room - 1);

    while (slots[at].used && (slots[at].key.base != key->base || slots[at].key.head != key->head ||
                              slots[at].key.extra != key->extra))
        at = (at + 1) & (room - 1);
    return &slots[at];
}

static void
grow(struct cmp_map *self)
{
    size_t room = self->room ? self->room * 2 : 16;
    struct cmp_slot *slots = pl_arena_alloc(self->arena, room * sizeof *slots);

    for (size_t i = 0; i < self->room; i++)
        if (self->slots[i].used)
            *find(slots, room, &self->slots[i].key) = self->slots[i];
    self->slots = slots;
    self->room = room;
}

void **
cmp_map_slot(struct cmp_map *self, struct cmp_key key)
{
    struct cmp_slot *slot;

    if (self->count * 3 >= self->room * 2)
        grow(self);
    slot = find(self->slots, self->room, &key);
    if (!slot->used) {
        slot->used = true;
        slot->key = key;
        self->count++;
    }
    return &slot->value;
}
