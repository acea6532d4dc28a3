/* pl_test_db -- for tests of stores: a database of one's own, dropped at the end.
 *
 *     NEEDS_ENV("PL_TEST_DB_URL");
 *     struct pl_test_db *test = pl_test_db_new("notifier", notifier_migrations);
 *     ...pl_pg_open(&db, pl_test_db_dsn(test), &err)...
 *     pl_test_db_destroy(&test);
 *
 * It goes the way of `plumb db init` and a service's start: accounts, schema, the common
 * migrations and the service's own.  The schema has a name of its own too, because roles belong
 * to the whole server; SQL is unqualified, so nobody sees the difference.  Failing prints why and
 * exits, there is nothing to test then.
 */
#ifndef PL_TEST_DB_H
#define PL_TEST_DB_H

#include "pl_embed.h"

struct pl_test_db;

/* Make the database.  ${stem} shows in its name; ${migrations} are the service's own or NULL. */
struct pl_test_db *pl_test_db_new(const char *stem, const struct pl_embedded *migrations);

/* One more schema in the same database, for tests of two services. */
struct pl_test_db *pl_test_db_add(const struct pl_test_db *first, const char *stem,
                                  const struct pl_embedded *migrations);

/* Drop the database, with whoever is still connected, and this schema's roles.  Safe on NULL;
 * clears the pointer. */
void pl_test_db_destroy(struct pl_test_db **self_p);

/* How to connect as the service's role, as the owner of its schema, and as superuser (to that
 * database). */
const char *pl_test_db_dsn(const struct pl_test_db *self);
const char *pl_test_db_owner_dsn(const struct pl_test_db *self);
const char *pl_test_db_superuser_dsn(const struct pl_test_db *self);

/* The schema's name. */
const char *pl_test_db_schema(const struct pl_test_db *self);

#endif
