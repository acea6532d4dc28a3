/* Digests: two schemas that say the same in the same words have the same one, whatever they are
 * called and wherever they stand.
 *
 * A target of references is a unit: a sum over what it says, in which the digests of other units
 * are left open.  Units that reach each other are digested together, in rounds: after as many as
 * twice their number, no two that differ can look alike. */
#include "contain.h"

#include "document_private.h"
#include "node_private.h"

#include <string.h>

#define DEEPEST     1500 // of units in units; more are never said to be equal
#define MOST_ROUNDS 4000

struct edge {
    struct unit *to;
    struct edge *next;
};

struct unit {
    struct pl_node *node;
    struct sum *sum;
    struct edge *edges;
    struct unit *below; // on the stack
    uint64_t now, next;
    int index, low;
    bool waits, done;
};

struct term {
    struct term *next;
    uint64_t key;
    struct sum *inside;
};

struct sum {
    uint64_t fixed;
    struct term *open;  // what depends on units
    struct unit *alias; // nothing but a reference
};

struct walk {
    struct con *con;
    struct con_side *side;
    struct unit *owner, *stack;
    int index, depth;
};

enum shape { DATA, IGNORED, SCHEMA, NAMED, SET, LIST, PLAIN_SET };

static enum shape
shape_of(const char *key, const struct pl_node *value)
{
    static const struct {
        const char *key;
        enum shape shape;
    } table[] = {
        { "description", IGNORED },
        { "title", IGNORED },
        { "example", IGNORED },
        { "examples", IGNORED },
        { "summary", IGNORED },
        { "$comment", IGNORED },
        { "xml", IGNORED },
        { "externalDocs", IGNORED },
        { "default", IGNORED },
        { "deprecated", IGNORED },
        { "discriminator", IGNORED },
        { "$defs", IGNORED },
        { "definitions", IGNORED },
        { "$schema", IGNORED },
        { "$id", IGNORED },
        { "$anchor", IGNORED },
        { "properties", NAMED },
        { "patternProperties", NAMED },
        { "dependentSchemas", NAMED },
        { "allOf", SET },
        { "anyOf", SET },
        { "oneOf", SET },
        { "prefixItems", LIST },
        { "items", SCHEMA },
        { "additionalProperties", SCHEMA },
        { "unevaluatedProperties", SCHEMA },
        { "unevaluatedItems", SCHEMA },
        { "additionalItems", SCHEMA },
        { "not", SCHEMA },
        { "if", SCHEMA },
        { "then", SCHEMA },
        { "else", SCHEMA },
        { "contains", SCHEMA },
        { "propertyNames", SCHEMA },
        { "required", PLAIN_SET },
        { "enum", PLAIN_SET },
        { "type", PLAIN_SET },
    };

    if (key[0] == 'x' && key[1] == '-' && strcmp(key, "x-nullable") != 0)
        return IGNORED;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].key, key) == 0)
            return table[i].shape == SCHEMA && value->kind == PL_ARRAY ? LIST : table[i].shape;
    return DATA;
}

static uint64_t
mix(uint64_t a, uint64_t b)
{
    uint64_t pair[2] = { a, b };

    return node_hash_bytes(pair, sizeof pair);
}

static uint64_t
value_of(const struct sum *sum)
{
    uint64_t total = sum->fixed;

    if (sum->alias)
        return sum->alias->now;
    for (const struct term *term = sum->open; term; term = term->next)
        total += mix(term->key, value_of(term->inside));
    return mix(1, total);
}

static struct sum *sum_of(struct walk *walk, struct pl_node *node);

/* Add ${part} under ${key}. */
static void
add(struct walk *walk, struct sum *sum, uint64_t key, struct sum *part)
{
    struct term *term;

    if (part->open == NULL && part->alias == NULL) {
        sum->fixed += mix(key, value_of(part));
        return;
    }
    term = pl_arena_alloc(walk->con->arena, sizeof *term);
    *term = (struct term){ sum->open, key, part };
    sum->open = term;
}

