#include "proxy.h"

#include "exchange.h"
#include "problem.h"
#include "proxy_call.h"
#include "reactor.h"
#include "routes.h"

#include "pl_health.h"
#include "pl_metric.h"
#include "pl_service.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define MOST_FAILURES 5
#define REST_MS       1000
#define HEALTH_MS     5000

PL_COUNTER(calls, "gateway_upstream_requests_total", "requests to upstreams, by what came back",
           "upstream,result");
PL_COUNTER(turns, "gateway_upstream_breaker_total", "times that an upstream's breaker changed",
           "upstream,to");
PL_GAUGE(open_now, "gateway_upstream_breaker_open", "1: the upstream is not asked", "upstream");

/* How one upstream does, as this reactor sees it. */
struct upstream_state {
    int failures;   // in a row
    bool open;      // not to be asked
    int64_t due_ms; // the next look at its health, or the end of its rest
    bool looking;
};

struct proxy {
    int epoll;
    CURLM *multi;
    struct proxy_calls calls;
    int64_t timer_ms; // -1: none
    bool stopping;
    struct upstream_state states[MAX_ROUTES];
};

// ---- libcurl in our loop --------------------------------------------------------------------

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct proxy *self = arg;
    struct epoll_event event = { .data.fd = fd };

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(self->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    epoll_ctl(self->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    curl_multi_assign(self->multi, fd, self);
    return 0;
}

static int
on_timer(CURLM *multi, long wait_ms, void *arg)
{
    struct proxy *self = arg;

    (void)multi;
    self->timer_ms = wait_ms < 0 ? -1 : pl_now_ms() + wait_ms;
    return 0;
}

int
proxy_new(struct proxy **out, int epoll, struct pl_err *err)
{
    struct proxy *self = calloc(1, sizeof *self);

    *out = self;
    if (self == NULL || (self->multi = curl_multi_init()) == NULL)
        return pl_fail(err, INTERNAL, "libcurl could not start");
    self->epoll = epoll;
    self->timer_ms = -1;
    TAILQ_INIT(&self->calls);
    curl_multi_setopt(self->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(self->multi, CURLMOPT_SOCKETDATA, self);
    curl_multi_setopt(self->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(self->multi, CURLMOPT_TIMERDATA, self);
    curl_multi_setopt(self->multi, CURLMOPT_MAXCONNECTS, 64L);
    return 0;
}

// ---- breaker and health ---------------------------------------------------------------------

static struct upstream_state *
state_of(struct proxy *self, const struct upstream_route *route)
{
    int count;

    return &self->states[route - routes_all(&count)];
}

static void
turn_breaker(struct upstream_state *state, const struct upstream_route *route, bool open,
             const char *why)
{
    char name[64];

    state->due_ms = pl_now_ms() + (open ? REST_MS : HEALTH_MS);
    if (state->open == open)
        return;
    state->open = open;
    pl_inc(&turns, route->name, open ? "open" : "closed");
    pl_gauge_set(&open_now, open, route->name);
    snprintf(name, sizeof name, "upstream:%s", route->name);
    pl_health_set(name, open ? "down" : "ok", why);
}

static void
note_result(struct proxy *self, const struct upstream_route *route, bool good, const char *why)
{
    struct upstream_state *state = state_of(self, route);

    state->failures = good ? 0 : state->failures + 1;
    if (good)
        turn_breaker(state, route, false, "");
    else if (state->failures >= MOST_FAILURES)
        turn_breaker(state, route, true, why);
}

/* Ask for the health of those that it is time for; one without a health path rests for a while
 * and is then asked again by a request. */
static void
look(struct proxy *self, int64_t now)
{
    int count;
    const struct upstream_route *routes = routes_all(&count);

    for (int i = 0; i < count && !self->stopping; i++) {
        struct upstream_state *state = &self->states[i];

        if (now < state->due_ms || state->looking)
            continue;
        state->due_ms = now + HEALTH_MS;
        if (routes[i].health == NULL && state->open) {
            state->failures = MOST_FAILURES - 1;
            turn_breaker(state, &routes[i], false, "");
        } else if (routes[i].health)
            state->looking = proxy_call_health(self->multi, &self->calls, &routes[i]);
    }
}

// ---- one request ----------------------------------------------------------------------------

void
proxy_begin(struct exchange *exchange)
{
    struct proxy *self = reactor_proxy(exchange->reactor);
    const struct upstream_route *route = exchange->upstream;

    if (self->stopping || state_of(self, route)->open) {
        pl_inc(&calls, route->name, "refused");
        problem(exchange, PL_UNAVAILABLE, "%s does not answer at present", route->name);
    } else if (proxy_call_start(self->multi, &self->calls, exchange))
        exchange->pending = true;
    else
        problem(exchange, PL_INTERNAL, "the request could not be sent on");
}

static void
finish(struct proxy *self, struct proxy_call *call, CURLcode code)
{
    const struct upstream_route *route = proxy_call_route(call);
    struct exchange *exchange = proxy_call_exchange(call);
    long status = proxy_call_status(call);
    bool good = code == CURLE_OK && (exchange || status < 500);

    pl_inc(&calls, route->name,
           !exchange                          ? "health"
           : code == CURLE_OK                 ? "answered"
           : code == CURLE_OPERATION_TIMEDOUT ? "timeout"
                                              : "failed");
    if (exchange == NULL) {
        state_of(self, route)->looking = false;
        if (!good) // one look that fails is enough
            state_of(self, route)->failures = MOST_FAILURES;
    }
    note_result(self, route, good, code ? curl_easy_strerror(code) : "its health path fails");
    if (exchange && code == CURLE_OK)
        proxy_call_answer(call);
    else if (exchange && self->stopping)
        problem(exchange, PL_UNAVAILABLE, "the gateway is stopping");
    else if (exchange && code == CURLE_OPERATION_TIMEDOUT)
        problem(exchange, PL_TIMEOUT, "%s did not answer in time", route->name);
    else if (exchange)
        problem(exchange, PL_UNAVAILABLE, "%s could not be reached", route->name);
    proxy_call_end(self->multi, &self->calls, &call);
    if (exchange)
        exchange_done(exchange);
}

static void
read_results(struct proxy *self)
{
    struct CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(self->multi, &left)))
        if (message->msg == CURLMSG_DONE)
            finish(self, proxy_call_of(message->easy_handle), message->data.result);
}

void
proxy_ready(struct proxy *self, int fd, uint32_t events)
{
    int what = (events & EPOLLIN ? CURL_CSELECT_IN : 0) |
               (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
               (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    int running;

    if (!TAILQ_EMPTY(&self->calls)) // a descriptor that is not libcurl's is ignored by it
        curl_multi_socket_action(self->multi, fd, what, &running);
}

void
proxy_run(struct proxy *self)
{
    int64_t now = pl_now_ms();
    int running, count;

    routes_all(&count);
    if (count == 0)
        return;
    if (self->timer_ms >= 0 && now >= self->timer_ms) {
        self->timer_ms = -1;
        curl_multi_socket_action(self->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    read_results(self);
    look(self, now);
}

int64_t
proxy_timeout_ms(const struct proxy *self, int64_t most)
{
    int64_t left = self->timer_ms < 0 ? most : self->timer_ms - pl_now_ms();

    return left < 0 ? 0 : left < most ? left : most;
}

void
proxy_stop(struct proxy *self)
{
    struct proxy_call *call;

    if (self == NULL)
        return;
    self->stopping = true;
    while ((call = TAILQ_FIRST(&self->calls)))
        finish(self, call, CURLE_ABORTED_BY_CALLBACK);
}

void
proxy_destroy(struct proxy **self_p)
{
    struct proxy *self = *self_p;

    if (self == NULL)
        return;
    proxy_stop(self);
    curl_multi_cleanup(self->multi);
    free(self);
    *self_p = NULL;
}
