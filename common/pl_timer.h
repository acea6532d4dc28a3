/* pl_timer -- the threads that run a service's timers.  pl_feed starts and stops them. */
#ifndef PL_TIMER_H
#define PL_TIMER_H

#include "pl_service.h"

/* Start each timer's threads.  ${dsn} NULL: a service without a schema. */
int pl_timers_start(const struct pl_service *service, const char *dsn, struct pl_err *err);

/* Finish what runs and end the threads. */
void pl_timers_stop(void);

/* How many threads, and so connections, ${timers} needs. */
int pl_timers_count(const struct pl_timer *timers);

#endif
