/* Instances and their sockets. */
#include "pl_caller_impl.h"

#include "pl_curve.h"
#include "pl_log.h"
#include "pl_pack.h"
#include "pl_peers.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>

#define HWM 1000

static char *
copy(const char *text)
{
    char *made = strdup(text);

    if (made == NULL)
        abort();
    return made;
}

// --- the list of links to look at ---------------------------------------------------------

void
pl_link_mark(struct link *link)
{
    struct link **at = &link->caller->dirty;

    if (link->dirty)
        return;
    while (*at)
        at = &(*at)->dirty_next;
    link->dirty = true;
    link->dirty_next = NULL;
    *at = link;
}

void
pl_link_unmark(struct link *link)
{
    struct link **at = &link->caller->dirty;

    while (*at && *at != link)
        at = &(*at)->dirty_next;
    if (*at)
        *at = link->dirty_next;
    link->dirty = false;
}

// --- open and close ----------------------------------------------------------------------

static void
watch(struct link *link, zsock_t *socket)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = link };

    if (epoll_ctl(link->caller->epoll, EPOLL_CTL_ADD, zsock_fd(socket), &event))
        abort();
}

/* The monitor says when a connection stands and when it is gone; a unique name each. */
static int
open_monitor(struct link *link, struct pl_err *err)
{
    static atomic_uint_fast64_t serial;
    char name[64];

    snprintf(name, sizeof name, "inproc://pl-caller-monitor-%" PRIu64, (uint64_t)++serial);
    if (zmq_socket_monitor(link->handle, name,
                           ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
                               ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                               ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                               ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL))
        return pl_fail(err, INTERNAL, "could not watch a socket: %s", zmq_strerror(errno));
    link->monitor = zsock_new(ZMQ_PAIR);
    /* Who is idle reads nothing, and libzmq's own thread would wait for room in this pipe. */
    if (link->monitor)
        zsock_set_rcvhwm(link->monitor, 0);
    if (link->monitor == NULL || zsock_connect(link->monitor, "%s", name))
        return pl_fail(err, INTERNAL, "could not watch a socket");
    watch(link, link->monitor);
    return 0;
}

static void
close_link(struct link *link)
{
    if (link->monitor)
        epoll_ctl(link->caller->epoll, EPOLL_CTL_DEL, zsock_fd(link->monitor), NULL);
    if (link->socket)
        epoll_ctl(link->caller->epoll, EPOLL_CTL_DEL, zsock_fd(link->socket), NULL);
    if (link->handle)
        zmq_socket_monitor(link->handle, NULL, 0);
    zsock_destroy(&link->monitor);
    zsock_destroy(&link->socket);
    link->handle = NULL;
    link->live = false;
    pl_batch_free(&link->out);
    pl_link_unmark(link);
}

int
pl_link_open(struct link *link, struct pl_err *err)
{
    const struct instance *instance = link->instance;

    if (link->socket)
        return 0;
    link->socket = zsock_new(ZMQ_DEALER);
    if (link->socket == NULL)
        return pl_fail(err, INTERNAL, "could not make a socket");
    link->handle = zsock_resolve(link->socket);
    pl_curve_tune(link->socket, HWM, (int64_t)(link->bulk ? PL_BODY_MOST : PL_FRAME_MOST));
    /* A big answer here is a mistake that costs time, not the connection. */
    zsock_set_maxmsgsize(link->socket, (int)PL_BODY_MOST);
    if (strchr(instance->address, '['))
        zsock_set_ipv6(link->socket, 1);
    if (pl_curve_client(link->socket, instance->peer->name, err) || open_monitor(link, err) ||
        zsock_connect(link->socket, "%s", instance->address)) {
        close_link(link);
        return pl_fail(err, INTERNAL, "could not connect to \"%s\"", instance->peer->name);
    }
    watch(link, link->socket);
    return 0;
}

static void
init_link(struct link *link, struct pl_caller *caller, struct instance *instance, bool bulk)
{
    link->caller = caller;
    link->instance = instance;
    link->bulk = bulk;
}

static void
add_instance(struct pl_caller *self, struct peer *peer, const char *address)
{
    struct instance *instance = calloc(1, sizeof *instance);

    if (instance == NULL)
        abort();
    instance->peer = peer;
    instance->address = copy(address);
    init_link(&instance->normal, self, instance, false);
    init_link(&instance->bulk, self, instance, true);
    instance->next = peer->instances;
    peer->instances = instance;
}

/* The keys may have been made, or changed, since: start such a link afresh. */
static void
open_or_reopen(struct instance *instance)
{
    struct pl_err err = { 0 };

    if (instance->normal.refused && !instance->normal.live)
        close_link(&instance->normal);
    if (instance->bulk.refused && !instance->bulk.live)
        close_link(&instance->bulk);
    if (pl_link_open(&instance->normal, &err))
        pl_warn("peer.not_connected", PL_S("service", instance->peer->name), PL_ERR(&err));
}

/* Take ${address} out of the list; false if it is not in it. */
static bool
strike(char **addresses, size_t count, const char *address)
{
    for (size_t i = 0; i < count; i++)
        if (addresses[i] && strcmp(addresses[i], address) == 0) {
            addresses[i] = NULL;
            return true;
        }
    return false;
}

static void
compare(struct pl_caller *self, struct peer *peer)
{
    struct pl_arena *arena = pl_arena_new();
    char **addresses;
    size_t count = pl_peers_get(peer->name, 0, arena, &addresses);

    peer->generation = pl_peers_generation();
    for (struct instance *i = peer->instances; i; i = i->next)
        i->doomed = !strike(addresses, count, i->address);
    for (size_t k = 0; k < count; k++)
        if (addresses[k])
            add_instance(self, peer, addresses[k]);
    pl_arena_destroy(&arena);
}

void
pl_links_refresh(struct pl_caller *self, struct peer *peer, bool reopen)
{
    bool changed = peer->generation == 0 || peer->generation != pl_peers_generation();

    if (changed)
        compare(self, peer);
    if (changed || reopen)
        for (struct instance *i = peer->instances; i; i = i->next)
            open_or_reopen(i);
}

void
pl_links_bury(struct pl_caller *self, bool all)
{
    for (struct peer *peer = self->peers; peer; peer = peer->next)
        for (struct instance **at = &peer->instances; *at;) {
            struct instance *gone = *at;

            if (!all && (!gone->doomed || gone->in_flight)) {
                at = &gone->next;
                continue;
            }
            close_link(&gone->normal);
            close_link(&gone->bulk);
            for (struct outgoing *call = self->all; call; call = call->next)
                if (call->last == gone)
                    call->last = NULL;
            *at = gone->next;
            free(gone->address);
            free(gone);
        }
}
