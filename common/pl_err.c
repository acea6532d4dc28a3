#include "pl_err.h"

#include "pl_utf8.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name, *slug, *title;
    int http, may_retry;
} codes[] = {
#define PL_CODE(name, http, retry, slug, title) { #name, slug, title, http, retry },
#include "pl_errors.def"
#undef PL_CODE
};

int
pl_err_raise(struct pl_err *err, enum pl_code code, const char *file, int line, const char *fmt,
             ...)
{
    va_list ap;

    if (err->code != PL_OK)
        return -1;
    err->code = code;
    err->file = file;
    err->line = line;
    va_start(ap, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    pl_utf8_mend(err->text); // it goes into answers and tables, and may have been cut anywhere
    return -1;
}

int
pl_err_detail(struct pl_err *err, const char *fmt, ...)
{
    va_list ap;

    if (err->detail[0] != '\0')
        return -1;
    va_start(ap, fmt);
    vsnprintf(err->detail, sizeof err->detail, fmt, ap);
    va_end(ap);
    return -1;
}

/* A number from the wire may be one that this build does not know yet. */
static enum pl_code
known(enum pl_code code)
{
    return (unsigned)code < PL_CODE_COUNT ? code : PL_INTERNAL;
}

const char *
pl_code_name(enum pl_code code)
{
    return codes[known(code)].name;
}

int
pl_code_http(enum pl_code code)
{
    return codes[known(code)].http;
}

int
pl_code_may_retry(enum pl_code code)
{
    return codes[known(code)].may_retry;
}

const char *
pl_code_slug(enum pl_code code)
{
    return codes[known(code)].slug;
}

const char *
pl_code_title(enum pl_code code)
{
    return codes[known(code)].title;
}
