/* document_files -- the files beside a document that its `$ref`s name.  Private to pl_document.
 */
#ifndef PL_DOCUMENT_FILES_H
#define PL_DOCUMENT_FILES_H

#include "pl_document.h"

#define DOCUMENT_FILES 1000 // of more than that no document is made

/* The file that ${reference} (without fragment) names, seen from file ${from}: its index among
 * ${document}'s files, parsed into roots[index].  -1 with the reason in ${err}: above the
 * document's folder, absolute, a URL, not readable, too many. */
int document_file(struct pl_document *document, struct pl_node **roots,
                  const struct pl_document_reader *reader, const struct pl_limits *limits,
                  uint16_t from, const char *reference, struct pl_err *err);

/* "file:", "https://...", "//host" */
bool document_is_url(const char *reference);

/* ${reference} taken relative to the file ${from}, dots removed; NULL if it leads out of the
 * folder. */
char *document_path(struct pl_arena *arena, const char *from, const char *reference);

#endif
