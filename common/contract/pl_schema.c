/* Compiling: one schema after the other from a list of those still to do, so that references may
 * go in circles and chains may be long. */
#include "schema_private.h"

#include "node_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NEW    (1u << PL_DIALECT_2020_12 | 1u << PL_DIALECT_OAS31)
#define DRAFT4 (1u << PL_DIALECT_4)
#define OLD    (1u << PL_DIALECT_OAS30 | DRAFT4)
#define ALL    (NEW | OLD)

#define NUMBERS (1u << PL_NUMBER)
#define STRINGS (1u << PL_STRING)
#define ARRAYS  (1u << PL_ARRAY)
#define OBJECTS (1u << PL_OBJECT)
#define VALUES  0xffu

#define COMPILED(x) schema_compile_##x
#define CHECKED(x)  schema_check_##x
#define IN(x)       VOCABULARY_##x

// clang-format off
const struct schema_keyword schema_keywords[] = {
    { "$ref",                  ALL,    VALUES,  IN(CORE),        COMPILED(ref),              CHECKED(ref) },
    { "$dynamicRef",           NEW,    VALUES,  IN(CORE),        COMPILED(dynamic_ref),      CHECKED(dynamic_ref) },
    { "type",                  ALL,    VALUES,  IN(VALIDATION),  COMPILED(type),             CHECKED(type) },
    { "enum",                  ALL,    VALUES,  IN(VALIDATION),  COMPILED(list),             CHECKED(enum) },
    { "const",                 NEW,    VALUES,  IN(VALIDATION),  COMPILED(any),              CHECKED(const) },
    { "maximum",               NEW,    NUMBERS, IN(VALIDATION),  COMPILED(bound),            CHECKED(maximum) },
    { "exclusiveMaximum",      NEW,    NUMBERS, IN(VALIDATION),  COMPILED(bound),            CHECKED(exclusive_maximum) },
    { "minimum",               NEW,    NUMBERS, IN(VALIDATION),  COMPILED(bound),            CHECKED(minimum) },
    { "exclusiveMinimum",      NEW,    NUMBERS, IN(VALIDATION),  COMPILED(bound),            CHECKED(exclusive_minimum) },
    { "maximum",               OLD,    NUMBERS, IN(VALIDATION),  COMPILED(old_bound),        CHECKED(maximum) },
    { "minimum",               OLD,    NUMBERS, IN(VALIDATION),  COMPILED(old_bound),        CHECKED(minimum) },
    { "multipleOf",            ALL,    NUMBERS, IN(VALIDATION),  COMPILED(positive),         CHECKED(multiple) },
    { "maxLength",             ALL,    STRINGS, IN(VALIDATION),  COMPILED(size),             CHECKED(max_length) },
    { "minLength",             ALL,    STRINGS, IN(VALIDATION),  COMPILED(size),             CHECKED(min_length) },
    { "pattern",               ALL,    STRINGS, IN(VALIDATION),  COMPILED(pattern),          CHECKED(pattern) },
    { "format",                ALL,    VALUES,  IN(FORMAT),      COMPILED(format),           CHECKED(format) },
    { "maxItems",              ALL,    ARRAYS,  IN(VALIDATION),  COMPILED(size),             CHECKED(max_items) },
    { "minItems",              ALL,    ARRAYS,  IN(VALIDATION),  COMPILED(size),             CHECKED(min_items) },
    { "uniqueItems",           ALL,    ARRAYS,  IN(VALIDATION),  COMPILED(flag),             CHECKED(unique) },
    { "prefixItems",           NEW,    ARRAYS,  IN(APPLICATOR),  COMPILED(schemas),          CHECKED(prefix) },
    { "items",                 NEW,    ARRAYS,  IN(APPLICATOR),  COMPILED(items),            CHECKED(items) },
    { "items",                 OLD,    ARRAYS,  IN(APPLICATOR),  COMPILED(old_items),        CHECKED(items) },
    { "additionalItems",       DRAFT4, ARRAYS,  IN(APPLICATOR),  COMPILED(additional_items), CHECKED(items) },
    { "contains",              NEW,    ARRAYS,  IN(APPLICATOR),  COMPILED(contains),         CHECKED(contains) },
    { "maxProperties",         ALL,    OBJECTS, IN(VALIDATION),  COMPILED(size),             CHECKED(max_properties) },
    { "minProperties",         ALL,    OBJECTS, IN(VALIDATION),  COMPILED(size),             CHECKED(min_properties) },
    { "required",              ALL,    OBJECTS, IN(VALIDATION),  COMPILED(names),            CHECKED(required) },
    { "properties",            ALL,    OBJECTS, IN(APPLICATOR),  COMPILED(map),              CHECKED(properties) },
    { "patternProperties", NEW|DRAFT4, OBJECTS, IN(APPLICATOR),  COMPILED(patterns),         CHECKED(pattern_properties) },
    { "additionalProperties",  ALL,    OBJECTS, IN(APPLICATOR),  COMPILED(additional),       CHECKED(additional) },
    { "propertyNames",         NEW,    OBJECTS, IN(APPLICATOR),  COMPILED(one),              CHECKED(property_names) },
    { "dependencies",          DRAFT4, OBJECTS, IN(APPLICATOR),  COMPILED(dependencies),     CHECKED(dependencies) },
    { "dependentRequired",     NEW,    OBJECTS, IN(VALIDATION),  COMPILED(names_map),        CHECKED(dependent_required) },
    { "dependentSchemas",      NEW,    OBJECTS, IN(APPLICATOR),  COMPILED(map),              CHECKED(dependencies) },
    { "allOf",                 ALL,    VALUES,  IN(APPLICATOR),  COMPILED(schemas),          CHECKED(all) },
    { "anyOf",                 ALL,    VALUES,  IN(APPLICATOR),  COMPILED(schemas),          CHECKED(any) },
    { "oneOf",                 ALL,    VALUES,  IN(APPLICATOR),  COMPILED(schemas),          CHECKED(one) },
    { "not",                   ALL,    VALUES,  IN(APPLICATOR),  COMPILED(one),              CHECKED(not) },
    { "if",                    NEW,    VALUES,  IN(APPLICATOR),  COMPILED(if),               CHECKED(if) },
    // these ask what the others have looked at
    { "unevaluatedItems",      NEW,    ARRAYS,  IN(UNEVALUATED), COMPILED(unevaluated),      CHECKED(unevaluated_items) },
    { "unevaluatedProperties", NEW,    OBJECTS, IN(UNEVALUATED), COMPILED(unevaluated),      CHECKED(unevaluated_properties) },
    { 0 },
};
// clang-format on

