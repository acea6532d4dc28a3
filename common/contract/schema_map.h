/* schema_map -- bytes to a pointer, in an arena; only grows.  Private to the contract library.
 */
#ifndef PL_SCHEMA_MAP_H
#define PL_SCHEMA_MAP_H

#include "pl_arena.h"

#include <stdint.h>

struct schema_map {
    struct pl_arena *arena;
    struct schema_entry *slots;
    uint32_t count, size;
};

/* NULL if there is none. */
void *schema_map_get(const struct schema_map *self, const void *key, size_t length);

/* Put or replace.  The key is copied. */
void schema_map_put(struct schema_map *self, const void *key, size_t length, void *value);

#endif
