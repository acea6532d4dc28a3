#include "reactor.h"

#include "cache.h"
#include "cache_warm.h"
#include "connections.h"
#include "contract.h"
#include "http.h"
#include "limiter.h"
#include "proxy.h"
#include "settings.h"
#include "token_cache.h"
#include "upload.h"

#include "pl_caller.h"
#include "pl_log.h"
#include "pl_service.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LONGEST_WAIT_MS 1000
#define CONNECT_MS      2000
#define KEPT_ARENA      (64u * 1024)
#define SPARES          64

struct reactor {
    const struct contract *contract;
    struct MHD_Daemon *daemon;
    struct pl_caller *caller;
    struct connections *connections;
    struct token_cache *tokens;
    struct cache *cache;
    struct cache_warm *warm;
    struct limiter *limiter;
    struct proxy *proxy;
    struct upload_budget budget;
    int epoll, stop_fd;
    atomic_bool stopping;
    bool woken;                      // a connection was resumed since the library last ran
    int exchanges;                   // not finished
    struct pl_arena *spares[SPARES]; // of exchanges that are over
    int spare_count;
};

const struct contract *
reactor_contract(const struct reactor *self)
{
    return self->contract;
}

struct pl_caller *
reactor_caller(struct reactor *self)
{
    return self->caller;
}

struct connections *
reactor_connections(struct reactor *self)
{
    return self->connections;
}

struct token_cache *
reactor_tokens(struct reactor *self)
{
    return self->tokens;
}

struct cache *
reactor_cache(struct reactor *self)
{
    return self->cache;
}

struct limiter *
reactor_limiter(struct reactor *self)
{
    return self->limiter;
}

struct proxy *
reactor_proxy(struct reactor *self)
{
    return self->proxy;
}

struct upload_budget *
reactor_budget(struct reactor *self)
{
    return &self->budget;
}

bool
reactor_is_draining(const struct reactor *self)
{
    return self->stopping;
}

void
reactor_wake(struct reactor *self)
{
    self->woken = true;
}

struct pl_arena *
reactor_begin_exchange(struct reactor *self)
{
    self->exchanges++;
    return self->spare_count ? self->spares[--self->spare_count] : pl_arena_new();
}

void
reactor_end_exchange(struct reactor *self, struct pl_arena *arena)
{
    self->exchanges--;
    if (self->spare_count == SPARES || pl_arena_size(arena) > KEPT_ARENA) {
        pl_arena_destroy(&arena);
        return;
    }
    pl_arena_reset(arena);
    self->spares[self->spare_count++] = arena;
}

static int
watch(struct reactor *self, int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

    return epoll_ctl(self->epoll, EPOLL_CTL_ADD, fd, &event);
}

int
reactor_new(struct reactor **out, const struct contract *contract, int listen_fd,
            struct pl_err *err)
{
    struct reactor *self = calloc(1, sizeof *self);

