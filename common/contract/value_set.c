#include "value_set.h"

#include "node_private.h"

#include <string.h>

#define MIX UINT64_C(0x9e3779b97f4a7c15)

/* Equal values have equal hashes: 1 and 1.0, and objects in any order. */
static uint64_t
hash_of(const struct pl_node *value)
{
    uint64_t hash = (uint64_t)value->kind * MIX;
    double number;

    switch (value->kind) {
    case PL_NULL:
        break;
    case PL_BOOL:
        hash += value->truth;
        break;
    case PL_NUMBER:
        number = pl_node_double(value, 0) + 0.0; // no negative zero
        hash ^= node_hash_bytes(&number, sizeof number);
        break;
    case PL_STRING:
        hash ^= node_hash_bytes(value->text, value->length);
        break;
    case PL_ARRAY:
        for (uint32_t i = 0; i < value->count; i++)
            hash = hash * MIX + hash_of(value->items[i]);
        break;
    case PL_OBJECT:
        for (uint32_t i = 0; i < value->count; i++) {
            const struct pl_member *member = &value->members[i];

            hash += node_hash_bytes(member->key, member->key_length) * (hash_of(member->value) | 1);
        }
        break;
    }
    return hash;
}

/* Where the value is, or would be. */
static const struct pl_node **
place(struct cmp_map *set, const struct pl_node *value)
{
    for (uint64_t hash = hash_of(value);; hash++) {
        void **slot = cmp_map_slot(set, (struct cmp_key){ NULL, NULL, hash });

        if (*slot == NULL || pl_node_equal(*slot, value))
            return (const struct pl_node **)slot;
    }
}

bool
cmp_value_known(struct cmp_map *set, const struct pl_node *value)
{
    return *place(set, value) != NULL;
}

bool
cmp_value_add(struct cmp_map *set, const struct pl_node *value)
{
    const struct pl_node **at = place(set, value);

    if (*at)
        return false;
    *at = value;
    return true;
}
