#include "pl_log.h"
#include "pl_pg_impl.h"
#include "pl_pg_report.h"

#include <stdio.h>
#include <string.h>

/* Their answers must fit into a socket's buffer: nobody reads while more is sent. */
#define MOST_QUEUED 100

/* No answer to be expected: say so, once. */
static int
give_up(struct pl_pg *self, struct pl_err *err)
{
    self->lost = pl_pg_report(err, self->conn, NULL);
    return -1;
}

static int
add(struct pl_pg *self, const char *sql, const struct pl_pg_params *params, struct pl_err *err)
{
    static const struct pl_pg_params none = { 0 };
    const struct pl_pg_params *with = params ? params : &none;
    unsigned slot = pl_pg_slot(self, sql);
    char name[16];
    int sent;

    if (self->queued == 0 && !PQenterPipelineMode(self->conn))
        return give_up(self, err);
    snprintf(name, sizeof name, "s%u", slot);
    sent = self->statements[slot]
               ? PQsendQueryPrepared(self->conn, name, with->count, with->values, with->lengths,
                                     with->formats, 0)
               : PQsendQueryParams(self->conn, sql, with->count, NULL, with->values, with->lengths,
                                   with->formats, 0);
    self->queued++;
    return sent ? 0 : give_up(self, err);
}

static void
refused(struct pl_pg *self, const PGresult *res, struct pl_err *err)
{
    if (pl_pg_plan_is_stale(res)) {
        self->stale = true;
        pl_fail(err, UNAVAILABLE, "the tables have just changed");
    } else {
        self->lost = pl_pg_report(err, self->conn, res);
    }
}

/* All answers, up to that of the sync; the ${wanted}th is returned.  What comes after the first
 * failure was not carried out. */
static PGresult *
collect(struct pl_pg *self, int wanted, bool *committed, struct pl_err *err)
{
    PGresult *kept = NULL;
    bool failed = false, synced = false;

    for (int number = 0, nothing = 0; !synced && nothing < 2;) { // one between each two answers
        PGresult *res = PQgetResult(self->conn);

        nothing = res ? 0 : nothing + 1;
        if (res == NULL)
            continue;
        synced = PQresultStatus(res) == PGRES_PIPELINE_SYNC;
        if (!synced && !failed && !pl_pg_succeeded(res)) {
            refused(self, res, err);
            failed = true;
        }
        if (committed && number == self->queued - 1)
            *committed = strcmp(PQcmdStatus(res), "COMMIT") == 0;
        if (!synced && number++ == wanted)
            kept = res;
        else
            PQclear(res);
    }
    self->queued = 0;
    if (synced && !PQexitPipelineMode(self->conn))
        synced = false;
    if (!synced && !failed)
        give_up(self, err);
    self->lost |= !synced;
    if (!failed && synced)
        return kept;
    PQclear(kept);
    return NULL;
}

/* A statement that is not prepared yet costs a trip of its own, and what is queued goes first. */
static int
make_known(struct pl_pg *self, const char *sql, struct pl_err *err)
{
    PGresult *res;

    if (self->statements[pl_pg_slot(self, sql)])
        return 0;
    if (self->queued) {
        res = pl_pg_send_queue(self, err, NULL, NULL, NULL);
        PQclear(res);
        if (res == NULL)
            return -1;
    }
    res = pl_pg_prepare(self, sql);
    if (res == NULL)
        return 0;
    refused(self, res, err);
    PQclear(res);
    return -1;
}

static int
add_begin(struct pl_pg *self, struct pl_err *err)
{
    if (!self->unbegun)
        return 0;
    if (make_known(self, "BEGIN", err) || add(self, "BEGIN", NULL, err))
        return -1;
    self->unbegun = false;
    return 0;
}

PGresult *
pl_pg_send_queue(struct pl_pg *self, struct pl_err *err, const char *sql,
                 const struct pl_pg_params *params, bool *committed)
{
    int wanted;

    if ((sql && make_known(self, sql, err)) || (committed && make_known(self, "COMMIT", err)) ||
        add_begin(self, err) || (sql && add(self, sql, params, err)))
        return NULL;
    wanted = self->queued - 1;
    if (committed && add(self, "COMMIT", NULL, err))
        return NULL;
    if (!PQpipelineSync(self->conn)) {
        give_up(self, err);
        return NULL;
    }
    return collect(self, wanted < 0 ? 0 : wanted, committed, err);
}

int
pl_pg_later_b(struct pl_pg *self, struct pl_err *err, const char *sql, int count,
              const struct pl_arg *args)
{
    struct pl_pg_params params;
    struct pl_pg_room room;
    PGresult *res;

    if (!self->in_transaction) {
        res = pl_pg_exec_b(self, err, sql, count, args);
        PQclear(res);
        return res ? 0 : -1;
    }
    if (pl_pg_params(&params, &room, count, args, err) || pl_pg_ready(self, err) ||
        make_known(self, sql, err) || add_begin(self, err) || add(self, sql, &params, err))
        return -1;
    if (self->queued < MOST_QUEUED)
        return 0;
    res = pl_pg_send_queue(self, err, NULL, NULL, NULL);
    PQclear(res);
    return res ? 0 : -1;
}

int
pl_pg_later(struct pl_pg *self, struct pl_err *err, const char *sql, int count,
            const char *const *args)
{
    struct pl_arg texts[PL_PG_MAX_PARAMS];

    for (int i = 0; i < count && i < PL_PG_MAX_PARAMS; i++)
        texts[i] = (struct pl_arg)PL_T(args[i]);
    return pl_pg_later_b(self, err, sql, count, texts);
}
