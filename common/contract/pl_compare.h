/* pl_compare -- what changed between two API descriptions, and what of it breaks.
 *
 * Directions: a request schema may only grow, a response schema may only shrink, what an
 * operation demands may only relax; over declared values (RULINGS 55).  Each change is one
 * finding, said once; the same pair gives the same findings in the same order.
 */
#ifndef PL_COMPARE_H
#define PL_COMPARE_H

#include "pl_contain.h"
#include "pl_document.h"

enum pl_finding_level { PL_LEVEL_NONE, PL_LEVEL_INFO, PL_LEVEL_WARN, PL_LEVEL_ERROR };

/* One row of rules.def: what plumb can find, its usual level, and its documentation. */
struct pl_rule {
    const char *id; // stable, kebab-case
    enum pl_finding_level level;
    const char *migration; // automatic, manual, none
    const char *summary, *hint;
    bool adds; // callers gained something they may use
};

extern const struct pl_rule pl_rules[]; // ends with a zero row
const struct pl_rule *pl_rule_find(const char *id);

/* The table as docs/RULES.md. */
void pl_rules_markdown(struct pl_buf *out);

struct pl_operation_ref {
    const char *method, *path, *operation_id; // "GET", template as written, "" if none
};

struct pl_place {
    const char *file, *pointer; // NULL: not in that document
    uint32_t line, column;
};

/* What proves that something breaks. */
enum pl_witness_kind {
    PL_WITNESS_NONE,    // there is none; `reason` says why
    PL_WITNESS_VALUE,   // a JSON value at the root of a media type, a parameter or a header
    PL_WITNESS_REQUEST, // a request line with the headers that matter
    PL_WITNESS_STATUS,  // a status, with the media type or header that matters
};

struct pl_witness {
    enum pl_witness_kind kind;
    const char *side;                      // "request" or "response": who sends it
    const char *value;                     // JSON text; of the other kinds, lines of text
    const char *valid_in, *invalid_in;     // "base" or "head"
    const char *pointer, *keyword;         // what the refusing side objects to: the pointer is into
                                           // the value (or the document); either may be NULL
    const char *reason;                    // without a witness; NULL where none is called for
    const char *base_schema, *head_schema; // of a value: the pointers of the schemas that judge it
};

struct pl_finding {
    const struct pl_rule *rule;
    enum pl_finding_level level;       // after overrides
    const char *kind;                  // added, removed, changed
    struct pl_operation_ref operation; // method NULL: the document as a whole
    struct pl_place base, head;
    const char *text; // one sentence; leads with the count if several operations are hit
    int operations;   // how many operations it hits; ${operation} is the first of them
    struct pl_witness witness;
    const struct pl_operation_ref *hits; // all of them; NULL: read from an old record
    const char *fingerprint;             // 16 hex digits; the same wherever the lines move
    const char *note;                    // an acceptance that is over, in words; NULL: none
};

/* Schema pairs whose containment could not be decided, by cause. */
struct pl_unknowns {
    const char *cause;
    int pairs;
};

/* A finding that somebody accepted: a row of an ignore file (pl_policy.h). */
struct pl_acceptance {
    const char *fingerprint, *author, *reason;
    const char *expires; // the last day, "2026-12-31"; NULL: never
};

/* How to compare.  { 0 } is the usual way; nothing is owned. */
struct pl_compare_options {
    const struct pl_node *levels; // rule id -> "error|warn|info|none", checked; NULL: none
    const struct pl_acceptance *accepted;
    int accepted_count;
    const char *strip_base, *strip_head; // what paths begin with and does not count; NULL: nothing
    bool match_operation_id; // operations that no path matches are matched by their operationId
    const char *today;       // "2026-11-20": acceptances and sunsets end by it; NULL: none does
    struct pl_contain_limits budget; // of the questions about values; zero: the usual
    int notice_beta, notice_stable;  // days from deprecation to sunset that are demanded; 0: none
};

struct pl_diff {
    struct pl_operation_ref *added, *removed, *changed;
    int added_count, removed_count, changed_count;
    struct pl_finding *findings; // sorted: by operation, then level, then place
    struct pl_finding *accepted; // left out of the findings and of every count
    int finding_count, accepted_count;
    int breaking, warnings, infos;
    int operations_affected;      // operations added, removed, or hit by at least one finding
    const char *required_bump;    // major, minor, patch, none (RULINGS 24)
    bool additive;                // something was added that callers may use
    bool different;               // the documents differ in more than their version
    const char *note;             // what of the documents is not compared; NULL: nothing known
    int schema_pairs;             // compared, each once per direction
    struct pl_unknowns *unknowns; // sorted by cause
    int unknown_count;
    int asked, contained, refuted; // of the schema pairs, those whose values were in question
    int64_t steps;                 // of the search behind it
};

/* Level overrides: a JSON object rule id -> "error|warn|info|none"; NULL for none. */
int pl_overrides_check(const struct pl_node *overrides, struct pl_err *err);

/* Compare.  ${base} NULL: nothing to compare with, everything counts as there from the start
 * (no findings).  Pure: takes memory from the arena, cannot fail on loaded documents. */
struct pl_diff *pl_compare(const struct pl_document *base, const struct pl_document *head,
                           const struct pl_node *overrides, struct pl_arena *arena);

/* The same with options; NULL as { 0 }. */
struct pl_diff *pl_compare_with(const struct pl_document *base, const struct pl_document *head,
                                const struct pl_compare_options *options, struct pl_arena *arena);

const char *pl_level_name(enum pl_finding_level level); // "error", "warn", "info", "none"
bool pl_level_parse(const char *name, enum pl_finding_level *out);

#endif
