/* What each keyword needs to be prepared.  0: a rule; 1: it asserts nothing; -1: no schema. */
#include "schema_private.h"

#include <string.h>

/* The schema that is the value of a member or item of ${owner}, at keyword/step. */
static struct pl_schema *
below(struct schema_compiler *self, const struct pl_schema *owner, const char *keyword,
      const char *step, struct pl_node *node)
{
    const char *pointer = pl_pointer_add(self->arena, owner->pointer, keyword);

    if (step)
        pointer = pl_pointer_add(self->arena, pointer, step);
    return schema_of(self, node, owner->resource, pointer);
}

static int
wrong_kind(struct schema_compiler *self, const struct schema_rule *rule,
           const struct pl_schema *owner, const char *wanted)
{
    return schema_bad(self, owner, rule->keyword->name, "it must be %s, not %s", wanted,
                      pl_node_kind_name(rule->value->kind));
}

static unsigned
type_bit(const char *name)
{
    static const char *const names[] = { "null", "boolean", "number", "string", "array", "object" };

    for (unsigned i = 0; i < 6; i++)
        if (strcmp(name, names[i]) == 0)
            return 1u << i;
    return strcmp(name, "integer") == 0 ? SCHEMA_INTEGER : 0;
}

int
schema_compile_type(struct schema_compiler *self, struct schema_rule *rule, struct pl_schema *owner)
{
    const struct pl_node *value = rule->value;
    uint32_t count = value->kind == PL_ARRAY ? value->count : 1;

    for (uint32_t i = 0; i < count; i++) {
        const char *name = pl_node_text(value->kind == PL_ARRAY ? value->items[i] : value, NULL);
        unsigned bit = name ? type_bit(name) : 0;

        if (bit == 0)
            return schema_bad(self, owner, "type", "there is no type \"%.40s\"", name ? name : "");
        rule->kinds |= bit;
    }
    if ((self->dialect == PL_DIALECT_OAS30 &&
         pl_node_true(pl_node_get(owner->node, "nullable"), false)) ||
        (!schema_is_2020(self->dialect) &&
         pl_node_true(pl_node_get(owner->node, "x-nullable"), false)))
        rule->kinds |= 1u << PL_NULL;
    rule->flag = self->dialect == PL_DIALECT_4; // there 1.0 is no integer
    return 0;
}

int
schema_compile_list(struct schema_compiler *self, struct schema_rule *rule, struct pl_schema *owner)
{
    if (!pl_node_is(rule->value, PL_ARRAY))
        return wrong_kind(self, rule, owner, "an array");
    return 0;
}

int
schema_compile_any(struct schema_compiler *self, struct schema_rule *rule, struct pl_schema *owner)
{
    (void)self, (void)rule, (void)owner;
    return 0;
}

int
schema_compile_bound(struct schema_compiler *self, struct schema_rule *rule,
                     struct pl_schema *owner)
{
    if (!pl_node_is(rule->value, PL_NUMBER))
        return wrong_kind(self, rule, owner, "a number");
    rule->number = decimal_read(rule->value->text, rule->value->length);
    return 0;
}

/* Draft 4 and OpenAPI 3.0 say `exclusiveMaximum: true` beside `maximum`. */
int
schema_compile_old_bound(struct schema_compiler *self, struct schema_rule *rule,
                         struct pl_schema *owner)
{
    const char *beside =
        strcmp(rule->keyword->name, "maximum") == 0 ? "exclusiveMaximum" : "exclusiveMinimum";

    rule->flag = pl_node_true(pl_node_get(owner->node, beside), false);
    return schema_compile_bound(self, rule, owner);
}

int
schema_compile_positive(struct schema_compiler *self, struct schema_rule *rule,
                        struct pl_schema *owner)
{
    if (schema_compile_bound(self, rule, owner))
        return -1;
    if (rule->number.negative || rule->number.count == 0)
        return schema_bad(self, owner, rule->keyword->name, "it must be greater than 0");
    return 0;
}

/* A count; 2.0 counts as 2.  Absurdly large ones are as good as the largest. */
static bool
read_size(const struct pl_node *node, uint64_t *size)
{
    struct decimal number;
    int64_t value;

    if (!pl_node_is(node, PL_NUMBER))
        return false;
    number = decimal_read(node->text, node->length);
    value = pl_node_int(node, INT64_MAX);
    *size = (uint64_t)value;
    return decimal_is_integer(&number) && !number.negative;
}

int
schema_compile_size(struct schema_compiler *self, struct schema_rule *rule, struct pl_schema *owner)
{
    if (!read_size(rule->value, &rule->size))
        return schema_bad(self, owner, rule->keyword->name, "it must be a count: 0, 1, 2 ...");
    return 0;
}

