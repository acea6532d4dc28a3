/* Dates, times and durations of RFC 3339. */
#include "schema_formats.h"

#include <string.h>

/* ${count} digits at *at; moves on.  -1 if there are not so many. */
static int
number(const char **at, int count)
{
    int value = 0;

    for (; count > 0; count--, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

static bool
take(const char **at, const char *one_of)
{
    if (**at == '\0' || strchr(one_of, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

static bool
date(const char **at)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year = number(at, 4), month, day, last;

    if (year < 0 || !take(at, "-"))
        return false;
    month = number(at, 2);
    if (month < 1 || month > 12 || !take(at, "-"))
        return false;
    day = number(at, 2);
    last = days[month - 1];
    if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
        last = 29;
    return day >= 1 && day <= last;
}

/* hh:mm of an offset, as minutes to take off; false if it is none. */
static bool
offset(const char **at, int *minutes)
{
    int sign = **at == '-' ? -1 : 1, hour, minute;

    *minutes = 0;
    if (take(at, "Zz"))
        return true;
    if (!take(at, "+-"))
        return false;
    hour = number(at, 2);
    if (hour < 0 || hour > 23 || !take(at, ":"))
        return false;
    minute = number(at, 2);
    if (minute < 0 || minute > 59)
        return false;
    *minutes = sign * (hour * 60 + minute);
    return true;
}

static bool
time_of_day(const char **at)
{
    int hour = number(at, 2), minute, second, minutes;

    if (hour < 0 || hour > 23 || !take(at, ":"))
        return false;
    minute = number(at, 2);
    if (minute < 0 || minute > 59 || !take(at, ":"))
        return false;
    second = number(at, 2);
    if (second < 0 || second > 60)
        return false;
    if (take(at, ".")) {
        if (number(at, 1) < 0)
            return false;
        while (number(&(const char *){ *at }, 1) >= 0)
            (*at)++;
    }
    if (!offset(at, &minutes))
        return false;
    return second < 60 || ((hour * 60 + minute - minutes) % 1440 + 1440) % 1440 == 1439;
}

bool
format_is_date_time(const char *text, size_t length)
{
    const char *at = text;

    return date(&at) && take(&at, "Tt") && time_of_day(&at) && at == text + length;
}

bool
format_is_date(const char *text, size_t length)
{
    const char *at = text;

    return date(&at) && at == text + length;
}

bool
format_is_time(const char *text, size_t length)
{
    const char *at = text;

    return time_of_day(&at) && at == text + length;
}

/* Numbers with units, in the order of ${units} and without a gap in it.  False if there is none
 * or something else. */
static bool
units_in_order(const char **at, const char *units)
{
    bool any = false;

    while (**at && **at != 'T') {
        const char *unit;

        if (number(at, 1) < 0)
            return false;
        while (number(&(const char *){ *at }, 1) >= 0)
            (*at)++;
        unit = **at ? strchr(units, **at) : NULL;
        if (unit == NULL || (any && unit != units))
            return false;
        units = unit + 1;
        (*at)++;
        any = true;
    }
    return any;
}

bool
format_is_duration(const char *text, size_t length)
{
    const char *at = text;

    if (!take(&at, "P"))
        return false;
    if (strchr(text, 'W'))
        return units_in_order(&at, "W") && at == text + length;
    if (*at != 'T' && !units_in_order(&at, "YMD"))
        return false;
    if (take(&at, "T") && !units_in_order(&at, "HMS"))
        return false;
    return at == text + length;
}
