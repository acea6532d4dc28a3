/* pl_pg_report -- what PostgreSQL complains about, in our codes.  For pl_pg only. */
#ifndef PL_PG_REPORT_H
#define PL_PG_REPORT_H

#include "pl_err.h"

#include <libpq-fe.h>
#include <stdbool.h>

/* Report the failure of ${res} (or, if it has no SQLSTATE, of ${conn}): our code and words for the
 * caller, PostgreSQL's for the log.  True: the connection is lost and must not be used again. */
bool pl_pg_report(struct pl_err *err, const PGconn *conn, const PGresult *res);

#endif