int
schema_compile_pattern(struct schema_compiler *self, struct schema_rule *rule,
                       struct pl_schema *owner)
{
    const char *reason;

    if (!pl_node_is(rule->value, PL_STRING))
        return wrong_kind(self, rule, owner, "a string");
    rule->patterns = pl_arena_alloc(self->arena, sizeof(void *));
    rule->patterns[0] = schema_pattern(self->arena, self->patterns, rule->value->text, &reason);
    if (rule->patterns[0] == NULL)
        return schema_bad(self, owner, rule->keyword->name, "%.150s", reason);
    return 0;
}

int
schema_compile_format(struct schema_compiler *self, struct schema_rule *rule,
                      struct pl_schema *owner)
{
    const struct schema_format *format = schema_formats;

    if (!pl_node_is(rule->value, PL_STRING))
        return wrong_kind(self, rule, owner, "a string");
    if (self->options->formats_say_nothing &&
        !(owner->resource->vocabularies & VOCABULARY_FORMAT_ASSERTS))
        return 1;
    while (format->name && strcmp(format->name, rule->value->text) != 0)
        format++;
    rule->format = format;
    return format->name ? 0 : 1;
}

int
schema_compile_one(struct schema_compiler *self, struct schema_rule *rule, struct pl_schema *owner)
{
    rule->schema = below(self, owner, rule->keyword->name, NULL, (struct pl_node *)rule->value);
    return rule->schema ? 0 : -1;
}

int
schema_compile_flag(struct schema_compiler *self, struct schema_rule *rule, struct pl_schema *owner)
{
    if (!pl_node_is(rule->value, PL_BOOL))
        return wrong_kind(self, rule, owner, "true or false");
    return rule->value->truth ? 0 : 1;
}

int
schema_compile_schemas(struct schema_compiler *self, struct schema_rule *rule,
                       struct pl_schema *owner)
{
    const struct pl_node *list = rule->value;

    if (!pl_node_is(list, PL_ARRAY) || list->count == 0)
        return schema_bad(self, owner, rule->keyword->name,
                          "it must be an array with at least one schema");
    rule->count = list->count;
    rule->schemas = pl_arena_alloc(self->arena, list->count * sizeof(void *));
    for (uint32_t i = 0; i < list->count; i++) {
        char step[12] = "";
        int at = (int)sizeof step - 1;

        for (uint32_t n = i; at == (int)sizeof step - 1 || n; n /= 10)
            step[--at] = (char)('0' + n % 10);
        rule->schemas[i] = below(self, owner, rule->keyword->name, step + at, list->items[i]);
        if (rule->schemas[i] == NULL)
            return -1;
    }
    return 0;
}

int
schema_compile_map(struct schema_compiler *self, struct schema_rule *rule, struct pl_schema *owner)
{
    const struct pl_node *map = rule->value;

    if (!pl_node_is(map, PL_OBJECT))
        return wrong_kind(self, rule, owner, "an object");
    rule->count = map->count;
    rule->schemas = pl_arena_alloc(self->arena, map->count * sizeof(void *) + 1);
    for (uint32_t i = 0; i < map->count; i++) {
        rule->schemas[i] =
            below(self, owner, rule->keyword->name, map->members[i].key, map->members[i].value);
        if (rule->schemas[i] == NULL)
            return -1;
    }
    return 0;
}

/* From item `size` on. */
int
schema_compile_items(struct schema_compiler *self, struct schema_rule *rule,
                     struct pl_schema *owner)
{
    const struct pl_node *prefix = pl_node_get(owner->node, "prefixItems");

    rule->size = pl_node_is(prefix, PL_ARRAY) ? prefix->count : 0;
    return schema_compile_one(self, rule, owner);
}

/* Draft 4: one schema for all items, or a list for the first ones. */
int
schema_compile_old_items(struct schema_compiler *self, struct schema_rule *rule,
                         struct pl_schema *owner)
{
    if (!pl_node_is(rule->value, PL_ARRAY))
        return schema_compile_one(self, rule, owner);
    return rule->value->count ? schema_compile_schemas(self, rule, owner) : 1;
}

int
schema_compile_additional_items(struct schema_compiler *self, struct schema_rule *rule,
                                struct pl_schema *owner)
{
    const struct pl_node *items = pl_node_get(owner->node, "items");

    if (!pl_node_is(items, PL_ARRAY))
        return 1; // it is about the items after a list
    rule->size = items->count;
    return schema_compile_one(self, rule, owner);
}

int
schema_compile_contains(struct schema_compiler *self, struct schema_rule *rule,
                        struct pl_schema *owner)
{
    const struct pl_node *least = pl_node_get(owner->node, "minContains");
    const struct pl_node *most = pl_node_get(owner->node, "maxContains");

