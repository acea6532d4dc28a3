/* store -- everything the notifier keeps.  store_endpoint.c, store_delivery.c, store_send.c hold
 * all SQL of this service. */
#ifndef STORE_H
#define STORE_H

#include "pl_arena.h"
#include "pl_err.h"
#include "seal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_pg;

/* Where notices go.  Secrets stay sealed. */
struct endpoint {
    char *id, *name, *kind;
    struct sealed url, secret, old_secret; // old_secret only while it is still valid
    char *url_hint;
    char *policy; // "" leaves it to the api, then to the kind
    char **apis, **events;
    size_t api_count, event_count;
    int64_t rate_per_minute;
    bool allow_private, enabled, from_environment;
    char *disabled_reason, *created_at, *last_success_at;
    int64_t failures, number;
};

/* Which rows a caller may see: those of its apis; count 0: all. */
struct visible {
    char **apis;
    size_t count;
};

/* A page: rows after ${after} (a number, 0 to begin with), at most ${limit}. */
struct page {
    int64_t after, limit;
};

/* CONFLICT if the name is taken. */
int store_add_endpoint(struct pl_pg *db, const struct endpoint *endpoint, struct pl_err *err);

/* NOT_FOUND if it does not exist or may not be seen.  *out is in the arena. */
int store_get_endpoint(struct pl_pg *db, const char *id, const struct visible *visible,
                       struct pl_arena *arena, struct endpoint **out, struct pl_err *err);

/* As above, locked until the transaction ends. */
int store_lock_endpoint(struct pl_pg *db, const char *id, const struct visible *visible,
                        struct pl_arena *arena, struct endpoint **out, struct pl_err *err);

/* The one of GOVERNANCE_WEBHOOK; *out is NULL if there is none. */
int store_environment_endpoint(struct pl_pg *db, struct pl_arena *arena, struct endpoint **out,
                               struct pl_err *err);

/* A page in order of creation. */
int store_list_endpoints(struct pl_pg *db, struct page page, const struct visible *visible,
                         struct pl_arena *arena, struct endpoint **out, int *count,
                         struct pl_err *err);

/* Those that care for ${api}, disabled ones too. */
int store_endpoints_for(struct pl_pg *db, const char *api, struct pl_arena *arena,
                        struct endpoint **out, int *count, struct pl_err *err);

/* Write back everything that an administrator may change, secrets and state of failure too. */
int store_save_endpoint(struct pl_pg *db, const struct endpoint *endpoint, struct pl_err *err);

/* Replace the secret; the present one stays valid for ${overlap_s}.  *until: until when. */
int store_rotate_secret(struct pl_pg *db, const char *id, struct sealed secret, int64_t overlap_s,
                        struct pl_arena *arena, char **until, struct pl_err *err);

int store_delete_endpoint(struct pl_pg *db, const char *id, struct pl_err *err);

/* What waits for a disabled endpoint will not be sent, unless somebody replays it. */
int store_suppress(struct pl_pg *db, const char *endpoint, const char *why, struct pl_err *err);

/* ---- Deliveries ---- */

struct delivery {
    char *id, *event_id, *endpoint, *endpoint_name, *webhook_id, *api, *run;
    char **reasons;
    size_t reason_count;
    char *body, *state, *next_attempt_at, *created_at, *finished_at, *last_error;
    const char *traceparent, *tracestate; // of the event; only read by store_add_delivery()
    int64_t attempts, number;
    bool endpoint_enabled;
};

struct attempt {
    int64_t number, status;
    const char *at, *trigger, *error_class, *error, *peer, *answer;
    double dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms;
};

/* Serialise what concerns one run, and say whether its artifacts are out. */
int store_run_published(struct pl_pg *db, const char *run, bool *out, struct pl_err *err);

/* The artifacts of ${run} are out: remember it, release what waits for them. */
int store_publish_run(struct pl_pg *db, const char *run, int64_t *released, struct pl_err *err);

/* Queue; an event that came before changes nothing.  With ${wait_ms} it is held back that long
 * unless the run's artifacts come out earlier. */
int store_add_delivery(struct pl_pg *db, const struct delivery *delivery, int64_t wait_ms,
                       bool *added, struct pl_err *err);

struct delivery_filter {
    const char *endpoint, *state, *api; // "" for any
};
/* Newest first; ${page.after} counts downwards, 0 to begin with. */
int store_list_deliveries(struct pl_pg *db, const struct delivery_filter *filter, struct page page,
                          const struct visible *visible, struct pl_arena *arena,
                          struct delivery **out, int *count, struct pl_err *err);
int store_get_delivery(struct pl_pg *db, const char *id, const struct visible *visible,
                       struct pl_arena *arena, struct delivery **out, struct pl_err *err);
int store_attempts(struct pl_pg *db, const char *delivery, struct pl_arena *arena,
                   struct attempt **out, int *count, struct pl_err *err);

/* Begin a delivery anew, at once; one that is being sent is left alone. */
int store_replay(struct pl_pg *db, const char *id, struct pl_err *err);

/* The same for all in ${filter.state} created at or after ${since}, whose endpoint is enabled. */
int store_replay_since(struct pl_pg *db, const char *since, const struct delivery_filter *filter,
                       const struct visible *visible, int64_t *count, struct pl_err *err);

/* ---- Sending ---- */

/* One delivery claimed by this thread, with all that it takes to send it. */
struct job {
    struct endpoint endpoint;
    char *delivery, *webhook_id, *body, *trigger;
    char *traceparent, *tracestate; // in which it is sent; "" for none
    int64_t attempt, tries;         // this one's number, and how many since it was queued
    double age_s;                   // since it was queued
};

/* Claim the oldest due delivery of an endpoint that may be sent to now, for ${hold_ms}: if the
 * sender is gone by then, another takes it.  *out is NULL if nothing is due.  At most
 * ${parallel} are on their way to one endpoint, and only one while its breaker is open. */
int store_claim(struct pl_pg *db, int64_t hold_ms, int64_t parallel, int64_t breaker_failures,
                struct pl_arena *arena, struct job **out, struct pl_err *err);

/* What became of a job. */
struct verdict {
    const char *state;      // delivered, retry, dead
    int64_t delay_ms;       // of a retry
    int64_t hold_ms;        // how long nothing goes to this endpoint
    const char *disable;    // why the endpoint is switched off, or NULL
    struct attempt attempt; // its number is the job's
};
/* Record it, and emit notification.delivered or .dead_lettered.  If another sender took the job
 * over meanwhile only the attempt is recorded, and *lost is set. */
int store_finish(struct pl_pg *db, const struct job *job, const struct verdict *verdict, bool *lost,
                 struct pl_err *err);

/* For gauges: how many deliveries wait, and how many are dead. */
int store_counts(struct pl_pg *db, int64_t *pending, int64_t *dead, struct pl_err *err);

/* Forget finished deliveries older than ${days}, and what only matters for a day. */
int store_forget(struct pl_pg *db, int64_t days, struct pl_err *err);

#endif
