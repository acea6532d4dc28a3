#include "pl_check.h"
#include "pl_db_init.h"
#include "pl_pg.h"

#include <unistd.h>

NEEDS_ENV("PL_TEST_DB_URL");

static char name[64];

static void
drop(void)
{
    struct pl_db_account account = { .schema = name };
    struct pl_err err = { 0 };

    pl_db_drop(getenv("PL_TEST_DB_URL"), name, &account, 1, &err);
}

/* The first field of what ${sql} answers, asked as superuser in that database. */
static char *
ask(const char *sql, struct pl_arena *arena)
{
    struct pl_err err = { 0 };
    struct pl_pg *db;
    PGresult *res;
    char *text = "";

    pl_pg_open(&db, pl_db_dsn(getenv("PL_TEST_DB_URL"), name, NULL, NULL, arena), &err);
    res = pl_pg_exec(db, &err, sql, PL_ARGS(name));
    if (res && PQntuples(res))
        text = pl_pg_text(res, 0, 0, arena);
    PQclear(res);
    pl_pg_destroy(&db);
    return text;
}

TEST(doing_it_twice_changes_nothing_but_a_password_that_is_given)
{
    static const char VERIFIER[] = "SELECT rolpassword FROM pg_authid WHERE rolname = $1";
    struct pl_db_account first = { .schema = name }, second = { .schema = name };
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    char *before;

    snprintf(name, sizeof name, "pt%d_init \"x\"", (int)getpid());
    atexit(drop);
    CHECK_THAT(pl_db_init(getenv("PL_TEST_DB_URL"), name, &first, 1, &err) == 0, "%s (%s)",
               err.text, err.detail);
    CHECK_INT(strlen(first.password), >=, 32);
    CHECK(strcmp(first.password, first.owner_password) != 0);
    before = ask(VERIFIER, arena);
    CHECK_HAS(before, "SCRAM-SHA-256$");
    CHECK_INT(pl_db_init(getenv("PL_TEST_DB_URL"), name, &second, 1, &err), ==, 0);
    CHECK_STR(second.password, "");
    CHECK_STR(ask(VERIFIER, arena), before);
    strcpy(second.password, "another one, with 'quotes'");
    CHECK_INT(pl_db_init(getenv("PL_TEST_DB_URL"), name, &second, 1, &err), ==, 0);
    CHECK(strcmp(ask(VERIFIER, arena), before) != 0);
    drop();
    pl_arena_destroy(&arena);
}

TEST(a_service_is_alone_in_its_schema_and_its_role_has_limits)
{
    struct pl_db_account account = { .schema = name };
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    struct pl_pg *db;
    PGresult *res;

    snprintf(name, sizeof name, "pt%d_init2", (int)getpid());
    atexit(drop);
    CHECK_INT(pl_db_init(getenv("PL_TEST_DB_URL"), name, &account, 1, &err), ==, 0);
    CHECK_STR(ask("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = $1", arena),
              pl_arena_printf(arena, "%s_owner", name));
    CHECK_STR(ask("SELECT has_schema_privilege($1, 'public', 'CREATE')::text", arena), "false");
    CHECK_STR(ask("SELECT has_schema_privilege($1::text, $1::text, 'CREATE')::text", arena),
              "false");
    CHECK_STR(ask("SELECT has_database_privilege($1::text, $1::text, 'CREATE')::text", arena),
              "false");
    pl_pg_open(&db, pl_db_dsn(getenv("PL_TEST_DB_URL"), name, name, account.password, arena), &err);
    res = pl_pg_exec(db, &err,
                     "SELECT concat_ws(' ', current_setting('search_path'),"
                     " current_setting('statement_timeout'), current_setting('lock_timeout'),"
                     " current_setting('idle_in_transaction_session_timeout'))",
                     PL_NO_ARGS);
    CHECK(res != NULL);
    CHECK_STR(pl_pg_text(res, 0, 0, arena), pl_arena_printf(arena, "%s 15s 5s 30s", name));
    PQclear(res);
    pl_pg_destroy(&db);
    drop();
    pl_arena_destroy(&arena);
}

TEST(a_dsn_keeps_what_is_not_replaced_and_quotes_what_is)
{
    struct pl_arena *arena = pl_arena_new();
    char *dsn = pl_db_dsn("postgresql://root:old@db.example:6000/x?sslmode=require", "y", "me",
                          "a'b\\c", arena);

    CHECK_HAS(dsn, "host='db.example'");
    CHECK_HAS(dsn, "port='6000'");
    CHECK_HAS(dsn, "dbname='y'");
    CHECK_HAS(dsn, "user='me'");
    CHECK_HAS(dsn, "password='a\\'b\\\\c'");
    CHECK_HAS(dsn, "sslmode='require'");
    CHECK(pl_db_dsn("no dsn at all", "y", NULL, NULL, arena) == NULL);
    pl_arena_destroy(&arena);
}
