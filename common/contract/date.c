#include "date.h"

#include <ctype.h>
#include <stddef.h>

static bool
digits(const char **at, int count, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++, ++*at) {
        if (!isdigit((unsigned char)**at))
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool
is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days of the years before ${year}, counted from the year 1. */
static int64_t
days_before(int year)
{
    int64_t past = year - 1;

    return past * 365 + past / 4 - past / 100 + past / 400;
}

bool
date_parse(const char *text, int64_t *day)
{
    static const int LENGTH[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year, month, date;

    if (text == NULL || !digits(&text, 4, &year) || *text++ != '-' || !digits(&text, 2, &month) ||
        *text++ != '-' || !digits(&text, 2, &date))
        return false;
    if (*text != '\0' && *text != 'T' && *text != 't')
        return false;
    if (year < 1 || month < 1 || month > 12 || date < 1 ||
        date > LENGTH[month - 1] + (month == 2 && is_leap(year)))
        return false;
    *day = days_before(year) - days_before(1970) + date - 1;
    for (int i = 1; i < month; i++)
        *day += LENGTH[i - 1] + (i == 2 && is_leap(year));
    return true;
}
