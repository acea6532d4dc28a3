/* document_private -- what the files of pl_document share.
 */
#ifndef PL_DOCUMENT_PRIVATE_H
#define PL_DOCUMENT_PRIVATE_H

#include "pl_document.h"

#define DOCUMENT_PROBLEMS 100 // of more than that nobody reads the rest

/* The way to a node, as a list on the stack: made into a pointer only when there is a problem. */
struct document_step {
    const struct document_step *up; // NULL: the root
    const char *key;                // NULL: an item
    uint32_t index;
};

/* The way as a JSON Pointer. */
const char *document_pointer(const struct document_step *step, struct pl_arena *arena);

/* Note a problem at ${node}.  Problems beyond DOCUMENT_PROBLEMS are dropped. */
void document_problem(struct pl_document *document, const struct document_step *step,
                      const struct pl_node *node, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

void document_problem_at(struct pl_document *document, const struct pl_node *node,
                         const char *pointer, const char *text);

/* The structure: what every reader of the document relies on. */
void document_check(struct pl_document *document);

/* Collect `$anchor` and `$id`, then check every `$ref`. */
void document_check_references(struct pl_document *document);

/* Complain, once, if ${node} leads deeper than the comparison can follow. */
void document_check_depth(struct pl_document *document, const struct document_step *at,
                          struct pl_node *node);

/* Where a `$ref` leads; NULL if nowhere or outside. */
struct pl_node *document_target(const struct pl_document *document, const char *reference);

#endif
