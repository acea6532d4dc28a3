#include "pl_test_db.h"

#include "pl_db_init.h"
#include "pl_migrate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct pl_test_db {
    struct pl_arena *arena;
    char *database;
    struct pl_db_account account;
    char *dsn, *owner_dsn, *superuser_dsn;
    struct pl_test_db *next;
};

/* Those that a test which failed has left behind are dropped at exit. */
static struct pl_test_db *alive;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void
clean_up(void)
{
    while (alive) {
        struct pl_test_db *self = alive;

        pl_test_db_destroy(&self);
    }
}

static void
remember(struct pl_test_db *self)
{
    static bool registered;

    pthread_mutex_lock(&lock);
    if (!registered)
        atexit(clean_up);
    registered = true;
    self->next = alive;
    alive = self;
    pthread_mutex_unlock(&lock);
}

static void
forget(const struct pl_test_db *self)
{
    struct pl_test_db **at = &alive;

    pthread_mutex_lock(&lock);
    while (*at && *at != self)
        at = &(*at)->next;
    if (*at)
        *at = self->next;
    pthread_mutex_unlock(&lock);
}

static void
give_up(const char *what, const struct pl_err *err)
{
    fprintf(stderr, "%s: %s (%s)\n", what, err->text, err->detail);
    exit(EXIT_FAILURE);
}

static const char *
server(void)
{
    const char *dsn = getenv("PL_TEST_DB_URL");

    if (dsn == NULL) {
        fputs("PL_TEST_DB_URL is not set\n", stderr);
        exit(EXIT_FAILURE);
    }
    return dsn;
}

static struct pl_test_db *
make(const char *database, const char *stem, const struct pl_embedded *migrations)
{
    static _Atomic int made;
    struct pl_test_db *self = calloc(1, sizeof *self);
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    char *schema = pl_arena_printf(arena, "pt%d_%d_%.30s", (int)getpid(), made++, stem);

    if (self == NULL)
        abort();
    self->arena = arena;
    self->account.schema = schema;
    self->database = pl_arena_strdup(arena, database ? database : schema);
    remember(self);
    if (pl_db_init(server(), self->database, &self->account, 1, &err))
        give_up("could not make a database for the test", &err);
    self->superuser_dsn = pl_db_dsn(server(), self->database, NULL, NULL, arena);
    self->dsn = pl_db_dsn(server(), self->database, schema, self->account.password, arena);
    self->owner_dsn =
        pl_db_dsn(server(), self->database, pl_arena_printf(arena, "%s_owner", schema),
                  self->account.owner_password, arena);
    if (pl_migrate(self->owner_dsn, schema, common_migrations, migrations, &err))
        give_up("could not migrate the test's database", &err);
    return self;
}

struct pl_test_db *
pl_test_db_new(const char *stem, const struct pl_embedded *migrations)
{
    return make(NULL, stem, migrations);
}

struct pl_test_db *
pl_test_db_add(const struct pl_test_db *first, const char *stem,
               const struct pl_embedded *migrations)
{
    return make(first->database, stem, migrations);
}

void
pl_test_db_destroy(struct pl_test_db **self_p)
{
    struct pl_test_db *self = *self_p;
    struct pl_err err = { 0 };

    if (self == NULL)
        return;
    forget(self);
    if (pl_db_drop(server(), self->database, &self->account, 1, &err))
        fprintf(stderr, "could not drop %s: %s (%s)\n", self->database, err.text, err.detail);
    pl_arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}

const char *
pl_test_db_dsn(const struct pl_test_db *self)
{
    return self->dsn;
}

const char *
pl_test_db_owner_dsn(const struct pl_test_db *self)
{
    return self->owner_dsn;
}

const char *
pl_test_db_superuser_dsn(const struct pl_test_db *self)
{
    return self->superuser_dsn;
}

const char *
pl_test_db_schema(const struct pl_test_db *self)
{
    return self->account.schema;
}