bool
schema_is_2020(enum pl_dialect dialect)
{
    return (1u << dialect & NEW) != 0;
}

int
schema_bad(struct schema_compiler *self, const struct pl_schema *owner, const char *keyword,
           const char *fmt, ...)
{
    char text[250];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return pl_fail(self->err, INVALID, "the schema at \"%.100s%s%s\" is not valid: %s",
                   owner->pointer, *keyword ? "/" : "", keyword, text);
}

static void
wait(struct schema_compiler *self, struct pl_schema *schema)
{
    if (self->pending_count == self->pending_room) {
        uint32_t room = self->pending_room ? self->pending_room * 2 : 32;
        struct pl_schema **larger = pl_arena_alloc(self->arena, room * sizeof *larger);

        if (self->pending_count)
            memcpy(larger, self->pending, self->pending_count * sizeof *larger);
        self->pending = larger;
        self->pending_room = room;
    }
    self->pending[self->pending_count++] = schema;
}

struct pl_schema *
schema_of(struct schema_compiler *self, struct pl_node *node,
          const struct schema_resource *resource, const char *pointer)
{
    struct pl_schema *schema = schema_map_get(&self->compiled, &node, sizeof node);
    const struct schema_resource *home;

    if (schema)
        return schema;
    if (!pl_node_is(node, PL_OBJECT) && !pl_node_is(node, PL_BOOL)) {
        pl_fail(self->err, INVALID,
                "the schema at \"%.100s\" is not valid: it must be an object, not %s", pointer,
                node ? pl_node_kind_name(node->kind) : "absent");
        return NULL;
    }
    schema = pl_arena_alloc(self->arena, sizeof *schema);
    schema->node = node;
    schema->pointer = pointer;
    home = schema_map_get(&self->homes, &node, sizeof node);
    schema->resource = home ? home : resource;
    schema->options = self->options;
    schema->never = node->kind == PL_BOOL && !node->truth;
    schema_map_put(&self->compiled, &node, sizeof node, schema);
    if (node->kind == PL_OBJECT && self->lazy)
        schema->later = self;
    else if (node->kind == PL_OBJECT)
        wait(self, schema);
    return schema;
}

