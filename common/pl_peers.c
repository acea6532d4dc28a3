#include "pl_peers.h"

#include "pl_buf.h"
#include "pl_log.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_UP_EVERY_S 3
#define MAX_SERVICES    32
#define MAX_INSTANCES   64
#define ADDRESS_ROOM    128 // more than the path of a unix socket may have

/* One service: what its setting says and what that resolved to, "tcp://10.0.0.7:5620". */
struct peer {
    char name[64];
    char *setting;
    bool by_name; // some address is a name, to be looked up again and again
    size_t count;
    char addresses[MAX_INSTANCES][ADDRESS_ROOM];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct peer peers[MAX_SERVICES];
static size_t peer_count;
static atomic_uint_fast64_t generation;
static bool thread_runs;

uint64_t
pl_peers_generation(void)
{
    return generation;
}

static void
setting_name(const char *service, char *out, size_t room)
{
    size_t used = (size_t)snprintf(out, room, "PLUMB_PEER_");

    for (; *service && used + 1 < room; service++)
        out[used++] = *service == '-' ? '_' : (char)toupper((unsigned char)*service);
    out[used] = '\0';
}

/* Take "tcp://host:port" or "tcp://[v6]:port" apart. */
static bool
split(const char *address, size_t length, char *host, size_t room, char port[8])
{
    const char *end = address + length;
    const char *start = address, *colon = NULL;

    if (length < 7 || strncmp(address, "tcp://", 6) != 0)
        return false;
    start += 6;
    for (const char *p = start; p < end; p++)
        if (*p == ':')
            colon = p;
    if (colon == NULL || end - colon > 6 || end - colon < 2)
        return false;
    snprintf(port, 8, "%.*s", (int)(end - colon - 1), colon + 1);
    if (*start == '[' && colon[-1] == ']')
        snprintf(host, room, "%.*s", (int)(colon - start - 2), start + 1);
    else
        snprintf(host, room, "%.*s", (int)(colon - start), start);
    return true;
}

static void
add_text(struct peer *peer, const char *text)
{
    for (size_t i = 0; i < peer->count; i++)
        if (strcmp(peer->addresses[i], text) == 0)
            return;
    if (peer->count < MAX_INSTANCES)
        snprintf(peer->addresses[peer->count++], ADDRESS_ROOM, "%s", text);
}

static void
add_address(struct peer *peer, const struct addrinfo *found, const char *port)
{
    char host[64], text[80];

    if (getnameinfo(found->ai_addr, found->ai_addrlen, host, sizeof host, NULL, 0, NI_NUMERICHOST))
        return;
    snprintf(text, sizeof text, strchr(host, ':') ? "tcp://[%s]:%s" : "tcp://%s:%s", host, port);
    add_text(peer, text);
}

/* "ipc://PATH:NUMBER": there is nothing to look up. */
static bool
add_ipc(struct peer *peer, const char *at, size_t length)
{
    char text[ADDRESS_ROOM];
    const char *number;

    snprintf(text, sizeof text, "%.*s", (int)length, at);
    number = strrchr(text, ':') + 1;
    if (length >= sizeof text || number[strspn(number, "0123456789")] || strlen(number) - 1 > 4)
        return false;
    add_text(peer, text);
    return true;
}

static bool
add_tcp(struct peer *peer, const char *at, size_t length, bool numeric)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                              .ai_flags = numeric ? AI_NUMERICHOST : 0 };
    struct addrinfo *found = NULL;
    char host[256], port[8];

    if (!split(at, length, host, sizeof host, port))
        return false;
    if (getaddrinfo(host, NULL, &hints, &found))
        peer->by_name = true;
    for (const struct addrinfo *i = found; i; i = i->ai_next)
        add_address(peer, i, port);
    if (found)
        freeaddrinfo(found);
    return true;
}

/* Look up every address of the setting; with ${numeric}, only those that need no look-up. */
static void
resolve(struct peer *peer, bool numeric)
{
    peer->count = 0;
    for (const char *at = peer->setting; *at; at += strspn(at, ", ")) {
        size_t length = strcspn(at, ", ");
        bool known_kind = strncmp(at, "ipc://", 6) == 0 ? add_ipc(peer, at, length)
                                                        : add_tcp(peer, at, length, numeric);

        if (!known_kind)
            pl_warn("peer.address_unreadable", PL_S("service", peer->name));
        at += length;
    }
}

