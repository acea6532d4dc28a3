#include "gateway_fake.h"

#include "limits_file.h"
#include "listen.h"
#include "reactor.h"
#include "routes.h"
#include "server.h"
#include "settings.h"

#include "pl_buf.h"
#include "pl_log.h"
#include "pl_pack.h"
#include "pl_service.h"

#include "auth.pb-c.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static struct contract *contract;
static struct reactor *reactor;
static pthread_t thread;
static int port;
static struct said last;

void (*gateway_tune)(void);

static void *
serve(void *self)
{
    reactor_run(self);
    return NULL;
}

void
gateway_begin(fake_service_fn *service)
{
    struct pl_err err = { 0 };
    int fd;

    if (listen_open("127.0.0.1", 0, &fd, 1, &err)) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    port = listen_port(fd);
    gateway_begin_at(service, fd);
}

void
gateway_begin_at(fake_service_fn *service, int listen_fd)
{
    struct pl_err err = { 0 };

    settings = (struct settings){
        .address = "127.0.0.1",
        .reactors = 1,
        .connections = 100,
        .header_memory = 16384,
        .idle_seconds = 30,
        .header_timeout_ms = 30000,
        .rate_window_ms = 30000,
        .body_memory = 100 << 20,
        .drain_ms = 5000,
        .linger_ms = 0,
        .contract = "",
        .default_api = "demo",
        .cors_origins = "https://ok.example",
        .request_id_header = "X-Request-ID",
        .public_metrics = "on",
        .redis = "",
        .limits = "",
        .limit_fallback = "local",
        .limit_headers = "draft",
        .routes = "",
        .trusted_proxies = "",
        .client_header = "X-Forwarded-For",
        .limit_burst = 1,
        .limit_gateways = 1,
        .limit_wait_ms = 10,
        .cache = 0, // tests of other things count calls
        .cache_entry_bytes = 262144,
        .cache_memory = 8 << 20,
        .cache_wait_ms = 10000, // as long as it takes, on any machine
        .cache_lock_ms = 60000,
        .cache_follow_ms = 60000,
    };
    if (gateway_tune)
        gateway_tune();
    pl_log_open("api-gateway", PL_ERROR, true);
    fake_service = service;
    if (sodium_init() < 0 || server_contract(&contract, &err) || limits_open(&err) ||
        routes_open(&err) || reactor_new(&reactor, contract, listen_fd, &err)) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    pthread_create(&thread, NULL, serve, reactor);
}

void
gateway_stop(void)
{
    reactor_stop(reactor);
}

void
gateway_drain_limit(int ms)
{
    settings.drain_ms = ms;
}

void
gateway_end(void)
{
    reactor_stop(reactor);
    pthread_join(thread, NULL);
    reactor_destroy(&reactor);
    routes_close();
    limits_close();
    contract_destroy(&contract);
    fake_forget();
    gateway_tune = NULL;
    free(last.head);
    last = (struct said){ 0 };
}

int
gateway_connect(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    struct timeval limit = { .tv_sec = 20 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&to, sizeof to))
        abort();
    return fd;
}

static size_t
announced(const char *head)
{
    const char *field = strcasestr(head, "\r\nContent-Length:");

    return field ? strtoul(field + 17, NULL, 10) : 0;
}

/* Read until the header block and what it announces are here, or the other side closes. */
static char *
read_answer(int fd, size_t *length, bool *closed, bool is_head)
{
    size_t room = 1 << 16, used = 0;
    char *all = calloc(1, room + 1), *end = NULL;

    *closed = false;
    for (;;) {
        ssize_t got = recv(fd, all + used, room - used, 0);

        if (got <= 0) {
            *closed = got == 0;
            break;
        }
        used += (size_t)got;
        all[used] = '\0';
        end = strstr(all, "\r\n\r\n");
        if (end && strncmp(all, "HTTP/1.1 100", 12) == 0) {
            used -= (size_t)(end + 4 - all);
            memmove(all, end + 4, used + 1);
            end = strstr(all, "\r\n\r\n");
        }
        if (end && (is_head || (size_t)(all + used - end - 4) >= announced(all)))
            break;
        if (used == room) {
            room *= 2;
            all = realloc(all, room + 1);
        }
    }
    *length = used;
    return all;
}

