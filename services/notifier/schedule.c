#include "schedule.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_MAX_S (7 * 86400.0)
#define SPREAD      0.2

int
schedule_parse(const char *text, struct schedule *out, struct pl_err *err)
{
    const char *s = text;

    *out = (struct schedule){ 0 };
    for (;;) {
        char *end;
        double pause = strtod(s, &end);

        if (end == s || !(isdigit((unsigned char)*s) || *s == '.') || !(pause <= PAUSE_MAX_S))
            return pl_fail(err, INVALID, "the schedule \"%.100s\" is not a list of seconds", text);
        if (out->count == SCHEDULE_MAX)
            return pl_fail(err, INVALID, "the schedule has more than %d pauses", SCHEDULE_MAX);
        out->seconds[out->count++] = pause;
        if (*end == '\0')
            return 0;
        if (*end != ',')
            return pl_fail(err, INVALID, "the schedule \"%.100s\" is not a list of seconds", text);
        s = end + 1;
    }
}

int64_t
schedule_delay_ms(const struct schedule *self, int64_t tries, double dice)
{
    if (tries < 1 || tries > self->count)
        return tries < 1 ? 0 : -1;
    return (int64_t)(self->seconds[tries - 1] * 1000 * (1 - SPREAD + 2 * SPREAD * dice));
}

int64_t
schedule_retry_after_ms(const char *value, time_t now)
{
    int64_t seconds;

    if (value == NULL || *value == '\0')
        return -1;
    if (strspn(value, "0123456789") == strlen(value)) {
        seconds = strlen(value) > 9 ? RETRY_AFTER_MAX_S : strtoll(value, NULL, 10);
    } else {
        time_t then = isalpha((unsigned char)*value) ? curl_getdate(value, NULL) : -1;

        if (then < 0)
            return -1;
        seconds = then > now ? then - now : 0;
    }
    return (seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : seconds) * 1000;
}
