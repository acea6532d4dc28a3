/* source -- where a document comes from: a file, standard input, a folder, or git.
 *
 *   openapi.yaml            a file; what its `$ref`s name below its folder belongs to it
 *   -                       standard input (one file)
 *   apis/                   all API descriptions of a folder, composed to one
 *   git:REV:PATH            a file or folder as it was at a revision
 *   git:REV                 where a file was given for the other side: that file
 */
#ifndef PLUMB_SOURCE_H
#define PLUMB_SOURCE_H

#include "pl_checksum.h"
#include "pl_document.h"
#include "plumb.h"

#define LARGEST_DOCUMENT (256u << 20)

/* As given on the command line; 0: the usual. */
struct limit_wishes {
    int64_t bytes, depth, nodes, aliases;
};

// clang-format off
#define LIMIT_OPTIONS(l) NUMBER_OPTION("--max-bytes", (l).bytes), NUMBER_OPTION("--max-depth", (l).depth), \
                         NUMBER_OPTION("--max-nodes", (l).nodes), NUMBER_OPTION("--max-aliases", (l).aliases)
// clang-format on

/* An exit status; says what is wrong. */
int source_limits(const struct limit_wishes *wishes, struct pl_limits *out);

struct source {
    const char *name; // as given
    struct pl_document *document;
    char sha256[PL_SHA256_HEX]; // of the bytes; of several files, of their digests
};

/* Read.  An exit status; complaints, each with its place, are on standard error.  ${other} is the
 * name of the other side, for git:REV; NULL if there is none.  ${limits} NULL: the usual ones. */
int source_load(const char *name, const char *other, const struct pl_limits *limits,
                struct pl_arena *arena, struct source *out);

/* Load both sides; two files at the same time, each by a thread of its own. */
int source_load_pair(const char *base, const char *head, const struct pl_limits *limits,
                     struct pl_arena *arena, struct source *base_out, struct source *head_out);

/* As source_load(), but a document with problems is EXIT_FINE and nothing is said of them:
 * out->document->problems has them. */
int source_read(const char *name, const char *other, const struct pl_limits *limits,
                struct pl_arena *arena, struct source *out);

/* Say what is to be said of a document that was read.  EXIT_TROUBLE if it cannot be used. */
int source_accept(const struct source *source);

/* Print problems with their places: "file:3:5 /paths/~1a: ...". */
void source_complain(const struct pl_document *document, FILE *to);

#endif
