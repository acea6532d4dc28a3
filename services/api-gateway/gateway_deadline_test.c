/* Who takes too long or too much is cut, and everybody else is served meanwhile. */
#include "client.h"
#include "gateway_fake.h"
#include "settings.h"

#include "pl_check.h"
#include "pl_metric.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define GET     "GET /health/liveness HTTP/1.1\r\nHost: a\r\n"
#define PUT     "PUT /api/v1/apis/museum HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n"
#define TICK_MS 20

static char answer[8192];
static int asked;

static void
serve(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    if (fake_auth(call, reply, arena))
        return;
    asked += strcmp(call->operation, "governance.PutApi") == 0;
    *reply = (struct fake_reply){ .code = PL_NOT_FOUND, .text = "asked" };
}

static void
begin(void (*tune)(void))
{
    asked = 0;
    gateway_tune = tune;
    gateway_begin(serve);
}

static int
talk(const char *text)
{
    int fd = gateway_connect();

    if (send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
        abort();
    return fd;
}

/* Send one more byte now and then until the other side says something or closes. */
static void
drip(int fd)
{
    struct pollfd at = { .fd = fd, .events = POLLIN };

    for (int i = 0; i < 20000 / TICK_MS && poll(&at, 1, TICK_MS) == 0; i++)
        if (send(fd, "x", 1, MSG_NOSIGNAL) != 1)
            break;
}

/* All that comes until the other side closes; "(open)" if it does not. */
static const char *
rest(int fd)
{
    size_t used = 0;
    ssize_t got;

    while ((got = recv(fd, answer + used, sizeof answer - 1 - used, 0)) > 0)
        used += (size_t)got;
    answer[used] = '\0';
    close(fd);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? "(open)" : answer;
}

static void
expect_cut(const char *reason, int times)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf out = { .arena = arena };
    char line[100];

    snprintf(line, sizeof line, "gateway_connections_cut_total{reason=\"%s\"} %d\n", reason, times);
    pl_metric_print(&out);
    CHECK_HAS(pl_buf_text(&out), line);
    pl_arena_destroy(&arena);
}

static void
short_header(void)
{
    settings.header_timeout_ms = 300;
}

TEST(a_header_block_that_drips_is_cut_while_others_are_served)
{
    int slow[20];

    begin(short_header);
    for (int i = 0; i < 20; i++)
        slow[i] = talk(GET "X-A: ");
    CHECK_INT(gateway_ask("GET", "/health/liveness", "", NULL)->status, ==, 200);
    drip(slow[0]);
    for (int i = 0; i < 20; i++) {
        CHECK_HAS(rest(slow[i]), "HTTP/1.1 408 ");
        CHECK_HAS(answer, "urn:plumbline:problem:request-timeout");
    }
    CHECK_INT(gateway_ask("GET", "/health/liveness", "", NULL)->status, ==, 200);
    expect_cut("header", 20);
    gateway_end();
}

TEST(a_request_line_that_drips_or_never_comes_is_cut_without_a_word)
{
    int silent, slow;

    begin(short_header);
    silent = gateway_connect();
    slow = talk("GET /healt");
    drip(slow);
    CHECK_STR(rest(slow), "");
    CHECK_STR(rest(silent), "");
    gateway_end();
}

static void
short_idle(void)
{
    short_header();
    settings.idle_seconds = 0; // the library's own timeout is off
}

TEST(a_second_request_that_drips_is_cut_too)
{
    int fd;

    begin(short_idle);
    fd = talk(GET "\r\n");
    CHECK_INT(recv(fd, answer, sizeof answer, 0), >, 0);
    drip(fd);
    CHECK_STR(rest(fd), "");
    fd = talk(GET "\r\n" GET "X-A: ");
    CHECK_INT(recv(fd, answer, sizeof answer, 0), >, 0);
    drip(fd);
    CHECK_HAS(rest(fd), "HTTP/1.1 408 ");
    gateway_end();
}

static void
fast_bodies(void)
{
    settings.rate_window_ms = 300;
    settings.body_min_rate = 100000;
}