static struct sum *
sum_of_many(struct walk *walk, const struct pl_node *value, enum shape shape)
{
    struct sum *sum = pl_arena_alloc(walk->con->arena, sizeof *sum);

    for (uint32_t i = 0; i < value->count; i++) {
        struct pl_node *one = value->kind == PL_OBJECT ? value->members[i].value : value->items[i];
        uint64_t key = value->kind == PL_OBJECT
                           ? node_hash_bytes(value->members[i].key, value->members[i].key_length)
                       : shape == LIST ? i + 100
                                       : 7;

        if (shape == PLAIN_SET)
            sum->fixed += mix(9, node_hash(one));
        else
            add(walk, sum, key, sum_of(walk, one));
    }
    return sum;
}

static struct unit *
unit_of(struct walk *walk, struct pl_node *node)
{
    struct unit **slot =
        (struct unit **)cmp_map_slot(&walk->con->digests, (struct cmp_key){ node, walk->side, 0 });

    if (*slot == NULL) {
        *slot = pl_arena_alloc(walk->con->arena, sizeof **slot);
        (*slot)->node = node;
    }
    return *slot;
}

static struct sum *
sum_of_reference(struct walk *walk, const struct pl_node *node)
{
    const struct pl_node *reference = pl_node_get(node, "$ref");
    struct pl_node *target;
    struct sum *sum;
    struct edge *edge;

    if (!pl_node_is(reference, PL_STRING))
        return NULL;
    target = document_target(walk->side->document, reference->text);
    if (target == NULL)
        return NULL;
    sum = pl_arena_alloc(walk->con->arena, sizeof *sum);
    edge = pl_arena_alloc(walk->con->arena, sizeof *edge);
    sum->alias = unit_of(walk, target);
    *edge = (struct edge){ sum->alias, walk->owner->edges };
    walk->owner->edges = edge;
    return sum;
}

static bool
is_key(const struct pl_member *member, const char *key)
{
    return strcmp(member->key, key) == 0;
}

static uint64_t
hash_of_key(const char *key)
{
    return node_hash_bytes(key, strlen(key));
}

/* A bound that lets everything in says nothing. */
static bool
says_nothing(const struct pl_member *member)
{
    if (member->value->kind != PL_NUMBER || strncmp(member->key, "min", 3) != 0)
        return false;
    return (is_key(member, "minLength") || is_key(member, "minItems") ||
            is_key(member, "minProperties")) &&
           pl_node_int(member->value, 1) == 0;
}

/* Keywords that say in other words what another keyword says: `const` is an `enum` of one, and for
 * whole numbers there is a last one below an exclusive bound.  Returns whether it was one. */
static bool
add_other_words(struct walk *walk, struct sum *sum, const struct pl_node *schema,
                const struct pl_member *member)
{
    bool maximum = is_key(member, "exclusiveMaximum");
    int64_t bound;

    if (is_key(member, "const")) {
        sum->fixed += mix(hash_of_key("enum"), mix(1, mix(9, node_hash(member->value))));
        return true;
    }
    if (!maximum && !is_key(member, "exclusiveMinimum"))
        return false;
    bound = pl_node_int(member->value, INT64_MAX); // that of what is no whole number
    if (bound == INT64_MAX || bound == INT64_MIN ||
        strcmp(pl_node_text(pl_node_get(schema, "type"), ""), "integer") != 0 ||
        pl_node_get(schema, maximum ? "maximum" : "minimum"))
        return false;
    sum->fixed += mix(hash_of_key(maximum ? "maximum" : "minimum"),
                      node_hash(pl_node_integer(walk->con->arena, bound + (maximum ? -1 : 1))));
    return true;
}

