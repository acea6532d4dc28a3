#include "pl_internal_http.h"

#include "pl_buf.h"
#include "pl_health.h"
#include "pl_log.h"
#include "pl_metric.h"

#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static struct MHD_Daemon *http;

// --- JSON --------------------------------------------------------------------------------

static void
add_text(struct pl_buf *out, const char *key, const char *text)
{
    pl_buf_printf(out, "\"%s\":\"", key);
    for (const char *c = text ? text : ""; *c; c++)
        if (*c == '"' || *c == '\\')
            pl_buf_printf(out, "\\%c", *c);
        else if ((unsigned char)*c < ' ')
            pl_buf_printf(out, "\\u%04x", (unsigned char)*c);
        else
            pl_buf_char(out, *c);
    pl_buf_char(out, '"');
}

const char *
pl_internal_http_health(const Pl__HealthReply *health, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    pl_buf_char(&out, '{');
    add_text(&out, "status", health->status);
    pl_buf_char(&out, ',');
    add_text(&out, "service", health->service);
    pl_buf_char(&out, ',');
    add_text(&out, "version", health->version);
    pl_buf_printf(&out, ",\"uptime_s\":%" PRId64 ",\"workers\":%d,\"workers_busy\":%d,\"queue\":%d",
                  health->uptime_s, health->workers, health->workers_busy, health->queue);
    pl_buf_str(&out, ",\"dependencies\":[");
    for (size_t i = 0; i < health->n_dependencies; i++) {
        pl_buf_str(&out, i ? ",{" : "{");
        add_text(&out, "name", health->dependencies[i]->name);
        pl_buf_char(&out, ',');
        add_text(&out, "state", health->dependencies[i]->state);
        pl_buf_char(&out, ',');
        add_text(&out, "detail", health->dependencies[i]->detail);
        pl_buf_char(&out, '}');
    }
    pl_buf_str(&out, "]}\n");
    return pl_buf_text(&out);
}

// --- pages -------------------------------------------------------------------------------

struct page {
    unsigned status;
    const char *type;
    struct pl_buf body;
};

static void
health_page(struct page *page)
{
    Pl__HealthReply health = PL__HEALTH_REPLY__INIT;

    pl_health_fill(&health, page->body.arena);
    pl_buf_str(&page->body, pl_internal_http_health(&health, page->body.arena));
}

static void
liveness_page(struct page *page)
{
    pl_buf_str(&page->body, "{\"status\":\"ok\"}\n");
}

/* Ready is who can answer, even with 503; dependencies are listed, not ANDed (RULINGS 44). */
static void
readiness_page(struct page *page)
{
    if (!pl_health_is_ready())
        page->status = MHD_HTTP_SERVICE_UNAVAILABLE;
    health_page(page);
}

static void
metrics_page(struct page *page)
{
    page->type = "text/plain; version=0.0.4; charset=utf-8";
    pl_health_sample();
    pl_metric_print(&page->body);
}

static const struct {
    const char *path;
    void (*fill)(struct page *page);
} pages[] = {
    { "/health", health_page },
    { "/health/liveness", liveness_page },
    { "/health/readiness", readiness_page },
    { "/metrics", metrics_page },
};

static void
fill_page(struct page *page, const char *path, const char *method)
{
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        page->status = MHD_HTTP_METHOD_NOT_ALLOWED;
        return;
    }
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strcmp(pages[i].path, path) == 0) {
            pages[i].fill(page);
            return;
        }
    page->status = MHD_HTTP_NOT_FOUND;
}

static enum MHD_Result
answer(void *unused, struct MHD_Connection *connection, const char *path, const char *method,
       const char *version, const char *upload, size_t *upload_size, void **seen)
{
    static int once;
    struct page page = { MHD_HTTP_OK, "application/json", { .arena = NULL } };
    struct MHD_Response *response;
    enum MHD_Result queued;

    (void)unused;
    (void)version;
    (void)upload;
    if (*seen == NULL) { // MHD calls once for the head, then for the body
        *seen = &once;
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0;
        return MHD_YES;
    }
    page.body.arena = pl_arena_new();
    fill_page(&page, path, method);
    if (page.status >= 400 && page.body.length == 0)
        pl_buf_printf(&page.body, "{\"status\":%u}\n", page.status);
    response = MHD_create_response_from_buffer(page.body.length, (void *)pl_buf_text(&page.body),
                                               MHD_RESPMEM_MUST_COPY);
    pl_arena_destroy(&page.body.arena);
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", page.type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    queued = MHD_queue_response(connection, page.status, response);
    MHD_destroy_response(response);
    return queued;
}

// --- start and stop ----------------------------------------------------------------------

static int
read_address(const char *bind, struct addrinfo **out, struct pl_err *err)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
    const char *colon = strrchr(bind, ':');
    char host[128];
    int length = colon ? (int)(colon - bind) : 0;

    if (colon && *bind == '[' && length > 2 && colon[-1] == ']')
        snprintf(host, sizeof host, "%.*s", length - 2, bind + 1);
    else
        snprintf(host, sizeof host, "%.*s", length, bind);
    if (colon == NULL ||
        getaddrinfo(*host && strcmp(host, "*") != 0 ? host : NULL, colon + 1, &hints, out))
        return pl_fail(err, INVALID, "PLUMB_HTTP_BIND must be address:port, not \"%s\"", bind);
    return 0;
}

int
pl_internal_http_start(const char *bind, struct pl_err *err)
{
    struct addrinfo *address = NULL;
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD;

    if (read_address(bind, &address, err))
        return -1;
    if (address->ai_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    http = MHD_start_daemon(flags, 0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR,
                            address->ai_addr, MHD_OPTION_CONNECTION_LIMIT, 64u,
                            MHD_OPTION_CONNECTION_TIMEOUT, 10u, MHD_OPTION_END);
    freeaddrinfo(address);
    if (http == NULL)
        return pl_fail(err, INVALID, "could not serve HTTP on \"%s\": %s", bind, strerror(errno));
    return 0;
}

int
pl_internal_http_port(void)
{
    const union MHD_DaemonInfo *info =
        http ? MHD_get_daemon_info(http, MHD_DAEMON_INFO_BIND_PORT) : NULL;

    return info ? info->port : 0;
}

void
pl_internal_http_stop(void)
{
    if (http)
        MHD_stop_daemon(http);
    http = NULL;
}
