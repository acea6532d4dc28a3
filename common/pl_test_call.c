#include "pl_test_call.h"

#include "pl_pack.h"
#include "pl_pg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
pl_test_worker_open(struct pl_worker *self, const struct pl_service *service,
                    const struct pl_test_db *test)
{
    struct pl_err err = { 0 };

    *self = (struct pl_worker){ .service = service, .arena = pl_arena_new() };
    if (pl_pg_open(&self->db, pl_test_db_dsn(test), &err) == 0)
        return;
    printf("\n  the test's database cannot be used: %s %s\n", err.text, err.detail);
    exit(EXIT_FAILURE);
}

void
pl_test_worker_close(struct pl_worker *self)
{
    pl_pg_destroy(&self->db);
    pl_arena_destroy(&self->arena);
}

const Pl__Reply *
pl_test_call(struct pl_worker *worker, Pl__Request *how, const char *operation,
             const ProtobufCMessage *message, struct pl_arena *arena, void **reply)
{
    struct pl_request_frames in = { .caller = "test", .arrived = pl_now_ms() };
    struct pl_reply_frames out;
    const struct pl_endpoint *row = pl_dispatch_find(worker->service, operation, strlen(operation));
    Pl__Reply *said;

    how->operation = (char *)operation;
    how->has_message = true;
    how->message = pl_pack(message, arena);
    if (!how->has_remaining_ms) {
        how->has_remaining_ms = true;
        how->remaining_ms = 60000;
    }
    in.envelope = pl_pack(&how->base, arena);
    pl_dispatch(worker, &in, &out);
    said = pl_unpack(&pl__reply__descriptor, out.envelope, arena);
    if (reply)
        *reply = said->code == PL_OK ? pl_unpack(row->reply, said->message, arena) : NULL;
    pl_arena_reset(worker->arena);
    return said;
}

char *
pl_test_sql(struct pl_worker *worker, const char *sql, struct pl_arena *arena)
{
    struct pl_err err = { 0 };
    PGresult *res = pl_pg_exec(worker->db, &err, sql, PL_NO_ARGS);
    char *text =
        res && PQntuples(res) ? pl_pg_text(res, 0, 0, arena) : pl_arena_strdup(arena, err.text);

    PQclear(res);
    return text;
}
