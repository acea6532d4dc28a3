/* offer -- offers requests to gateways at a rate and says what became of each, as JSON.
 *
 *     plumb-offer [-r RATE] [-s SECONDS] [-c CONNECTIONS] [-p PATH] [-H LINE] [-k CLIENTS]
 *                 [-e STATUS] PORT...
 *
 * RATE is a second over all ports, at random times (Poisson); 0 asks again as soon as an answer is
 * here.  CONNECTIONS are per port.  With CLIENTS each request says another X-Forwarded-For, of so
 * many.  STATUS is the good one; without it every one below 429 is.  One line each tenth of a
 * second: what was answered in it, the longest wait and the p99. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_PORTS       64
#define MAX_CONNECTIONS 1024
#define MAX_TENTHS      72000
#define MAX_LATENCIES   4000000

struct connection {
    int fd, port; // index of its port
    bool busy;
    int64_t sent_us;
    char in[4096];
    size_t length, body; // bytes of the head; of the body still to come
    int status;
};

struct tenth {
    uint32_t good, limited, unavailable, other;
    uint32_t longest_us;
    size_t first; // of its latencies, which end where those of the next begin
};

static struct {
    double rate, seconds;
    int connections, ports[MAX_PORTS], port_count, clients, expected;
    const char *path, *header;
} say = { .seconds = 10, .connections = 8, .path = "/", .header = "" };

static struct connection all[MAX_CONNECTIONS];
static int all_count, epoll_fd;
static struct tenth tenths[MAX_TENTHS];
static uint64_t by_port[MAX_PORTS][4], sent, failed, late;
static uint32_t *latencies;
static size_t latency_count;
static int64_t begun_us;

static int64_t
now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
open_one(struct connection *self)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = self };
    int one = 1;

    to.sin_port = htons((uint16_t)say.ports[self->port]);
    self->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(self->fd, (struct sockaddr *)&to, sizeof to)) {
        fprintf(stderr, "port %d: %s\n", say.ports[self->port], strerror(errno));
        exit(2);
    }
    setsockopt(self->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(self->fd, F_SETFL, O_NONBLOCK);
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, self->fd, &event);
    self->length = self->body = 0;
    self->status = 0;
    self->busy = false;
}

static void
ask(struct connection *self, int64_t due_us)
{
    char text[1024], client[64] = "";
    int length;

    if (say.clients)
        snprintf(client, sizeof client, "X-Forwarded-For: 2001:db8:%lx:%lx::1\r\n",
                 (random() % say.clients) >> 16, (random() % say.clients) & 0xffff);
    length = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n%s%s%s\r\n", say.path,
                      client, say.header, *say.header ? "\r\n" : "");
    self->busy = true;
    self->sent_us = due_us;
    sent++;
    if (write(self->fd, text, (size_t)length) != length)
        failed++;
}

static int
kind_of(int status)
{
    if (say.expected ? status == say.expected : status < 429)
        return 0;
    return status == 429 ? 1 : status == 503 ? 2 : 3;
}

static void
note(struct connection *self)
{
    int64_t now = now_us();
    uint32_t took = (uint32_t)(now - self->sent_us);
    struct tenth *at = &tenths[(now - begun_us) / 100000 % MAX_TENTHS];
    int kind = kind_of(self->status);

    ++*(kind == 0   ? &at->good
        : kind == 1 ? &at->limited
        : kind == 2 ? &at->unavailable
                    : &at->other);
    by_port[self->port][kind]++;
    if (took > at->longest_us)
        at->longest_us = took;
    if (at->good + at->limited + at->unavailable + at->other == 1)
        at->first = latency_count;
    if (latency_count < MAX_LATENCIES)
        latencies[latency_count++] = took;
    self->busy = false;
    self->length = 0;
    self->status = 0;
}

/* The head is here: its status, and how much body comes behind it. */
static void
read_head(struct connection *self, char *end)
{
    size_t head = (size_t)(end + 4 - self->in), rest = self->length - head, body = 0;
    char *field;

    *end = '\0';
    self->status = atoi(self->in + 9);
    field = strcasestr(self->in, "\r\ncontent-length:");
    if (field)
        body = strtoul(field + 17, NULL, 10);
    self->body = body > rest ? body - rest : 0;
    self->length = 0;
}

static void
hear(struct connection *self)
{
    char *end, thrown[65536];
    ssize_t got;

    if (self->status && self->body) {
        got = read(self->fd, thrown, self->body < sizeof thrown ? self->body : sizeof thrown);
        self->body -= got > 0 ? (size_t)got : 0;
    } else {
        got = read(self->fd, self->in + self->length, sizeof self->in - 1 - self->length);
        self->length += got > 0 ? (size_t)got : 0;
        self->in[self->length] = '\0';
        end = strstr(self->in, "\r\n\r\n");
        if (got > 0 && end)
            read_head(self, end);
    }
    if (got <= 0 && errno != EAGAIN) {
        failed += self->busy;
        close(self->fd);
        open_one(self);
    } else if (self->status && self->body == 0)
        note(self);
}

