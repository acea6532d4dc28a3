#include "http.h"

#include "connections.h"
#include "exchange.h"
#include "fields.h"
#include "framing.h"
#include "headers.h"
#include "limiter.h"
#include "reactor.h"
#include "ready.h"
#include "record.h"
#include "settings.h"

#include "pl_log.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static struct connection *
connection_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

static int
fd_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    return info->connect_fd;
}

static enum MHD_Result
on_accept(void *cls, const struct sockaddr *client, socklen_t length)
{
    (void)length;
    return connections_admit(reactor_connections(cls), client) ? MHD_YES : MHD_NO;
}

static void
on_connection(void *cls, struct MHD_Connection *connection, void **context,
              enum MHD_ConnectionNotificationCode what)
{
    struct connections *all = reactor_connections(cls);
    const union MHD_ConnectionInfo *client;
    int fd = fd_of(connection);

    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        framing_forget(fd);
        ready_forget(fd);
        connections_remove(all, *context);
        *context = NULL;
        return;
    }
    framing_watch(fd);
    fields_forget(fd);
    ready_watch(fd);
    client = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    *context = connections_add(all, fd, client ? client->client_addr : NULL);
}

/* The first sign of a request: its target, before the library decodes it. */
static void *
on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct reactor *self = cls;
    struct pl_arena *arena = reactor_begin_exchange(self);
    struct exchange *exchange = pl_arena_alloc(arena, sizeof *exchange);

    exchange->reactor = self;
    exchange->connection = connection;
    exchange->arena = arena;
    exchange->target = pl_arena_strdup(arena, target);
    exchange->started_us = record_now_us();
    connections_request(reactor_connections(self), connection_of(connection));
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
    const char *client = connections_address(connection_of(connection));
    int count = MHD_get_connection_values_n(connection, MHD_HEADER_KIND, NULL, NULL);
    size_t blanks;
    bool agreed = framing_agrees(fd_of(connection), &blanks);
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
        .disputed = !agreed,
        .blanks = blanks,
        .size = size ? size->header_size : 0,
    };
    memcpy(self->client, client, strlen(client) + 1);
}

static enum MHD_Result
send_answer(struct exchange *self)
{
    struct answer *answer = &self->answer;
    struct MHD_Response *response;
    enum MHD_Result result;

    answer_finish(self);
    if (reactor_is_draining(self->reactor))
        answer->close = true;
    // the bytes are the arena's, which outlives the response
    response = MHD_create_response_from_buffer(answer->length, (void *)(uintptr_t)answer->body,
                                               MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        return MHD_NO;
    headers_add(response, self);
    fields_expect(fd_of(self->connection));
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

/* An answer queued in the first call costs the connection: the library closes it.  So an answer
 * that does not mean to close it waits for the last call. */
static bool
must_hurry(const struct exchange *self)
{
    return self->answered && self->answer.close;
}

static enum phase
phase_of(const struct exchange *self)
{
    if (self->step == STEP_SENT)
        return PHASE_SEND;
    return self->suspended ? PHASE_WAIT : PHASE_BODY;
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
           const char *version, const char *bytes, size_t *length, void **exchange_p)
{
    struct exchange *self = *exchange_p;
    enum MHD_Result result = MHD_YES;

    (void)url;
    pl_log_request(self->request_id, self->trace_id);
    if (self->step == STEP_HEAD) {
        read_head(self, method, version);
        exchange_head(self);
        if (must_hurry(self))
            result = send_answer(self);
        else
            suspend_if_pending(self);
    } else if (self->step == STEP_ADMIT) {
        exchange_admit(self); // the library repeats the first call after a suspension in it
        if (must_hurry(self))
            result = send_answer(self);
        else
            suspend_if_pending(self);
    } else if (*length) {
        connections_received(connection_of(connection), *length);
        result = exchange_body(self, bytes, *length) ? MHD_YES : MHD_NO;
        *length = 0;
    } else {
        if (self->step == STEP_BODY && framing_disputes_body(fd_of(connection)))
            exchange_dispute(self);
        else if (self->step == STEP_BODY)
            exchange_run(self);
        if (self->answered && !self->pending)
            result = send_answer(self);
        else
            suspend_if_pending(self);
    }
    connections_enter(reactor_connections(cls), connection_of(connection), phase_of(self));
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
    reactor_wake(self->reactor);
}

/* The request is over, one way or the other. */
static void
on_completed(void *cls, struct MHD_Connection *connection, void **exchange_p,
             enum MHD_RequestTerminationCode how)
{
    struct reactor *reactor = cls;
    struct exchange *self = *exchange_p;

    if (self == NULL)
        return;
    *exchange_p = NULL;
    connections_enter(reactor_connections(reactor), connection_of(connection), PHASE_IDLE);
    record(self, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    upload_end(&self->upload);
    limiter_end(self);
    reactor_end_exchange(reactor, self->arena);
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

/* Connections inherit it.  For who does not read the kernel keeps this much of answers, not
 * megabytes; and after so much of them it is the next connection's turn. */
static void
bound_unsent(int listen_fd)
{
    int bytes = (int)settings.send_ahead;

    if (bytes && setsockopt(listen_fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes))
        pl_warn("http.unsent_unbounded", PL_S("detail", strerror(errno)));
}

struct MHD_Daemon *
http_start(struct reactor *self, int listen_fd)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;

    bound_unsent(listen_fd);
    return MHD_start_daemon(
        flags, 0, on_accept, self, on_request, self, MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL,
        MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_URI_LOG_CALLBACK, on_target, self,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, self, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, self, MHD_OPTION_CONNECTION_LIMIT, (unsigned)settings.connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)settings.header_memory,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)settings.idle_seconds,
#if MHD_VERSION >= 0x01000000 // as strict as 0.9.75 is anyway: folded fields, spaces in the target
        MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1,
#endif
        MHD_OPTION_END);
}
