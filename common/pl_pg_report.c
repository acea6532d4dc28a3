#include "pl_pg_report.h"

#include "pl_health.h"
#include "pl_metric.h"

#include <string.h>

PL_COUNTER(errors_total, "plumb_db_errors_total", "statements that failed", "sqlstate");

/* What a SQLSTATE means to our callers; the first prefix that matches wins. */
static const struct {
    const char *prefix;
    enum pl_code code;
    const char *text;
} meanings[] = {
    { "23505", PL_CONFLICT, "it already exists" },
    { "23P01", PL_CONFLICT, "it clashes with what is already there" },
    { "23503", PL_INVALID, "it refers to something that is not there" },
    { "23", PL_INVALID, "it breaks a rule of the data" },
    { "22", PL_INVALID, "a value is out of its range or form" },
    { "40", PL_UNAVAILABLE, "two changes collided" },
    { "55P03", PL_UNAVAILABLE, "something else holds it for too long" },
    { "57014", PL_UNAVAILABLE, "the database took too long" },
    { "25P03", PL_UNAVAILABLE, "the transaction was idle for too long" },
    { "25006", PL_UNAVAILABLE, "the database takes no changes at present" },
    { "25P02", PL_INTERNAL, "a statement before this one had failed" },
    { "08", PL_UNAVAILABLE, "the database is away" },
    { "53", PL_UNAVAILABLE, "the database is busy" },
    { "57P", PL_UNAVAILABLE, "the database is away" },
    { "", PL_INTERNAL, "the database refused" },
};

bool
pl_pg_report(struct pl_err *err, const PGconn *conn, const PGresult *res)
{
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    /* No answer at all: it is gone, even while libpq calls it good.  After a write that failed
     * beside last words still to be read, libpq does so until the next read. */
    bool lost = state == NULL || PQstatus(conn) != CONNECTION_OK;
    size_t i = 0;

    if (state == NULL)
        state = "08006";
    if (lost)
        pl_health_set("postgres", "down", "the connection was lost");
    while (strncmp(state, meanings[i].prefix, strlen(meanings[i].prefix)) != 0)
        i++;
    pl_inc(&errors_total, state);
    pl_err_raise(err, meanings[i].code, __FILE__, __LINE__, "%s", meanings[i].text);
    pl_err_detail(err, "sqlstate=%s %s", state, PQerrorMessage(conn));
    return lost;
}