static struct connection *
idle(void)
{
    static int next;

    for (int i = 0; i < all_count; i++) {
        struct connection *self = &all[next++ % all_count];

        if (!self->busy)
            return self;
    }
    return NULL;
}

static void
run(void)
{
    int64_t due = begun_us, end = begun_us + (int64_t)(say.seconds * 1e6), now;
    struct epoll_event events[256];

    for (int i = 0; say.rate == 0 && i < all_count; i++)
        ask(&all[i], now_us());
    while ((now = now_us()) < end) {
        int wait = 20, count;

        while (say.rate > 0 && due <= now) {
            struct connection *self = idle();

            if (self == NULL)
                late++; // every connection waits: offered, and not even sent
            else
                ask(self, due);
            due += (int64_t)(-log(1 - drand48()) / say.rate * 1e6);
        }
        if (say.rate > 0)
            wait = due - now > 1000 ? (int)((due - now) / 1000) : 0;
        count = epoll_wait(epoll_fd, events, 256, wait);
        for (int i = 0; i < count; i++) {
            struct connection *self = events[i].data.ptr;

            hear(self);
            if (say.rate == 0 && !self->busy)
                ask(self, now_us());
        }
    }
}

static int
compare(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Of ${count} sorted ones, in milliseconds. */
static double
percentile(const uint32_t *sorted, size_t count, double p)
{
    return count ? sorted[(size_t)(p * (double)(count - 1))] / 1e3 : 0;
}

/* Of one tenth of a second, whose latencies lie side by side until all are sorted. */
static double
p99_of(const struct tenth *self)
{
    size_t count = self->good + self->limited + self->unavailable + self->other;

    if (self->first + count > latency_count)
        return 0; // too many were heard to keep them all
    qsort(latencies + self->first, count, sizeof *latencies, compare);
    return percentile(latencies + self->first, count, 0.99);
}

static void
print(double seconds)
{
    uint64_t sums[4] = { 0 };
    int count = (int)(seconds * 10) + 1;

    printf("{\"tenths\":[");
    for (int t = 0; t < count && t < MAX_TENTHS; t++)
        printf("%s[%u,%u,%u,%u,%.3f,%.3f]", t ? "," : "", tenths[t].good, tenths[t].limited,
               tenths[t].unavailable, tenths[t].other, tenths[t].longest_us / 1e3,
               p99_of(&tenths[t]));
    qsort(latencies, latency_count, sizeof *latencies, compare);
    for (int p = 0; p < say.port_count; p++)
        for (int k = 0; k < 4; k++)
            sums[k] += by_port[p][k];
    printf(
        "],\"seconds\":%.3f,\"sent\":%lu,\"late\":%lu,\"failed\":%lu,\"good\":%lu,\"limited\":%lu,"
        "\"unavailable\":%lu,\"other\":%lu,\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f,",
        seconds, sent, late, failed, sums[0], sums[1], sums[2], sums[3],
        percentile(latencies, latency_count, 0.5), percentile(latencies, latency_count, 0.99),
        percentile(latencies, latency_count, 0.999), percentile(latencies, latency_count, 1));
    printf("\"ports\":[");
    for (int p = 0; p < say.port_count; p++)
        printf("%s{\"good\":%lu,\"limited\":%lu}", p ? "," : "", by_port[p][0], by_port[p][1]);
    printf("]}\n");
}

static void
read_options(int argc, char *argv[])
{
    for (int option; (option = getopt(argc, argv, "r:s:c:p:H:k:e:")) != -1;)
        switch (option) {
        case 'r':
            say.rate = atof(optarg);
            break;
        case 's':
            say.seconds = atof(optarg);
            break;
        case 'c':
            say.connections = atoi(optarg);
            break;
        case 'p':
            say.path = optarg;
            break;
        case 'H':
            say.header = optarg;
            break;
        case 'k':
            say.clients = atoi(optarg);
            break;
        case 'e':
            say.expected = atoi(optarg);
            break;
        default:
            exit(2);
        }
    for (; optind < argc && say.port_count < MAX_PORTS; optind++)
        say.ports[say.port_count++] = atoi(argv[optind]);
    if (say.port_count == 0 || say.connections * say.port_count > MAX_CONNECTIONS) {
        fprintf(stderr, "usage: plumb-offer [-r RATE] [-s SECONDS] [-c CONNECTIONS] PORT...\n");
        exit(2);
    }
}

int
main(int argc, char *argv[])
{
    read_options(argc, argv);
    srandom((unsigned)now_us());
    srand48(now_us());
    latencies = malloc(MAX_LATENCIES * sizeof *latencies);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    for (int c = 0; c < say.connections; c++)
        for (int p = 0; p < say.port_count; p++) {
            all[all_count].port = p;
            open_one(&all[all_count++]);
        }
    begun_us = now_us();
    run();
    print((double)(now_us() - begun_us) / 1e6);
    return 0;
}
