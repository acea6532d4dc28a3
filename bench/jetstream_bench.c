/* jetstream_bench -- what feed_bench does, with a nats-server's JetStream instead of the Feed.
 *
 *     jetstream_bench URL pace RATE SECONDS | drain COUNT
 *
 * 32 publishers with a connection each, waiting for each acknowledgement; a file-backed stream;
 * one durable push consumer with explicit acknowledgements, in this process.  Its effect is
 * the acknowledgement (the Feed's is a row that is committed with the cursor).  One JSON line.
 */
#include "histogram.h"
#include "load.h"

#include <nats/nats.h>

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PUBLISHERS 32
#define SUBJECT    "bench.events"
#define PATIENCE_S 100

struct publisher {
    natsConnection *connection;
    jsCtx *js;
};

static const char *url;
static struct histogram times;
static _Atomic int64_t applied, first_us, last_us;

static void
check(natsStatus status, const char *what)
{
    if (status == NATS_OK)
        return;
    fprintf(stderr, "jetstream_bench: %s: %s\n", what, natsStatus_GetText(status));
    exit(EXIT_FAILURE);
}

static void *
open_publisher(int thread)
{
    struct publisher *self = calloc(1, sizeof *self);

    (void)thread;
    if (self == NULL)
        abort();
    check(natsConnection_ConnectTo(&self->connection, url), "connect");
    check(natsConnection_JetStream(&self->js, self->connection, NULL), "JetStream");
    return self;
}

static void
close_publisher(void *publisher)
{
    struct publisher *self = publisher;

    jsCtx_Destroy(self->js);
    natsConnection_Destroy(self->connection);
    free(self);
}

/* As many bytes as an event of feed_bench has on the wire. */
static bool
publish(void *publisher, int64_t since_us)
{
    struct publisher *self = publisher;
    char data[160];

    memset(data, ' ', sizeof data);
    snprintf(data, sizeof data, "%" PRId64, since_us);
    check(js_Publish(NULL, self->js, SUBJECT, data, sizeof data, NULL, NULL), "publish");
    return true;
}

static void
hear(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *unused)
{
    int64_t now;

    (void)connection;
    (void)subscription;
    (void)unused;
    check(natsMsg_Ack(message, NULL), "acknowledge");
    now = load_now_us();
    histogram_add(&times, now - atoll(natsMsg_GetData(message)));
    natsMsg_Destroy(message);
    if (first_us == 0)
        first_us = now;
    last_us = now;
    applied++;
}

static natsSubscription *
subscribe(struct publisher *self)
{
    natsSubscription *subscription;
    jsSubOptions options;

    jsSubOptions_Init(&options);
    options.ManualAck = true;
    options.Config.Durable = "bench";
    options.Config.MaxAckPending = 1024; // the Feed's credit: four batches of 256
    check(js_Subscribe(&subscription, self->js, SUBJECT, hear, NULL, NULL, &options, NULL),
          "subscribe");
    return subscription;
}

static void
wait_applied(int64_t wanted)
{
    int64_t until = load_now_us() + PATIENCE_S * 1000000L;

    while (applied < wanted && load_now_us() < until)
        usleep(500);
    if (applied < wanted) {
        fputs("jetstream_bench: the last message did not come\n", stderr);
        exit(EXIT_FAILURE);
    }
}

static void
make_stream(struct publisher *self)
{
    const char *subjects[] = { SUBJECT };
    jsStreamConfig config;

    jsStreamConfig_Init(&config);
    config.Name = "BENCH";
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    js_DeleteStream(self->js, "BENCH", NULL, NULL); // there may be none
    check(js_AddStream(NULL, self->js, &config, NULL, NULL), "make the stream");
}

int
main(int argc, char *argv[])
{
    bool pace = argc == 5 && strcmp(argv[2], "pace") == 0;
    struct load load = { PUBLISHERS, 0, 0, 0, open_publisher, publish, close_publisher };
    natsSubscription *subscription = NULL;
    struct publisher *own;
    int64_t written, meanwhile;
    double took, seconds;

    if (!pace && !(argc == 4 && strcmp(argv[2], "drain") == 0)) {
        fputs("usage: jetstream_bench URL pace RATE SECONDS | drain COUNT\n", stderr);
        return 2;
    }
    url = argv[1];
    own = open_publisher(0);
    make_stream(own);
    if (pace) {
        load.rate = atoll(argv[3]);
        load.seconds = atof(argv[4]);
        subscription = subscribe(own);
    } else {
        load.count = atoll(argv[3]);
    }
    written = load_run(&load, &took);
    meanwhile = applied;
    if (!subscription)
        subscription = subscribe(own);
    wait_applied(written);
    seconds = (double)(last_us - first_us) / 1e6;
    printf("{\"mode\": \"%s\", \"written\": %" PRId64 ", \"written_per_s\": %.0f, "
           "\"applied_meanwhile_per_s\": %.0f, \"applied\": %" PRId64 ", \"applied_per_s\": %.0f, "
           "\"p50_ms\": %.2f, \"p99_ms\": %.2f, \"source_cpu_us\": %.1f}\n",
           !pace       ? "drain"
           : load.rate ? "paced"
                       : "unpaced",
           written, (double)written / took, (double)meanwhile / took, (int64_t)applied,
           (double)applied / (seconds > 0 ? seconds : 1), histogram_ms(&times, 0.5),
           histogram_ms(&times, 0.99), load_cpu_s() / (double)written * 1e6);
    natsSubscription_Destroy(subscription);
    close_publisher(own);
    nats_Close();
    return 0;
}
