/* pl_schema -- check a JSON value against a JSON Schema: the validator of the gateway, of
 * `plumb` and, later, of every witness.
 *
 * Dialects: JSON Schema 2020-12 (OpenAPI 3.1), draft 4 and OpenAPI 3.0's own.  A schema is
 * compiled once (patterns by PCRE2 with match limits, references resolved, cycles fine) and is
 * then read-only, so that threads may share it.
 *
 * References (`$ref`, `$dynamicRef`, `$anchor`, `$id`) lead into the document, the metaschemas of
 * 2020-12 and draft 4, or documents that the caller names; nothing is fetched.  A `$schema` that
 * is known switches vocabularies off that its `$vocabulary` does not list.  Keywords that are not known, `x-...` included, say nothing.  In draft 4 and OpenAPI
 * 3.0 a `$ref` stands alone; in OpenAPI 3.0 `nullable` widens `type`.  `format` asserts for those
 * listed in schema_format.c.  Numbers are compared as decimals, not as doubles.
 *
 * Budgets are counted in steps: 2000 schemas deep, 5 000 000 schemas in one check, 1 000 000
 * steps of PCRE2 in one match.  What exceeds them is a violation, never valid.
 */
#ifndef PL_SCHEMA_H
#define PL_SCHEMA_H

#include "pl_node.h"

enum pl_dialect { PL_DIALECT_2020_12, PL_DIALECT_4, PL_DIALECT_OAS30, PL_DIALECT_OAS31 };

struct pl_schema;

/* A document that references may lead to by its URI. */
struct pl_schema_known {
    const char *uri; // without fragment
    struct pl_node *root;
};

/* How a schema is to be read, where the defaults ({ 0 }) do not do. */
struct pl_schema_options {
    bool formats_say_nothing;            // as the default vocabulary of 2020-12 has it
    const struct pl_schema_known *known; // besides the metaschemas
    int known_count;
    uint64_t steps; // schemas applied in one check; 0: 5 000 000
    uint32_t depth; // schemas that wait for each other; 0: 2000, which is also the most
};

/* Compile ${schema}, a node of the document ${root} in which its `$ref`s are looked up.
 * INVALID, naming the pointer, if it is no schema.  Lives as long as the arena. */
int pl_schema_compile_with(struct pl_schema **out, struct pl_node *schema, struct pl_node *root,
                           enum pl_dialect dialect, const struct pl_schema_options *options,
                           struct pl_arena *arena, struct pl_err *err);

/* As pl_schema_compile_with(), with the defaults. */
int pl_schema_compile(struct pl_schema **out, struct pl_node *schema, struct pl_node *root,
                      enum pl_dialect dialect, struct pl_arena *arena, struct pl_err *err);

/* The schemas of one document, each compiled when a check first comes to it.  Not for several
 * threads at once. */
struct pl_schema_set;
struct pl_schema_set *pl_schema_set_new(struct pl_node *root, enum pl_dialect dialect,
                                        struct pl_arena *arena);

/* One of them; made up nodes are fine too.  Never NULL. */
struct pl_schema *pl_schema_of(struct pl_schema_set *set, struct pl_node *node);

/* 1: valid, 0: not, -1: it cannot be told (too much work, or a schema that is none). */
int pl_schema_judge(const struct pl_schema *schema, const struct pl_node *value,
                    struct pl_arena *arena);

/* Compile schemas of one document and call ${bad} for each that is none; ${text} says why. */
struct pl_schema_place {
    struct pl_node *node;
    const char *pointer;
};
void pl_schema_lint(const struct pl_schema_place *schemas, int count, struct pl_node *root,
                    enum pl_dialect dialect, struct pl_arena *arena,
                    void (*bad)(void *self, const struct pl_node *node, const char *pointer,
                                const char *text),
                    void *self);

struct pl_violation {
    const char *pointer; // into the value
    const char *keyword; // "required", ...
    const char *text;    // what is wrong and what was expected, for people
    uint32_t line, column;
};

/* Found violations go into ${out}; at most ${max}.  Returns how many; 0 means valid.  With ${max}
 * 0 (and no ${out}) it stops at the first and returns 1.  Texts never quote strings of the value,
 * which may be secrets; they live in ${arena}. */
int pl_schema_check(const struct pl_schema *schema, const struct pl_node *value,
                    struct pl_arena *arena, struct pl_violation *out, int max);

#endif
