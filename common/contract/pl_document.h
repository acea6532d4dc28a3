/* pl_document -- an API description: Swagger 2.0, OpenAPI 3.0, 3.1, with every problem named.
 *
 * What is checked is what everything else relies on: the version, `info`, `paths` (or `webhooks`
 * or `components` in 3.1) and their keys, that operations, responses, parameters and components
 * are objects, that parameters have a name and a place, and that every `$ref` leads to something
 * inside of the document (circles are fine).  `$ref` is data, not a reference, in examples,
 * defaults, enums and extensions, and a name below `properties` and the like.  Other rules of the
 * specification are left to linters.  Size, depth and YAML aliases are bounded by pl_limits.
 */
#ifndef PL_DOCUMENT_H
#define PL_DOCUMENT_H

#include "pl_node.h"
#include "pl_schema.h"

enum pl_spec { PL_SWAGGER_20, PL_OPENAPI_30, PL_OPENAPI_31 };

struct pl_problem {
    const char *file, *pointer, *text;
    uint32_t line, column;
};

struct pl_document_file {
    const char *name;  // as a finding names it
    const char *bytes; // the caller's: they may be gone when the caller lets them go
    size_t length;
};

struct pl_document {
    struct pl_arena *arena; // everything below lives here
    struct pl_node *root;
    struct pl_document_file *files; // [0] is the document's own; a node's `file` is an index
    int file_count;
    const char *file; // as the user named it; "document" for a push
    enum pl_spec spec;
    enum pl_dialect dialect;
    const char *title, *version; // of info; "" if absent
    struct pl_problem *problems; // what makes it unusable; empty after a good load
    int problem_count;           // at most 100 are kept
    struct pl_node *names;       // `$anchor`s and `$id`s of 3.1; private
};

/* Read a document.  On failure (MALFORMED: not readable as JSON or YAML; INVALID: not an API
 * description, or references that lead nowhere or outside) err says the first problem and
 * (*out)->problems all of them.  *out is never NULL. */
int pl_document_load(struct pl_document **out, struct pl_arena *arena, const char *file,
                     const char *bytes, size_t length, const struct pl_limits *limits,
                     struct pl_err *err);

/* Follow `$ref`s from ${node} until there is none; NULL if they lead nowhere or in a circle. */
struct pl_node *pl_document_resolve(const struct pl_document *document, struct pl_node *node);

/* The document as `openapi.json`: members sorted, numbers verbatim, two-space indent, one
 * newline at the end (RULINGS 33). */
void pl_document_write(const struct pl_document *document, struct pl_buf *out);

#endif
