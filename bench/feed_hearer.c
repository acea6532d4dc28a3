#include "feed_hearer.h"

#include "load.h"

#include "pl_buf.h"
#include "pl_curve.h"
#include "pl_feed_consumer.h"
#include "pl_metric.h"
#include "pl_pg.h"
#include "pl_test_db.h"

#include "events.pb-c.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RING (1 << 20) // events that are handled and whose commit was not seen: far fewer

static struct {
    int64_t position, since_us;
} ring[RING];
static _Atomic int64_t handled;

static int
record(struct pl_heard *heard)
{
    static const char SQL[] = "INSERT INTO effect (position, api) VALUES ($1, $2)";
    const Events__ApiChanged *message = heard->message;
    int64_t number = handled;

    if (pl_pg_later(heard->db, &heard->err, SQL,
                    PL_ARGS(PL_INT(heard->event->position), message->api)))
        return -1;
    ring[number % RING].position = heard->event->position;
    ring[number % RING].since_us = atoll(message->title);
    handled = number + 1;
    return 0;
}

static const struct pl_listener listeners[] = {
    PL_ON("alpha", FEED_TYPE, record, events__api_changed, "records it"),
    { 0 },
};
static const struct pl_service service = { .name = "beta",
                                           .schema = "beta",
                                           .listeners = listeners };

static const char EFFECT[] =
    "CREATE TABLE effect (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " position bigint NOT NULL, api text NOT NULL)";
static const struct pl_embedded migrations[] = {
    { "0001_effect.sql", EFFECT, sizeof EFFECT - 1 },
    { 0 },
};

/* The cursor, which is set after its commit, as the process itself tells it to Prometheus. */
static int64_t
cursor(struct pl_arena *arena)
{
    static const char NAME[] = "\nplumb_feed_cursor{source=\"alpha\"} ";
    struct pl_buf text = { .arena = arena };
    const char *found;
    int64_t position;

    pl_metric_print(&text);
    found = strstr(pl_buf_text(&text), NAME);
    position = found ? (int64_t)strtod(found + sizeof NAME - 1, NULL) : 0;
    pl_arena_reset(arena);
    return position;
}

static void
look(struct feed_bench *bench, int64_t *seen, struct pl_arena *arena)
{
    int64_t position = cursor(arena), now = load_now_us(), before = *seen;

    while (*seen < handled && ring[*seen % RING].position <= position) {
        histogram_add(&bench->times, now - ring[*seen % RING].since_us);
        ++*seen;
    }
    if (*seen == before)
        return;
    if (bench->first_us == 0) {
        bench->first_us = now;
        bench->first_batch = *seen - before;
    }
    bench->last_us = now;
    bench->applied += *seen - before;
}

static void
forget(struct feed_bench *bench)
{
    memset(&bench->times, 0, sizeof bench->times);
    bench->first_us = bench->last_us = bench->first_batch = 0;
    bench->applied = 0;
    bench->reset = false;
}

static int
failed(const struct pl_err *err)
{
    fprintf(stderr, "feed_bench: %s (%s)\n", err->text, err->detail);
    return 1;
}

int
feed_hear(struct feed_bench *bench, const struct feed_names *names)
{
    static const struct pl_feed_limits limits = { 250, 7, 30, 10, 100 };
    struct pl_feed_consumer_thread *consumer;
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    int64_t seen = 0;

    while (!bench->go)
        usleep(1000);
    if (pl_curve_open(names->keys, "beta", names->plaintext, &err) ||
        pl_feed_consumer_start(&consumer, &service, "alpha", names->to_dsn, &limits, &err))
        return failed(&err);
    while (!bench->stop) {
        look(bench, &seen, arena);
        if (bench->reset)
            forget(bench);
        usleep(1000);
    }
    bench->cpu_s = load_cpu_s();
    bench->ended = 1;
    pl_feed_consumer_stop(&consumer);
    pl_arena_destroy(&arena);
    pl_curve_close();
    return 0;
}

static int
free_port(void)
{
    struct sockaddr_in any = { .sin_family = AF_INET };
    socklen_t size = sizeof any;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&any, size) || getsockname(fd, (struct sockaddr *)&any, &size))
        abort();
    close(fd);
    return ntohs(any.sin_port);
}

void
feed_names_make(struct feed_names *out)
{
    static const char *const services[] = { "alpha", "beta" };
    const char *plaintext = getenv("PLUMB_BUS_PLAINTEXT");
    struct pl_err err = { 0 };
    int port = free_port();
    char peer[64];

    out->plaintext = plaintext && strcmp(plaintext, "1") == 0;
    strcpy(out->keys, "/tmp/feed_bench.XXXXXX");
    if (mkdtemp(out->keys) == NULL || pl_curve_make(out->keys, services, 2, &err))
        exit(failed(&err));
    snprintf(out->address, sizeof out->address, "tcp://127.0.0.1:%d", port);
    snprintf(peer, sizeof peer, "tcp://127.0.0.1:%d", port - 1);
    setenv("PLUMB_PEER_ALPHA", peer, 1);
    out->from = pl_test_db_new("from", NULL);
    out->to = pl_test_db_new("to", migrations);
    out->from_dsn = pl_test_db_dsn(out->from);
    out->to_dsn = pl_test_db_dsn(out->to);
}

void
feed_names_forget(struct feed_names *self)
{
    zdir_t *dir = zdir_new(self->keys, NULL);

    pl_test_db_destroy(&self->from);
    pl_test_db_destroy(&self->to);
    zdir_remove(dir, true);
    zdir_destroy(&dir);
}
