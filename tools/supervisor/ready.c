#include "supervisor.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static void
limit_waiting(int fd)
{
    struct timeval half = { .tv_usec = 500000 };

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &half, sizeof half);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &half, sizeof half);
}

static bool
probe_unix(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok;

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    ok = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static int
connect_to(const char *host, const char *port)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
    int fd;

    if (getaddrinfo(host, port, &hints, &found))
        return -1;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        limit_waiting(fd);
        if (connect(fd, found->ai_addr, found->ai_addrlen)) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

static bool
probe_http(const char *target)
{
    char host[128], port[8], path[256] = "", text[512];
    ssize_t got;
    int fd;

    if (sscanf(target, "%127[^:/]:%7[0-9]%255s", host, port, path) < 2)
        return false;
    fd = connect_to(host, port);
    if (fd < 0)
        return false;
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
             *path ? path : "/", host);
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0) {
        close(fd);
        return false;
    }
    got = recv(fd, text, sizeof text - 1, 0);
    close(fd);
    if (got <= 0)
        return false;
    text[got] = '\0';
    return strncmp(text, "HTTP/1.1 200", 12) == 0;
}

bool
ready_probe(const char *target)
{
    if (strncmp(target, "unix:", 5) == 0)
        return probe_unix(target + 5);
    return strncmp(target, "http://", 7) == 0 && probe_http(target + 7);
}
