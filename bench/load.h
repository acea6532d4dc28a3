/* load -- threads that do one thing again and again, as fast as they can or at a given rate.
 *
 * At a rate each turn has its moment, and what it is timed from is that moment, not when the
 * thread got to it: who falls behind is seen to be late.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stdint.h>

struct load {
    int threads;                            // at most 256
    int64_t rate;                           // turns a second of all threads; 0: without a pause
    double seconds;                         // how long, or
    int64_t count;                          // how many; 0: until the time is over
    void *(*open)(int thread);              // what a thread needs; NULL: failed, with a message
    bool (*turn)(void *, int64_t since_us); // false: failed, with a message
    void (*close)(void *);
};

/* Run it to its end.  Returns the number of turns, -1 if anything failed; *took in seconds. */
int64_t load_run(const struct load *load, double *took);

/* CLOCK_MONOTONIC, which all processes of a machine share, in microseconds. */
int64_t load_now_us(void);

/* User and system time of this process so far, in seconds. */
double load_cpu_s(void);

#endif
