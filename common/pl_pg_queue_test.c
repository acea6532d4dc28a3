#include "pl_check.h"
#include "pl_pg.h"
#include "pl_test_db.h"

NEEDS_ENV("PL_TEST_DB_URL");

static const char ADD[] = "INSERT INTO t (id) VALUES ($1)";

static struct pl_test_db *test;
static struct pl_pg *db, *other;
static struct pl_err err;

static void
set_up(void)
{
    err = (struct pl_err){ 0 };
    test = pl_test_db_new("pg", NULL);
    CHECK_INT(pl_pg_open(&other, pl_test_db_owner_dsn(test), &err), ==, 0);
    CHECK_INT(pl_pg_open(&db, pl_test_db_owner_dsn(test), &err), ==, 0);
    CHECK_INT(pl_pg_script(db, "CREATE TABLE t (id int PRIMARY KEY)", &err), ==, 0);
}

static void
tear_down(void)
{
    pl_pg_destroy(&db);
    pl_pg_destroy(&other);
    pl_test_db_destroy(&test);
}

/* As seen from outside. */
static int64_t
count(void)
{
    struct pl_err mine = { 0 };
    PGresult *res = pl_pg_exec(other, &mine, "SELECT count(*) FROM t", PL_NO_ARGS);
    int64_t n = res ? pl_pg_int(res, 0, 0) : -1;

    PQclear(res);
    return n;
}

TEST(what_is_sent_later_is_kept_by_the_commit_and_undone_by_a_rollback)
{
    set_up();
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS("1")), ==, 0);
    pl_pg_rollback(db);
    CHECK_INT(count(), ==, 0);
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS("1")), ==, 0);
    CHECK_INT(count(), ==, 0);
    CHECK_INT(pl_pg_commit(db, &err), ==, 0);
    CHECK_INT(count(), ==, 1);
    tear_down();
}

TEST(what_is_sent_later_goes_before_the_next_statement)
{
    PGresult *res;

    set_up();
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS("1")), ==, 0);
    CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS("2")), ==, 0);
    res = pl_pg_exec(db, &err, "SELECT max(id) FROM t", PL_NO_ARGS);
    CHECK_INT(pl_pg_int(res, 0, 0), ==, 2);
    PQclear(res);
    CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS("3")), ==, 0);
    CHECK_INT(pl_pg_script(db, "DELETE FROM t WHERE id = 3", &err), ==, 0);
    CHECK_INT(pl_pg_commit(db, &err), ==, 0);
    CHECK_INT(count(), ==, 2);
    tear_down();
}

TEST(a_failure_of_what_was_sent_later_is_told_by_the_next_statement)
{
    set_up();
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS("1")), ==, 0);
    CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS("1")), ==, 0);
    CHECK_INT(pl_pg_run(db, &err, "SELECT 1", PL_NO_ARGS), ==, -1);
    CHECK_INT(err.code, ==, PL_CONFLICT);
    pl_pg_rollback(db);
    CHECK_INT(pl_pg_run(db, &err, "SELECT 1", PL_NO_ARGS), ==, 0);
    CHECK_INT(count(), ==, 0);
    tear_down();
}

TEST(a_failure_of_what_was_sent_later_fails_the_commit_which_leaves_nothing_open)
{
    set_up();
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS("1")), ==, 0);
    CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS("1")), ==, 0);
    CHECK_INT(pl_pg_commit(db, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_CONFLICT);
    CHECK(!pl_pg_in_transaction(db));
    CHECK_INT(pl_pg_run(db, &err, ADD, PL_ARGS("7")), ==, 0);
    CHECK_INT(count(), ==, 1);
    tear_down();
}

TEST(the_last_statement_and_the_commit_give_one_answer)
{
    PGresult *res;

    set_up();
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS("1")), ==, 0);
    res = pl_pg_exec_commit(db, &err, "INSERT INTO t VALUES ($1) RETURNING id", PL_ARGS("2"));
    CHECK(res && pl_pg_int(res, 0, 0) == 2);
    PQclear(res);
    CHECK(!pl_pg_in_transaction(db));
    CHECK_INT(count(), ==, 2);
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK(pl_pg_exec_commit(db, &err, "INSERT INTO t VALUES ($1) RETURNING id", PL_ARGS("2")) ==
          NULL);
    CHECK_INT(err.code, ==, PL_CONFLICT);
    CHECK(!pl_pg_in_transaction(db));
    CHECK(pl_pg_exec_commit(db, &err, "SELECT 1", PL_NO_ARGS) == NULL);
    tear_down();
}

TEST(any_number_of_statements_can_be_sent_later)
{
    set_up();
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    for (int i = 0; i < 1000; i++)
        CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS(PL_INT(i))), ==, 0);
    CHECK_INT(pl_pg_commit(db, &err), ==, 0);
    CHECK_INT(count(), ==, 1000);
    tear_down();
}

TEST(a_connection_lost_before_the_commit_of_what_was_sent_later_keeps_nothing)
{
    PGresult *res;
    char pid[24];

    set_up();
    res = pl_pg_exec(db, &err, "SELECT pg_backend_pid()", PL_NO_ARGS);
    snprintf(pid, sizeof pid, "%s", PQgetvalue(res, 0, 0));
    PQclear(res);
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS("1")), ==, 0);
    CHECK_INT(pl_pg_run(other, &err, "SELECT pg_terminate_backend($1::int, 5000)", PL_ARGS(pid)),
              ==, 0);
    CHECK_INT(pl_pg_commit(db, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_UNAVAILABLE);
    CHECK(!pl_pg_in_transaction(db));
    CHECK_INT(count(), ==, 0);
    err = (struct pl_err){ 0 };
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_later(db, &err, ADD, PL_ARGS("1")), ==, 0);
    CHECK_INT(pl_pg_commit(db, &err), ==, 0);
    CHECK_INT(count(), ==, 1);
    tear_down();
}
