/* pl_conf -- settings, read once from the environment at start.
 *
 * A program lists what it reads in one table (services/<name>/settings.c); `--settings` prints
 * that table, so the documentation cannot drift from the program.  A secret may also come from
 * a file: with X_FILE set, X is the first line of that file.
 */
#ifndef PL_CONF_H
#define PL_CONF_H

#include "pl_err.h"

#include <stdint.h>
#include <stdio.h>

struct pl_setting {
    const char *name;     // environment variable
    const char *fallback; // NULL: must be set
    const char *doc;      // one line, shown by --settings
    const char **text;    // where a text goes, or
    int64_t *number;      // where a whole number goes, within
    int64_t min, max;
    int secret; // never printed, may come from NAME_FILE
};

// clang-format off
#define PL_TEXT(variable, name, fallback, doc) \
    { name, fallback, doc, &(variable), 0, 0, 0, 0 }
#define PL_SECRET(variable, name, fallback, doc) \
    { name, fallback, doc, &(variable), 0, 0, 0, 1 }
#define PL_NUMBER(variable, name, fallback, min, max, doc) \
    { name, fallback, doc, 0, &(variable), min, max, 0 }
/* "true", "1", "on", "yes" or their opposites, as 1 or 0. */
#define PL_SWITCH(variable, name, fallback, doc) \
    { name, fallback, doc, 0, &(variable), 0, -1, 0 }
// clang-format on

/* Fill every variable of the table, which ends with an all-zero row.  Texts live as long as
 * the process. */
int pl_conf_read(const struct pl_setting *table, struct pl_err *err);

/* Print the table for people; secrets show as "(secret)". */
void pl_conf_print(const struct pl_setting *table, FILE *out);

#endif
