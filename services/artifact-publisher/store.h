/* store -- what this service keeps: jobs, sets, bytes.  All SQL is in store*.c. */
#ifndef PUBLISHER_STORE_H
#define PUBLISHER_STORE_H

#include "set.h"

struct pl_pg;

/* ---- what is to be done (store_job.c) ------------------------------------------------------ */

struct job {
    const char *api, *run;
    int64_t seq;
};

/* An api was created, changed or archived. */
int store_put_api(struct pl_pg *db, const char *api, const char *visibility, bool archived,
                  struct pl_err *err);

/* A run wants its set; once per run, whatever is heard twice. */
int store_add_job(struct pl_pg *db, const struct job *job, struct pl_err *err);

/* Take a job that is due, the oldest of its api, for ${lease_s} seconds; *found says whether
 * there was one. */
int store_claim_job(struct pl_pg *db, int64_t lease_s, struct pl_arena *arena, struct job *out,
                    bool *found, struct pl_err *err);

/* The job did not work out.  ${counts}: it is not for want of somebody's presence; after
 * ${most} of those the job is dead and the api goes on without it; *dead says so. */
int store_fail_job(struct pl_pg *db, const struct job *job, const char *why, bool counts,
                   int64_t most, bool *dead, struct pl_err *err);

/* How many jobs wait and how many are dead. */
int store_count_jobs(struct pl_pg *db, int64_t *due, int64_t *dead, struct pl_err *err);

/* ---- publishing (store.c) ------------------------------------------------------------------ */

/* What stood there when a set was begun: the set before it and the history so far. */
struct before {
    bool published;       // the job's own set is there already
    const char *now;      // RFC 3339, by the database's clock
    int64_t previous_seq; // 0: none
    const char *previous_run, *previous_aggregate, *previous_document_run;
    struct artifact *openapi; // of the set before; NULL if it has none
    int64_t last_line;        // seq of the newest history line, 0 if none
    const char *history;      // the lines of runs up to the job's
};
int store_get_before(struct pl_pg *db, const struct job *job, struct pl_arena *arena,
                     struct before *out, struct pl_err *err);

/* One line to add to the history. */
struct line {
    int64_t seq;
    const char *text;
};

/* One transaction: lock the api's row, see that what ${before} says still holds (CONFLICT
 * otherwise), write the set, its bytes and lines, move the api's pointer (never down), drop the
 * job, and announce it all with ${event}. */
int store_publish_set(struct pl_pg *db, const struct job *job, const struct before *before,
                      const struct artifact_set *set, const struct line *lines, int line_count,
                      const ProtobufCMessage *event, struct pl_err *err);

/* The set is there already: drop the job. */
int store_drop_job(struct pl_pg *db, const struct job *job, struct pl_err *err);

/* ---- reading (store_read.c) ---------------------------------------------------------------- */

/* An api and one of its sets. */
struct published {
    bool known;             // the api is
    const char *visibility; // "private" for one that is archived or unknown
    int64_t seq;            // 0: there is no such set
    const char *run, *sha, *aggregate, *published_at;
    const char *verdict, *version,
        *document_sha256; // as of its run on the default branch; "": not known
    bool is_signed;
};

/* The set of ${run} (an id or a sha), or the current one if that is "". */
int store_get_set(struct pl_pg *db, const char *api, const char *run, struct pl_arena *arena,
                  struct published *out, struct pl_err *err);

/* One file with its bytes; *found says whether the set has it. */
int store_get_file(struct pl_pg *db, const char *api, int64_t seq, const char *path,
                   struct pl_arena *arena, struct artifact *out, bool *found, struct pl_err *err);

/* Every file of a set, without bytes. */
int store_list_files(struct pl_pg *db, const char *api, int64_t seq, struct pl_arena *arena,
                     struct artifact **out, int *count, struct pl_err *err);

#endif
