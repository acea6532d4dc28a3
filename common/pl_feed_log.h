/* pl_feed_log -- the producer's side of the Feed in SQL: numbering, reading, retention.
 *
 * A position is given to committed rows only and is on disk before anything is streamed: a
 * number that a crash could hand out again would be a silent skip (RULINGS 36).
 */
#ifndef PL_FEED_LOG_H
#define PL_FEED_LOG_H

#include "pl_pg.h"

#include "envelope.pb-c.h"

/* How things stand. */
struct pl_feed_state {
    int64_t head;    // the last position given
    int64_t retired; // events up to here are deleted
    bool waiting;    // there are rows without a position
    double oldest_s; // age of the oldest of them
};
int pl_feed_state(struct pl_pg *db, struct pl_feed_state *out, struct pl_err *err);

/* Number up to 1000 committed rows in the order of their insertion, if no other replica is just
 * doing it.  *numbered says how many; 0 also when somebody else is at it.  If there were any,
 * *head is the last of them. */
int pl_feed_number(struct pl_pg *db, int *numbered, int64_t *head, struct pl_err *err);

/* The events with ${from} <= position <= ${to}, in the arena. */
int pl_feed_read(struct pl_pg *db, const char *source, int64_t from, int64_t to,
                 struct pl_arena *arena, Pl__Event ***out, size_t *count, struct pl_err *err);

/* One event out of a row that starts with position, id, type, aggregatetype, aggregateid, time,
 * traceparent, tracestate, payload. */
Pl__Event *pl_feed_event(const PGresult *res, int row, const char *source, struct pl_arena *arena);

/* A durable consumer said hello, or has applied everything up to ${acked}. */
int pl_feed_register(struct pl_pg *db, const char *consumer, size_t count, char *const *types,
                     int64_t acked, struct pl_arena *arena, struct pl_err *err);
int pl_feed_acked(struct pl_pg *db, const char *consumer, int64_t acked, struct pl_err *err);

/* Durable consumers, for people and for metrics. */
struct pl_feed_consumer {
    char *consumer, **types, *registered_at, *seen_at;
    int64_t acked, lag;
    int type_count;
};
int pl_feed_consumers(struct pl_pg *db, struct pl_arena *arena, struct pl_feed_consumer **out,
                      int *count, struct pl_err *err);

/* Forget a consumer, so that retention no longer waits for it.  NOT_FOUND if there is none. */
int pl_feed_drop(struct pl_pg *db, const char *consumer, struct pl_err *err);

/* Delete up to 1000 events that are older than ${days} and applied by every durable consumer, or
 * older than ${max_days}; idempotency keys of yesterday; dead letters settled ${max_days} ago.  *more: call again. */
int pl_feed_retire(struct pl_pg *db, int64_t days, int64_t max_days, bool *more,
                   struct pl_err *err);

#endif
