/* record -- what remains of a request: one log line, and its place in the metrics (I-07, I-08). */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stdint.h>

struct exchange;

/* Count and log a finished exchange; not ${complete} if the client went away before the end. */
void record(struct exchange *self, bool complete);

/* Monotonic microseconds. */
int64_t record_now_us(void);

#endif
