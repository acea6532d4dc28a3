/* pl_document -- an API description: Swagger 2.0, OpenAPI 3.0, 3.1, with every problem named;
 * 3.2 is read as 3.1 with a note about what that leaves out.
 *
 * What is checked is what everything else relies on: the version, `info`, `paths` (or `webhooks`
 * or `components` in 3.1) and their keys, that operations, responses, parameters and components
 * are objects, that parameters have a name and a place, and that every `$ref` leads to something
 * inside of the document or its files (circles are fine).  `$ref` is data, not a reference, in examples,
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
    const char *path;  // relative to the document's folder
    const char *bytes; // the caller's: they may be gone when the caller lets them go
    size_t length;
};

/* What was moved here from another file. */
struct pl_document_part {
    const char *pointer, *origin; // here, and in its own file
    uint16_t file;
};

/* Reads the files beside a document.  ${path} is relative to the document's folder and never
 * leads above it ("schemas/pet.yaml"); symbolic links are the reader's to judge.  The bytes live
 * as long as the document is used. */
struct pl_document_reader {
    int (*read)(void *self, const char *path, struct pl_arena *arena, char **bytes, size_t *length,
                struct pl_err *err);
    void *self;
};

struct pl_document {
    struct pl_arena *arena; // everything below lives here
    struct pl_node *root;
    struct pl_document_file *files; // [0] is the document's own; a node's `file` is an index
    int file_count;
    struct pl_document_part *parts;
    int part_count;
    const char *folder; // what the names of other files begin with, "api/"
    bool several;       // there are `$ref`s to other files
    const char *note;   // what is not read or compared, for people; NULL: nothing
    const char *file;   // as the user named it; "document" for a push
    enum pl_spec spec;
    enum pl_dialect dialect;
    const char *title, *version; // of info; "" if absent
    struct pl_problem *problems; // what makes it unusable; empty after a good load
    int problem_count;           // at most 100 are kept
    struct pl_node *names;       // `$anchor`s and `$id`s of 3.1; private
    void *depth;                 // of schemas in schemas; private
};

/* Read a document.  On failure (MALFORMED: not readable as JSON or YAML; INVALID: not an API
 * description, or references that lead nowhere or outside) err says the first problem and
 * (*out)->problems all of them.  *out is never NULL. */
int pl_document_load(struct pl_document **out, struct pl_arena *arena, const char *file,
                     const char *bytes, size_t length, const struct pl_limits *limits,
                     struct pl_err *err);

/* The same for a document of several files: what `$ref`s name in files below the document's folder
 * is moved into it, so that it is self-contained.  ${reader} NULL: there are no other files. */
int pl_document_load_files(struct pl_document **out, struct pl_arena *arena, const char *file,
                           const char *bytes, size_t length, const struct pl_limits *limits,
                           const struct pl_document_reader *reader, struct pl_err *err);

/* Bring another good document of the same version into ${into}: its paths beside the others, its
 * components under new names where they clash.  Both must live in one arena; ${from} is used up.
 * What cannot be composed (an operation that both have, security schemes of one name) becomes a
 * problem of ${into}. */
void pl_document_compose(struct pl_document *into, struct pl_document *from);

/* Look also into every schema, as a validator would: what is no schema is one more problem each. */
void pl_document_lint(struct pl_document *document);

/* The schema at ${pointer} with all that it refers to, as a schema of its own that any validator
 * of the document's dialect can take; shares nodes with the document.  NULL if a reference leads
 * nowhere. */
struct pl_node *pl_document_extract(const struct pl_document *document, const char *pointer);

/* Where a node really stands: its file's name, and the pointer it has there instead of
 * ${pointer}. */
const char *pl_document_origin(const struct pl_document *document, const struct pl_node *node,
                               const char **pointer);

/* Follow `$ref`s from ${node} until there is none; NULL if they lead nowhere or in a circle. */
struct pl_node *pl_document_resolve(const struct pl_document *document, struct pl_node *node);

/* The document as `openapi.json`: members sorted, numbers verbatim, two-space indent, one
 * newline at the end (RULINGS 33). */
void pl_document_write(const struct pl_document *document, struct pl_buf *out);

#endif