TEST(a_body_that_drips_is_cut_and_no_service_hears_of_it)
{
    int plain, chunked, ignored;

    begin(fast_bodies);
    plain = talk(PUT "Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n{");
    chunked = talk(PUT "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1;a=");
    ignored = talk("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
    CHECK_INT(gateway_ask("GET", "/health/liveness", "", NULL)->status, ==, 200);
    drip(plain);
    drip(chunked);
    CHECK_HAS(rest(plain), "HTTP/1.1 408 ");
    CHECK_HAS(rest(chunked), "HTTP/1.1 408 ");
    CHECK_HAS(rest(ignored), "HTTP/1.1 408 ");
    CHECK_INT(asked, ==, 0);
    expect_cut("body", 3);
    gateway_end();
}

static void
patient(void)
{
    settings.header_timeout_ms = 100; // must not matter here
    settings.rate_window_ms = 3000;   // longer than this program stands still, on any machine
    settings.body_min_rate = 1;
}

TEST(a_body_that_is_slow_but_not_too_slow_is_served)
{
    struct pollfd at = { .events = POLLIN };

    begin(patient);
    at.fd = talk(PUT "Content-Type: application/json\r\nContent-Length: 202\r\n\r\n{");
    for (int i = 0; i < 200 && poll(&at, 1, TICK_MS) == 0; i++)
        CHECK_INT(send(at.fd, " ", 1, MSG_NOSIGNAL), ==, 1);
    CHECK_INT(send(at.fd, "}", 1, MSG_NOSIGNAL), ==, 1);
    CHECK_INT(recv(at.fd, answer, sizeof answer - 1, 0), >, 12);
    CHECK_THAT(strncmp(answer, "HTTP/1.1 408", 12) != 0, "it was cut: %.60s", answer);
    close(at.fd);
    gateway_end();
}

static void
fast_readers(void)
{
    settings.rate_window_ms = 300;
    settings.send_min_rate = 100000;
}

/* Ask so often for something long, and read nothing of it. */
static void
read_nothing(int times, int cut)
{
    static const int SMALL = 4096;
    static const char ONE[] = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
    struct pollfd at = { 0 };
    int asks = 0;

    begin(fast_readers);
    at.fd = gateway_connect();
    setsockopt(at.fd, SOL_SOCKET, SO_RCVBUF, &SMALL, sizeof SMALL);
    while (asks < times && send(at.fd, ONE, sizeof ONE - 1, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
        asks++;
    CHECK_INT(gateway_ask("GET", "/health/liveness", "", NULL)->status, ==, 200);
    CHECK_INT(poll(&at, 1, 20000), ==, 1);
    CHECK(at.revents & (POLLERR | POLLHUP));
    close(at.fd);
    expect_cut("reader", cut);
    gateway_end();
}

TEST(an_answer_that_nobody_reads_is_cut_while_others_are_served)
{
    read_nothing(4000, 1);
}

TEST(so_is_one_that_the_kernel_has_taken_whole)
{
    read_nothing(4, 2);
}

/* How often the contract was asked for and its answer went to the kernel as a whole. */
static int
count_sent(void)
{
    static const char LINE[] = "app_requests_total_by_route{method=\"GET\",route=\"/openapi.json\","
                               "status=\"200\"} ";
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf out = { .arena = arena };
    const char *at;
    int count;

    pl_metric_print(&out);
    at = strstr(pl_buf_text(&out), LINE);
    count = at ? atoi(at + strlen(LINE)) : 0;
    pl_arena_destroy(&arena);
    return count;
}

static void
little_ahead(void)
{
    settings.send_ahead = 32768;
}

TEST(of_answers_that_nobody_reads_the_kernel_takes_only_a_few)
{
    static const char ONE[] = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n",
                      LAST[] = "GET /openapi.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    int fd, before = count_sent();

    begin(little_ahead);
    fd = gateway_connect();
    for (int i = 0; i < 19; i++)
        CHECK_INT(send(fd, ONE, sizeof ONE - 1, MSG_NOSIGNAL), ==, sizeof ONE - 1);
    CHECK_INT(send(fd, LAST, sizeof LAST - 1, MSG_NOSIGNAL), ==, sizeof LAST - 1);
    for (int i = 0; i < 100; i++) // it had as many turns as it can use
        CHECK_INT(gateway_ask("GET", "/health/liveness", "", NULL)->status, ==, 200);
    CHECK_INT(count_sent() - before, <, 12); // of 20; without the bound the kernel takes them all
    while (recv(fd, answer, sizeof answer, 0) > 0)
        ; // who reads gets the rest
    while (count_sent() - before < 20)
        sched_yield();
    close(fd);
    gateway_end();
}

static void
one_each(void)
{
    settings.connections_per_address = 2;
}

TEST(an_address_has_only_so_many_connections_at_once)
{
    int first, second;

    begin(one_each);
    first = talk(GET "\r\n");
    second = talk(GET "\r\n");
    CHECK_INT(recv(first, answer, sizeof answer, 0), >, 0);
    CHECK_INT(recv(second, answer, sizeof answer, 0), >, 0);
    CHECK_STR(rest(gateway_connect()), "");
    expect_cut("address", 1);
    close(first);
    while (gateway_ask("GET", "/health/liveness", "", NULL)->status != 200)
        sched_yield();
    close(second);
    gateway_end();
}

static void
trust(const char *proxies)
{
    struct pl_err err = { 0 };

    settings.trusted_proxies = proxies;
    CHECK_INT(client_check(&err), ==, 0);
}

static void
one_each_but_proxies(void)
{
    one_each();
    trust("127.0.0.0/8, ::1");
}

TEST(a_trusted_proxy_has_as_many_connections_as_it_likes)
{
    int sockets[4];

    begin(one_each_but_proxies);
    for (int i = 0; i < 4; i++) {
        sockets[i] = talk(GET "\r\n");
        CHECK_INT(recv(sockets[i], answer, sizeof answer, 0), >, 0);
    }
    for (int i = 0; i < 4; i++)
        close(sockets[i]);
    gateway_end();
    trust("");
}

static void
three(void)
{
    settings.connections = 3;
}

TEST(when_all_connections_are_taken_the_longest_idle_one_makes_room)
{
    int fds[3];

    begin(three);
    for (int i = 0; i < 3; i++) {
        fds[i] = talk(GET "\r\n");
        CHECK_INT(recv(fds[i], answer, sizeof answer, 0), >, 0);
    }
    CHECK_STR(rest(fds[0]), "");
    CHECK_INT(gateway_ask("GET", "/health/liveness", "", NULL)->status, ==, 200);
    close(fds[1]);
    close(fds[2]);
    gateway_end();
}