    rule->size = 1;
    rule->size2 = UINT64_MAX;
    if (least && !read_size(least, &rule->size))
        return schema_bad(self, owner, "minContains", "it must be a count: 0, 1, 2 ...");
    if (most && !read_size(most, &rule->size2))
        return schema_bad(self, owner, "maxContains", "it must be a count: 0, 1, 2 ...");
    return schema_compile_one(self, rule, owner);
}

static bool
is_names(const struct pl_node *list)
{
    if (!pl_node_is(list, PL_ARRAY))
        return false;
    for (uint32_t i = 0; i < list->count; i++)
        if (!pl_node_is(list->items[i], PL_STRING))
            return false;
    return true;
}

int
schema_compile_names(struct schema_compiler *self, struct schema_rule *rule,
                     struct pl_schema *owner)
{
    return is_names(rule->value) ? 0 : wrong_kind(self, rule, owner, "an array of strings");
}

/* Patterns of a `patternProperties`, also for those that only must know what it covers. */
static int
compile_patterns(struct schema_compiler *self, struct schema_rule *rule,
                 const struct pl_schema *owner, const struct pl_node *map)
{
    rule->count = map->count;
    rule->patterns = pl_arena_alloc(self->arena, map->count * sizeof(void *) + 1);
    for (uint32_t i = 0; i < map->count; i++) {
        const char *reason;

        rule->patterns[i] =
            schema_pattern(self->arena, self->patterns, map->members[i].key, &reason);
        if (rule->patterns[i] == NULL)
            return schema_bad(self, owner, "patternProperties", "%.150s", reason);
    }
    return 0;
}

int
schema_compile_patterns(struct schema_compiler *self, struct schema_rule *rule,
                        struct pl_schema *owner)
{
    if (schema_compile_map(self, rule, owner))
        return -1;
    return compile_patterns(self, rule, owner, rule->value);
}

int
schema_compile_additional(struct schema_compiler *self, struct schema_rule *rule,
                          struct pl_schema *owner)
{
    const struct pl_node *patterns = pl_node_get(owner->node, "patternProperties");

    rule->beside = pl_node_get(owner->node, "properties");
    if (pl_node_is(patterns, PL_OBJECT) && self->dialect != PL_DIALECT_OAS30 &&
        compile_patterns(self, rule, owner, patterns))
        return -1;
    return schema_compile_one(self, rule, owner);
}

/* Draft 4: a schema, or a list of names; schemas[i] is NULL for a list. */
int
schema_compile_dependencies(struct schema_compiler *self, struct schema_rule *rule,
                            struct pl_schema *owner)
{
    const struct pl_node *map = rule->value;

    if (!pl_node_is(map, PL_OBJECT))
        return wrong_kind(self, rule, owner, "an object");
    rule->count = map->count;
    rule->schemas = pl_arena_alloc(self->arena, map->count * sizeof(void *) + 1);
    for (uint32_t i = 0; i < map->count; i++) {
        const struct pl_member *member = &map->members[i];

        if (is_names(member->value))
            continue;
        rule->schemas[i] = below(self, owner, rule->keyword->name, member->key, member->value);
        if (rule->schemas[i] == NULL)
            return -1;
    }
    return 0;
}

int
schema_compile_names_map(struct schema_compiler *self, struct schema_rule *rule,
                         struct pl_schema *owner)
{
    if (!pl_node_is(rule->value, PL_OBJECT))
        return wrong_kind(self, rule, owner, "an object");
    for (uint32_t i = 0; i < rule->value->count; i++)
        if (!is_names(rule->value->members[i].value))
            return schema_bad(self, owner, rule->keyword->name,
                              "each member must be an array of strings");
    return 0;
}

/* schemas[0] is `then`, schemas[1] is `else`; NULL where there is none. */
int
schema_compile_if(struct schema_compiler *self, struct schema_rule *rule, struct pl_schema *owner)
{
    static const char *const branches[] = { "then", "else" };

    rule->schemas = pl_arena_alloc(self->arena, 2 * sizeof(void *));
    for (int i = 0; i < 2; i++) {
        struct pl_node *branch = pl_node_get(owner->node, branches[i]);

        if (branch == NULL)
            continue;
        rule->schemas[i] = below(self, owner, branches[i], NULL, branch);
        if (rule->schemas[i] == NULL)
            return -1;
    }
    return schema_compile_one(self, rule, owner);
}

int
schema_compile_unevaluated(struct schema_compiler *self, struct schema_rule *rule,
                           struct pl_schema *owner)
{
    owner->unevaluated = true;
    return schema_compile_one(self, rule, owner);
}
