#include "connections.h"

#include "addresses.h"
#include "client.h"
#include "settings.h"

#include "pl_log.h"
#include "pl_metric.h"
#include "pl_service.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define TIMED_PHASES PHASE_WAIT // those before it are queues

PL_COUNTER(cut_total, "gateway_connections_cut_total",
           "connections cut or refused because they were late or too many", "reason");
PL_GAUGE(open_now, "gateway_connections", "client connections that are open", "");

struct connection {
    int fd;
    enum phase phase;
    bool requested; // a request line came that is not answered yet
    bool marked;    // `mark` is known
    bool cut;
    int64_t entered;                  // the phase
    int64_t since;                    // when it entered the phase, or was looked at last
    uint64_t received, mark;          // bytes: of bodies; of either when `since` was
    struct connection *next, *before; // in its queue
    struct sockaddr_storage client;
    char address[INET6_ADDRSTRLEN]; // of the client, as text
};

struct queue {
    struct connection *first, *last;
    int64_t ms;
};

struct connections {
    struct queue queues[TIMED_PHASES];
    struct addresses *addresses;
    int64_t idle_ms;
    size_t count, most, most_per_address;
    uint64_t least_received, least_sent; // bytes in a window
};

struct connections *
connections_new(void)
{
    struct connections *self = calloc(1, sizeof *self);

    if (self == NULL)
        return NULL;
    self->queues[PHASE_HEAD].ms = settings.header_timeout_ms;
    self->queues[PHASE_BODY].ms = settings.rate_window_ms;
    self->queues[PHASE_SEND].ms = settings.rate_window_ms;
    self->idle_ms = settings.idle_seconds * 1000 + settings.header_timeout_ms;
    self->queues[PHASE_IDLE].ms =
        settings.rate_window_ms < self->idle_ms ? settings.rate_window_ms : self->idle_ms;
    self->least_received = (uint64_t)(settings.body_min_rate * settings.rate_window_ms / 1000);
    self->least_sent = (uint64_t)(settings.send_min_rate * settings.rate_window_ms / 1000);
    self->most = (size_t)settings.connections;
    self->most_per_address = (size_t)settings.connections_per_address;
    self->addresses = addresses_new(self->most);
    if (self->addresses == NULL) {
        free(self);
        return NULL;
    }
    return self;
}

void
connections_destroy(struct connections **self_p)
{
    struct connections *self = *self_p;

    if (self == NULL)
        return;
    addresses_destroy(&self->addresses);
    free(self);
    *self_p = NULL;
}

static bool
is_queued(const struct connection *connection)
{
    return connection->phase < TIMED_PHASES && !connection->cut;
}

static void
unlink_from(struct connections *self, struct connection *connection)
{
    struct queue *queue = &self->queues[connection->phase];

    *(connection->before ? &connection->before->next : &queue->first) = connection->next;
    *(connection->next ? &connection->next->before : &queue->last) = connection->before;
    connection->next = connection->before = NULL;
}

static void
append(struct connections *self, struct connection *connection, int64_t now)
{
    struct queue *queue = &self->queues[connection->phase];

    connection->since = now;
    connection->before = queue->last;
    *(queue->last ? &queue->last->next : &queue->first) = connection;
    queue->last = connection;
}

/* What the client can still be told, if it waits for an answer that was not begun.  The library
 * does not know of it, and has nothing of its own under way in these phases. */
static void
say_late(const struct connection *connection)
{
    static const char BODY[] =
        "{\"type\":\"urn:plumbline:problem:request-timeout\",\"title\":\"The request took too "
        "long\",\"status\":408,\"detail\":\"it has to arrive faster\"}";
    char text[512];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
                          "Content-Type: application/problem+json\r\nContent-Length: %zu\r\n"
                          "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n%s",
                          sizeof BODY - 1, BODY);

    if (send(connection->fd, text, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT) != length)
        pl_debug("connection.not_told", PL_S("status", "408"));
}

/* An answer that nobody reads is not kept in the kernel either: its connection is reset. */
static void
drop_unsent(const struct connection *connection)
{
    const struct linger now = { .l_onoff = 1 };

    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* Has this client an answer to read?  Also when it is idle for the library: a whole answer may be
 * in the kernel. */
static bool
is_reading(const struct connection *connection)
{
    int unread = 0;

    if (connection->phase != PHASE_IDLE)
        return connection->phase == PHASE_SEND;
    return ioctl(connection->fd, SIOCOUTQ, &unread) == 0 && unread > 0;
}

static void
cut(struct connections *self, struct connection *connection, const char *reason)
{
    unlink_from(self, connection);
    connection->cut = true;
    pl_inc(&cut_total, reason); // before anyone can see that it is cut
    if (is_reading(connection))
        drop_unsent(connection);
    else if (connection->requested)
        say_late(connection);
    shutdown(connection->fd, SHUT_RDWR);
    pl_debug("connection.cut", PL_S("reason", reason));
}

bool
connections_admit(const struct connections *self, const struct sockaddr *client)
{
    if (self->most_per_address == 0 ||
        addresses_count(self->addresses, client) < self->most_per_address ||
        client_is_proxy(client))
        return true;
    pl_inc(&cut_total, "address");
    return false;
}

static void
name_client(struct connection *connection)
{
    const struct sockaddr *at = (const struct sockaddr *)&connection->client;

    if (at->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)at)->sin_addr, connection->address,
                  sizeof connection->address);
    else if (at->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)at)->sin6_addr, connection->address,
                  sizeof connection->address);
}

