/* pl_err -- what went wrong, said twice: once for the caller, once for the log.
 *
 * A function that can fail returns int, 0 or -1, and takes a `struct pl_err *` last.
 * It reports with pl_fail(), which returns -1 so that the report is the return:
 *
 *     if (quantity <= 0)
 *         return pl_fail(err, INVALID, "quantity must be positive, not %d", quantity);
 *
 * Texts read like PostgreSQL's: lower case, no full stop, what was attempted, the value in
 * quotes; "could not" if it may work later, "cannot" if it never will.
 */
#ifndef PL_ERR_H
#define PL_ERR_H

enum pl_code {
#define PL_CODE(name, http, retry, slug, title) PL_##name,
#include "pl_errors.def"
#undef PL_CODE
    PL_CODE_COUNT
};

/* Starts out as { 0 }: nothing has failed.  The first report is kept, later ones only
 * describe its consequences and are dropped. */
struct pl_err {
    enum pl_code code; // PL_OK until something fails
    char text[400];    // for the caller: no SQL, no paths, no host names
    char detail[400];  // for the log only: SQLSTATE, errno, addresses
    const char *file;  // where it was first raised
    int line;
};

/* Report a failure at this line and return -1. */
#define pl_fail(err, name, ...) pl_err_raise((err), PL_##name, __FILE__, __LINE__, __VA_ARGS__)

/* As pl_fail(), for a code known only at run time.  Always returns -1. */
int pl_err_raise(struct pl_err *err, enum pl_code code, const char *file, int line, const char *fmt,
                 ...) __attribute__((format(printf, 5, 6)));

/* Add what only the log may know.  Always returns -1. */
int pl_err_detail(struct pl_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Of ${code}: its name ("NOT_FOUND"), HTTP status, whether a retry may help, the slug of its
 * problem type ("not-found") and the problem's title.  Out of range counts as INTERNAL. */
const char *pl_code_name(enum pl_code code);
int pl_code_http(enum pl_code code);
int pl_code_may_retry(enum pl_code code);
const char *pl_code_slug(enum pl_code code);
const char *pl_code_title(enum pl_code code);

#endif
