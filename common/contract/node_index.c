/* The index of large objects: open addressing, keyed with SipHash so that nobody outside can
 * choose keys that all collide. */
#include "node_private.h"

#include "decimal.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

struct index {
    uint32_t mask;
    uint32_t slots[]; // number of the member + 1; 0 is free
};

static unsigned char hash_key[crypto_shorthash_KEYBYTES];
static pthread_once_t hash_once = PTHREAD_ONCE_INIT;

static void
make_key(void)
{
    randombytes_buf(hash_key, sizeof hash_key);
}

uint64_t
node_hash_bytes(const void *bytes, size_t length)
{
    unsigned char out[crypto_shorthash_BYTES];
    uint64_t hash;

    pthread_once(&hash_once, make_key);
    crypto_shorthash(out, bytes, length, hash_key);
    memcpy(&hash, out, sizeof hash);
    return hash;
}

static uint64_t
hash_number(const struct pl_node *node)
{
    struct decimal number = decimal_read(node->text, node->length);
    uint64_t hash = node_hash_bytes(&number.point, sizeof number.point) + number.negative;

    if (number.count == 0)
        return 0;
    for (size_t i = 0, seen = 0; seen < number.count; i++)
        if (number.digits[i] != '.') {
            hash = hash * 31 + (uint64_t)number.digits[i];
            seen++;
        }
    return hash;
}

uint64_t
node_hash(const struct pl_node *node)
{
    uint64_t hash = (uint64_t)node->kind + 1;

    if (node->kind == PL_NUMBER)
        return hash + hash_number(node);
    if (node->kind == PL_STRING)
        return node_hash_bytes(node->text, node->length);
    if (node->kind == PL_BOOL)
        return hash + (node->truth ? 1000 : 0);
    for (uint32_t i = 0; node->kind == PL_ARRAY && i < node->count; i++) {
        uint64_t pair[2] = { hash, node_hash(node->items[i]) };

        hash = node_hash_bytes(pair, sizeof pair);
    }
    for (uint32_t i = 0; node->kind == PL_OBJECT && i < node->count; i++) {
        const struct pl_member *member = &node->members[i];
        uint64_t pair[2] = { node_hash_bytes(member->key, member->key_length),
                             node_hash(member->value) };

        hash += node_hash_bytes(pair, sizeof pair); // in any order
    }
    return hash;
}

static bool
has_key(const struct pl_member *member, const char *key, size_t length)
{
    return member->key_length == length && memcmp(member->key, key, length) == 0;
}

/* The slot that holds the key, or the free one where it belongs. */
static uint32_t *
slot_of(const struct pl_node *object, const struct index *index, const char *key, size_t length)
{
    uint32_t at = (uint32_t)node_hash_bytes(key, length) & index->mask;
    uint32_t *slots = (uint32_t *)index->slots;

    while (slots[at] && !has_key(&object->members[slots[at] - 1], key, length))
        at = (at + 1) & index->mask;
    return &slots[at];
}

static const struct pl_member *
find_duplicate_slowly(const struct pl_node *object)
{
    for (uint32_t i = 1; i < object->count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (has_key(&object->members[j], object->members[i].key, object->members[i].key_length))
                return &object->members[i];
    return NULL;
}

const struct pl_member *
node_index_build(struct pl_arena *arena, struct pl_node *object)
{
    uint32_t size = 64;
    struct index *index;

    if (object->count <= NODE_INDEX_ABOVE)
        return find_duplicate_slowly(object);
    while (size < object->count * 2)
        size *= 2;
    index = pl_arena_alloc(arena, sizeof *index + size * sizeof index->slots[0]);
    index->mask = size - 1;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct pl_member *member = &object->members[i];
        uint32_t *slot = slot_of(object, index, member->key, member->key_length);

        if (*slot)
            return member;
        *slot = i + 1;
    }
    object->index = index;
    return NULL;
}

void
node_index_added(struct pl_arena *arena, struct pl_node *object)
{
    const struct pl_member *last = &object->members[object->count - 1];
    struct index *index = object->index;

    if (object->count <= NODE_INDEX_ABOVE)
        return;
    if (index == NULL || object->count > index->mask / 2)
        node_index_build(arena, object);
    else
        *slot_of(object, index, last->key, last->key_length) = object->count;
}

struct pl_member *
node_find(const struct pl_node *object, const char *key, size_t length)
{
    if (object == NULL || object->kind != PL_OBJECT)
        return NULL;
    if (object->index) {
        uint32_t found = *slot_of(object, object->index, key, length);

        return found ? &object->members[found - 1] : NULL;
    }
    for (uint32_t i = 0; i < object->count; i++)
        if (has_key(&object->members[i], key, length))
            return &object->members[i];
    return NULL;
}
