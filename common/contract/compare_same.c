/* compare_same -- are two schemas the same, whatever the documents say about them in words? */
#include "compare.h"

#include <string.h>

#define DEEPEST 400 // of the walk; references are met once

static const char *const ANNOTATIONS[] = { "description", "title",    "example", "examples",
                                           "summary",     "$comment", "xml",     "externalDocs" };

static bool
is_annotation(const char *key)
{
    if (key[0] == 'x' && key[1] == '-')
        return strcmp(key, "x-nullable") != 0 && strcmp(key, "x-sunset") != 0 &&
               strcmp(key, "x-stability-level") != 0 && strcmp(key, "x-extensible-enum") != 0;
    for (size_t i = 0; i < sizeof ANNOTATIONS / sizeof *ANNOTATIONS; i++)
        if (strcmp(key, ANNOTATIONS[i]) == 0)
            return true;
    return false;
}

/* Lists of plain values, for `enum`, `type` and `required`. */
static bool
same_plain_list(const struct pl_node *a, const struct pl_node *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        const struct pl_node *one = a->items[i], *two = b->items[i];

        if (one->kind != two->kind || (one->kind != PL_STRING && one->kind != PL_NUMBER) ||
            strcmp(one->text, two->text) != 0)
            return false;
    }
    return true;
}

static bool
same_plain_value(const struct pl_node *a, const struct pl_node *b)
{
    if (b == NULL || a->kind != b->kind)
        return false;
    switch (a->kind) {
    case PL_NULL:
        return true;
    case PL_BOOL:
        return a->truth == b->truth;
    case PL_NUMBER:
    case PL_STRING:
        return strcmp(a->text, b->text) == 0;
    case PL_ARRAY:
        return same_plain_list(a, b);
    case PL_OBJECT:
        break;
    }
    return false;
}

/* The quick answer for leaves, which most schemas are: true means that nothing differs, false
 * that it takes a closer look. */
bool
cmp_plainly_same(const struct pl_node *base, const struct pl_node *head)
{
    uint32_t in_base = 0, in_head = 0;

    if (base->kind != PL_OBJECT || head->kind != PL_OBJECT)
        return false;
    for (uint32_t i = 0; i < base->count; i++) {
        const struct pl_member *one = &base->members[i];

        if (is_annotation(one->key))
            continue;
        in_base++;
        if (strcmp(one->key, "$ref") == 0 ||
            !same_plain_value(one->value, pl_node_get(head, one->key)))
            return false;
    }
    for (uint32_t i = 0; i < head->count; i++)
        in_head += !is_annotation(head->members[i].key);
    return in_base == in_head;
}

/* Was this pair of reference targets met in this question?  Then it is being answered: circles
 * end, and shared schemas are looked at once. */
static bool
met(struct cmp *self, struct cmp_spot base, struct cmp_spot head)
{
    void **slot = cmp_map_slot(&self->sames, (struct cmp_key){ base.node, head.node, 0 });
    bool again = *slot == self->same_mark;

    *slot = self->same_mark;
    return again;
}

/* ${named}: the members are names of properties or schemas, none of them an annotation. */
static bool
same(struct cmp *self, struct cmp_spot base, struct cmp_spot head, bool named, int depth)
{
    const struct pl_node *from = base.node;
    uint32_t in_base = 0, in_head = 0;

    if (!named) {
        base = cmp_spot_follow(base, self->arena);
        head = cmp_spot_follow(head, self->arena);
        if (base.node != from && met(self, base, head))
            return true;
    }
    if (base.node == NULL || head.node == NULL)
        return base.node == head.node;
    if (depth > DEEPEST || base.node->kind != head.node->kind)
        return false;
    if (base.node->kind == PL_ARRAY && base.node->count == head.node->count) {
        for (uint32_t i = 0; i < base.node->count; i++)
            if (!same(self, cmp_spot_at(base, i, self->arena), cmp_spot_at(head, i, self->arena),
                      false, depth + 1))
                return false;
        return true;
    }
    if (base.node->kind != PL_OBJECT)
        return pl_node_equal(base.node, head.node);
    for (uint32_t i = 0; i < base.node->count; i++) {
        const char *key = base.node->members[i].key;
        bool names = !named && (strcmp(key, "properties") == 0 || strcmp(key, "mapping") == 0 ||
                                strcmp(key, "patternProperties") == 0);

        if (!named && is_annotation(key))
            continue;
        in_base++;
        if (!same(self, cmp_spot_get(base, key, self->arena), cmp_spot_get(head, key, self->arena),
                  names, depth + 1))
            return false;
    }
    for (uint32_t i = 0; i < head.node->count; i++)
        in_head += named || !is_annotation(head.node->members[i].key);
    return in_base == in_head;
}

bool
cmp_same(struct cmp *self, struct cmp_spot base, struct cmp_spot head)
{
    self->same_mark = pl_arena_alloc(self->arena, 1); // its address marks this question
    return same(self, base, head, false, 0);
}
