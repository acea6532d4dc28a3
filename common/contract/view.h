/* view -- a schema as the set of values it allows: references followed, `allOf` merged, the
 * spellings of one thing made equal (nullable and type arrays, const and enum of one, boolean
 * and numeric exclusive bounds, unions with null).  docs/CONTAINMENT.md says why.
 */
#ifndef CMP_VIEW_H
#define CMP_VIEW_H

#include "pair_map.h"
#include "spot.h"

enum { // types are sets of these; "number" is both kinds of number
    CMP_NULL = 1,
    CMP_BOOLEAN = 2,
    CMP_OBJECT = 4,
    CMP_ARRAY = 8,
    CMP_STRING = 16,
    CMP_INTEGER = 32,
    CMP_FRACTION = 64,
    CMP_NUMBER = CMP_INTEGER | CMP_FRACTION,
    CMP_ALL = 127,
};

enum cmp_limit {
    CMP_MINIMUM,
    CMP_MAXIMUM,
    CMP_MULTIPLE_OF,
    CMP_MIN_LENGTH,
    CMP_MAX_LENGTH,
    CMP_MIN_ITEMS,
    CMP_MAX_ITEMS,
    CMP_UNIQUE_ITEMS,
    CMP_MIN_CONTAINS,
    CMP_MAX_CONTAINS,
    CMP_MIN_PROPERTIES,
    CMP_MAX_PROPERTIES,
    CMP_LIMIT_COUNT
};

struct cmp_limits {
    const struct pl_node *value[CMP_LIMIT_COUNT]; // NULL: none
    bool exclusive[2];                            // of minimum and maximum
};

struct cmp_property {
    const char *name;
    struct cmp_spot schema; // no node: only named by `required`
    uint32_t order;
    bool required;
};

struct cmp_union {
    struct cmp_spot *branches; // two or more, null left out
    int count;
    bool one_of;
    struct cmp_spot spot;
};

struct cmp_extra {
    const char *keyword; // one that is only compared as a whole
    struct cmp_spot spot;
};

struct cmp_view {
    struct cmp_spot spot;
    unsigned types;
    bool never;      // the schema `false`
    bool has_values; // enum or const
    bool deprecated, read_only, write_only;
    bool closed;                   // additional properties explicitly refused
    struct cmp_spot additional;    // explicitly allowed: their schema
    const struct pl_node **values; // null left out
    int value_count, property_count, union_count, extra_count, pattern_count;
    struct cmp_property *properties; // sorted by name
    struct cmp_spot items;
    const char *format; // "" if none
    const char **patterns;
    struct cmp_limits *limits; // NULL: none
    struct cmp_union *unions;
    struct cmp_extra *extras;
    struct cmp_spot default_value, discriminator;
};

struct cmp_views {
    struct pl_arena *arena;
    struct cmp_map map;    // node -> view
    struct cmp_map merged; // node and view -> the types it left there, + 1
};

/* The view of the schema at ${spot}; made once.  Never NULL. */
const struct cmp_view *cmp_view(struct cmp_views *self, struct cmp_spot spot);

const struct cmp_property *cmp_view_property(const struct cmp_view *view, const char *name);

/* "string or null", in a fixed order. */
const char *cmp_types_text(unsigned types, struct pl_arena *arena);

extern const char *const cmp_limit_names[CMP_LIMIT_COUNT]; // the keywords

/* Two schemas that both hold at one place: an `allOf` of both, made up in memory. */
struct cmp_spot cmp_both(struct cmp_views *self, struct cmp_spot a, struct cmp_spot b);

/* view_merge.c: the keywords of one schema object go into ${view}. */
void cmp_merge_keywords(struct cmp_views *self, struct cmp_view *view, struct cmp_spot spot);
unsigned cmp_own_types(const struct pl_node *schema);
unsigned cmp_kind_bit(const struct pl_node *value);

#endif
