#include "hashes.h"

#include "settings.h"

#include "pl_metric.h"
#include "pl_service.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NICER 5

PL_GAUGE(depth, "auth_hash_queue_depth", "calls that wait for their password to be hashed", "");
PL_HISTOGRAM(waited, "auth_hash_wait_seconds", "how long they waited", "");
PL_HISTOGRAM(took, "auth_hash_duration_seconds", "how long one hash took", "");
PL_COUNTER(evaluations, "auth_hash_evaluations_total", "passwords hashed", "purpose");
PL_COUNTER(shed, "auth_hash_shed_total", "calls turned away because too many waited", "");

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int64_t running, waiting;
} pool = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0 };

static char nobody[HASH_TEXT];
static atomic_llong usual_us = 50000; // of one hash, lately

static int64_t
now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t
threads(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (settings.hash_threads)
        return settings.hash_threads;
    return cores > 0 ? cores : 1;
}

/* Wait in the queue, with the lock held; false when the time is over. */
static bool
wait_turn(int64_t deadline)
{
    struct timespec until = { deadline / 1000, deadline % 1000 * 1000000 };
    int late = 0;

    pool.waiting++;
    pl_gauge_set(&depth, (double)pool.waiting);
    while (pool.running >= threads() && !late)
        late = pthread_cond_clockwait(&pool.changed, &pool.lock, CLOCK_MONOTONIC, &until);
    pool.waiting--;
    pl_gauge_set(&depth, (double)pool.waiting);
    return pool.running < threads();
}

static int
enter(int64_t deadline, struct pl_err *err)
{
    int64_t started = now_us();
    bool full, in;

    pthread_mutex_lock(&pool.lock);
    full = pool.running >= threads() && pool.waiting >= settings.hash_queue;
    in = !full && (pool.running < threads() || wait_turn(deadline));
    pool.running += in;
    pthread_mutex_unlock(&pool.lock);
    if (!in) {
        pl_inc(&shed);
        return pl_fail(err, UNAVAILABLE, "too many people log in just now");
    }
    pl_observe(&waited, (double)(now_us() - started) / 1e6);
    return 0;
}

static void
leave(int64_t started)
{
    int64_t spent = now_us() - started;

    pthread_mutex_lock(&pool.lock);
    pool.running--;
    pthread_cond_signal(&pool.changed);
    pthread_mutex_unlock(&pool.lock);
    pl_observe(&took, (double)spent / 1e6);
    usual_us = (usual_us * 7 + spent) / 8;
}

/* A thread that hashes leaves the processor to those that answer: by so much, wherever the process
 * itself stands. */
static void
be_nicer(void)
{
    static _Thread_local bool done;
    id_t thread = (id_t)syscall(SYS_gettid);

    if (!done)
        setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + NICER);
    done = true;
}

static int
make(const char *password, char out[HASH_TEXT])
{
    return crypto_pwhash_str_alg(out, password, strlen(password),
                                 (unsigned long long)settings.hash_ops,
                                 (size_t)settings.hash_kib * 1024, crypto_pwhash_ALG_ARGON2ID13);
}

int
hashes_make(const char *password, char out[HASH_TEXT], int64_t deadline, struct pl_err *err)
{
    int64_t started;
    int failed;

    if (enter(deadline, err))
        return -1;
    be_nicer();
    started = now_us();
    failed = make(password, out);
    leave(started);
    pl_inc(&evaluations, "make");
    return failed ? pl_fail(err, UNAVAILABLE, "there is no memory to hash a password") : 0;
}

int
hashes_check(const char *hash, const char *password, bool *good, int64_t deadline,
             struct pl_err *err)
{
    int64_t started;

    *good = false;
    if (enter(deadline, err))
        return -1;
    be_nicer();
    started = now_us();
    *good = crypto_pwhash_str_verify(hash ? hash : nobody, password, strlen(password)) == 0 && hash;
    leave(started);
    pl_inc(&evaluations, "check");
    return 0;
}

bool
hashes_is_old(const char *hash)
{
    return crypto_pwhash_str_needs_rehash(hash, (unsigned long long)settings.hash_ops,
                                          (size_t)settings.hash_kib * 1024) != 0;
}

void
hashes_pretend(void)
{
    int64_t us = usual_us;
    struct timespec time = { us / 1000000, us % 1000000 * 1000 };

    nanosleep(&time, NULL);
}

int
hashes_open(struct pl_err *err)
{
    char password[65];
    unsigned char random[32];
    int64_t started = now_us();

    randombytes_buf(random, sizeof random);
    sodium_bin2hex(password, sizeof password, random, sizeof random);
    if (make(password, nobody))
        return pl_fail(err, INVALID,
                       "Argon2id cannot be done with PLUMB_HASH_OPS %lld and "
                       "PLUMB_HASH_KIB %lld",
                       (long long)settings.hash_ops, (long long)settings.hash_kib);
    usual_us = now_us() - started;
    return 0;
}
