#include "pl_migrate.h"

#include "pl_log.h"
#include "pl_pg.h"

#include <sodium.h>
#include <string.h>

struct migration {
    struct pl_pg *db;
    struct pl_arena *arena;
    const char *schema;
    struct pl_err *err;
};

static void
sha256_hex(const struct pl_embedded *file, char out[65])
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, (const unsigned char *)file->text, file->size);
    sodium_bin2hex(out, 65, hash, sizeof hash);
}

/* The first value of the first row, or "" if there is none; NULL on failure. */
static char *
ask(struct migration *self, const char *sql, int count, const char *const *args)
{
    PGresult *res = pl_pg_exec(self->db, self->err, sql, count, args);
    char *answer;

    if (res == NULL)
        return NULL;
    answer = PQntuples(res) ? pl_pg_text(res, 0, 0, self->arena) : pl_arena_strdup(self->arena, "");
    PQclear(res);
    return answer;
}

/* Waiting for the other starter may take as long as its migrations; a statement of ours, once
 * begun, waits for other people's locks no longer than they can wait for ours. */
static int
take_lock(struct migration *self)
{
    static const char LOCK[] = "SELECT pg_advisory_lock(hashtextextended('plumb.migrate.' || $1, "
                               "0))";

    if (pl_pg_script(self->db, "SET lock_timeout = 0; SET statement_timeout = 0", self->err) ||
        pl_pg_run(self->db, self->err, LOCK, PL_ARGS(self->schema)))
        return -1;
    return pl_pg_script(self->db, "SET lock_timeout = '10s'", self->err);
}

static int
enter_schema(struct migration *self)
{
    static const char FIND[] = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
    static const char ENTER[] = "SELECT set_config('search_path', quote_ident($1), false)";
    static const char TABLE[] = "CREATE TABLE IF NOT EXISTS schema_migration (\n"
                                "  name text PRIMARY KEY,\n"
                                "  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),\n"
                                "  applied_at timestamptz NOT NULL DEFAULT now())";
    const char *found = ask(self, FIND, PL_ARGS(self->schema));

    if (found == NULL)
        return -1;
    if (*found == '\0')
        return pl_fail(self->err, UNAVAILABLE,
                       "there is no schema \"%s\" yet; `plumb db init` makes it", self->schema);
    if (pl_pg_run(self->db, self->err, ENTER, PL_ARGS(self->schema)))
        return -1;
    return pl_pg_script(self->db, TABLE, self->err);
}

static int
apply_in_transaction(struct migration *self, const struct pl_embedded *file, const char *name,
                     const char *sha256)
{
    static const char MARK[] = "SELECT set_config('plumb.migration', $1, true)";
    static const char RECORD[] = "INSERT INTO schema_migration (name, sha256) VALUES ($1, $2)";
    const char *marked;

    /* The mark lives as long as the transaction: a file with a COMMIT of its own loses it. */
    if (pl_pg_run(self->db, self->err, MARK, PL_ARGS(name)) ||
        pl_pg_script(self->db, file->text, self->err))
        return -1;
    marked = ask(self, "SELECT current_setting('plumb.migration', true)", PL_NO_ARGS);
    if (marked == NULL)
        return -1;
    if (strcmp(marked, name) != 0)
        return pl_fail(self->err, INTERNAL, "it ends its transaction itself");
    if (pl_pg_run(self->db, self->err, RECORD, PL_ARGS(name, sha256)))
        return -1;
    return pl_pg_commit(self->db, self->err);
}

/* Keep the failure's class: a lock or a connection that was not to be had may be next time. */
static int
failed_in(struct migration *self, const char *name)
{
    struct pl_err first = *self->err;
    enum pl_code code = first.code == PL_UNAVAILABLE ? PL_UNAVAILABLE : PL_INTERNAL;

    *self->err = (struct pl_err){ 0 };
    pl_err_raise(self->err, code, first.file, first.line, "the migration \"%s\" failed: %s", name,
                 first.text);
    if (first.detail[0])
        pl_err_detail(self->err, "%s", first.detail);
    return -1;
}

static int
apply(struct migration *self, const struct pl_embedded *file, const char *name)
{
    static const char APPLIED[] = "SELECT sha256 FROM schema_migration WHERE name = $1";
    char sha256[65];
    const char *before = ask(self, APPLIED, PL_ARGS(name));

    if (before == NULL)
        return -1;
    sha256_hex(file, sha256);
    if (strcmp(before, sha256) == 0)
        return 0;
    if (*before)
        return pl_fail(self->err, INTERNAL, "the migration \"%s\" was changed after it had run",
                       name);
    if (pl_pg_begin(self->db, self->err) || apply_in_transaction(self, file, name, sha256)) {
        pl_pg_rollback(self->db);
        return failed_in(self, name);
    }
    pl_info("migration.applied", PL_S("schema", self->schema), PL_S("name", name));
    return 0;
}

static int
apply_all(struct migration *self, const struct pl_embedded *files, const char *folder)
{
    for (; files && files->name; files++)
        if (apply(self, files, pl_arena_printf(self->arena, "%s%s", folder, files->name)))
            return -1;
    return 0;
}

/* The service's own role reads and writes rows, and nothing else (RULINGS 46). */
static int
grant(struct migration *self)
{
    static const char FIND[] = "SELECT quote_ident(rolname) FROM pg_roles\n"
                               " WHERE rolname = $1 AND rolname <> current_user";
    const char *role = ask(self, FIND, PL_ARGS(self->schema));

    if (role == NULL)
        return -1;
    if (*role == '\0')
        return 0;
    return pl_pg_script(self->db,
                        pl_arena_printf(self->arena,
                                        "BEGIN;"
                                        "GRANT USAGE ON SCHEMA %s TO %s;"
                                        "GRANT SELECT, INSERT, UPDATE, DELETE"
                                        "  ON ALL TABLES IN SCHEMA %s TO %s;"
                                        "GRANT USAGE, SELECT, UPDATE"
                                        "  ON ALL SEQUENCES IN SCHEMA %s TO %s;"
                                        "REVOKE INSERT, UPDATE, DELETE ON schema_migration FROM %s;"
                                        "COMMIT",
                                        role, role, role, role, role, role, role),
                        self->err);
}

int
pl_migrate(const char *owner_dsn, const char *schema, const struct pl_embedded *common,
           const struct pl_embedded *own, struct pl_err *err)
{
    struct migration self = { .schema = schema, .arena = pl_arena_new(), .err = err };
    int status = -1;

    if (pl_pg_open(&self.db, owner_dsn, err) == 0 && take_lock(&self) == 0 &&
        enter_schema(&self) == 0 && apply_all(&self, common, "common/") == 0 &&
        apply_all(&self, own, "") == 0)
        status = grant(&self);
    pl_pg_destroy(&self.db); // releases the lock
    pl_arena_destroy(&self.arena);
    return status;
}
