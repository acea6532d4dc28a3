/* In place of pl_pg.c where only transactions are looked at. */
#include "pl_call_fake.h"
#include "pl_pg.h"

int
pl_pg_begin(struct pl_pg *self, struct pl_err *err)
{
    (void)self;
    (void)err;
    pl_call_fake.begins++;
    pl_call_fake.open = true;
    return 0;
}

int
pl_pg_commit(struct pl_pg *self, struct pl_err *err)
{
    (void)self;
    pl_call_fake.open = false;
    if (pl_call_fake.commit_fails)
        return pl_fail(err, UNAVAILABLE, "it is not known whether it was done");
    pl_call_fake.commits++;
    return 0;
}

void
pl_pg_rollback(struct pl_pg *self)
{
    (void)self;
    pl_call_fake.rollbacks += pl_call_fake.open;
    pl_call_fake.open = false;
}

bool
pl_pg_in_transaction(const struct pl_pg *self)
{
    (void)self;
    return pl_call_fake.open;
}
