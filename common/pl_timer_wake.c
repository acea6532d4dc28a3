#include "pl_timer_wake.h"

#include "pl_service.h"

#include <pthread.h>
#include <time.h>

/* A wake is a new generation, so that none is lost between two runs. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static uint64_t generation;
static bool stopping;

static _Thread_local bool held, wanted;

void
pl_timers_wake(void)
{
    if (held) {
        wanted = true;
        return;
    }
    pthread_mutex_lock(&lock);
    generation++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void
pl_timers_hold(void)
{
    held = true;
}

void
pl_timers_let_go(void)
{
    held = false;
    if (wanted)
        pl_timers_wake();
    wanted = false;
}

bool
pl_timers_wait(int64_t wait_ms, uint64_t *seen)
{
    struct timespec until;
    bool go_on;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&lock);
    while (!stopping && generation == *seen)
        if (wait_ms <= 0 || pthread_cond_clockwait(&changed, &lock, CLOCK_MONOTONIC, &until) != 0)
            break;
    *seen = generation;
    go_on = !stopping;
    pthread_mutex_unlock(&lock);
    return go_on;
}

void
pl_timers_set_stopping(bool now)
{
    pthread_mutex_lock(&lock);
    stopping = now;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}
