/* pl_wake -- an eventfd: any thread wakes the one that polls it.  Wakes before the poll are not
 * lost, and many count as one. */
#ifndef PL_WAKE_H
#define PL_WAKE_H

#include <stdint.h>

/* -1 if there is none to be had. */
int pl_wake_open(void);

/* Wake whoever waits; harmless for -1. */
void pl_wake(int fd);

/* Forget the wakes so far. */
void pl_wake_clear(int fd);

/* Wait until a wake or the time is over, and forget it. */
void pl_wake_wait(int fd, int64_t timeout_ms);

#endif
