#include "times.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

char *
times_print(struct pl_arena *arena, int64_t ms)
{
    time_t seconds = ms / 1000;
    char text[32];
    struct tm tm;

    gmtime_r(&seconds, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    return pl_arena_printf(arena, "%s.%03dZ", text, (int)(ms % 1000));
}

int64_t
times_read(const char *text)
{
    struct tm tm = { 0 };
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    int sign, hours, minutes;

    if (rest && *rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (rest == NULL || tm.tm_year < 70)
        return -1;
    if (strcmp(rest, "Z") == 0)
        return (int64_t)timegm(&tm);
    sign = *rest == '+' ? 1 : *rest == '-' ? -1 : 0;
    if (sign == 0 || strlen(rest) != 6 || !isdigit((unsigned char)rest[1]) || rest[3] != ':')
        return -1;
    hours = atoi(rest + 1);
    minutes = atoi(rest + 4);
    return (int64_t)timegm(&tm) - sign * (hours * 3600 + minutes * 60);
}
