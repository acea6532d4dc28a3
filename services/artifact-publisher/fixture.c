#include "fixture.h"

#include "engine_fake.h"
#include "sample.h"

#include "pl_log.h"
#include "pl_test_db.h"

#include <stdio.h>
#include <stdlib.h>

extern const struct pl_embedded artifact_publisher_migrations[];

static struct pl_test_db *database;

static void
drop_database(void)
{
    pl_test_db_destroy(&database);
}

static void
must(int failed, const struct pl_err *err)
{
    if (failed == 0)
        return;
    fprintf(stderr, "%s:%d: %s (%s)\n", err->file, err->line, err->text, err->detail);
    exit(EXIT_FAILURE);
}

struct pl_pg *
fixture_connect(void)
{
    struct pl_err err = { 0 };
    struct pl_pg *db;

    must(pl_pg_open(&db, pl_test_db_dsn(database), &err), &err);
    return db;
}

struct fixture
fixture_open(void)
{
    struct fixture self = { .arena = pl_arena_new() };

    pl_log_level(PL_ERROR + 1);
    if (database == NULL) {
        database = pl_test_db_new("publisher", artifact_publisher_migrations);
        atexit(drop_database);
    }
    self.db = fixture_connect();
    fixture_sql(&self, "DELETE FROM outbox_unnumbered");
    fixture_sql(&self, "DELETE FROM outbox");
    fixture_sql(&self, "DELETE FROM job");
    fixture_sql(&self, "DELETE FROM history_line");
    fixture_sql(&self, "DELETE FROM artifact");
    fixture_sql(&self, "DELETE FROM artifact_set");
    fixture_sql(&self, "DELETE FROM blob");
    fixture_sql(&self, "DELETE FROM api");
    engine = (struct engine_fake){ 0 };
    publisher_signer = sample_signer();
    publisher_public_url = publisher_dropin_dir = "";
    publisher_attempts = 3;
    return self;
}

void
fixture_close(struct fixture *self)
{
    pl_pg_destroy(&self->db);
    pl_arena_destroy(&self->arena);
}

void
fixture_hear(struct fixture *self, int64_t seq)
{
    char id[16];
    const struct job job = { "museum", engine_run(id, seq), seq };

    must(store_add_job(self->db, &job, &self->err), &self->err);
}

void
fixture_publish(struct fixture *self)
{
    struct pl_tick tick = { .db = self->db, .again = true };

    fixture_sql(self, "UPDATE job SET next_try_at = now()");
    while (tick.again) {
        tick.again = false;
        tick.arena = pl_arena_new();
        must(publish_due(&tick), &tick.err);
        pl_arena_destroy(&tick.arena);
    }
}

void
fixture_sql(struct fixture *self, const char *sql)
{
    must(pl_pg_run(self->db, &self->err, sql, PL_NO_ARGS), &self->err);
}

int64_t
fixture_int(struct fixture *self, const char *sql)
{
    PGresult *res = pl_pg_exec(self->db, &self->err, sql, PL_NO_ARGS);
    int64_t value;

    must(res == NULL, &self->err);
    value = PQntuples(res) ? pl_pg_int(res, 0, 0) : -1;
    PQclear(res);
    return value;
}
