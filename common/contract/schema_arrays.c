/* Keywords about arrays. */
#include "schema_private.h"

#include "node_private.h"

#include <inttypes.h>
#include <stdlib.h>

bool
schema_check_max_items(struct schema_check *self, const struct schema_rule *rule,
                       const struct schema_spot *spot)
{
    return spot->value->count <= rule->size ||
           schema_wrong(self, "maxItems", spot, "expected at most %" PRIu64 " items, found %u",
                        rule->size, spot->value->count);
}

bool
schema_check_min_items(struct schema_check *self, const struct schema_rule *rule,
                       const struct schema_spot *spot)
{
    return spot->value->count >= rule->size ||
           schema_wrong(self, "minItems", spot, "expected at least %" PRIu64 " items, found %u",
                        rule->size, spot->value->count);
}

struct hashed {
    uint64_t hash;
    uint32_t index;
};

static int
by_hash(const void *a, const void *b)
{
    const struct hashed *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Sorted by hash, equal items are neighbours. */
bool
schema_check_unique(struct schema_check *self, const struct schema_rule *rule,
                    const struct schema_spot *spot)
{
    const struct pl_node *list = spot->value;
    struct hashed *order;

    (void)rule;
    if (list->count < 2)
        return true;
    order = pl_arena_alloc(self->arena, list->count * sizeof *order);
    for (uint32_t i = 0; i < list->count; i++)
        order[i] = (struct hashed){ node_hash(list->items[i]), i };
    qsort(order, list->count, sizeof *order, by_hash);
    for (uint32_t i = 1; i < list->count; i++)
        if (order[i].hash == order[i - 1].hash &&
            pl_node_equal(list->items[order[i].index], list->items[order[i - 1].index]))
            return schema_wrong(self, "uniqueItems", spot,
                                "expected items that all differ, but %u and %u are equal",
                                order[i - 1].index, order[i].index);
    return true;
}

bool
schema_check_prefix(struct schema_check *self, const struct schema_rule *rule,
                    const struct schema_spot *spot)
{
    bool valid = true;

    for (uint32_t i = 0; i < rule->count && i < spot->value->count; i++) {
        if (schema_apply_item(self, rule->schemas[i], spot, i))
            continue;
        valid = false;
        if (schema_enough(self))
            break;
    }
    return valid;
}

/* `items` and `additionalItems`: one schema for all from item `size` on; or draft 4's list. */
bool
schema_check_items(struct schema_check *self, const struct schema_rule *rule,
                   const struct schema_spot *spot)
{
    bool valid = true;

    if (rule->schema == NULL)
        return schema_check_prefix(self, rule, spot);
    if (rule->schema->never && spot->value->count > rule->size)
        return schema_wrong(self, rule->keyword->name, spot,
                            "expected at most %" PRIu64 " items, found %u", rule->size,
                            spot->value->count);
    for (uint32_t i = (uint32_t)rule->size; i < spot->value->count; i++) {
        if (schema_apply_item(self, rule->schema, spot, i))
            continue;
        valid = false;
        if (schema_enough(self))
            break;
    }
    return valid;
}

bool
schema_check_contains(struct schema_check *self, const struct schema_rule *rule,
                      const struct schema_spot *spot)
{
    uint64_t count = 0;

    self->silent++;
    for (uint32_t i = 0; i < spot->value->count; i++) {
        const struct schema_step step = { spot->at, NULL, i };

        if (!schema_apply(self, rule->schema, spot->value->items[i], &step, NULL))
            continue;
        schema_see(spot->seen, i);
        count++;
    }
    self->silent--;
    if (count < rule->size)
        return schema_wrong(self, rule->size == 1 ? "contains" : "minContains", spot,
                            "expected at least %" PRIu64 " matching items, found %" PRIu64,
                            rule->size, count);
    return count <= rule->size2 ||
           schema_wrong(self, "maxContains", spot,
                        "expected at most %" PRIu64 " matching items, found %" PRIu64, rule->size2,
                        count);
}

bool
schema_check_unevaluated_items(struct schema_check *self, const struct schema_rule *rule,
                               const struct schema_spot *spot)
{
    bool valid = true;

    for (uint32_t i = 0; i < spot->value->count; i++) {
        const struct schema_step step = { spot->at, NULL, i };
        const struct schema_spot item = { spot->value->items[i], &step, NULL };

        if (schema_has_seen(spot->seen, i))
            continue;
        if (rule->schema->never)
            valid = schema_wrong(self, "unevaluatedItems", &item, "this item is not expected");
        else
            valid = schema_apply_item(self, rule->schema, spot, i) && valid;
        if (!valid && schema_enough(self))
            break;
    }
    return valid;
}
