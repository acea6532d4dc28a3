/* schedule -- when to try again (G-20): a list of pauses, and what the receiver asked for. */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include "pl_err.h"

#include <stdint.h>
#include <time.h>

#define SCHEDULE_MAX      20
#define RETRY_AFTER_MAX_S (24 * 3600)

struct schedule {
    double seconds[SCHEDULE_MAX]; // the pause after the first, second, ... failed try
    int count;                    // so there are count + 1 tries
};

/* Read "5,300,1800": seconds, decimals allowed, 1 to 20 of them, each at most 7 days. */
int schedule_parse(const char *text, struct schedule *out, struct pl_err *err);

/* Milliseconds to wait after ${tries} failed tries, or -1 when that was the last one.  ${dice}
 * in [0, 1) spreads the pause by ±20 %, so that receivers do not meet a thundering herd. */
int64_t schedule_delay_ms(const struct schedule *self, int64_t tries, double dice);

/* What a Retry-After header (RFC 9110 §10.2.3: seconds or a date) asks for at ${now}, in
 * milliseconds: capped at 24 h, 0 if the time has passed, -1 if there is none or it says
 * nothing readable. */
int64_t schedule_retry_after_ms(const char *value, time_t now);

#endif
