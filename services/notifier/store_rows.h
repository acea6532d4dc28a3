/* store_rows -- how an endpoint's row is read; shared by the store's files only. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "pl_pg.h"
#include "store.h"

/* The columns of an endpoint, in the order in which read_endpoint() takes them.  A secret that
 * was replaced is there only while it is still valid. */
#define ENDPOINT_COLUMNS                                                                      \
    "e.id, e.name, e.kind, e.url, e.secret, "                                                 \
    "CASE WHEN e.old_secret_until > now() THEN e.old_secret END, "                            \
    "e.url_hint, e.policy, e.apis, e.events, e.rate_per_minute, e.allow_private, e.enabled, " \
    "e.from_environment, e.disabled_reason, " PL_TIME("e.created_at") ", " PL_TIME(           \
        "e.last_success_at") ", e.failures, e.number"
#define ENDPOINT_COLUMN_COUNT 19

/* A sealed text as a parameter: bytes, or NULL for nothing. */
#define SEALED(box)                                                       \
    {                                                                     \
        (const char *)(box).bytes, (int)(box).length, (box).bytes != NULL \
    }

void read_endpoint(const PGresult *res, int row, struct pl_arena *arena, struct endpoint *out);

/* ${n} as a parameter. */
const char *number_arg(struct pl_arena *arena, int64_t n);

/* The literal of what a caller may see; "{}" for everything. */
const char *visible_arg(struct pl_arena *arena, const struct visible *visible);

#endif