const struct said *
gateway_send(const char *request, size_t length)
{
    int fd = gateway_connect();
    size_t sent = 0, got;
    char *end, probe;

    while (sent < length) {
        ssize_t n = send(fd, request + sent, length - sent, MSG_NOSIGNAL);

        if (n <= 0)
            break;
        sent += (size_t)n;
    }
    free(last.head);
    last = (struct said){ 0 };
    last.head = read_answer(fd, &got, &last.closed, strncmp(request, "HEAD ", 5) == 0);
    end = strstr(last.head, "\r\n\r\n");
    if (end) {
        end[2] = '\0';
        last.body = end + 4;
        last.length = got - (size_t)(end + 4 - last.head);
        last.status = (int)strtol(last.head + 9, NULL, 10);
    } else
        last.body = last.head + got;
    if (strcasestr(last.head, "connection: close"))
        last.closed = recv(fd, &probe, 1, 0) <= 0;
    close(fd);
    return &last;
}

const struct said *
gateway_text(const char *request)
{
    return gateway_send(request, strlen(request));
}

const struct said *
gateway_ask(const char *method, const char *path, const char *headers, const char *body)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf out = { .arena = arena };
    const struct said *said;

    pl_buf_printf(&out, "%s %s HTTP/1.1\r\nHost: gateway\r\n%s", method, path, headers);
    if (strcasestr(headers, "Authorization:") == NULL)
        pl_buf_str(&out, "Authorization: Bearer good\r\n");
    if (body)
        pl_buf_printf(&out, "Content-Length: %zu\r\n", strlen(body));
    pl_buf_printf(&out, "\r\n%s", body ? body : "");
    said = gateway_send(out.data, out.length);
    pl_arena_destroy(&arena);
    return said;
}

const char *
said_header(const struct said *said, const char *name)
{
    static char value[2048];
    size_t length = strlen(name);

    for (const char *line = said->head; line; line = strstr(line, "\r\n")) {
        line += *line == '\r' ? 2 : 0;
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *from = line + length + 1;

            from += strspn(from, " ");
            snprintf(value, sizeof value, "%.*s", (int)strcspn(from, "\r"), from);
            return value;
        }
    }
    return "";
}

static bool
is_known(const char *token)
{
    static const char *const KNOWN[] = { "good", "other", "reader", "museum" };

    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (strcmp(KNOWN[i], token) == 0)
            return true;
    return false;
}

bool
fake_auth(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    static char *scopes[] = { "runs:read",    "runs:write",     "apis:write",   "notify:admin",
                              "tokens:admin", "ops:read",       "ops:write",    "bridge:read",
                              "bridge:write", "bridge:approve", "latency:read", "latency:admin" };
    static char *apis[] = { "museum" };
    const Auth__VerifyTokenRequest *request;
    Auth__VerifyTokenReply *out = pl_arena_alloc(arena, sizeof *out);
    Pl__Principal *who = pl_arena_alloc(arena, sizeof *who);

    if (strcmp(call->operation, "auth.VerifyToken") != 0)
        return false;
    request = pl_unpack(&auth__verify_token_request__descriptor, call->message, arena);
    auth__verify_token_reply__init(out);
    pl__principal__init(who);
    who->subject = pl_arena_printf(arena, "token:%s", request->secret);
    who->scopes = scopes;
    who->n_scopes = strcmp(request->secret, "reader") == 0 ? 1 : sizeof scopes / sizeof *scopes;
    who->apis = apis;
    who->n_apis = strcmp(request->secret, "museum") == 0;
    out->principal = who;
    out->token = pl_arena_strdup(arena, request->secret);
    reply->late = true;
    reply->message = &out->base;
    reply->code = PL_OK;
    if (strcmp(request->secret, "away") == 0)
        *reply = (struct fake_reply){ .code = PL_UNAVAILABLE, .text = "auth is away" };
    else if (!is_known(request->secret))
        *reply = (struct fake_reply){ .code = PL_UNAUTHENTICATED, .text = "no", .late = true };
    return true;
}
