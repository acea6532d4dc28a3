/* pair_map -- finds what was made for some pointers before.  Never iterated, so that addresses
 * do not show in any result.
 */
#ifndef CMP_PAIR_MAP_H
#define CMP_PAIR_MAP_H

#include "pl_arena.h"

#include <stdbool.h>
#include <stdint.h>

struct cmp_key {
    const void *base, *head;
    uint64_t extra; // kind, direction and what else tells two comparisons of one pair apart
};

struct cmp_map {
    struct pl_arena *arena;
    struct cmp_slot *slots;
    size_t count, room;
};

/* Where the value of ${key} is kept; *slot is NULL the first time. Valid until the next call. */
void **cmp_map_slot(struct cmp_map *self, struct cmp_key key);

#endif
