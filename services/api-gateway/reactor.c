#include "reactor.h"

#include "contract.h"
#include "exchange.h"
#include "headers.h"
#include "mount.h"
#include "record.h"
#include "settings.h"
#include "token_cache.h"

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
#define LINGER_MS       1000 // for clients that are about to use their connection once more
#define KEPT_ARENA      (64u * 1024)

struct reactor {
    const struct contract *contract;
    struct MHD_Daemon *daemon;
    struct pl_caller *caller;
    struct token_cache *tokens;
    struct upload_budget budget;
    int epoll, stop_fd;
    atomic_bool stopping;
    int exchanges;          // not finished
    struct pl_arena *spare; // of the last exchange
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

struct token_cache *
reactor_tokens(struct reactor *self)
{
    return self->tokens;
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

/* ---- What libmicrohttpd calls ------------------------------------------------------------ */

/* The first sign of a request: its target, before the library decodes it. */
static void *
on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct reactor *self = cls;
    struct pl_arena *arena = self->spare ? self->spare : pl_arena_new();
    struct exchange *exchange = pl_arena_alloc(arena, sizeof *exchange);

    self->spare = NULL;
    self->exchanges++;
    exchange->reactor = self;
    exchange->connection = connection;
    exchange->arena = arena;
    exchange->target = pl_arena_strdup(arena, target);
    exchange->started_us = record_now_us();
    return exchange;
}

struct collecting {
    struct exchange *exchange;
    struct field *fields;
    size_t count;
};

static enum MHD_Result
collect(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_length, const char *value,
        size_t value_length)
{
    struct collecting *to = cls;
    struct pl_arena *arena = to->exchange->arena;

    (void)kind;
    to->fields[to->count++] = (struct field){
        .name = pl_arena_memdup(arena, name, name_length),
        .value = pl_arena_memdup(arena, value ? value : "", value ? value_length : 0),
        .name_length = name_length,
        .value_length = value ? value_length : 0,
    };
    return MHD_YES;
}

static void
read_head(struct exchange *self, const char *method, const char *version)
{
    struct MHD_Connection *connection = self->connection;
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    int count = MHD_get_connection_values_n(connection, MHD_HEADER_KIND, NULL, NULL);
    struct collecting to = { self,
                             pl_arena_alloc(self->arena, (size_t)(count + 1) * sizeof *to.fields),
                             0 };

    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, collect, &to);
    self->head = (struct head){
        .method = pl_arena_strdup(self->arena, method),
        .target = self->target,
        .version = pl_arena_strdup(self->arena, version),
        .fields = to.fields,
        .count = to.count,
        .size = size ? size->header_size : 0,
    };
    record_client(self);
}

