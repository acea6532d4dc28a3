#include "load.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define MAX_THREADS 256

struct shared {
    const struct load *load;
    int64_t begun_us, until_us;
    _Atomic int64_t given, done;
    _Atomic bool failed;
};

struct worker {
    struct shared *shared;
    pthread_t thread;
    int number;
};

int64_t
load_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

double
load_cpu_s(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void
wait_until(int64_t at_us)
{
    struct timespec when = { at_us / 1000000, at_us % 1000000 * 1000 };

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

/* The next turn's moment, after having waited for it; -1: it is over. */
static int64_t
next_turn(struct shared *shared)
{
    const struct load *load = shared->load;
    int64_t number = shared->given++;
    int64_t at = load->rate ? shared->begun_us + number * 1000000 / load->rate : load_now_us();

    if (shared->failed || (load->count ? number >= load->count : at >= shared->until_us))
        return -1;
    if (load->rate)
        wait_until(at);
    return at;
}

static void *
work(void *arg)
{
    struct worker *self = arg;
    const struct load *load = self->shared->load;
    void *own = load->open(self->number);
    int64_t since;

    if (own == NULL)
        self->shared->failed = true;
    while (own && (since = next_turn(self->shared)) >= 0) {
        if (load->turn(own, since))
            self->shared->done++;
        else
            self->shared->failed = true;
    }
    if (own)
        load->close(own);
    return NULL;
}

int64_t
load_run(const struct load *load, double *took)
{
    struct worker workers[MAX_THREADS];
    struct shared shared = { .load = load, .begun_us = load_now_us() };

    shared.until_us = shared.begun_us + (int64_t)(load->seconds * 1e6);
    for (int i = 0; i < load->threads; i++) {
        workers[i] = (struct worker){ .shared = &shared, .number = i };
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
            abort();
    }
    for (int i = 0; i < load->threads; i++)
        pthread_join(workers[i].thread, NULL);
    *took = (double)(load_now_us() - shared.begun_us) / 1e6;
    return shared.failed ? -1 : (int64_t)shared.done;
}
