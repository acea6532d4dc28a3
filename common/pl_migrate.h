/* pl_migrate -- bring a schema to the version that this program needs.
 *
 * The common migrations (outbox, feed, cursors, dead letters, idempotency) run first in every
 * schema, then the service's own, each once, in the order of their names, under one advisory
 * lock, so that replicas may start together.
 */
#ifndef PL_MIGRATE_H
#define PL_MIGRATE_H

#include "pl_embed.h"
#include "pl_err.h"

/* Run what is missing as the schema's owner.  ${own} may be NULL.  An unreachable server is
 * UNAVAILABLE (try again), a migration that fails or was edited after it ran is INTERNAL. */
int pl_migrate(const char *owner_dsn, const char *schema, const struct pl_embedded *common,
               const struct pl_embedded *own, struct pl_err *err);

/* common/migrations, embedded. */
extern const struct pl_embedded common_migrations[];

#endif
