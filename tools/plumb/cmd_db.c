/* plumb db -- what a database needs before the services start. */
#include "plumb.h"

#include "pl_db_init.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DATABASE "plumbline"

static int
save_dsn(const char *out, const char *role, const char *admin_dsn, const char *database,
         const char *password, struct pl_arena *arena)
{
    const char *path = pl_arena_printf(arena, "%s/%s.dsn", out, role);
    const char *dsn = pl_db_dsn(admin_dsn, database, role, password, arena);
    struct pl_err err = { 0 };

    if (dsn == NULL)
        return trouble("the administrator's connection string cannot be read");
    dsn = pl_arena_printf(arena, "%s\n", dsn);
    if (write_file(path, dsn, strlen(dsn), 0600, &err))
        return trouble_err("db init", &err);
    return EXIT_FINE;
}

/* A role that is there already has a password that only its file knows: without the file it gets
 * a new one. */
static void
keep_passwords(const char *out, struct pl_db_account *account, struct pl_arena *arena,
               const char *fresh, const char *fresh_owner)
{
    if (access(pl_arena_printf(arena, "%s/%s.dsn", out, account->schema), R_OK))
        snprintf(account->password, sizeof account->password, "%s", fresh);
    if (access(pl_arena_printf(arena, "%s/%s_owner.dsn", out, account->schema), R_OK))
        snprintf(account->owner_password, sizeof account->owner_password, "%s", fresh_owner);
}

static int
init_all(const char *admin_dsn, const char *database, const char *out, struct pl_arena *arena)
{
    static const char *const schemas[] = { "auth",     "governance", "publisher",
                                           "notifier", "bridge",     "sampler" };
    enum { COUNT = sizeof schemas / sizeof *schemas };
    struct pl_db_account accounts[COUNT] = { 0 };
    struct pl_err err = { 0 };

    if (make_folder(out, &err))
        return trouble_err("db init", &err);
    for (int i = 0; i < COUNT; i++) {
        accounts[i].schema = schemas[i];
        keep_passwords(out, &accounts[i], arena, random_secret(arena), random_secret(arena));
    }
    if (pl_db_init(admin_dsn, database, accounts, COUNT, &err))
        return trouble_err("db init", &err);
    for (int i = 0; i < COUNT; i++) {
        const char *owner = pl_arena_printf(arena, "%s_owner", schemas[i]);

        if (*accounts[i].password &&
            save_dsn(out, schemas[i], admin_dsn, database, accounts[i].password, arena))
            return EXIT_TROUBLE;
        if (*accounts[i].owner_password &&
            save_dsn(out, owner, admin_dsn, database, accounts[i].owner_password, arena))
            return EXIT_TROUBLE;
    }
    printf("database %s is ready; connection strings are in %s/\n", database, out);
    return EXIT_FINE;
}

static int
init(int argc, char **argv)
{
    const char *dsn_file = NULL, *out = ".run/db", *database = DATABASE, *dsn;
    const struct option options[] = { TEXT_OPTION("--admin-dsn-file", dsn_file),
                                      TEXT_OPTION("--database", database),
                                      TEXT_OPTION("--out", out),
                                      { 0 } };
    struct pl_arena *arena;
    int words, status = EXIT_TROUBLE;

    if (!parse_options(argc, argv, options, NULL, 0, &words))
        return EXIT_TROUBLE;
    arena = pl_arena_new();
    dsn = admin_dsn(dsn_file, arena);
    if (dsn)
        status = init_all(dsn, database, out, arena);
    pl_arena_destroy(&arena);
    return status;
}

static const struct command db_commands[] = {
    { "init", init, "make the database, and each service's schema and roles",
      "usage: plumb db init [--admin-dsn-file F] [--database NAME] [--out DIR]\n\n"
      "With a superuser's connection (PLUMB_ADMIN_DSN, or the first line of F, or\n"
      ".run/postgres.dsn) makes the database plumbline and for each service the roles\n"
      "<schema>_owner (migrates) and <schema> (reads and writes rows). Their connection strings\n"
      "go to DIR (.run/db), mode 0600. Running it again changes nothing that is there.\n\n"
      "  PLUMB_ADMIN_DSN='host=db user=postgres' plumb db init --out secrets/\n" },
    { 0 },
};

int
cmd_db(int argc, char **argv)
{
    return run_command(db_commands, "plumb db", argc, argv);
}
