/* pl_db_init -- what only a superuser may do, once per database: `plumb db init`.
 *
 * Makes the database, and per service the roles <schema>_owner (owns the schema, migrates) and
 * <schema> (reads and writes rows, nothing else; RULINGS 46) with the limits of RULINGS 45.
 * Running it again changes nothing but settings, and passwords that were given.
 */
#ifndef PL_DB_INIT_H
#define PL_DB_INIT_H

#include "pl_arena.h"
#include "pl_err.h"

#include <stdbool.h>
#include <stddef.h>

/* One service's accounts.  A password that is "" is generated if the role has to be made, and
 * written here; of a role that exists already it is left as it is, and stays "". */
struct pl_db_account {
    const char *schema;
    char owner_password[128];
    char password[128];
};

/* Make what is missing of ${database} and its ${count} accounts. */
int pl_db_init(const char *superuser_dsn, const char *database, struct pl_db_account *accounts,
               size_t count, struct pl_err *err);

/* ${dsn} with another database, user and password (NULL: as it is), in the arena.  NULL if
 * ${dsn} cannot be read. */
char *pl_db_dsn(const char *dsn, const char *database, const char *user, const char *password,
                struct pl_arena *arena);

/* Remove the database and the accounts' roles; for tests. */
int pl_db_drop(const char *superuser_dsn, const char *database,
               const struct pl_db_account *accounts, size_t count, struct pl_err *err);

#endif
