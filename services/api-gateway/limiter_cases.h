/* limiter_cases -- what the rule has to say about one client, row by row, with a clock of the
 * test's own: for the rule in C and for the one in Lua.
 *
 * The limit is 5 at once and one more each tick.  Times are ticks.
 */
#ifndef LIMITER_CASES_H
#define LIMITER_CASES_H

#include "limiter_local.h"

#define CASES_TICK  INT64_C(1000000000)       // us: so long that no key of Redis expires meanwhile
#define CASES_BEGIN INT64_C(1795000000000000) // us: the clock of Redis counts from 1970

static const struct limit CASES_LIMIT = { CASES_TICK, 5 };

struct limit_case {
    double at;
    int cost;
    bool allowed;
    int remaining;
    double retry, reset;
};

static const struct limit_case CASES[] = {
    { 0, 6, false, 5, -1, 0 },                                // more than ever fits changes nothing
    { 0, 1, true, 4, 0, 1 },                                  //
    { 0, 1, true, 3, 0, 2 },                                  //
    { 0, 1, true, 2, 0, 3 },                                  //
    { 0, 1, true, 1, 0, 4 },                                  //
    { 0, 1, true, 0, 0, 5 },                                  // as many as fit
    { 0, 1, false, 0, 1, 5 },                                 // and no more
    { 3, 1, true, 2, 0, 3 },                                  // three came back, one is taken
    { 3.125, 1, true, 1, 0, 3.875 }, { 4, 1, true, 1, 0, 4 }, //
    { 8, 1, true, 4, 0, 1 },                                  // all came back
    { 9.5, 1, true, 4, 0, 1 },                                // never more than fit
    { 9.5, 0, true, 4, 0, 1 },                                // asking for none only looks
    { 9.5, 2, true, 2, 0, 3 },                                //
    { 9.5, 5, false, 2, 3, 3 }, // too many at once: not a part of them
    { 20, 0, true, 5, 0, 0 },   // long after
};

#endif