const char *
connections_address(const struct connection *connection)
{
    return connection ? connection->address : "";
}

static socklen_t
address_size(const struct sockaddr *client)
{
    if (client && client->sa_family == AF_INET)
        return sizeof(struct sockaddr_in);
    return client && client->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : 0;
}

struct connection *
connections_add(struct connections *self, int fd, const struct sockaddr *client)
{
    struct connection *connection = calloc(1, sizeof *connection);

    if (connection == NULL) {
        shutdown(fd, SHUT_RDWR);
        return NULL;
    }
    connection->fd = fd;
    if (address_size(client))
        memcpy(&connection->client, client, address_size(client));
    name_client(connection);
    addresses_add(self->addresses, client);
    append(self, connection, pl_now_ms());
    pl_metric_add(&open_now, 1, PL_LABELS());
    if (++self->count >= self->most && self->queues[PHASE_IDLE].first)
        cut(self, self->queues[PHASE_IDLE].first, "room");
    return connection;
}

void
connections_remove(struct connections *self, struct connection *connection)
{
    if (connection == NULL)
        return;
    if (is_queued(connection))
        unlink_from(self, connection);
    addresses_remove(self->addresses, (struct sockaddr *)&connection->client);
    pl_metric_add(&open_now, -1, PL_LABELS());
    self->count--;
    free(connection);
}

void
connections_enter(struct connections *self, struct connection *connection, enum phase phase)
{
    if (connection == NULL || connection->cut || connection->phase == phase)
        return;
    if (is_queued(connection))
        unlink_from(self, connection);
    connection->phase = phase;
    connection->entered = pl_now_ms();
    if (phase == PHASE_IDLE)
        connection->requested = false;
    connection->marked = phase == PHASE_BODY;
    connection->mark = connection->received;
    if (is_queued(connection))
        append(self, connection, connection->entered);
}

void
connections_request(struct connections *self, struct connection *connection)
{
    if (connection == NULL)
        return;
    connection->requested = true;
    connections_enter(self, connection, PHASE_HEAD);
}

void
connections_received(struct connection *connection, size_t bytes)
{
    if (connection)
        connection->received += bytes;
}

int64_t
connections_timeout_ms(const struct connections *self, int64_t most)
{
    int64_t now = pl_now_ms(), wait = most;

    for (size_t i = 0; i < TIMED_PHASES; i++) {
        const struct queue *queue = &self->queues[i];

        if (queue->first && queue->first->since + queue->ms - now < wait)
            wait = queue->first->since + queue->ms - now;
    }
    return wait > 0 ? wait : 0;
}

/* Of all answers on this connection, as far as the client's system has them. */
static bool
count_acknowledged(const struct connection *connection, uint64_t *out)
{
    struct tcp_info info = { 0 };
    socklen_t length = sizeof info;

    if (getsockopt(connection->fd, IPPROTO_TCP, TCP_INFO, &info, &length) ||
        length < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked)
        return false;
    *out = info.tcpi_bytes_acked;
    return true;
}

/* Why this one is late now that its time is over; NULL if it gets the same time again.  What was
 * acknowledged is asked only of those who take long, so the first window of an answer only marks
 * where it stands. */
static const char *
judge(const struct connections *self, struct connection *connection)
{
    bool is_body = connection->phase == PHASE_BODY;
    uint64_t count = connection->received,
             least = is_body ? self->least_received : self->least_sent;
    bool late;

    if (connection->phase == PHASE_HEAD ||
        (connection->phase == PHASE_IDLE && pl_now_ms() - connection->entered >= self->idle_ms))
        return "header";
    if (!is_body && !is_reading(connection))
        return NULL;
    if (!is_body && !count_acknowledged(connection, &count))
        return NULL;
    late = connection->marked && count - connection->mark < least;
    connection->mark = count;
    connection->marked = true;
    return late ? (is_body ? "body" : "reader") : NULL;
}

void
connections_run(struct connections *self)
{
    int64_t now = pl_now_ms();

    for (size_t i = 0; i < TIMED_PHASES; i++) {
        struct queue *queue = &self->queues[i];

        while (queue->first && queue->first->since + queue->ms <= now) {
            struct connection *connection = queue->first;
            const char *reason = judge(self, connection);

            if (reason) {
                cut(self, connection, reason);
                continue;
            }
            unlink_from(self, connection);
            append(self, connection, pl_now_ms());
        }
    }
}
