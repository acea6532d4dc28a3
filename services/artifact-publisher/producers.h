/* producers -- the published files, one row each.
 *
 * To publish one more file: write a function that appends its bytes (or a badge function that
 * returns one) and add a row.  It is then hashed, signed, stored, listed and linked from the
 * page without more code.  Rows of ARTIFACT_DERIVED run in their order, after the hashes.
 */
#ifndef PRODUCERS_H
#define PRODUCERS_H

#include "badges.h"
#include "set.h"

typedef int producer_fn(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err);

struct producer {
    const char *path, *content_type;
    enum artifact_kind kind;
    producer_fn *make; // appends the file; nothing appended: not published
    badge_fn *badge;   // instead of make: a badge, which the page shows too
    bool lines;        // see struct artifact
    const char *doc;   // one line, shown on the page
};

extern const struct producer producers[]; // ends with a zero row

/* The row of ${path}; NULL if no producer makes it. */
const struct producer *producer_find(const char *path);

/* The rows' functions. */
producer_fn make_openapi, make_metrics, make_summary, make_operations, make_semver;
producer_fn make_milestones, make_history;
producer_fn make_checksums, make_signature, make_public_key;
producer_fn make_page, make_style, make_icon;

/* One line of the run history, with its newline; made of the summary alone, so that a line is
 * the same whether it is written with its run or caught up later. */
char *history_line(const Governance__RunSummary *run, struct pl_arena *arena);

/* "sha256:<hex>" of the public key. */
char *signer_fingerprint(const struct pl_signer *signer, struct pl_arena *arena);

/* Append ${node} as a file: indented, one newline at the end. */
void file_write(struct pl_buf *out, const struct pl_node *node);

#endif
