#include "pl_test_port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* As in stack.py: the same folder, the same runs. */
#define FIRST 12000
#define RUN   100
#define RUNS  207

static const char *
folder(void)
{
    static char path[300];
    const char *tmp = getenv("TMPDIR");

    snprintf(path, sizeof path, "%s/plumb-test-ports", tmp && *tmp ? tmp : "/tmp");
    if (mkdir(path, 0777) && errno != EEXIST)
        abort();
    return path;
}

/* Held until this process ends. */
static bool
lock_run(int base)
{
    char path[320];
    int fd;

    snprintf(path, sizeof path, "%s/%d", folder(), base);
    fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (fd >= 0)
        close(fd);
    return false;
}

static bool
can_be_bound(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((in_port_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    bool can;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    can = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (fd >= 0)
        close(fd);
    return can;
}

int
pl_test_port(void)
{
    static int next, end;

    for (int n = 0; n < RUNS; n++) {
        while (next < end)
            if (can_be_bound(next++))
                return next - 1;
        next = FIRST + RUN * (int)(((unsigned)getpid() * 7 + (unsigned)n) % RUNS);
        end = lock_run(next) ? next + RUN : next;
    }
    abort();
}
