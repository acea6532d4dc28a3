#include "schema_map.h"

#include "node_private.h"

#include <string.h>

struct schema_entry {
    const char *key; // NULL: free
    size_t length;
    void *value;
};

static struct schema_entry *
slot_of(const struct schema_map *self, const void *key, size_t length)
{
    uint32_t at = (uint32_t)node_hash_bytes(key, length) & (self->size - 1);

    while (self->slots[at].key &&
           (self->slots[at].length != length || memcmp(self->slots[at].key, key, length) != 0))
        at = (at + 1) & (self->size - 1);
    return &self->slots[at];
}

void *
schema_map_get(const struct schema_map *self, const void *key, size_t length)
{
    return self->size ? slot_of(self, key, length)->value : NULL;
}

static void
grow(struct schema_map *self)
{
    struct schema_map larger = { .arena = self->arena, .size = self->size ? self->size * 2 : 32 };

    larger.slots = pl_arena_alloc(self->arena, larger.size * sizeof *larger.slots);
    larger.count = self->count;
    for (uint32_t i = 0; i < self->size; i++)
        if (self->slots[i].key)
            *slot_of(&larger, self->slots[i].key, self->slots[i].length) = self->slots[i];
    *self = larger;
}

void
schema_map_put(struct schema_map *self, const void *key, size_t length, void *value)
{
    struct schema_entry *slot;

    if (self->count * 2 >= self->size)
        grow(self);
    slot = slot_of(self, key, length);
    if (slot->key == NULL) {
        slot->key = pl_arena_memdup(self->arena, key, length);
        slot->length = length;
        self->count++;
    }
    slot->value = value;
}
