/* date -- calendar days, for sunsets and acceptances (RFC 3339, full-date). */
#ifndef CONTRACT_DATE_H
#define CONTRACT_DATE_H

#include <stdbool.h>
#include <stdint.h>

/* The number of the day since 1970-01-01.  False if ${text} (NULL allowed) does not begin with
 * a day that exists, or goes on with anything but a time ("T..."). */
bool date_parse(const char *text, int64_t *day);

#endif
