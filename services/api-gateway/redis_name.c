#include "redis_name.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum lookup { IDLE, RUNNING, DONE };

/* The one lookup of the process: there is one Redis. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum lookup lookup;
static int failure; // of getaddrinfo
static char wanted[256], found[64];

static void *
look_up(void *arg)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
    struct addrinfo *list = NULL;
    char host[256], address[64] = "";
    int result;

    (void)arg;
    pthread_mutex_lock(&lock);
    snprintf(host, sizeof host, "%s", wanted);
    pthread_mutex_unlock(&lock);
    result = getaddrinfo(host, NULL, &hints, &list);
    if (result == 0)
        result = getnameinfo(list->ai_addr, list->ai_addrlen, address, sizeof address, NULL, 0,
                             NI_NUMERICHOST);
    if (list)
        freeaddrinfo(list);
    pthread_mutex_lock(&lock);
    lookup = DONE;
    failure = result;
    memcpy(found, address, sizeof found);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void
begin(const char *host)
{
    pthread_t thread;

    snprintf(wanted, sizeof wanted, "%s", host);
    failure = pthread_create(&thread, NULL, look_up, NULL) ? EAI_AGAIN : 0;
    lookup = failure ? DONE : RUNNING;
    if (lookup == RUNNING)
        pthread_detach(thread);
}

static enum name_state
end(char *address, size_t size)
{
    lookup = IDLE;
    snprintf(address, size, "%s", failure ? gai_strerror(failure) : found);
    return failure ? NAME_FAILED : NAME_FOUND;
}

enum name_state
redis_name_find(const char *host, char *address, size_t size)
{
    unsigned char bytes[16];
    enum name_state state = NAME_WANTED;

    if (inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1) {
        snprintf(address, size, "%s", host);
        return NAME_FOUND;
    }
    pthread_mutex_lock(&lock);
    if (lookup == IDLE)
        begin(host);
    else if (lookup == DONE)
        state = end(address, size);
    pthread_mutex_unlock(&lock);
    return state;
}