    *out = self;
    if (self == NULL)
        return pl_fail(err, INTERNAL, "out of memory");
    self->contract = contract;
    self->budget.most = (size_t)settings.body_memory;
    self->tokens = token_cache_new();
    self->connections = connections_new();
    if (self->connections == NULL) {
        close(listen_fd);
        return pl_fail(err, INTERNAL, "out of memory");
    }
    self->epoll = epoll_create1(EPOLL_CLOEXEC);
    self->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->cache = cache_new(self->epoll);
    self->warm = cache_warm_new(self);
    if (pl_caller_new(&self->caller, "api-gateway", err) ||
        limiter_new(&self->limiter, self->epoll, err) || proxy_new(&self->proxy, self->epoll, err))
        return -1;
    self->daemon = http_start(self, listen_fd);
    if (self->daemon == NULL) {
        close(listen_fd);
        return pl_fail(err, INTERNAL, "cannot start the HTTP library");
    }
    if (watch(self, MHD_get_daemon_info(self->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd) ||
        watch(self, pl_caller_fd(self->caller)) || watch(self, self->stop_fd)) {
        pl_fail(err, INTERNAL, "cannot watch the sockets");
        return pl_err_detail(err, "%s", strerror(errno));
    }
    return 0;
}

static void
ignore(void *arg, const struct pl_answer *answer)
{
    (void)arg;
    (void)answer;
}

/* Connect to every service of the contract, so that /health and /metrics know them from the
 * start and the first request does not pay for it. */
static void
connect_services(struct reactor *self)
{
    for (const char *const *service = self->contract->services; *service; service++) {
        const struct pl_outcall call = { .service = *service,
                                         .operation = "pl.Health",
                                         .timeout_ms = CONNECT_MS };

        pl_caller_start(self->caller, &call, ignore, NULL);
    }
}

/* How long nothing has to be done if no descriptor says so, ${most} at most. */
static int
wait_ms(struct reactor *self, int64_t most)
{
    MHD_UNSIGNED_LONG_LONG http;
    int64_t calls = pl_caller_timeout_ms(self->caller), wait = self->woken ? 0 : most;

    if (MHD_get_timeout(self->daemon, &http) == MHD_YES && (int64_t)http < wait)
        wait = (int64_t)http;
    if (calls >= 0 && calls < wait)
        wait = calls;
    wait = connections_timeout_ms(self->connections, wait);
    wait = cache_timeout_ms(self->cache, wait);
    wait = proxy_timeout_ms(self->proxy, wait);
    return (int)limiter_timeout_ms(self->limiter, wait);
}

/* Wait for anything, then let both sides do what they can.  The caller runs on both sides of the
 * HTTP library: what a request has just sent may have used up the edge of its descriptor.  And
 * without a thread of its own the library does not notice that a connection was resumed. */
static void
turn(struct reactor *self, int64_t most)
{
    struct epoll_event events[32];
    uint64_t signals;
    int count = epoll_wait(self->epoll, events, 32, wait_ms(self, most));

    for (int i = 0; i < count; i++) {
        cache_ready(self->cache, events[i].data.fd, events[i].events);
        limiter_ready(self->limiter, events[i].data.fd, events[i].events);
        proxy_ready(self->proxy, events[i].data.fd, events[i].events);
    }
    limiter_run(self->limiter);
    cache_run(self->cache);
    cache_warm_run(self->warm);
    proxy_run(self->proxy);
    pl_caller_run(self->caller);
    do {
        // looked at last before answers go out: one that is due now says that it is the last
        if (read(self->stop_fd, &signals, sizeof signals) == sizeof signals)
            self->stopping = true;
        self->woken = false;
        MHD_run(self->daemon);
        pl_caller_run(self->caller);
    } while (self->woken);
    connections_run(self->connections);
    cache_flush(self->cache);
    limiter_flush(self->limiter); // what was asked in this turn goes out in one write
}

static unsigned
connections(struct reactor *self)
{
    return MHD_get_daemon_info(self->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections;
}

/* No request of a client that follows HTTP is lost: its connection is closed only after an answer
 * that says so, or when it was idle for a while. */
static void
drain(struct reactor *self)
{
    int64_t begun = pl_now_ms(), end = begun + settings.drain_ms;
    int listen_fd = MHD_quiesce_daemon(self->daemon);

    if (listen_fd >= 0)
        close(listen_fd);
    while (connections(self) > 0) {
        int64_t until = self->exchanges ? end : begun + settings.linger_ms;

        if (pl_now_ms() >= until)
            break;
        turn(self, until - pl_now_ms());
    }
    pl_info("reactor.drained", PL_I("ms", pl_now_ms() - begun),
            PL_I("unfinished", self->exchanges));
}

void
reactor_run(struct reactor *self)
{
    connect_services(self);
    while (!self->stopping)
        turn(self, LONGEST_WAIT_MS);
    drain(self);
}

void
reactor_stop(struct reactor *self)
{
    const uint64_t one = 1;

    if (write(self->stop_fd, &one, sizeof one) != sizeof one)
        pl_error("reactor.stop_failed", PL_S("detail", strerror(errno)));
}

void
reactor_destroy(struct reactor **self_p)
{
    struct reactor *self = *self_p;

    if (self == NULL)
        return;
    cache_stop(self->cache);
    limiter_stop(self->limiter); // what waits for it goes on
    proxy_stop(self->proxy);
    pl_caller_destroy(&self->caller); // ends what is in flight, which resumes its connection
    if (self->daemon) {
        MHD_run(self->daemon);
        MHD_stop_daemon(self->daemon);
    }
    cache_warm_destroy(&self->warm);
    cache_destroy(&self->cache);
    limiter_destroy(&self->limiter);
    proxy_destroy(&self->proxy);
    connections_destroy(&self->connections);
    token_cache_destroy(&self->tokens);
    while (self->spare_count)
        pl_arena_destroy(&self->spares[--self->spare_count]);
    close(self->epoll);
    close(self->stop_fd);
    free(self);
    *self_p = NULL;
}
