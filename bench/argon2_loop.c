/* argon2_loop -- how many passwords this machine can hash: a bare loop of Argon2id on as many threads
 * as there are cores.  What logins a second are compared with (bench/login.py).
 *
 * usage: argon2_loop SECONDS [KIB]; prints hashes a second, and processor milliseconds of one. */
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PASSES   2
#define MOST     64
#define PASSWORD "a horse, a battery and a staple"

static char hash[crypto_pwhash_STRBYTES];
static atomic_bool over;
static atomic_long count;

static void *
loop(void *unused)
{
    while (!over) {
        if (crypto_pwhash_str_verify(hash, PASSWORD, strlen(PASSWORD)))
            abort();
        count++;
    }
    return unused;
}

static double
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int
main(int argc, char *argv[])
{
    unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 5;
    size_t kib = argc > 2 ? (size_t)atoi(argv[2]) : 19456;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t threads[MOST];
    double started;

    if (sodium_init() < 0 || crypto_pwhash_str_alg(hash, PASSWORD, strlen(PASSWORD), PASSES,
                                                   kib * 1024, crypto_pwhash_ALG_ARGON2ID13))
        return EXIT_FAILURE;
    cores = cores < 1 ? 1 : cores > MOST ? MOST : cores;
    started = now();
    for (long i = 0; i < cores; i++)
        pthread_create(&threads[i], NULL, loop, NULL);
    sleep(seconds);
    over = true;
    for (long i = 0; i < cores; i++)
        pthread_join(threads[i], NULL);
    printf("%.2f %.2f\n", (double)count / (now() - started),
           (double)clock() * 1000 / CLOCKS_PER_SEC / (double)count);
    return EXIT_SUCCESS;
}
