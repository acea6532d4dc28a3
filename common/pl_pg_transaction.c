#include "pl_metric.h"
#include "pl_pg_impl.h"

PL_GAUGE(transactions, "plumb_db_transactions", "open transactions", "");

int
pl_pg_begin(struct pl_pg *self, struct pl_err *err)
{
    if (self->in_transaction)
        return pl_fail(err, INTERNAL, "a transaction is open already");
    if (pl_pg_ready(self, err))
        return -1;
    self->in_transaction = true;
    self->unbegun = true;
    pl_count(&transactions, 1);
    return 0;
}

void
pl_pg_leave(struct pl_pg *self)
{
    if (self->in_transaction)
        pl_count(&transactions, -1);
    self->in_transaction = false;
    self->unbegun = false;
}

/* ${sql}, if there is one, and the commit in one trip. */
static PGresult *
finish(struct pl_pg *self, struct pl_err *err, const char *sql, const struct pl_pg_params *params)
{
    bool committed = false;
    PGresult *res = NULL;

    if (pl_pg_ready(self, err) == 0)
        res = pl_pg_send_queue(self, err, sql, params, &committed);
    if (res && !committed) { // it says ROLLBACK after a failed statement
        pl_fail(err, INTERNAL, "a statement of the transaction had failed");
        PQclear(res);
        res = NULL;
    }
    if (res == NULL)
        pl_pg_rollback(self);
    pl_pg_leave(self);
    return res;
}

int
pl_pg_commit(struct pl_pg *self, struct pl_err *err)
{
    PGresult *res;

    if (!self->in_transaction)
        return pl_fail(err, INTERNAL, "there is no transaction to commit");
    if (self->unbegun) { // nothing was said in it, so there is nothing to keep
        pl_pg_leave(self);
        return 0;
    }
    res = finish(self, err, NULL, NULL);
    PQclear(res);
    return res ? 0 : -1;
}

PGresult *
pl_pg_exec_commit(struct pl_pg *self, struct pl_err *err, const char *sql, int count,
                  const char *const *args)
{
    if (self->in_transaction)
        return finish(self, err, sql, &(struct pl_pg_params){ count, args, NULL, NULL });
    pl_fail(err, INTERNAL, "there is no transaction to commit");
    return NULL;
}

void
pl_pg_rollback(struct pl_pg *self)
{
    struct pl_err ignored = { 0 };

    if (pl_pg_usable(self) && self->queued) // libpq has them already: let them fail or be undone
        PQclear(pl_pg_send_queue(self, &ignored, NULL, NULL, NULL));
    if (pl_pg_usable(self) && PQtransactionStatus(self->conn) != PQTRANS_IDLE)
        PQclear(PQexec(self->conn, "ROLLBACK"));
    pl_pg_leave(self);
}

bool
pl_pg_in_transaction(const struct pl_pg *self)
{
    return self->in_transaction;
}
