/* pl_policy -- what a project says about comparisons: `.plumbline.yaml` and its ignore file.
 *
 * .plumbline.yaml (every member is optional):
 *
 *     rules: { response-enum-value-added: error }   # error, warn, info, none
 *     strip-prefix-base: /api/v1
 *     strip-prefix-head: /api
 *     match-operation-id: true
 *     deprecation-days: { beta: 31, stable: 180 }   # notice that a sunset must give
 *     limits: { max-steps: 30000, max-total-steps: 1200000, max-memory: 67108864 }
 *     ignore: .plumbline-ignore.yaml                # beside this file
 *
 * The ignore file is a list; a finding is accepted by its fingerprint, with a name and a reason:
 *
 *     - fingerprint: 0a1b2c3d4e5f6071
 *       author: Ada
 *       reason: nobody calls it any more, see the access log of May
 *       expires: 2026-12-31                          # optional: the last day
 *
 * The readers take nodes, whoever parsed them, and point into them.
 */
#ifndef PL_POLICY_H
#define PL_POLICY_H

#include "pl_compare.h"

/* Fill in what ${root} says; the rest of ${options} stays.  INVALID names the line. */
int pl_policy_read(struct pl_compare_options *options, const struct pl_node *root,
                   struct pl_err *err);

/* The file name that `ignore` gives; NULL: none. */
const char *pl_policy_ignore_file(const struct pl_node *root);

/* Read an ignore file into ${options}->accepted. */
int pl_policy_read_accepted(struct pl_compare_options *options, const struct pl_node *root,
                            struct pl_arena *arena, struct pl_err *err);

/* Today by UTC, for ${options}->today. */
const char *pl_policy_today(struct pl_arena *arena);

#endif
