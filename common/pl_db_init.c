#include "pl_db_init.h"

#include "pl_buf.h"

#include <libpq-fe.h>
#include <sodium.h>
#include <string.h>

/* Limits of a service's role: no call waits longer than its caller (RULINGS 45). */
static const char *const role_settings[][2] = {
    { "statement_timeout", "'15s'" },
    { "lock_timeout", "'5s'" },
    { "idle_in_transaction_session_timeout", "'30s'" },
};
/* A migration may take its time, but must not hold everybody up while it waits for a lock. */
static const char *const owner_settings[][2] = {
    { "lock_timeout", "'10s'" },
    { "idle_in_transaction_session_timeout", "'60s'" },
};

struct init {
    PGconn *conn;
    struct pl_arena *arena;
    struct pl_err *err;
};

/* "does not exist, skipping" is for people at a prompt. */
static void
swallow_notice(void *arg, const char *text)
{
    (void)arg;
    (void)text;
}

static int
dial(struct init *self, const char *dsn)
{
    self->conn = PQconnectdb(dsn);
    PQsetNoticeProcessor(self->conn, swallow_notice, NULL);
    if (PQstatus(self->conn) == CONNECTION_OK)
        return 0;
    pl_fail(self->err, UNAVAILABLE, "could not reach the database");
    return pl_err_detail(self->err, "%s", PQerrorMessage(self->conn));
}

static void
hang_up(struct init *self)
{
    PQfinish(self->conn);
    self->conn = NULL;
}

/* Names cannot be parameters of DDL, so they are quoted into it. */
static const char *
name(struct init *self, const char *text)
{
    char *quoted = PQescapeIdentifier(self->conn, text, strlen(text));
    char *copy = pl_arena_strdup(self->arena, quoted);

    PQfreemem(quoted);
    return copy;
}

static int
run(struct init *self, const char *sql)
{
    PGresult *res = PQexec(self->conn, sql);
    int failed = PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK;

    PQclear(res);
    if (!failed)
        return 0;
    pl_fail(self->err, INTERNAL, "could not prepare the database");
    return pl_err_detail(self->err, "%s", PQerrorMessage(self->conn)); // never the SQL: passwords
}

#define RUN(self, ...) run((self), pl_arena_printf((self)->arena, __VA_ARGS__))

static int
exists(struct init *self, const char *sql, const char *what, bool *out)
{
    PGresult *res =
        PQexecParams(self->conn, sql, 1, NULL, (const char *const[]){ what }, NULL, NULL, 0);

    *out = PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) > 0;
    if (PQresultStatus(res) != PGRES_TUPLES_OK) {
        pl_fail(self->err, INTERNAL, "could not look at the database");
        pl_err_detail(self->err, "%s", PQerrorMessage(self->conn));
    }
    PQclear(res);
    return self->err->code == PL_OK ? 0 : -1;
}

/* The server only ever sees the verifier, so that its log cannot tell the password. */
static int
set_password(struct init *self, const char *role, const char *password)
{
    char *verifier = PQencryptPasswordConn(self->conn, password, role, "scram-sha-256");
    char *literal;
    int status;

    if (verifier == NULL)
        return pl_fail(self->err, INTERNAL, "could not encrypt a password");
    literal = PQescapeLiteral(self->conn, verifier, strlen(verifier));
    status = RUN(self, "ALTER ROLE %s PASSWORD %s", name(self, role), literal);
    PQfreemem(literal);
    PQfreemem(verifier);
    return status;
}

