#include "pl_check.h"
#include "pl_pg.h"
#include "pl_pg_report.h"
#include "pl_test_db.h"

#include <arpa/inet.h>
#include <unistd.h>

NEEDS_ENV("PL_TEST_DB_URL");

static struct pl_test_db *test;
static struct pl_arena *arena;

static struct pl_pg *
set_up(void)
{
    struct pl_err err = { 0 };
    struct pl_pg *db;

    test = pl_test_db_new("pg", NULL);
    arena = pl_arena_new();
    if (pl_pg_open(&db, pl_test_db_owner_dsn(test), &err) ||
        pl_pg_script(db, "CREATE TABLE t (id int PRIMARY KEY, data bytea, n int CHECK (n < 10))",
                     &err))
        printf("%s (%s)\n", err.text, err.detail);
    return db;
}

static void
tear_down(struct pl_pg **db)
{
    pl_pg_destroy(db);
    pl_arena_destroy(&arena);
    pl_test_db_destroy(&test);
}

static int64_t
count(struct pl_pg *db)
{
    struct pl_err err = { 0 };
    PGresult *res = pl_pg_exec(db, &err, "SELECT count(*) FROM t", PL_NO_ARGS);
    int64_t n = res ? pl_pg_int(res, 0, 0) : -1;

    PQclear(res);
    return n;
}

/* Cut the connection of ${db} from outside, as a restart of the server would. */
static void
cut(struct pl_pg *db)
{
    struct pl_err err = { 0 };
    struct pl_pg *other;
    PGresult *res = pl_pg_exec(db, &err, "SELECT pg_backend_pid()", PL_NO_ARGS);
    char *pid = pl_pg_text(res, 0, 0, arena);

    PQclear(res);
    pl_pg_open(&other, pl_test_db_superuser_dsn(test), &err);
    pl_pg_run(other, &err, "SELECT pg_terminate_backend($1::int, 5000)", PL_ARGS(pid));
    pl_pg_destroy(&other);
}

TEST(values_of_every_kind_survive_the_way_there_and_back)
{
    struct pl_pg *db = set_up();
    struct pl_err err = { 0 };
    unsigned char bytes[256], *back;
    size_t length;
    PGresult *res;

    for (int i = 0; i < 256; i++)
        bytes[i] = (unsigned char)i;
    res = pl_pg_exec_b(db, &err, "INSERT INTO t (id, data) VALUES ($1, $2) RETURNING data, n",
                       PL_ARGS_B(PL_T("1"), PL_B(bytes, 256)));
    CHECK(res != NULL);
    back = pl_pg_bytes(res, 0, 0, arena, &length);
    CHECK_INT(length, ==, 256);
    CHECK_INT(memcmp(back, bytes, 256), ==, 0);
    CHECK(pl_pg_null(res, 0, 1));
    CHECK_INT(pl_pg_int(res, 0, 1), ==, 0);
    PQclear(res);
    res = pl_pg_exec_b(db, &err, "INSERT INTO t (id, data) VALUES ($1, $2) RETURNING data IS NULL",
                       PL_ARGS_B(PL_T("2"), PL_B(NULL, 0)));
    CHECK(!pl_pg_bool(res, 0, 0));
    PQclear(res);
    res = pl_pg_exec(db, &err, "SELECT $1, $2::float8, $3::text IS NULL",
                     PL_ARGS("'; DROP TABLE t", "0.25", NULL));
    CHECK_STR(pl_pg_text(res, 0, 0, arena), "'; DROP TABLE t");
    CHECK(pl_pg_double(res, 0, 1) == 0.25);
    CHECK(pl_pg_bool(res, 0, 2));
    PQclear(res);
    tear_down(&db);
}

TEST(an_array_of_awkward_texts_survives_the_way_there_and_back)
{
    struct pl_pg *db = set_up();
    struct pl_err err = { 0 };
    char *texts[] = { "plain", "", "a,b", "{}", "\"q\\", "NULL", "\xc3\xa4 b" };
    char **back;
    PGresult *res = pl_pg_exec(db, &err, "SELECT $1::text[], array_length($1::text[], 1)",
                               PL_ARGS(pl_pg_array_literal(arena, 7, texts)));

    CHECK(res != NULL);
    CHECK_INT(pl_pg_int(res, 0, 1), ==, 7);
    CHECK_INT(pl_pg_array(PQgetvalue(res, 0, 0), arena, &back), ==, 7);
    for (int i = 0; i < 7; i++)
        CHECK_STR(back[i], texts[i]);
    CHECK_INT(pl_pg_array(pl_pg_array_literal(arena, 0, NULL), arena, &back), ==, 0);
    PQclear(res);
    tear_down(&db);
}

