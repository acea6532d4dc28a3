/* verdict -- containment has the last word on what the comparison of schemas found.
 *
 * The comparer of schemas says what changed; whether that takes values away is asked of
 * pl_contain: a finding that breaks stays one only with a witness at the root of its media type,
 * parameter or header.  What containment cannot decide is a warning with the cause.
 */
#ifndef CMP_VERDICT_H
#define CMP_VERDICT_H

#include "compare.h"
#include "pl_contain.h"

/* What a rule says about values. */
enum verdict_class {
    VERDICT_NONE,   // nothing that containment could judge
    VERDICT_LESS,   // values that were exchanged no longer are
    VERDICT_MORE,   // the other way round
    VERDICT_UNSURE, // the rule could not tell
};

struct verdict_rule {
    enum verdict_class class;
    const char *keywords;                   // of the accepting side, that refuse then; NULL: any
    enum cmp_rule request, reply;           // of VERDICT_UNSURE: what it may turn out to be
    enum cmp_rule request_more, reply_more; // the same if values were gained; 0: nothing
};

const struct verdict_rule *verdict_rule(enum cmp_rule rule);

/* The pairs of schemas that operations reach, and how the search came to them. */
struct verdict {
    struct cmp *cmp;
    struct pl_contain *contain;
    struct cmp_pair **pairs; // breadth first from the roots
    int count, room;
    struct pl_diff *diff;
};

/* The schema of the pair as it is asked for, on one side. */
struct pl_node *verdict_node(struct verdict *self, const struct cmp_pair *pair, bool head);

/* verdict_witness.c: a witness at the root for ${value}, which the pair's accepting side refuses.
 * False if at the root it is accepted after all. */
bool verdict_prove(struct verdict *self, const struct cmp_pair *pair, struct pl_node *value,
                   struct pl_witness *out);

/* The question of the pair: does the accepting side take every value of the other one? */
struct pl_contain_answer verdict_ask(struct verdict *self, const struct cmp_pair *pair, bool reply);

/* One more question about the values of a pair was answered. */
void verdict_count(struct pl_diff *diff, const struct pl_contain_answer *answer);

/* One pair more could not be decided. */
void verdict_unknown(struct verdict *self, const char *cause);

/* verdict_general.c: what takes values away though no rule saw it, once the rules' findings are
 * judged. */
void verdict_general(struct verdict *self);

/* Judge all pairs, and note what could not be decided. */
void cmp_verdicts(struct cmp *self, struct pl_diff *diff);

#endif
