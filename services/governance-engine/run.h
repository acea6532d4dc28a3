/* run -- judging one push: verdict, version policy, stability, conditions.  Pure; handlers_push
 * feeds it what the store knows and writes down what it says.
 */
#ifndef RUN_H
#define RUN_H

#include "pl_compare.h"
#include "pl_stability.h"

#include "governance.pb-c.h"

struct judging {
    const Governance__Api *settings;
    const struct pl_diff *diff;    // NULL: a placeholder
    const char *previous_version;  // of the run compared with; "" if unknown
    bool breaking_ack;             // the break was declared
    const enum pl_verdict *window; // of the record before, newest first
    int window_count;

    struct pl_record record;         // moved on to this run
    struct pl_conditions conditions; // moved on, unless it is a preview
    int reasons, changed;            // flags of enum pl_reason
};

/* How many verdicts of the window judge_run() wants to see at most. */
int64_t judging_window(const Governance__Api *settings);

/* Fill in what ${run} lacks: it has its identity, version, preview, placeholder and base_run.
 * A preview is measured as if it came next on the default branch, and has no reasons. */
void judge_run(struct judging *judging, Governance__Run *run, struct pl_arena *arena);

#endif