static void
generate(char password[128])
{
    unsigned char bytes[24];

    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(password, 128, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static int
make_role(struct init *self, const char *role, char password[128])
{
    bool there;

    if (exists(self, "SELECT 1 FROM pg_roles WHERE rolname = $1", role, &there))
        return -1;
    if (!there) {
        if (RUN(self, "CREATE ROLE %s LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION",
                name(self, role)))
            return -1;
        if (*password == '\0')
            generate(password);
    }
    return *password ? set_password(self, role, password) : 0;
}

static int
limit_role(struct init *self, const char *role, const char *database, const char *schema,
           const char *const settings[][2], size_t count)
{
    if (RUN(self, "ALTER ROLE %s IN DATABASE %s SET search_path = %s", name(self, role),
            name(self, database), name(self, schema)))
        return -1;
    for (size_t i = 0; i < count; i++)
        if (RUN(self, "ALTER ROLE %s IN DATABASE %s SET %s = %s", name(self, role),
                name(self, database), settings[i][0], settings[i][1]))
            return -1;
    return 0;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* In the new database: the schema, and nobody in it but its two roles. */
static int
make_account(struct init *self, const char *database, struct pl_db_account *account)
{
    const char *owner = pl_arena_printf(self->arena, "%s_owner", account->schema);
    const char *role = account->schema;

    if (make_role(self, owner, account->owner_password) || make_role(self, role, account->password))
        return -1;
    if (limit_role(self, owner, database, role, owner_settings, COUNT(owner_settings)) ||
        limit_role(self, role, database, role, role_settings, COUNT(role_settings)))
        return -1;
    return RUN(self, "GRANT CONNECT, TEMPORARY ON DATABASE %s TO %s", name(self, database),
               name(self, owner)) ||
           RUN(self, "GRANT CONNECT ON DATABASE %s TO %s", name(self, database),
               name(self, role)) ||
           RUN(self, "CREATE SCHEMA IF NOT EXISTS %s AUTHORIZATION %s", name(self, role),
               name(self, owner)) ||
           RUN(self, "GRANT USAGE ON SCHEMA %s TO %s", name(self, role), name(self, role));
}

static int
make_database(struct init *self, const char *database)
{
    bool there;

    if (exists(self, "SELECT 1 FROM pg_database WHERE datname = $1", database, &there))
        return -1;
    if (!there &&
        RUN(self, "CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8'", name(self, database)))
        return -1;
    return RUN(self, "REVOKE ALL ON DATABASE %s FROM PUBLIC", name(self, database));
}

int
pl_db_init(const char *superuser_dsn, const char *database, struct pl_db_account *accounts,
           size_t count, struct pl_err *err)
{
    struct init self = { .arena = pl_arena_new(), .err = err };
    const char *inside = pl_db_dsn(superuser_dsn, database, NULL, NULL, self.arena);
    int status = -1;

    if (sodium_init() < 0 || inside == NULL) {
        pl_fail(err, INVALID, "the superuser's DSN cannot be read");
        goto out;
    }
    if (dial(&self, superuser_dsn) || make_database(&self, database))
        goto out;
    hang_up(&self);
    if (dial(&self, inside) || RUN(&self, "REVOKE ALL ON SCHEMA public FROM PUBLIC"))
        goto out;
    for (size_t i = 0; i < count; i++)
        if (make_account(&self, database, &accounts[i]))
            goto out;
    status = 0;
out:
    hang_up(&self);
    pl_arena_destroy(&self.arena);
    return status;
}

int
pl_db_drop(const char *superuser_dsn, const char *database, const struct pl_db_account *accounts,
           size_t count, struct pl_err *err)
{
    struct init self = { .arena = pl_arena_new(), .err = err };
    int status = -1;

    if (dial(&self, superuser_dsn) == 0) {
        status = RUN(&self, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name(&self, database));
        for (size_t i = 0; i < count && status == 0; i++)
            status = RUN(&self, "DROP ROLE IF EXISTS %s, %s", name(&self, accounts[i].schema),
                         name(&self, pl_arena_printf(self.arena, "%s_owner", accounts[i].schema)));
    }
    hang_up(&self);
    pl_arena_destroy(&self.arena);
    return status;
}

static void
add_pair(struct pl_buf *out, const char *key, const char *value)
{
    pl_buf_printf(out, "%s%s='", out->length ? " " : "", key);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            pl_buf_char(out, '\\');
        pl_buf_char(out, *value);
    }
    pl_buf_char(out, '\'');
}

char *
pl_db_dsn(const char *dsn, const char *database, const char *user, const char *password,
          struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };
    PQconninfoOption *options = PQconninfoParse(dsn, NULL);

    if (options == NULL)
        return NULL;
    for (PQconninfoOption *o = options; o->keyword; o++) {
        const char *value = o->val;

        if (strcmp(o->keyword, "dbname") == 0 && database)
            value = database;
        else if (strcmp(o->keyword, "user") == 0 && user)
            value = user;
        else if (strcmp(o->keyword, "password") == 0 && user)
            value = password;
        if (value)
            add_pair(&out, o->keyword, value);
    }
    PQconninfoFree(options);
    return pl_arena_strdup(arena, pl_buf_text(&out));
}
