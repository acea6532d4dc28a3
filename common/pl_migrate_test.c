#include "pl_check.h"
#include "pl_migrate.h"
#include "pl_pg.h"
#include "pl_test_db.h"

#include <pthread.h>

NEEDS_ENV("PL_TEST_DB_URL");

#define FILE_OF(name, text)          \
    {                                \
        name, text, sizeof(text) - 1 \
    }

static struct pl_test_db *test;

static int
migrate(const struct pl_embedded *files, struct pl_err *err)
{
    *err = (struct pl_err){ 0 };
    return pl_migrate(pl_test_db_owner_dsn(test), pl_test_db_schema(test), common_migrations, files,
                      err);
}

/* The number that ${sql} answers, asked by the service's role; -1 if it fails. */
static int64_t
ask(const char *sql)
{
    struct pl_err err = { 0 };
    struct pl_pg *db;
    PGresult *res;
    int64_t n;

    pl_pg_open(&db, pl_test_db_dsn(test), &err);
    res = pl_pg_exec(db, &err, sql, PL_NO_ARGS);
    n = res ? pl_pg_int(res, 0, 0) : -1;
    PQclear(res);
    pl_pg_destroy(&db);
    return n;
}

TEST(migrations_run_once_in_order_and_the_service_may_use_what_they_made)
{
    static const struct pl_embedded first[] = { FILE_OF("0001_a.sql", "CREATE TABLE a (n int)"),
                                                { 0 } };
    static const struct pl_embedded both[] = {
        FILE_OF("0001_a.sql", "CREATE TABLE a (n int)"),
        FILE_OF("0002_b.sql", "INSERT INTO a VALUES (7); CREATE TABLE b (n serial)"),
        { 0 }
    };
    struct pl_err err;

    test = pl_test_db_new("migrate", NULL);
    CHECK_INT(migrate(first, &err), ==, 0);
    CHECK_INT(migrate(both, &err), ==, 0);
    CHECK_INT(migrate(both, &err), ==, 0);
    CHECK_INT(ask("SELECT sum(n) FROM a"), ==, 7);
    CHECK_INT(ask("INSERT INTO b DEFAULT VALUES RETURNING n"), ==, 1);
    CHECK_INT(ask("SELECT count(*) FROM schema_migration WHERE name NOT LIKE 'common/%'"), ==, 2);
    pl_test_db_destroy(&test);
}

TEST(a_file_that_was_changed_after_it_ran_stops_with_its_name)
{
    static const struct pl_embedded before[] = { FILE_OF("0001_a.sql", "CREATE TABLE a (n int)"),
                                                 { 0 } };
    static const struct pl_embedded after[] = { FILE_OF("0001_a.sql", "CREATE TABLE a (n bigint)"),
                                                FILE_OF("0002_b.sql", "CREATE TABLE b (n int)"),
                                                { 0 } };
    struct pl_err err;

    test = pl_test_db_new("migrate", NULL);
    CHECK_INT(migrate(before, &err), ==, 0);
    CHECK_INT(migrate(after, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_INTERNAL);
    CHECK_HAS(err.text, "\"0001_a.sql\" was changed");
    CHECK_INT(ask("SELECT count(*) FROM pg_tables WHERE tablename = 'b'"), ==, 0);
    pl_test_db_destroy(&test);
}

TEST(a_file_that_fails_leaves_nothing_of_itself_and_those_before_it_stay)
{
    static const struct pl_embedded files[] = {
        FILE_OF("0001_a.sql", "CREATE TABLE a (n int)"),
        FILE_OF("0002_b.sql", "CREATE TABLE b (n int); INSERT INTO nowhere VALUES (1)"),
        { 0 }
    };
    static const struct pl_embedded mended[] = {
        FILE_OF("0001_a.sql", "CREATE TABLE a (n int)"),
        FILE_OF("0002_b.sql", "CREATE TABLE b (n int); INSERT INTO b VALUES (5)"),
        { 0 }
    };
    struct pl_err err;

    test = pl_test_db_new("migrate", NULL);
    CHECK_INT(migrate(files, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_INTERNAL);
    CHECK_HAS(err.text, "\"0002_b.sql\"");
    CHECK_HAS(err.detail, "nowhere");
    CHECK_INT(ask("SELECT count(*) FROM pg_tables WHERE tablename = 'b'"), ==, 0);
    CHECK_INT(ask("SELECT count(*) FROM schema_migration WHERE name = '0001_a.sql'"), ==, 1);
    CHECK_INT(migrate(mended, &err), ==, 0);
    CHECK_INT(ask("SELECT n FROM b"), ==, 5);
    pl_test_db_destroy(&test);
}

TEST(a_file_that_ends_its_transaction_itself_is_refused)
{
    static const struct pl_embedded files[] = {
        FILE_OF("0001_a.sql", "CREATE TABLE a (n int); COMMIT; BEGIN"), { 0 }
    };
    struct pl_err err;

    test = pl_test_db_new("migrate", NULL);
    CHECK_INT(migrate(files, &err), ==, -1);
    CHECK_HAS(err.text, "ends its transaction itself");
    pl_test_db_destroy(&test);
}

/* The sleep makes the two overlap; what is checked does not depend on it. */
static const struct pl_embedded slow[] = {
    FILE_OF("0001_a.sql", "CREATE TABLE a (n int); SELECT pg_sleep(0.2); INSERT INTO a VALUES (1)"),
    FILE_OF("0002_b.sql", "INSERT INTO a VALUES (1)"),
    { 0 }
};

static void *
migrate_slowly(void *arg)
{
    return migrate(slow, arg) ? arg : NULL;
}

TEST(two_replicas_that_start_together_run_each_migration_once)
{
    struct pl_err errs[3] = { 0 };
    pthread_t threads[3];
    void *failed[3];

    test = pl_test_db_new("migrate", NULL);
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, migrate_slowly, &errs[i]);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], &failed[i]);
    for (int i = 0; i < 3; i++)
        CHECK_THAT(failed[i] == NULL, "%s (%s)", errs[i].text, errs[i].detail);
    CHECK_INT(ask("SELECT count(*) FROM a"), ==, 2);
    pl_test_db_destroy(&test);
}

TEST(a_server_that_is_away_or_a_schema_that_is_missing_may_be_there_later)
{
    struct pl_err err = { 0 };

    CHECK_INT(pl_migrate("host=/nonexistent dbname=x", "x", common_migrations, NULL, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_UNAVAILABLE);
    test = pl_test_db_new("migrate", NULL);
    err = (struct pl_err){ 0 };
    CHECK_INT(pl_migrate(pl_test_db_owner_dsn(test), "nobody", common_migrations, NULL, &err), ==,
              -1);
    CHECK_INT(err.code, ==, PL_UNAVAILABLE);
    CHECK_HAS(err.text, "no schema \"nobody\"");
    pl_test_db_destroy(&test);
}
