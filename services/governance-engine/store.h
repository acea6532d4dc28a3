/* store -- all SQL of the governance-engine.
 *
 * One function a question.  Rows come back as messages of governance.proto in the caller's
 * arena.  What writes belongs into a transaction that holds the api's row (store_lock_api()).
 */
#ifndef STORE_H
#define STORE_H

#include "pl_compare.h"
#include "pl_pg.h"
#include "pl_stability.h"

#include "governance.pb-c.h"

/* ---- store_api.c ------------------------------------------------------------------------ */

/* An api with the record of its default branch. */
struct api_state {
    Governance__Api *api;
    struct pl_record record;
    struct pl_conditions conditions;
    int64_t last_seq;
    const char *last_run;                              // "" before the first
    const char *base_run, *base_version, *base_sha256; // the last with a document; "" if none
};

/* NOT_FOUND if there is no such api. */
int store_get_api(struct pl_pg *db, const char *api, struct pl_arena *arena, struct api_state **out,
                  struct pl_err *err);

/* Hold the api's row until the transaction ends.  NOT_FOUND if there is none. */
int store_lock_api(struct pl_pg *db, const char *api, struct pl_err *err);

/* Add an api with default settings unless it is there; *added says whether it was not. */
int store_add_api(struct pl_pg *db, const char *api, const char *visibility, bool *added,
                  struct pl_err *err);

/* Write the settings of ${api} (all but its name, times and runs). */
int store_save_api(struct pl_pg *db, const Governance__Api *api, struct pl_arena *arena,
                   struct pl_err *err);

/* Apis after ${after} in the order of their names; ${only} names those that may be seen (none:
 * all). */
int store_list_apis(struct pl_pg *db, const char *after, size_t only_count, char *const *only,
                    int64_t limit, struct pl_arena *arena, Governance__Api ***out, size_t *count,
                    struct pl_err *err);

/* The record moves on to ${run}; ${with_document}: the next push is compared with it. */
int store_move_record(struct pl_pg *db, const Governance__Run *run, const struct pl_record *record,
                      const struct pl_conditions *conditions, struct pl_arena *arena,
                      struct pl_err *err);

/* A preview takes a number and nothing else. */
int store_take_seq(struct pl_pg *db, const char *api, int64_t seq, struct pl_arena *arena,
                   struct pl_err *err);

/* ---- store_accepted.c ------------------------------------------------------------------- */

/* Accept a finding, or say anew why and until when; *added is false then.  What is known of the
 * finding from runs is kept with it. */
int store_accept(struct pl_pg *db, const Governance__Acceptance *wanted, struct pl_arena *arena,
                 Governance__Acceptance **out, bool *added, struct pl_err *err);

/* Acceptances after the fingerprint ${after}, those that are over too. */
int store_list_accepted(struct pl_pg *db, const char *api, const char *after, int64_t limit,
                        struct pl_arena *arena, Governance__Acceptance ***out, size_t *count,
                        struct pl_err *err);

/* *out is what was withdrawn.  NOT_FOUND if it is not there. */
int store_withdraw(struct pl_pg *db, const char *api, const char *fingerprint,
                   struct pl_arena *arena, Governance__Acceptance **out, struct pl_err *err);

/* ---- store_push.c ----------------------------------------------------------------------- */

/* What is recorded under an identity (api, branch, sha). */
struct known_push {
    const char *run;             // "" if nothing is
    const char *document_sha256; // "" of a placeholder
};
int store_find_push(struct pl_pg *db, const char *api, const char *branch, const char *sha,
                    struct pl_arena *arena, struct known_push *out, struct pl_err *err);

/* A document came for this placeholder; its identity is free again. */
int store_replace_run(struct pl_pg *db, const char *run, struct pl_err *err);

/* Verdicts of the default branch's runs, newest first, at most ${most}. */
int store_window(struct pl_pg *db, const char *api, int64_t most, struct pl_arena *arena,
                 enum pl_verdict **out, int *count, struct pl_err *err);

/* Keep a document's bytes, gzip; once per hash. */
int store_add_document(struct pl_pg *db, const char *sha256, size_t size, const void *gzip,
                       size_t gzip_size, struct pl_arena *arena, struct pl_err *err);

/* Its gzip bytes. */
int store_get_document(struct pl_pg *db, const char *sha256, struct pl_arena *arena, char **gzip,
                       size_t *gzip_size, struct pl_err *err);

/* Insert ${run} with its lists of operations; ${record_runs} counts the record with it. */
int store_add_run(struct pl_pg *db, const Governance__Run *run, int64_t record_runs,
                  struct pl_arena *arena, struct pl_err *err);

/* Insert what was found at ${run}, in the diff's order. */
int store_add_findings(struct pl_pg *db, const char *run, const struct pl_diff *diff,
                       struct pl_arena *arena, struct pl_err *err);

/* ---- store_run.c ------------------------------------------------------------------------ */

/* One run with its lists of operations, without findings.  ${which} is an id, a sha (the default
 * branch's first) or "latest".  *record_runs may be NULL. */
int store_get_run(struct pl_pg *db, const char *api, const char *which, struct pl_arena *arena,
                  Governance__Run **out, int64_t *record_runs, struct pl_err *err);

/* Runs before ${before}, newest first; of ${branch} if it is not "", of the record only if
 * ${recorded}. */
int store_list_runs(struct pl_pg *db, const char *api, const char *branch, bool recorded,
                    int64_t before, int64_t limit, struct pl_arena *arena,
                    Governance__RunSummary ***out, size_t *count, struct pl_err *err);

/* Of the record up to ${seq}: the last breaking run and the last run with a document; "" if
 * there is none. */
int store_marks(struct pl_pg *db, const char *api, int64_t seq, struct pl_arena *arena,
                const char **last_breaking, const char **document_run, struct pl_err *err);

/* Findings of a run at position ${from} and later, of ${level} if it is not "".  *next is the
 * position behind the last one. */
int store_list_findings(struct pl_pg *db, const char *run, const char *level, int64_t from,
                        int64_t limit, struct pl_arena *arena, Governance__Finding ***out,
                        size_t *count, int64_t *next, struct pl_err *err);

/* ---- store_issue.c ---------------------------------------------------------------------- */

/* Open an issue unless one of its kind is open; *opened_id is "" then. */
int store_open_issue(struct pl_pg *db, const Governance__Issue *issue, bool *opened,
                     struct pl_err *err);

/* Close the open issue of that kind unless it is held; *closed is NULL if nothing was. */
int store_close_issue(struct pl_pg *db, const char *api, const char *kind, const char *run,
                      struct pl_arena *arena, Governance__Issue **closed, struct pl_err *err);

/* Issues numbered below ${before}, newest first; *next is the number of the last. */
int store_list_issues(struct pl_pg *db, const char *api, const char *state, int64_t before,
                      int64_t limit, struct pl_arena *arena, Governance__Issue ***out,
                      size_t *count, int64_t *next, struct pl_err *err);

int store_label_issue(struct pl_pg *db, const char *api, const char *id, size_t count,
                      char *const *labels, struct pl_arena *arena, Governance__Issue **out,
                      struct pl_err *err);

#endif
