/* schema_private -- how a compiled schema looks, and what its keywords share.
 *
 * A schema becomes a list of rules, one for each keyword that asserts something, in the order of
 * schema_keywords[].  To check a value is to ask each rule; a rule asks other schemas.
 */
#ifndef PL_SCHEMA_PRIVATE_H
#define PL_SCHEMA_PRIVATE_H

#include "decimal.h"
#include "pl_schema.h"
#include "schema_map.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Budgets, in steps and not in time, so that verdicts do not depend on the machine. */
#define SCHEMA_DEPTH           2000    // schemas that wait for each other
#define SCHEMA_STEPS           5000000 // schemas applied in one check
#define SCHEMA_MATCH_LIMIT     1000000 // of PCRE2, for one match
#define SCHEMA_LONGEST_PATTERN 10000

/* Part of a document with a URI of its own (`$id`). */
struct schema_resource {
    const char *uri; // without fragment; "" if there is none
    struct pl_node *root;
    unsigned vocabularies; // those that count here, as bits of enum schema_vocabulary
};

enum schema_vocabulary {
    VOCABULARY_CORE = 1,
    VOCABULARY_APPLICATOR = 2,
    VOCABULARY_UNEVALUATED = 4,
    VOCABULARY_VALIDATION = 8,
    VOCABULARY_FORMAT = 16,
    VOCABULARY_FORMAT_ASSERTS = 32, // whatever the caller says
};
#define VOCABULARY_USUAL (VOCABULARY_FORMAT_ASSERTS - 1)

struct schema_compiler;

struct pl_schema {
    struct pl_node *node;
    const char *pointer; // for errors while compiling
    const struct schema_resource *resource;
    struct schema_rule *rules;
    int rule_count;
    const struct pl_schema_options *options;
    struct schema_compiler *later; // of a set: not compiled yet
    bool never;                    // the schema `false`
    bool broken;                   // of a set: it is no schema
    bool unevaluated;              // has unevaluatedItems or unevaluatedProperties
};

/* A keyword with its value, prepared. */
struct schema_rule {
    const struct schema_keyword *keyword;
    const struct pl_node *value, *beside; // of the keyword, and of one it belongs with
    struct pl_schema *schema;             // if the value is one schema
    struct pl_schema **schemas;           // if it holds several: for each member or item
    pcre2_code **patterns;
    const struct schema_resource **scopes; // of a $dynamicRef: where schemas[i] counts
    const struct schema_format *format;
    struct decimal number;
    uint64_t size, size2;
    uint32_t count;
    uint32_t kinds; // types allowed, as bits 1 << kind, and SCHEMA_INTEGER
    bool flag;
};

#define SCHEMA_INTEGER (1u << 8)

struct schema_check;
struct schema_spot;

typedef int schema_compile(struct schema_compiler *self, struct schema_rule *rule,
                           struct pl_schema *owner);
typedef bool schema_assert(struct schema_check *self, const struct schema_rule *rule,
                           const struct schema_spot *spot);

struct schema_keyword {
    const char *name;
    unsigned dialects; // 1 << enum pl_dialect
    unsigned kinds;    // values it says something about, as bits 1 << kind
    unsigned vocabulary;
    schema_compile *compile;
    schema_assert *check;
};

extern const struct schema_keyword schema_keywords[]; // ends with a zero row

/* ---- compiling ---- */

struct schema_compiler {
    struct pl_arena *arena;
    struct pl_err *err;
    struct pl_node *root;
    enum pl_dialect dialect;
    const struct pl_schema_options *options;
    struct schema_map compiled;          // node -> pl_schema
    struct schema_map resources;         // uri -> schema_resource
    struct schema_map homes;             // node -> the schema_resource it is in, if it has an id
    const struct schema_resource *whole; // being scanned: what has no home is in there
    struct schema_map anchors;           // uri#name -> node
    struct schema_map dynamic;           // name -> schema_anchor list
    struct pl_schema **pending;          // made but not yet compiled
    uint32_t pending_count, pending_room;
    struct schema_rule **dynamic_rules; // whose candidates may still grow
    uint32_t dynamic_count, dynamic_room;
    pcre2_compile_context *patterns;
    bool lazy; // compile when a check comes to it
};

/* Prepare for the schemas of the document ${root}; returns it as a resource. */
const struct schema_resource *schema_open_compiler(struct schema_compiler *self,
                                                   struct pl_arena *arena, struct pl_node *root,
                                                   enum pl_dialect dialect,
                                                   const struct pl_schema_options *options);

/* Compile all that wait, and what they make wait. */
int schema_compile_pending(struct schema_compiler *self);

/* Compile the keywords of ${schema}, whose subschemas then wait. */
int schema_compile_body(struct schema_compiler *self, struct pl_schema *schema);

/* Of a set: now.  What is no schema is marked as broken. */
void schema_compile_now(struct pl_schema *schema);

/* A `$dynamicAnchor`, among others of the same name. */
struct schema_anchor {
    struct schema_anchor *next;
    const struct schema_resource *resource;
    struct pl_node *node;
};

/* The schema of this node, now or later compiled; NULL with an error if it cannot be one. */
struct pl_schema *schema_of(struct schema_compiler *self, struct pl_node *node,
                            const struct schema_resource *resource, const char *pointer);

