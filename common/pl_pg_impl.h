/* pl_pg_impl -- what the files of pl_pg share.  For them only. */
#ifndef PL_PG_IMPL_H
#define PL_PG_IMPL_H

#include "pl_pg.h"

#define PL_PG_SLOTS 1024

struct pl_pg {
    char *dsn;
    PGconn *conn;
    bool in_transaction, stale, lost; // lost: conn is of no use, whatever libpq says of it
    bool unbegun;                     // BEGIN goes out with the transaction's first statement
    int queued; // statements in libpq's pipeline; 0: the connection is in its ordinary mode
    int64_t next_attempt_ms, backoff_ms;
    bool open; // the breaker: no attempt before the next is due
    int prepared;
    char *statements[PL_PG_SLOTS]; // open addressing, keyed by the text; the slot is the name
};

struct pl_pg_params {
    int count;
    const char *const *values;
    const int *lengths, *formats; // NULL: all text
};

/* Binary parameters as libpq wants them; the arrays lie in ${room}. */
#define PL_PG_MAX_PARAMS 64
struct pl_pg_room {
    const char *values[PL_PG_MAX_PARAMS];
    int lengths[PL_PG_MAX_PARAMS], formats[PL_PG_MAX_PARAMS];
};
int pl_pg_params(struct pl_pg_params *out, struct pl_pg_room *room, int count,
                 const struct pl_arg *args, struct pl_err *err);

/* Is there a connection?  Reopens a lost one, but never inside a transaction that has begun: what
 * ran before in it is gone, so the rest of it must not run either. */
int pl_pg_ready(struct pl_pg *self, struct pl_err *err);
bool pl_pg_usable(const struct pl_pg *self);

/* The slot of ${sql}, which is empty if it is not prepared; preparing it is a trip of its own.
 * NULL: done, or there are too many; else what the server says against it. */
unsigned pl_pg_slot(const struct pl_pg *self, const char *sql);
PGresult *pl_pg_prepare(struct pl_pg *self, const char *sql);

bool pl_pg_succeeded(const PGresult *res);

/* A migration ran beside us and a prepared statement answers with other columns now. */
bool pl_pg_plan_is_stale(const PGresult *res);

/* Send all that is queued, ${sql} unless it is NULL, and COMMIT if *committed is wanted, in one
 * trip.  The result of ${sql}, or of the last that was queued; NULL on the first failure. */
PGresult *pl_pg_send_queue(struct pl_pg *self, struct pl_err *err, const char *sql,
                           const struct pl_pg_params *params, bool *committed);

/* Must what is not sent yet go first? */
static inline bool
pl_pg_has_queue(const struct pl_pg *self)
{
    return self->unbegun || self->queued > 0;
}

/* The transaction is over, for good or bad. */
void pl_pg_leave(struct pl_pg *self);

#endif
