/* value_set -- JSON values by what they mean, found in constant time: enums may have many. */
#ifndef CMP_VALUE_SET_H
#define CMP_VALUE_SET_H

#include "pair_map.h"
#include "pl_node.h"

/* Is an equal value in the set?  An empty set is `{ .arena = ... }`. */
bool cmp_value_known(struct cmp_map *set, const struct pl_node *value);

/* Put it in; false if an equal one is there. */
bool cmp_value_add(struct cmp_map *set, const struct pl_node *value);

#endif
