/* cache_events -- hears on the Feed what ends kept answers, as the rules name it (cache_rule.h). */
#ifndef CACHE_EVENTS_H
#define CACHE_EVENTS_H

#include "pl_err.h"

struct contract;

/* Follow every service that sends one; the contract must stay until the end. */
int cache_events_start(const struct contract *contract, struct pl_err *err);
void cache_events_stop(void);

#endif
