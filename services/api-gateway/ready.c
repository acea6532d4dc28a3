#include "ready.h"

#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_FDS (1 << 20) // more than PLUMB_CONNECTIONS allows; only what is used takes memory
/* In an event's data, with the descriptor; no pointer and no descriptor looks like this. */
#define OURS          (UINT64_C(0xfd1e) << 48)
#define IS_OURS(data) (((data) >> 48) == (OURS >> 48))

static struct socket {
    bool watched;
    bool inside;   // the kernel's epoll has it
    bool put_off;  // the library believes that it was taken out
    bool empty;    // everything was read that epoll has told of
    bool finished; // the client sends no more: there is an end to be read
    int epoll;
    uint32_t events; // asked for by the library
    epoll_data_t data;
} sockets[MOST_FDS];

static struct socket *
watched(int fd)
{
    return fd >= 0 && fd < MOST_FDS && sockets[fd].watched ? &sockets[fd] : NULL;
}

static int
take_out(struct socket *self, int fd)
{
    struct epoll_event unused = { 0 };

    self->inside = self->put_off = self->empty = false;
    return (int)syscall(SYS_epoll_ctl, self->epoll, EPOLL_CTL_DEL, fd, &unused);
}

static int
put_in(struct socket *self, int fd, int epoll, int operation, const struct epoll_event *event)
{
    struct epoll_event ours = { .events = event->events | EPOLLRDHUP,
                                .data.u64 = OURS | (unsigned)fd };
    int result = (int)syscall(SYS_epoll_ctl, epoll, operation, fd, &ours);

    self->empty = self->finished = self->put_off = false;
    self->inside = result == 0;
    self->epoll = epoll;
    self->events = event->events;
    self->data = event->data;
    return result;
}

void
ready_watch(int fd)
{
    if (fd < MOST_FDS)
        sockets[fd] = (struct socket){ .watched = true };
}

void
ready_forget(int fd)
{
    struct socket *self = watched(fd);

    if (self == NULL)
        return;
    if (self->put_off)
        take_out(self, fd);
    self->watched = false;
}

bool
ready_is_empty(int fd)
{
    const struct socket *self = watched(fd);

    return self && self->inside && self->empty && !self->finished;
}

void
ready_read(int fd, size_t room, ssize_t got)
{
    struct socket *self = watched(fd);

    if (self)
        self->empty = got > 0 && (size_t)got < room;
}

/* In place of the C library's, for all of this process. */
int
epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    struct socket *self = watched(fd);

    if (self == NULL || (!self->inside && operation != EPOLL_CTL_ADD))
        return (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
    if (operation == EPOLL_CTL_DEL) {
        self->put_off = true;
        return 0;
    }
    if (operation == EPOLL_CTL_ADD && self->put_off) {
        if (self->epoll == epoll && self->events == event->events) {
            self->put_off = false;
            self->data = event->data;
            return 0;
        }
        take_out(self, fd);
    }
    return put_in(self, fd, epoll, operation, event);
}

/* What happened on a client's socket, as the library knows it; false if it must not hear of it. */
static bool
translate(struct epoll_event *event)
{
    int fd = (int)(event->data.u64 & ~OURS);
    struct socket *self = &sockets[fd];

    if (self->put_off) {
        take_out(self, fd);
        return false;
    }
    if (event->events & ~(uint32_t)EPOLLOUT)
        self->empty = false;
    if (event->events & EPOLLRDHUP)
        self->finished = true;
    event->events &= ~(uint32_t)EPOLLRDHUP;
    event->data = self->data;
    return true;
}

int
epoll_wait(int epoll, struct epoll_event *events, int most, int timeout)
{
    int count = epoll_pwait(epoll, events, most, timeout, NULL), kept = 0;

    for (int i = 0; i < count; i++)
        if (!IS_OURS(events[i].data.u64) || translate(&events[i]))
            events[kept++] = events[i];
    return count > 0 ? kept : count;
}
