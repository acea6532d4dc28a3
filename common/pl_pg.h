/* pl_pg -- PostgreSQL: one connection per worker thread, always with parameters.
 *
 *     PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(id, customer));
 *     if (res == NULL)
 *         return -1;
 *     ...
 *     PQclear(res);
 *
 * In a service only store*.c includes this header; SQL lives nowhere else.  The connection's
 * search_path is the service's own schema (its role's setting), so tables have no prefix.
 * BEGIN, and what pl_pg_later() takes, go out together with the next statement whose answer is
 * awaited, or with COMMIT: a transaction costs as many trips as it has questions, and one.
 * A connection that was lost while idle is reopened by the next statement; lost under a statement
 * it is UNAVAILABLE for that one, and reopened by the next outside a transaction.  Lost inside COMMIT it is *unknown*: UNAVAILABLE too, and the caller's
 * natural keys make the retry converge (RULINGS 45).
 */
#ifndef PL_PG_H
#define PL_PG_H

#include "pl_arena.h"
#include "pl_err.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

struct pl_pg;

/* How long making a connection may take (PLUMB_DB_CONNECT_TIMEOUT; libpq's connect_timeout, which
 * a DSN may set too).  Its thread waits so long; then, for the backoff, calls fail at once. */
extern int64_t pl_pg_connect_seconds;

/* Prepare a connection; it is opened here, and an unreachable server is UNAVAILABLE (the object
 * is made all the same and tries again on use).  The caller owns *out. */
int pl_pg_open(struct pl_pg **out, const char *dsn, struct pl_err *err);

/* Safe on NULL; clears the pointer. */
void pl_pg_destroy(struct pl_pg **self_p);

/* One parameter: text, or bytes for a bytea. */
struct pl_arg {
    const char *value; // NULL is SQL's NULL
    int length;        // of bytes
    bool binary;
};

// clang-format off
/* The count and the values of a statement's parameters, all text. */
#define PL_ARGS(...) \
    (int)(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *)), \
    (const char *const[]){ __VA_ARGS__ }
#define PL_NO_ARGS 0, 0
/* A whole number as a parameter: PL_ARGS(id, PL_INT(limit)); lives as long as that call. */
#define PL_INT(number) (pl_pg_number(number).text)
/* The same with bytes among them: PL_ARGS_B(PL_T(id), PL_B(data, length)). */
#define PL_T(text) { text, 0, false }
#define PL_B(bytes, size) { (const char *)(bytes), (int)(size), true }
#define PL_ARGS_B(...) \
    (int)(sizeof((const struct pl_arg[]){ __VA_ARGS__ }) / sizeof(struct pl_arg)), \
    (const struct pl_arg[]){ __VA_ARGS__ }
// clang-format on

struct pl_pg_number {
    char text[24];
};
struct pl_pg_number pl_pg_number(int64_t number);

/* Run one statement, which is prepared once per connection; ${sql} must be a string literal or
 * otherwise stay.  NULL on failure, with ${err} set from the SQLSTATE; otherwise the caller
 * frees the result with PQclear().  Results are text. */
PGresult *pl_pg_exec(struct pl_pg *self, struct pl_err *err, const char *sql, int count,
                     const char *const *args);
PGresult *pl_pg_exec_b(struct pl_pg *self, struct pl_err *err, const char *sql, int count,
                       const struct pl_arg *args);

/* As pl_pg_exec() for a statement whose rows are not wanted; 0 or -1. */
int pl_pg_run(struct pl_pg *self, struct pl_err *err, const char *sql, int count,
              const char *const *args);

/* As pl_pg_run(), but inside a transaction it is sent only with the next statement or the commit,
 * and fails there: for what is written without a look at the outcome. */
int pl_pg_later(struct pl_pg *self, struct pl_err *err, const char *sql, int count,
                const char *const *args);
int pl_pg_later_b(struct pl_pg *self, struct pl_err *err, const char *sql, int count,
                  const struct pl_arg *args);

/* A transaction.  rollback never fails and is harmless outside one. */
int pl_pg_begin(struct pl_pg *self, struct pl_err *err);
int pl_pg_commit(struct pl_pg *self, struct pl_err *err);
/* The last statement and the commit in one trip; NULL if either failed. */
PGresult *pl_pg_exec_commit(struct pl_pg *self, struct pl_err *err, const char *sql, int count,
                            const char *const *args);
void pl_pg_rollback(struct pl_pg *self);
bool pl_pg_in_transaction(const struct pl_pg *self);

/* Run several statements of a file, without parameters (migrations). */
int pl_pg_script(struct pl_pg *self, const char *sql, struct pl_err *err);

/* Take a literal array '{"a","b"}' apart, and put one together; for text[] columns. */
int pl_pg_array(const char *literal, struct pl_arena *arena, char ***out);
char *pl_pg_array_literal(struct pl_arena *arena, size_t count, char *const *texts);

/* Copy one field out of a result.  NULL: "" for text, 0 for numbers, false. */
char *pl_pg_text(const PGresult *res, int row, int column, struct pl_arena *arena);
int64_t pl_pg_int(const PGresult *res, int row, int column);
double pl_pg_double(const PGresult *res, int row, int column);
bool pl_pg_bool(const PGresult *res, int row, int column);
bool pl_pg_null(const PGresult *res, int row, int column);
void *pl_pg_bytes(const PGresult *res, int row, int column, struct pl_arena *arena, size_t *length);

/* SQL that gives a timestamptz ${column} the form of the API: UTC, RFC 3339, milliseconds. */
#define PL_TIME(column) \
    "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

#endif