TEST(what_went_wrong_is_told_by_a_code_and_its_detail_only_to_the_log)
{
    static const struct {
        const char *sql;
        enum pl_code code;
    } cases[] = {
        { "INSERT INTO t (id) VALUES (1), (1)", PL_CONFLICT },
        { "INSERT INTO t (id, n) VALUES (1, 10)", PL_INVALID },
        { "SELECT 'x'::int", PL_INVALID },
        { "SELECT 1/0", PL_INVALID },
        { "SELECT nothing FROM nowhere", PL_INTERNAL },
        { "SELECT pg_read_file('x')", PL_INTERNAL },
        { "DO $$BEGIN RAISE EXCEPTION SQLSTATE '40001'; END$$", PL_UNAVAILABLE },
        { "DO $$BEGIN RAISE EXCEPTION SQLSTATE '53300'; END$$", PL_UNAVAILABLE },
        { "DO $$BEGIN RAISE EXCEPTION SQLSTATE '55P03'; END$$", PL_UNAVAILABLE },
        { "DO $$BEGIN RAISE EXCEPTION SQLSTATE '57014'; END$$", PL_UNAVAILABLE },
    };
    struct pl_pg *db = set_up();

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pl_err err = { 0 };

        CHECK_INT(pl_pg_run(db, &err, cases[i].sql, PL_NO_ARGS), ==, -1);
        CHECK_INT(err.code, ==, cases[i].code);
        CHECK(strstr(err.text, "ERROR") == NULL);
        CHECK_HAS(err.detail, "sqlstate=");
    }
    tear_down(&db);
}

TEST(a_transaction_is_all_or_nothing)
{
    struct pl_pg *db = set_up();
    struct pl_err err = { 0 };

    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK(pl_pg_in_transaction(db));
    CHECK_INT(pl_pg_run(db, &err, "INSERT INTO t (id) VALUES ($1)", PL_ARGS("1")), ==, 0);
    pl_pg_rollback(db);
    pl_pg_rollback(db);
    CHECK(!pl_pg_in_transaction(db));
    CHECK_INT(count(db), ==, 0);
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_run(db, &err, "INSERT INTO t (id) VALUES ($1)", PL_ARGS("1")), ==, 0);
    CHECK_INT(pl_pg_commit(db, &err), ==, 0);
    CHECK_INT(count(db), ==, 1);
    tear_down(&db);
}

TEST(a_commit_after_a_failed_statement_is_not_taken_for_a_success)
{
    struct pl_pg *db = set_up();
    struct pl_err err = { 0 }, ignored = { 0 };

    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_run(db, &err, "INSERT INTO t (id) VALUES (1)", PL_NO_ARGS), ==, 0);
    CHECK_INT(pl_pg_run(db, &ignored, "SELECT 1/0", PL_NO_ARGS), ==, -1);
    CHECK_INT(pl_pg_commit(db, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_INTERNAL);
    CHECK_INT(count(db), ==, 0);
    tear_down(&db);
}

TEST(a_connection_that_was_lost_while_idle_is_reopened_before_anything_is_sent)
{
    struct pl_pg *db = set_up();
    struct pl_err err = { 0 };

    cut(db);
    CHECK_INT(pl_pg_run(db, &err, "SELECT 1", PL_NO_ARGS), ==, 0);
    cut(db);
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_commit(db, &err), ==, 0);
    tear_down(&db);
}

TEST(a_connection_lost_under_a_statement_fails_that_one_and_is_reopened_by_the_next)
{
    static const char SUICIDE[] = "SELECT pg_terminate_backend(pg_backend_pid())";
    struct pl_pg *db = set_up();
    struct pl_err err = { 0 };

    CHECK_INT(pl_pg_run(db, &err, SUICIDE, PL_NO_ARGS), ==, -1);
    CHECK_INT(err.code, ==, PL_UNAVAILABLE);
    CHECK_INT(count(db), ==, 0);
    tear_down(&db);
}

TEST(a_failure_without_an_answer_is_a_lost_connection_even_if_libpq_calls_it_good)
{
    struct pl_pg *db = set_up();
    struct pl_err err = { 0 };
    PGconn *conn = PQconnectdb(pl_test_db_owner_dsn(test));
    PGresult *res = PQmakeEmptyPGresult(conn, PGRES_FATAL_ERROR);

    CHECK_INT(PQstatus(conn), ==, CONNECTION_OK);
    CHECK(pl_pg_report(&err, conn, res));
    CHECK_INT(err.code, ==, PL_UNAVAILABLE);
    PQclear(res);
    PQfinish(conn);
    tear_down(&db);
}

