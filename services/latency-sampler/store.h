/* store -- all SQL of this service: store_set.c (what is probed), store_lease.c (by whom),
 * store_ring.c and store_histogram.c (what was measured).  0, or -1 with ${err} set.
 */
#ifndef STORE_H
#define STORE_H

#include "engine.h"

#include "pl_arena.h"
#include "pl_err.h"

struct pl_pg;

/* A transaction, for timers; what a Call writes is in one already. */
int store_begin(struct pl_pg *db, struct pl_err *err);
int store_commit(struct pl_pg *db, struct pl_err *err);
void store_rollback(struct pl_pg *db);

/* ---- what is probed ---- */

/* The set of ${kind} ("persisted" or "runtime"); *json is NULL if there is none. */
int store_get_set(struct pl_pg *db, const char *kind, struct pl_arena *arena, const char **json,
                  int64_t *generation, struct pl_err *err);
/* A number that changes with every change of either set. */
int store_generation(struct pl_pg *db, int64_t *out, struct pl_err *err);
int store_put_set(struct pl_pg *db, const char *kind, const char *json, const char *actor,
                  struct pl_err *err);
int store_drop_set(struct pl_pg *db, const char *kind, struct pl_err *err);

/* ---- by whom ---- */

/* Say that ${id} is alive, for ${lease_ms}; *alive counts all who are, *first: nobody else is. */
int store_beat(struct pl_pg *db, const char *id, int64_t lease_ms, int64_t *alive,
               struct pl_err *err);
/* Prolong what ${id} holds, and mark in ${held} what that is. */
int store_renew(struct pl_pg *db, const char *id, int64_t lease_ms, bool held[SHARDS],
                struct pl_err *err);
/* ${id} is gone, and holds nothing. */
int store_leave(struct pl_pg *db, const char *id, struct pl_err *err);
/* A connection beside those of timers and workers. */
int store_open(struct pl_pg **db, const char *dsn, struct pl_err *err);
void store_close(struct pl_pg **db);
/* Give back what ${id} holds beyond ${keep}. */
int store_release(struct pl_pg *db, const char *id, const bool keep[SHARDS], struct pl_err *err);
/* Take up to ${most} that nobody holds; marks them in ${held}. */
int store_claim(struct pl_pg *db, const char *id, int64_t lease_ms, int most, bool held[SHARDS],
                struct pl_err *err);

/* ---- what was measured ---- */

int store_put_ring(struct pl_pg *db, const struct target *target, int shard,
                   const struct ring *ring, struct pl_err *err);
struct stored_ring {
    const char *target, *url;
    struct ring ring;
    enum sample_class announced;
};
/* All of them, or those of one shard (-1: all), by name. */
int store_list_rings(struct pl_pg *db, int shard, struct pl_arena *arena, struct stored_ring **out,
                     int *count, struct pl_err *err);
/* Rings of targets that nobody has written for a day. */
int store_trim_rings(struct pl_pg *db, struct pl_err *err);

int store_put_window(struct pl_pg *db, const char *target, const char *writer,
                     const struct window *window, struct pl_arena *arena, struct pl_err *err);

/* Windows of ${target} from ${from} until ${to} (Unix seconds), oldest first, each told to ${visit}
 * with its histograms decoded, which are gone after that. */
typedef void store_visit_fn(void *arg, struct window *window);
int store_visit_windows(struct pl_pg *db, const char *target, int64_t from, int64_t to,
                        store_visit_fn *visit, void *arg, struct pl_err *err);

/* Attempts and successes of ${target} in the last ${seconds}. */
int store_uptime(struct pl_pg *db, const char *target, int64_t seconds, int64_t *attempts,
                 int64_t *ok, struct pl_err *err);

/* Up to ${most} hours of one target that end before ${before} and are still in five-minute rows. */
struct stored_hour {
    const char *target;
    int64_t begin;
};
int store_old_hours(struct pl_pg *db, int64_t before, int most, struct pl_arena *arena,
                    struct stored_hour **out, int *count, struct pl_err *err);
/* Put ${window} in place of the five-minute rows of that hour. */
int store_merge_hour(struct pl_pg *db, const struct stored_hour *hour, const struct window *window,
                     struct pl_arena *arena, struct pl_err *err);
/* Drop everything before that, Unix seconds. */
int store_trim_windows(struct pl_pg *db, int64_t before, struct pl_err *err);

/* The class as it was last announced, CLASS_GOOD for one that never was. */
int store_get_announced(struct pl_pg *db, const char *target, enum sample_class *out,
                        struct pl_err *err);
int store_put_announced(struct pl_pg *db, const char *target, enum sample_class cls,
                        struct pl_err *err);

#endif
