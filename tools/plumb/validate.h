/* validate -- what `plumb validate` and its batch mode share.
 */
#ifndef PLUMB_VALIDATE_H
#define PLUMB_VALIDATE_H

#include "pl_schema.h"
#include "plumb.h"

#define VALIDATE_VIOLATIONS 100 // of more than that nobody reads the rest

/* How schemas are to be read; NULL: as the schema itself suggests. */
struct validate_options {
    const char *dialect; // 2020-12, 4, oas30, oas31
    const char *formats; // assert, annotate
    const struct pl_schema_known *known;
    int known_count;
};

/* Read what --known names.  An exit status; says what is wrong. */
int read_known(const struct text_list *texts, struct pl_arena *arena, struct validate_options *out);

/* The dialect by its name; false if there is none of that name. */
bool validate_dialect(const char *name, enum pl_dialect *out);

/* Compile ${schema} of the document ${root}.  INVALID for an unknown option or no schema. */
int validate_compile(struct pl_schema **out, struct pl_node *schema, struct pl_node *root,
                     const struct validate_options *options, struct pl_arena *arena,
                     struct pl_err *err);

/* Violations as a JSON array. */
struct pl_node *validate_errors(const struct pl_violation *list, int count, struct pl_arena *arena);

/* Answer standard input line by line.  An exit status. */
int validate_batch(const struct validate_options *options);

#endif
