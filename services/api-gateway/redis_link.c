#include "redis_link.h"

#include "pl_log.h"

#include <errno.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

struct redis_link {
    redisAsyncContext *context; // NULL: lost
    int epoll, fd;
    uint32_t wanted, watched; // events: what hiredis wants, what epoll knows
    bool connected;
    char why[160];
};

/* "", or ":" and a port. */
static bool
read_port(const char *text, int *port)
{
    char *end;
    long number;

    *port = 6379;
    if (*text == '\0')
        return true;
    if (*text != ':' || text[1] < '0' || text[1] > '9')
        return false;
    number = strtol(text + 1, &end, 10);
    *port = (int)number;
    return *end == '\0' && number >= 1 && number <= 65535;
}

static bool
read_host(const char *text, struct redis_address *out)
{
    bool quoted = *text == '[';
    size_t length = strcspn(text + quoted, quoted ? "]" : "][:/@?#");
    const char *behind = text + quoted + length;

    if (length == 0 || length >= sizeof out->host || (quoted && *behind != ']'))
        return false;
    memcpy(out->host, text + quoted, length);
    return read_port(behind + quoted, &out->port);
}

int
redis_address_parse(struct redis_address *out, const char *text, struct pl_err *err)
{
    *out = (struct redis_address){ 0 };
    if (strncmp(text, "unix:/", 6) == 0 && strlen(text + 5) < sizeof out->path) {
        snprintf(out->path, sizeof out->path, "%s", text + 5);
        return 0;
    }
    if (strncmp(text, "redis://", 8) == 0 && read_host(text + 8, out))
        return 0;
    return pl_fail(err, INVALID, "\"%s\" is neither unix:/path nor redis://host:port", text);
}

// ---- what hiredis wants of an event loop ----------------------------------------------------

static void
watch(struct redis_link *self, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.fd = self->fd };
    int how = self->watched == 0 ? EPOLL_CTL_ADD : events ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

    if (events == self->watched)
        return;
    if (epoll_ctl(self->epoll, how, self->fd, &event))
        pl_error("redis.watch_failed", PL_S("detail", strerror(errno)));
    self->watched = events;
}

static void
add_read(void *arg)
{
    ((struct redis_link *)arg)->wanted |= EPOLLIN;
}

static void
del_read(void *arg)
{
    ((struct redis_link *)arg)->wanted &= ~(uint32_t)EPOLLIN;
}

static void
add_write(void *arg)
{
    ((struct redis_link *)arg)->wanted |= EPOLLOUT;
}

static void
del_write(void *arg)
{
    ((struct redis_link *)arg)->wanted &= ~(uint32_t)EPOLLOUT;
}

/* hiredis is about to free the context. */
static void
cleanup(void *arg)
{
    struct redis_link *self = arg;
    const char *why = self->context->err ? self->context->errstr : "closed";

    snprintf(self->why, sizeof self->why, "%s", why);
    watch(self, 0);
    self->context = NULL;
}

static void
on_connect(const redisAsyncContext *context, int status)
{
    struct redis_link *self = context->data;

    self->connected = status == REDIS_OK;
}

// ---- the link -------------------------------------------------------------------------------

struct redis_link *
redis_link_open(int epoll, const struct redis_address *to)
{
    struct redis_link *self = calloc(1, sizeof *self);
    redisAsyncContext *context =
        *to->path ? redisAsyncConnectUnix(to->path) : redisAsyncConnect(to->host, to->port);

    if (self == NULL || context == NULL)
        abort(); // no memory, as pl_arena does
    *self = (struct redis_link){ .context = context, .epoll = epoll, .fd = context->c.fd };
    context->data = self;
    context->ev.data = self;
    context->ev.addRead = add_read;
    context->ev.delRead = del_read;
    context->ev.addWrite = add_write;
    context->ev.delWrite = del_write;
    context->ev.cleanup = cleanup;
    if (context->err)
        redisAsyncFree(context); // ends in cleanup()
    else
        redisAsyncSetConnectCallback(context, on_connect);
    return self;
}

void
redis_link_close(struct redis_link **self_p)
{
    struct redis_link *self = *self_p;

    if (self == NULL)
        return;
    if (self->context)
        redisAsyncFree(self->context);
    free(self);
    *self_p = NULL;
}

const char *
redis_link_lost(const struct redis_link *self)
{
    return self->context ? NULL : self->why;
}

bool
redis_link_send(struct redis_link *self, redis_reply_fn *done, void *arg, int count,
                const char *const *words, const size_t *lengths)
{
    return self->context &&
           redisAsyncCommandArgv(self->context, done, arg, count, (const char **)(uintptr_t)words,
                                 lengths) == REDIS_OK;
}

void
redis_link_ready(struct redis_link *self, int fd, uint32_t events)
{
    if (fd != self->fd)
        return;
    if (self->context && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        redisAsyncHandleRead(self->context);
    if (self->context && events & EPOLLOUT)
        redisAsyncHandleWrite(self->context);
}

void
redis_link_flush(struct redis_link *self)
{
    if (self->context && self->connected && self->wanted & EPOLLOUT)
        redisAsyncHandleWrite(self->context);
    if (self->context)
        watch(self, self->wanted);
}