/* INVALID, naming the keyword's place.  Returns -1. */
int schema_bad(struct schema_compiler *self, const struct pl_schema *owner, const char *keyword,
               const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Find every `$id` and anchor of a document that is known as ${uri}; its resource. */
const struct schema_resource *schema_scan(struct schema_compiler *self, const char *uri,
                                          struct pl_node *root);

/* A document that the caller or this library knows by its URI (without fragment); NULL if none. */
struct pl_node *schema_known(struct schema_compiler *self, const char *uri);

/* The vocabularies that count where `$schema` stands in ${root}: ${usual} if it is not there or
 * not known. */
unsigned schema_vocabularies(struct schema_compiler *self, const struct pl_node *root,
                             unsigned usual);

/* Look at every `$dynamicRef` again, now that more documents may have been read.  0 or -1. */
int schema_collect_dynamic(struct schema_compiler *self);

/* Follow a reference from ${owner}; its schema, and the node in *node. */
struct pl_schema *schema_follow(struct schema_compiler *self, const struct pl_schema *owner,
                                const char *keyword, const char *reference, struct pl_node **node);

/* Compile an ECMA-262 pattern.  NULL with *reason in the arena. */
pcre2_code *schema_pattern(struct pl_arena *arena, pcre2_compile_context *context,
                           const char *pattern, const char **reason);
pcre2_compile_context *schema_pattern_context(struct pl_arena *arena);

bool schema_is_2020(enum pl_dialect dialect);

schema_compile schema_compile_ref, schema_compile_dynamic_ref, schema_compile_type,
    schema_compile_list, schema_compile_any, schema_compile_bound, schema_compile_old_bound,
    schema_compile_positive, schema_compile_size, schema_compile_pattern, schema_compile_format,
    schema_compile_one, schema_compile_flag, schema_compile_schemas, schema_compile_map,
    schema_compile_items, schema_compile_old_items, schema_compile_additional_items,
    schema_compile_contains, schema_compile_names, schema_compile_patterns,
    schema_compile_additional, schema_compile_dependencies, schema_compile_names_map,
    schema_compile_if, schema_compile_unevaluated;

/* ---- checking ---- */

/* The way to a value, as a list on the stack. */
struct schema_step {
    const struct schema_step *up;
    const struct pl_member *member; // NULL: an item
    uint32_t index;
};

/* Which members or items of one value have been looked at (annotations, in the words of the
 * specification). */
struct schema_seen {
    uint64_t small, *bits; // bits: &small, or in the arena for a large value
    uint32_t count;
};

/* Resources entered on the way here, innermost first ("dynamic scope"). */
struct schema_scope {
    const struct schema_scope *up;
    const struct schema_resource *resource;
};

struct schema_check {
    struct pl_arena *arena;
    struct pl_violation *out;
    int max, count;
    int silent; // > 0: we only want to know whether
    uint32_t depth;
    uint64_t steps;
    bool exhausted;
    const struct schema_scope *scope;
    pcre2_match_data *match;
    pcre2_match_context *match_context;
};

/* A value under a schema. */
struct schema_spot {
    const struct pl_node *value;
    const struct schema_step *at;
    struct schema_seen *seen; // NULL: nobody wants to know
};

/* Is the value valid?  Violations are noted unless silent; what was looked at is added to
 * ${seen} if it is. */
bool schema_apply(struct schema_check *self, const struct pl_schema *schema,
                  const struct pl_node *value, const struct schema_step *at,
                  struct schema_seen *seen);

/* As schema_apply(), of a member or item of the spot's value. */
bool schema_apply_member(struct schema_check *self, const struct pl_schema *schema,
                         const struct schema_spot *spot, uint32_t index);
bool schema_apply_item(struct schema_check *self, const struct pl_schema *schema,
                       const struct schema_spot *spot, uint32_t index);

/* Note a violation.  Returns false. */
bool schema_wrong(struct schema_check *self, const char *keyword, const struct schema_spot *spot,
                  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Go on after a violation?  Not if nobody reads it. */
bool schema_enough(const struct schema_check *self);

void schema_see(struct schema_seen *self, uint32_t index);
bool schema_has_seen(const struct schema_seen *self, uint32_t index);

/* Does it match?  -1: too much work to find out. */
int schema_matches(struct schema_check *self, const pcre2_code *pattern, const char *text,
                   size_t length);

/* A format that is asserted (schema_format.c lists them). */
struct schema_format {
    const char *name;
    enum pl_node_kind kind; // of the values it is about
    bool (*check)(const char *text, size_t length);
    const char *expected; // "a date like 2026-01-31"
};

extern const struct schema_format schema_formats[]; // ends with a zero row

schema_assert schema_check_ref, schema_check_dynamic_ref, schema_check_type, schema_check_enum,
    schema_check_const, schema_check_maximum, schema_check_exclusive_maximum, schema_check_minimum,
    schema_check_exclusive_minimum, schema_check_multiple, schema_check_max_length,
    schema_check_min_length, schema_check_pattern, schema_check_format, schema_check_max_items,
    schema_check_min_items, schema_check_unique, schema_check_prefix, schema_check_items,
    schema_check_contains, schema_check_max_properties, schema_check_min_properties,
    schema_check_required, schema_check_properties, schema_check_pattern_properties,
    schema_check_additional, schema_check_property_names, schema_check_dependencies,
    schema_check_dependent_required, schema_check_all, schema_check_any, schema_check_one,
    schema_check_not, schema_check_if, schema_check_unevaluated_items,
    schema_check_unevaluated_properties;

#endif
