/* match -- which operation of the head document is which of the base document?
 *
 * By path as written, then by path template (names of parameters do not matter), then by template
 * behind the servers' base path, then, if asked for, by operationId.
 */
#ifndef CMP_MATCH_H
#define CMP_MATCH_H

#include "compare.h"

/* One row for each operation of either document, sorted by path and method. */
struct cmp_row {
    const struct cmp_operation *base, *head;
    struct cmp_pair *pair;
    bool hit, unstable; // unstable: a draft or alpha
};

struct cmp_rows {
    struct cmp_row *all;
    int count;
};

struct cmp_rows cmp_match(struct cmp *self);

/* What the row is called: as in the head document if it is there. */
const struct pl_operation_ref *cmp_row_ref(const struct cmp_row *row);

/* The operation of ${model} with that operationId; NULL: none, or more than one. */
const struct cmp_operation *cmp_operation_by_id(const struct cmp_model *model, const char *id);

#endif
