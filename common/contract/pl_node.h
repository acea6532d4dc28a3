/* pl_node -- a JSON or YAML document as a tree, with the place of every node.
 *
 * Everything lives in an arena.  Numbers keep their raw text: a double cannot hold an int64.
 * Members keep their order; duplicate members are refused while parsing.  The same tree is
 * built in memory and written out, so that no code prints JSON by hand.
 *
 * What a parser refuses, each with line and column (in characters): what pl_limits forbids, text
 * that is not UTF-8, NUL bytes, duplicate members, halves of surrogate pairs, anything behind the
 * value; in YAML also tags, merge keys, several documents, keys that are no plain texts, and
 * numbers that JSON does not have.  A parsed tree is never changed by reading (the index of a
 * large object is made while parsing), so that threads may share it.  A value that YAML aliases
 * name stands in the tree several times, with the place of its anchor: do not change it.
 *
 * Functions that walk a tree recurse; the limit of depth bounds them.
 */
#ifndef PL_NODE_H
#define PL_NODE_H

#include "pl_arena.h"
#include "pl_buf.h"
#include "pl_err.h"

#include <stdbool.h>
#include <stdint.h>

enum pl_node_kind { PL_NULL, PL_BOOL, PL_NUMBER, PL_STRING, PL_ARRAY, PL_OBJECT };

struct pl_node;

struct pl_member {
    const char *key; // NUL behind it; may contain NUL (from \u0000), see key_length
    uint32_t key_length;
    uint32_t line, column; // of the key, 1-based; 0 if built in memory
    struct pl_node *value;
};

/* 48 bytes: a description of 12 MB has a million of them. */
struct pl_node {
    enum pl_node_kind kind : 8;
    bool truth;            // of a PL_BOOL
    uint16_t file;         // of a pl_document's files; 0 until a document is made of several
    uint32_t line, column; // 1-based, of the key if that is on a line above; 0 if built in memory
    uint32_t count, room;  // of items or members
    uint32_t length;       // of text in bytes
    const char *text;      // of a string (decoded UTF-8) or a number (raw); NUL behind it
    union {
        struct pl_node **items;    // of a PL_ARRAY
        struct pl_member *members; // of a PL_OBJECT
    };
    void *index; // of an object with more than 16 members; private
};

/* What a parser accepts at most.  A field that is zero means the default. */
struct pl_limits {
    size_t bytes;     // of the text, and of what YAML aliases repeat: 32 MiB.  More: TOO_LARGE
    uint32_t depth;   // 200
    uint32_t nodes;   // 5 000 000, aliases included
    uint32_t aliases; // nodes that YAML aliases may add: 100 000
    bool settable; // whoever reads the errors can set these: they name the setting, "(max-depth)"
};

/* Parse UTF-8 JSON (RFC 8259, no duplicate members, no BOM needed or kept).  NULL and MALFORMED
 * "line L, column C: ..." otherwise. */
struct pl_node *pl_json_parse(struct pl_arena *arena, const char *bytes, size_t length,
                              const struct pl_limits *limits, struct pl_err *err);

/* Parse one YAML 1.2 core-schema document into the same tree: no tags, aliases expanded within
 * the limit, keys are strings, merge keys refused. */
struct pl_node *pl_yaml_parse(struct pl_arena *arena, const char *bytes, size_t length,
                              const struct pl_limits *limits, struct pl_err *err);

/* Is it meant as JSON?  A text that begins with '{' is if a '"' or '}' follows; `{openapi: 3.1.0}`
 * is YAML in flow style.  So are faults in JSON told as JSON's, and those in YAML as YAML's. */
bool pl_is_json(const char *bytes, size_t length);

/* JSON or YAML, as pl_is_json() says. */
struct pl_node *pl_document_parse(struct pl_arena *arena, const char *bytes, size_t length,
                                  const struct pl_limits *limits, struct pl_err *err);

/* Reading.  NULL nodes are allowed everywhere and read as "not there". */
struct pl_node *pl_node_get(const struct pl_node *object, const char *key);
struct pl_node *pl_node_at(const struct pl_node *array, uint32_t index);
const struct pl_member *pl_node_member(const struct pl_node *object, const char *key);
const char *pl_node_text(const struct pl_node *string, const char *otherwise);
bool pl_node_true(const struct pl_node *boolean, bool otherwise);
int64_t pl_node_int(const struct pl_node *number, int64_t otherwise);
double pl_node_double(const struct pl_node *number, double otherwise);
bool pl_node_is(const struct pl_node *node, enum pl_node_kind kind);
const char *pl_node_kind_name(enum pl_node_kind kind); // "object", ...

/* Follow a JSON Pointer (RFC 6901; "" is the root itself).  NULL if it leads nowhere. */
struct pl_node *pl_node_pointer(struct pl_node *root, const char *pointer);

/* ${pointer} with one more escaped step. */
char *pl_pointer_add(struct pl_arena *arena, const char *pointer, const char *step);
char *pl_pointer_add_index(struct pl_arena *arena, const char *pointer, uint32_t index);

/* Equal as JSON values: numbers by value, members in any order. */
bool pl_node_equal(const struct pl_node *a, const struct pl_node *b);

/* Building.  Texts are copied; bytes that are not UTF-8 become U+FFFD; ${raw} must be a JSON
 * number; a real that is not finite becomes null. */
struct pl_node *pl_node_object(struct pl_arena *arena);
struct pl_node *pl_node_array(struct pl_arena *arena);
struct pl_node *pl_node_string(struct pl_arena *arena, const char *text);
struct pl_node *pl_node_number(struct pl_arena *arena, const char *raw);
struct pl_node *pl_node_integer(struct pl_arena *arena, int64_t value);
struct pl_node *pl_node_real(struct pl_arena *arena, double value); // shortest that reads back
struct pl_node *pl_node_bool(struct pl_arena *arena, bool value);
struct pl_node *pl_node_null(struct pl_arena *arena);

/* Set or replace a member; append an item.  Return the value, for chaining. */
struct pl_node *pl_node_set(struct pl_arena *arena, struct pl_node *object, const char *key,
                            struct pl_node *value);
struct pl_node *pl_node_push(struct pl_arena *arena, struct pl_node *array, struct pl_node *value);

/* Append as JSON text. */
enum pl_write { PL_COMPACT = 0, PL_SORTED = 1, PL_PRETTY = 2 }; // flags
void pl_node_write(struct pl_buf *out, const struct pl_node *node, int flags);

/* Append as a YAML 1.2 document in block style; the same value when read again. */
void pl_node_write_yaml(struct pl_buf *out, const struct pl_node *node);

/* Append in the canonical form of RFC 8785 (numbers as ECMAScript prints them).  INVALID for a
 * number that a double cannot hold: too large, or an integer that would change its value. */
int pl_node_canonical(struct pl_buf *out, const struct pl_node *node, struct pl_err *err);

#endif