static bool
same_addresses(const struct peer *a, const struct peer *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->addresses[i], b->addresses[i]) != 0)
            return false;
    return true;
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Look one service up outside the lock.  A name that cannot be looked up just now keeps the
 * addresses it had. */
static void
look_up(size_t at)
{
    struct peer *fresh = calloc(1, sizeof *fresh);

    if (fresh == NULL)
        return;
    pthread_mutex_lock(&lock);
    *fresh = peers[at];
    fresh->setting = fresh->by_name ? strdup(fresh->setting) : NULL;
    pthread_mutex_unlock(&lock);
    if (fresh->setting) {
        resolve(fresh, false);
        qsort(fresh->addresses, fresh->count, sizeof *fresh->addresses, by_text);
        pthread_mutex_lock(&lock);
        if (strcmp(peers[at].setting, fresh->setting) == 0 && fresh->count > 0 &&
            !same_addresses(&peers[at], fresh)) {
            memcpy(peers[at].addresses, fresh->addresses, sizeof fresh->addresses);
            peers[at].count = fresh->count;
            generation++;
        }
        pthread_mutex_unlock(&lock);
        free(fresh->setting);
    }
    free(fresh);
}

static void *
look_up_forever(void *unused)
{
    (void)unused;
    for (;;) {
        size_t count;

        pthread_mutex_lock(&lock);
        count = peer_count;
        pthread_mutex_unlock(&lock);
        for (size_t i = 0; i < count; i++)
            look_up(i);
        sleep(LOOK_UP_EVERY_S);
    }
    return NULL;
}

/* The thread ends with the process: it holds nothing that matters. */
static void
start_thread(void)
{
    pthread_t thread;

    if (thread_runs || pthread_create(&thread, NULL, look_up_forever, NULL))
        return;
    pthread_detach(thread);
    thread_runs = true;
}

static struct peer *
find(const char *service)
{
    for (size_t i = 0; i < peer_count; i++)
        if (strcmp(peers[i].name, service) == 0)
            return &peers[i];
    if (peer_count == MAX_SERVICES)
        return NULL;
    memset(&peers[peer_count], 0, sizeof *peers);
    snprintf(peers[peer_count].name, sizeof peers->name, "%s", service);
    return &peers[peer_count++];
}

/* The setting is compared each time, so that tests (and nobody else) may change it. */
static struct peer *
known(const char *service)
{
    struct peer *peer = find(service);
    char name[96];
    const char *setting;

    setting_name(service, name, sizeof name);
    setting = getenv(name);
    if (setting == NULL)
        setting = "";
    if (peer == NULL || (peer->setting && strcmp(peer->setting, setting) == 0))
        return peer;
    free(peer->setting);
    peer->setting = strdup(setting);
    if (peer->setting == NULL)
        abort();
    peer->by_name = false;
    resolve(peer, true);
    if (peer->by_name)
        start_thread();
    generation++;
    return peer;
}

size_t
pl_peers_get(const char *service, int port_offset, struct pl_arena *arena, char ***out)
{
    const struct peer *peer;
    size_t count;

    pthread_mutex_lock(&lock);
    peer = known(service);
    count = peer ? peer->count : 0;
    *out = pl_arena_alloc(arena, (count + 1) * sizeof **out);
    for (size_t i = 0; i < count; i++)
        (*out)[i] = pl_peers_shift(peer->addresses[i], port_offset, arena);
    pthread_mutex_unlock(&lock);
    return count;
}

bool
pl_peers_configured(const char *service)
{
    const struct peer *peer;
    bool configured;

    pthread_mutex_lock(&lock);
    peer = known(service);
    configured = peer && *peer->setting;
    pthread_mutex_unlock(&lock);
    return configured;
}

char *
pl_peers_shift(const char *address, int offset, struct pl_arena *arena)
{
    const char *colon = strrchr(address, ':');
    char *end;
    long port;

    if (colon == NULL)
        return NULL;
    port = strtol(colon + 1, &end, 10);
    if (end == colon + 1 || *end || port + offset < 0 || port + offset > 65535)
        return NULL;
    return pl_arena_printf(arena, "%.*s:%ld", (int)(colon - address), address, port + offset);
}