static struct sum *
sum_of(struct walk *walk, struct pl_node *node)
{
    struct sum *sum = pl_arena_alloc(walk->con->arena, sizeof *sum), *reference;
    struct pl_node *apart;
    bool alone = walk->side->document->dialect == PL_DIALECT_OAS30 ||
                 walk->side->document->dialect == PL_DIALECT_4;

    if (!pl_node_is(node, PL_OBJECT)) {
        sum->fixed = mix(3, node_hash(node));
        return sum;
    }
    reference = sum_of_reference(walk, node);
    if (reference && alone)
        return reference;
    apart = con_null_apart(walk->con, node, walk->side->document->dialect);
    if (apart)
        return sum_of(walk, apart);
    for (uint32_t i = 0; i < node->count; i++) {
        const struct pl_member *member = &node->members[i];
        enum shape shape = shape_of(member->key, member->value);
        uint64_t key = node_hash_bytes(member->key, member->key_length);
        bool many = member->value->kind == PL_ARRAY || member->value->kind == PL_OBJECT;

        if (shape == IGNORED || (reference && strcmp(member->key, "$ref") == 0) ||
            says_nothing(member) || (!alone && add_other_words(walk, sum, node, member)))
            continue;
        if (shape == PLAIN_SET && member->value->kind == PL_STRING)
            sum->fixed += mix(key, mix(1, mix(9, node_hash(member->value))));
        else if (shape == DATA || (shape != SCHEMA && !many))
            sum->fixed += mix(key, node_hash(member->value));
        else if (shape == SCHEMA)
            add(walk, sum, key, sum_of(walk, member->value));
        else
            add(walk, sum, key, sum_of_many(walk, member->value, shape));
    }
    if (reference && sum->fixed == 0 && sum->open == NULL)
        return reference;
    if (reference)
        add(walk, sum, 5, reference);
    return sum;
}

/* All units of one circle, which is on the stack down to ${unit}. */
static void
digest_circle(struct walk *walk, struct unit *unit)
{
    struct unit *end = unit->below;
    int count = 0;

    for (struct unit *one = walk->stack; one != end; one = one->below)
        count++;
    for (int round = 0; round < (count == 1 ? 2 : 2 * count) && round < MOST_ROUNDS; round++) {
        for (struct unit *one = walk->stack; one != end; one = one->below)
            one->next = value_of(one->sum);
        for (struct unit *one = walk->stack; one != end; one = one->below)
            one->now = one->next;
    }
    for (struct unit *one = walk->stack; one != end; one = one->below) {
        one->done = true;
        one->waits = false;
        if (2 * count > MOST_ROUNDS)
            one->now = mix((uint64_t)(uintptr_t)one, 11); // equal to none
    }
    walk->stack = end;
}

/* Tarjan's strongly connected components. */
static void
visit(struct walk *walk, struct unit *unit)
{
    unit->index = unit->low = ++walk->index;
    unit->below = walk->stack;
    unit->waits = true;
    walk->stack = unit;
    walk->owner = unit;
    unit->sum = sum_of(walk, unit->node);
    for (struct edge *edge = unit->edges; edge; edge = edge->next) {
        struct unit *to = edge->to;

        if (to->index == 0 && walk->depth < DEEPEST) {
            walk->depth++;
            visit(walk, to);
            walk->depth--;
            unit->low = to->low < unit->low ? to->low : unit->low;
        } else if (to->index == 0) {
            to->index = ++walk->index;
            to->now = mix((uint64_t)(uintptr_t)to, 13);
            to->done = true;
        } else if (to->waits && to->index < unit->low) {
            unit->low = to->index;
        }
    }
    if (unit->low == unit->index)
        digest_circle(walk, unit);
}

uint64_t
con_digest(struct con *self, struct con_schema *schema)
{
    struct walk walk = { .con = self, .side = schema->side, .index = 1 };
    struct unit *unit;

    if (schema->digest)
        return schema->digest;
    unit = unit_of(&walk, schema->node);
    if (!unit->done)
        visit(&walk, unit);
    schema->digest = unit->now ? unit->now : 1;
    return schema->digest;
}