static int
compile_keyword(struct schema_compiler *self, struct pl_schema *schema,
                const struct schema_keyword *keyword)
{
    const struct pl_node *value = pl_node_get(schema->node, keyword->name);
    struct schema_rule *rule = &schema->rules[schema->rule_count];
    int rc;

    if (value == NULL || !(keyword->dialects & 1u << self->dialect) ||
        !(keyword->vocabulary & schema->resource->vocabularies))
        return 0;
    *rule = (struct schema_rule){ .keyword = keyword, .value = value };
    rc = keyword->compile(self, rule, schema);
    if (rc == 0)
        schema->rule_count++;
    return rc < 0 ? -1 : 0; // 1: it asserts nothing
}

int
schema_compile_body(struct schema_compiler *self, struct pl_schema *schema)
{
    // before 2019 a $ref stands alone, whatever is beside it
    bool alone = !schema_is_2020(self->dialect) && pl_node_get(schema->node, "$ref");

    schema->rules = pl_arena_alloc(self->arena, schema->node->count * sizeof *schema->rules + 1);
    schema->rule_count = 0; // once more, if another of a set was no schema
    for (const struct schema_keyword *k = schema_keywords; k->name; k++) {
        if (compile_keyword(self, schema, k))
            return -1;
        if (alone)
            break; // $ref is the first row
    }
    return 0;
}

int
schema_compile_pending(struct schema_compiler *self)
{
    for (uint32_t done = 0; done < self->pending_count;) {
        while (done < self->pending_count)
            if (schema_compile_body(self, self->pending[done++]))
                return -1;
        if (schema_collect_dynamic(self)) // which may wait for more
            return -1;
    }
    self->pending_count = 0; // a set asks again
    return 0;
}

const struct schema_resource *
schema_open_compiler(struct schema_compiler *self, struct pl_arena *arena, struct pl_node *root,
                     enum pl_dialect dialect, const struct pl_schema_options *options)
{
    struct pl_schema_options *own = pl_arena_alloc(arena, sizeof *own);

    *own = *options;
    own->steps = own->steps ? own->steps : SCHEMA_STEPS;
    own->depth = own->depth && own->depth < SCHEMA_DEPTH ? own->depth : SCHEMA_DEPTH;
    self->arena = arena;
    self->root = root;
    self->dialect = dialect;
    self->options = own;
    self->compiled.arena = self->resources.arena = self->homes.arena = arena;
    self->anchors.arena = self->dynamic.arena = arena;
    self->patterns = schema_pattern_context(arena);
    return schema_scan(self, "", root);
}

int
pl_schema_compile_with(struct pl_schema **out, struct pl_node *schema, struct pl_node *root,
                       enum pl_dialect dialect, const struct pl_schema_options *options,
                       struct pl_arena *arena, struct pl_err *err)
{
    struct schema_compiler self = { .err = err };
    const struct schema_resource *whole =
        schema_open_compiler(&self, arena, root, dialect, options);

    *out = schema_of(&self, schema, whole, "");
    if (*out && schema_compile_pending(&self))
        *out = NULL;
    return *out ? 0 : -1;
}

void
pl_schema_lint(const struct pl_schema_place *schemas, int count, struct pl_node *root,
               enum pl_dialect dialect, struct pl_arena *arena,
               void (*bad)(void *self, const struct pl_node *node, const char *pointer,
                           const char *text),
               void *other)
{
    static const struct pl_schema_options defaults = { 0 };
    struct pl_err err = { 0 };
    struct schema_compiler self = { .err = &err };
    const struct schema_resource *whole =
        schema_open_compiler(&self, arena, root, dialect, &defaults);
    uint32_t done = 0;

    for (int i = 0; i < count; i++) {
        err = (struct pl_err){ 0 };
        if (schema_of(&self, schemas[i].node, whole, schemas[i].pointer) == NULL)
            bad(other, schemas[i].node, schemas[i].pointer, err.text);
        for (; done < self.pending_count; done++) {
            err = (struct pl_err){ 0 };
            if (schema_compile_body(&self, self.pending[done]))
                bad(other, self.pending[done]->node, self.pending[done]->pointer, err.text);
        }
    }
}

int
pl_schema_compile(struct pl_schema **out, struct pl_node *schema, struct pl_node *root,
                  enum pl_dialect dialect, struct pl_arena *arena, struct pl_err *err)
{
    static const struct pl_schema_options defaults = { 0 };

    return pl_schema_compile_with(out, schema, root, dialect, &defaults, arena, err);
}
