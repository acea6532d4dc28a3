/* The counters of wrong passwords.  A guess is counted before the password is looked at, so that
 * guesses in parallel do not exceed the limit; rows are always locked in the order of their keys. */
#include "store.h"

#include "settings.h"

#include "pl_pg.h"

#include <string.h>

/* Guesses that nobody finished are failures after a minute: their process was killed. */
#define STALE "a.flying_since < now() - interval '60 s'"
#define FAILED                                                                      \
    "(CASE WHEN a.window_start < now() - make_interval(secs => $2::float) THEN 0\n" \
    "      ELSE a.failures END\n"                                                   \
    "   + CASE WHEN " STALE " THEN a.flying ELSE 0 END)"
#define FLYING "(CASE WHEN " STALE " THEN 0 ELSE a.flying END)"
#define LIMIT  "(CASE WHEN left(a.key, 1) = 'x' THEN $4::int ELSE $3::int END)"
#define ADMIT  "(a.locked_until <= now() AND " FAILED " + " FLYING " < " LIMIT ")"

static const char *
number(struct pl_arena *arena, int64_t value)
{
    return pl_arena_printf(arena, "%lld", (long long)value);
}

static char *
keys_of(const struct guess *guess, struct pl_arena *arena)
{
    char *keys[] = { guess->account_key, guess->address_key };

    return pl_pg_array_literal(arena, guess->address_key ? 2 : 1, keys);
}

static int
give_back(struct pl_pg *db, const char *keys, struct pl_err *err)
{
    static const char SQL[] = "UPDATE attempt SET flying = greatest(flying - 1, 0)\n"
                              " WHERE key = ANY ($1::text[]) AND admitted";

    return pl_pg_run(db, err, SQL, PL_ARGS(keys));
}

/* One statement counts both; then, if only one was admitted, it is given back. */
int
store_begin_guess(struct pl_pg *db, const struct guess *guess, struct pl_arena *arena,
                  enum admission *out, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO attempt AS a (key, flying)\n"
        "SELECT key, 1 FROM unnest($1::text[]) AS key ORDER BY key\n"
        "ON CONFLICT (key) DO UPDATE SET\n"
        "  admitted = " ADMIT ",\n"
        "  failures = " FAILED ",\n"
        "  flying = " FLYING " + " ADMIT "::int,\n"
        "  flying_since = CASE WHEN " ADMIT " THEN now() ELSE a.flying_since END,\n"
        "  window_start = CASE\n"
        "    WHEN a.window_start < now() - make_interval(secs => $2::float) THEN now()\n"
        "    ELSE a.window_start END\n"
        "RETURNING key, admitted, locked_until > now()";
    static const char ASYNC[] = "SET LOCAL synchronous_commit = off";

    char *keys = keys_of(guess, arena);
    PGresult *res;
    int admitted = 0, locked = 0, count, failed = 0;

    if (pl_pg_begin(db, err) || pl_pg_run(db, err, ASYNC, PL_NO_ARGS))
        return -1;
    res = pl_pg_exec(db, err, SQL,
                     PL_ARGS(keys, number(arena, settings.lock_window_s),
                             number(arena, settings.lock_failures),
                             number(arena, settings.lock_address_failures)));
    if (res == NULL)
        return -1;
    count = PQntuples(res);
    for (int i = 0; i < count; i++) {
        admitted += pl_pg_bool(res, i, 1);
        locked += pl_pg_bool(res, i, 2);
        if (pl_pg_bool(res, i, 1) && admitted)
            keys = pl_pg_text(res, i, 0, arena);
    }
    PQclear(res);
    *out = admitted == count ? GUESS_ADMITTED : locked ? GUESS_LOCKED : GUESS_BUSY;
    if (admitted && admitted < count)
        failed = give_back(db, pl_pg_array_literal(arena, 1, &keys), err);
    return failed || pl_pg_commit(db, err) ? -1 : 0;
}

int
store_end_guess(struct pl_pg *db, const struct guess *guess, enum outcome outcome,
                struct pl_arena *arena, struct lock *lock, struct pl_err *err)
{
    static const char SQL[] =
        "WITH mine AS (SELECT key FROM attempt WHERE key = ANY ($1::text[])\n"
        "               ORDER BY key FOR UPDATE)\n"
        "UPDATE attempt a SET\n"
        "  flying = greatest(a.flying - 1, 0),\n"
        "  failures = CASE WHEN $2 = 'wrong' AND a.failures + 1 >= " LIMIT " THEN 0\n"
        "                  WHEN $2 = 'wrong' THEN a.failures + 1\n"
        "                  WHEN $2 = 'right' AND left(a.key, 1) <> 'x' THEN 0\n"
        "                  ELSE a.failures END,\n"
        "  locks = CASE WHEN $2 = 'wrong' AND a.failures + 1 >= " LIMIT " THEN a.locks + 1\n"
        "               WHEN $2 = 'right' AND left(a.key, 1) <> 'x' THEN 0\n"
        "               ELSE a.locks END,\n"
        "  locked_until = CASE WHEN $2 = 'wrong' AND a.failures + 1 >= " LIMIT "\n"
        "    THEN now() + make_interval(secs => least($5::float * 2 ^ least(a.locks, 30),\n"
        "                                             $6::float))\n"
        "    ELSE a.locked_until END\n"
        "  FROM mine WHERE a.key = mine.key\n"
        "RETURNING a.key, $2 = 'wrong' AND a.failures = 0,\n"
        "          " PL_TIME("a.locked_until");
    static const char *const NAMES[] = {
        [GUESS_RIGHT] = "right", [GUESS_WRONG] = "wrong", [GUESS_DROPPED] = "dropped"
    };

    PGresult *res = pl_pg_exec(
        db, err, SQL,
        PL_ARGS(keys_of(guess, arena), NAMES[outcome], number(arena, settings.lock_failures),
                number(arena, settings.lock_address_failures), number(arena, settings.lock_s),
                number(arena, settings.lock_longest_s)));

    *lock = (struct lock){ 0 };
    if (res == NULL)
        return -1;
    for (int i = 0; i < PQntuples(res); i++)
        if (pl_pg_bool(res, i, 1)) {
            if (PQgetvalue(res, i, 0)[0] == 'x')
                lock->address = true;
            else
                lock->account = true;
            lock->until = pl_pg_text(res, i, 2, arena);
        }
    PQclear(res);
    return 0;
}

int
store_unlock(struct pl_pg *db, const char *account_key, struct pl_err *err)
{
    static const char SQL[] = "DELETE FROM attempt WHERE key = $1";

    return pl_pg_run(db, err, SQL, PL_ARGS(account_key));
}

int
store_forget_attempts(struct pl_pg *db, struct pl_err *err)
{
    static const char SQL[] =
        "DELETE FROM attempt\n"
        " WHERE greatest(flying_since, window_start, nullif(locked_until, '-infinity'))\n"
        "     < now() - make_interval(secs => $1::float)";

    return pl_pg_run(db, err, SQL, PL_ARGS(PL_INT(settings.lock_longest_s)));
}
