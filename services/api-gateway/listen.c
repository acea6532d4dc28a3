#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_FD 3 // of the systemd protocol
#define BACKLOG  1024

static bool
is_handed_over(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");

    return pid && fds && strtol(pid, NULL, 10) == getpid() && strtol(fds, NULL, 10) >= 1;
}

static int
copy_handed_over(int *out, size_t count, struct pl_err *err)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = fcntl(FIRST_FD, F_DUPFD_CLOEXEC, FIRST_FD + 1);
        if (out[i] < 0 || fcntl(out[i], F_SETFL, fcntl(out[i], F_GETFL) | O_NONBLOCK)) {
            pl_fail(err, INTERNAL, "cannot use the socket that was handed over");
            return pl_err_detail(err, "%s", strerror(errno));
        }
    }
    close(FIRST_FD);
    return 0;
}

static int
resolve(struct addrinfo **out, const char *address, int64_t port, struct pl_err *err)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
    char service[8];

    snprintf(service, sizeof service, "%d", (int)port);
    if (getaddrinfo(address, service, &hints, out))
        return pl_fail(err, INVALID, "PLUMB_ADDRESS is no address: \"%s\"", address);
    return 0;
}

static int
bind_one(const struct addrinfo *to, bool shared, int *out)
{
    const int on = 1;

    *out = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*out < 0)
        return -1;
    setsockopt(*out, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared)
        setsockopt(*out, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    setsockopt(*out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // connections inherit it
    return bind(*out, to->ai_addr, to->ai_addrlen) || listen(*out, BACKLOG) ? -1 : 0;
}

/* Without SO_REUSEPORT first: with it, two gateways on one port would go unnoticed. */
static int
probe(const struct addrinfo *to)
{
    int fd, failed = bind_one(to, false, &fd), saved = errno;

    if (fd >= 0)
        close(fd);
    errno = saved;
    return failed;
}

static int
bind_all(struct addrinfo *to, int64_t port, int *out, size_t count, struct pl_err *err)
{
    if (count > 1 && probe(to))
        goto failed;
    for (size_t i = 0; i < count; i++) {
        if (bind_one(to, count > 1, &out[i]))
            goto failed;
        if (port == 0) // the others share what the first one got
            ((struct sockaddr_in *)to->ai_addr)->sin_port = htons((uint16_t)listen_port(out[0]));
    }
    return 0;

failed:
    return pl_fail(err, UNAVAILABLE, "could not listen on port %d (PORT): %s", (int)port,
                   strerror(errno));
}

int
listen_open(const char *address, int64_t port, int *out, size_t count, struct pl_err *err)
{
    struct addrinfo *to;
    int failed;

    for (size_t i = 0; i < count; i++)
        out[i] = -1;
    if (is_handed_over())
        return copy_handed_over(out, count, err);
    if (resolve(&to, address, port, err))
        return -1;
    failed = bind_all(to, port, out, count, err);
    freeaddrinfo(to);
    return failed;
}

int
listen_port(int fd)
{
    struct sockaddr_storage at;
    socklen_t length = sizeof at;

    // sin_port and sin6_port are at the same place
    if (getsockname(fd, (struct sockaddr *)&at, &length))
        return 0;
    return ntohs(((struct sockaddr_in *)&at)->sin_port);
}