static enum MHD_Result
send_answer(struct exchange *self)
{
    struct answer *answer = &self->answer;
    struct MHD_Response *response;
    enum MHD_Result result;

    answer_finish(self);
    if (self->reactor->stopping)
        answer->close = true;
    // the bytes are the arena's, which outlives the response
    response = MHD_create_response_from_buffer(answer->length, (void *)(uintptr_t)answer->body,
                                               MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        return MHD_NO;
    headers_add(response, self);
    result = MHD_queue_response(self->connection, (unsigned)answer->status, response);
    MHD_destroy_response(response);
    self->step = STEP_SENT;
    return result;
}

static void
suspend_if_pending(struct exchange *self)
{
    if (!self->pending)
        return;
    self->suspended = true;
    MHD_suspend_connection(self->connection);
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
           const char *version, const char *bytes, size_t *length, void **exchange_p)
{
    struct exchange *self = *exchange_p;
    enum MHD_Result result = MHD_YES;

    (void)cls;
    (void)connection;
    (void)url;
    pl_log_request(self->request_id, self->trace_id);
    if (self->step == STEP_HEAD) {
        read_head(self, method, version);
        exchange_head(self);
        if (self->answered)
            result = send_answer(self);
        else
            suspend_if_pending(self);
    } else if (*length) {
        result = exchange_body(self, bytes, *length) ? MHD_YES : MHD_NO;
        *length = 0;
    } else {
        if (self->step == STEP_BODY)
            exchange_run(self);
        if (self->answered && !self->pending)
            result = send_answer(self);
        else
            suspend_if_pending(self);
    }
    pl_log_request(NULL, NULL);
    return result;
}

void
exchange_done(struct exchange *self)
{
    self->pending = false;
    if (!self->suspended)
        return;
    self->suspended = false;
    MHD_resume_connection(self->connection);
}

/* The request is over, one way or the other. */
static void
on_completed(void *cls, struct MHD_Connection *connection, void **exchange_p,
             enum MHD_RequestTerminationCode how)
{
    struct reactor *reactor = cls;
    struct exchange *self = *exchange_p;
    struct pl_arena *arena;

    (void)connection;
    if (self == NULL)
        return;
    *exchange_p = NULL;
    record(self, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    upload_end(&self->upload);
    reactor->exchanges--;
    arena = self->arena;
    if (reactor->spare || pl_arena_size(arena) > KEPT_ARENA) {
        pl_arena_destroy(&arena);
        return;
    }
    pl_arena_reset(arena);
    reactor->spare = arena;
}

/* ---- Its life ----------------------------------------------------------------------------- */

static int
watch(struct reactor *self, int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

    return epoll_ctl(self->epoll, EPOLL_CTL_ADD, fd, &event);
}

__attribute__((format(printf, 2, 0))) static void
log_library(void *cls, const char *fmt, va_list args)
{
    char line[256], *text = line;

    (void)cls;
    vsnprintf(line, sizeof line, fmt, args);
    line[strcspn(line, "\n")] = '\0';
    pl_debug("http.library", PL_S("text", text));
}

static struct MHD_Daemon *
start_daemon(struct reactor *self, int listen_fd)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;

    return MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, self, MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL,
        MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_URI_LOG_CALLBACK, on_target, self,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, self, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)settings.connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)settings.header_memory, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)settings.idle_seconds, MHD_OPTION_END);
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
    self->epoll = epoll_create1(EPOLL_CLOEXEC);
    self->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (pl_caller_new(&self->caller, "api-gateway", err))
        return -1;
    self->daemon = start_daemon(self, listen_fd);
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

/* How long nothing has to be done if no descriptor says so. */
static int
wait_ms(struct reactor *self)
{
    MHD_UNSIGNED_LONG_LONG http;
    int64_t calls = pl_caller_timeout_ms(self->caller), wait = LONGEST_WAIT_MS;

    if (MHD_get_timeout(self->daemon, &http) == MHD_YES && (int64_t)http < wait)
        wait = (int64_t)http;
    if (calls >= 0 && calls < wait)
        wait = calls;
    return (int)wait;
}

/* Wait for anything, then let both sides do what they can.  The caller runs on both sides of the
 * HTTP library: what a request has just sent may have used up the edge of its descriptor. */
static void
turn(struct reactor *self)
{
    struct epoll_event events[8];
    uint64_t count;

    epoll_wait(self->epoll, events, 8, wait_ms(self));
    if (read(self->stop_fd, &count, sizeof count) == sizeof count)
        self->stopping = true;
    pl_caller_run(self->caller);
    MHD_run(self->daemon);
    pl_caller_run(self->caller);
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
    while (pl_now_ms() < end && connections(self) > 0) {
        if (self->exchanges == 0 && pl_now_ms() - begun > LINGER_MS)
            break;
        turn(self);
    }
    pl_info("reactor.drained", PL_I("ms", pl_now_ms() - begun),
            PL_I("unfinished", self->exchanges));
}

void
reactor_run(struct reactor *self)
{
    connect_services(self);
    while (!self->stopping)
        turn(self);
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
    pl_caller_destroy(&self->caller); // ends what is in flight, which resumes its connection
    if (self->daemon) {
        MHD_run(self->daemon);
        MHD_stop_daemon(self->daemon);
    }
    token_cache_destroy(&self->tokens);
    pl_arena_destroy(&self->spare);
    close(self->epoll);
    close(self->stop_fd);
    free(self);
    *self_p = NULL;
}
