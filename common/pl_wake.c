#include "pl_wake.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int
pl_wake_open(void)
{
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void
pl_wake(int fd)
{
    uint64_t one = 1;

    if (fd >= 0 && write(fd, &one, sizeof one) < 0)
        return; // the counter is full: it is awake already
}

void
pl_wake_clear(int fd)
{
    uint64_t ignored;

    if (read(fd, &ignored, sizeof ignored) < 0)
        return; // there was none
}

void
pl_wake_wait(int fd, int64_t timeout_ms)
{
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

    if (timeout_ms > 0)
        poll(&poll_fd, 1, (int)timeout_ms);
    pl_wake_clear(fd);
}