TEST(the_rest_of_a_transaction_whose_connection_was_lost_does_not_run)
{
    struct pl_pg *db = set_up();
    struct pl_err err = { 0 };

    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_run(db, &err, "INSERT INTO t (id) VALUES (1)", PL_NO_ARGS), ==, 0);
    cut(db);
    for (int i = 0; i < 2; i++) {
        err = (struct pl_err){ 0 };
        CHECK_INT(pl_pg_run(db, &err, "INSERT INTO t (id) VALUES (2)", PL_NO_ARGS), ==, -1);
        CHECK_INT(err.code, ==, PL_UNAVAILABLE);
    }
    err = (struct pl_err){ 0 };
    CHECK_INT(pl_pg_commit(db, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_UNAVAILABLE);
    CHECK_INT(count(db), ==, 0);
    tear_down(&db);
}

TEST(a_table_that_changed_under_a_prepared_statement_does_not_break_it)
{
    struct pl_pg *db = set_up();
    struct pl_err err = { 0 };

    CHECK_INT(pl_pg_run(db, &err, "SELECT * FROM t", PL_NO_ARGS), ==, 0);
    CHECK_INT(pl_pg_script(db, "ALTER TABLE t ADD more text", &err), ==, 0);
    CHECK_INT(pl_pg_run(db, &err, "SELECT * FROM t", PL_NO_ARGS), ==, 0);
    CHECK_INT(pl_pg_script(db, "ALTER TABLE t ADD evenmore text", &err), ==, 0);
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_run(db, &err, "SELECT * FROM t", PL_NO_ARGS), ==, -1);
    CHECK_INT(err.code, ==, PL_UNAVAILABLE);
    pl_pg_rollback(db);
    err = (struct pl_err){ 0 };
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(pl_pg_run(db, &err, "SELECT * FROM t", PL_NO_ARGS), ==, 0);
    CHECK_INT(pl_pg_commit(db, &err), ==, 0);
    tear_down(&db);
}

TEST(a_database_that_is_away_is_asked_once_and_then_not_by_every_call)
{
    struct pl_err err = { 0 };
    struct pl_pg *db;

    CHECK_INT(pl_pg_open(&db, "host=/nonexistent port=1 dbname=x", &err), ==, -1);
    CHECK_INT(err.code, ==, PL_UNAVAILABLE);
    CHECK_STR(err.text, "could not reach the database");
    CHECK(db != NULL);
    err = (struct pl_err){ 0 };
    CHECK_INT(pl_pg_run(db, &err, "SELECT 1", PL_NO_ARGS), ==, -1);
    CHECK_INT(err.code, ==, PL_UNAVAILABLE);
    CHECK_HAS(err.detail, "not due yet");
    pl_pg_destroy(&db);
}

TEST(a_server_that_takes_a_connection_and_says_nothing_is_given_up)
{
    struct sockaddr_in any = { .sin_family = AF_INET };
    socklen_t size = sizeof any;
    int silent = socket(AF_INET, SOCK_STREAM, 0);
    struct pl_err err = { 0 };
    struct pl_pg *db;
    char dsn[80];

    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_INT(bind(silent, (struct sockaddr *)&any, size), ==, 0);
    CHECK_INT(listen(silent, 1), ==, 0);
    CHECK_INT(getsockname(silent, (struct sockaddr *)&any, &size), ==, 0);
    snprintf(dsn, sizeof dsn, "host=127.0.0.1 port=%d dbname=x user=x", ntohs(any.sin_port));
    pl_pg_connect_seconds = 2; // else nobody would end this test
    CHECK_INT(pl_pg_open(&db, dsn, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_UNAVAILABLE);
    CHECK_HAS(err.detail, "timeout");
    pl_pg_destroy(&db);
    pl_pg_connect_seconds = 5;
    close(silent);
}

TEST(the_services_role_reads_and_writes_rows_and_nothing_else)
{
    struct pl_pg *owner = set_up(), *db;
    struct pl_err err = { 0 };

    CHECK_INT(pl_pg_open(&db, pl_test_db_dsn(test), &err), ==, 0);
    CHECK_INT(pl_pg_run(db, &err, "DELETE FROM dead_letter", PL_NO_ARGS), ==, 0);
    CHECK_INT(pl_pg_script(db, "CREATE TABLE mine (id int)", &err), ==, -1);
    CHECK_HAS(err.detail, "sqlstate=42501");
    err = (struct pl_err){ 0 };
    CHECK_INT(pl_pg_script(db, "CREATE TABLE public.mine (id int)", &err), ==, -1);
    err = (struct pl_err){ 0 };
    CHECK_INT(pl_pg_script(db, "DELETE FROM schema_migration", &err), ==, -1);
    err = (struct pl_err){ 0 };
    CHECK_INT(pl_pg_script(db, "DROP TABLE outbox", &err), ==, -1);
    pl_pg_destroy(&db);
    tear_down(&owner);
}
