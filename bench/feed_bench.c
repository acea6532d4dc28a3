/* feed_bench -- the Feed from a handler's transaction to the effect at a durable consumer.
 *
 *     feed_bench pace RATE SECONDS    32 writers at RATE a second (0: as fast as they can)
 *     feed_bench drain COUNT          a backlog is written while nobody listens, then applied
 *
 * PL_TEST_DB_URL names the server.  Two processes, as in the product: "alpha" writes (a
 * transaction with one outbox row), numbers and streams; "beta" applies each event in the
 * transaction that moves its cursor (the effect is one row).  CURVE over TCP on loopback, or
 * plain with PLUMB_BUS_PLAINTEXT=1.  An event's time is from the beginning of its transaction
 * until the commit of its effect was seen, which is looked at each millisecond.  One JSON line.
 */
#include "feed_hearer.h"
#include "load.h"

#include "pl_curve.h"
#include "pl_feed_producer.h"
#include "pl_pg.h"
#include "pl_service.h"

#include "events.pb-c.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS    32
#define PATIENCE_S 100

static struct feed_bench *bench;
static struct feed_names names;
static struct pl_feed_producer *producer;

static void
give_up(const struct pl_err *err)
{
    fprintf(stderr, "feed_bench: %s (%s)\n", err->text, err->detail);
    exit(EXIT_FAILURE);
}

static void *
open_writer(int thread)
{
    struct pl_err err = { 0 };
    struct pl_pg *db;

    (void)thread;
    if (pl_pg_open(&db, names.from_dsn, &err))
        give_up(&err);
    return db;
}

static void
close_writer(void *db)
{
    struct pl_pg *mine = db;

    pl_pg_destroy(&mine);
}

/* The transaction of a handler that does nothing but announce; then what the dispatcher does. */
static bool
write_one(void *db, int64_t since_us)
{
    Events__ApiChanged payload = EVENTS__API_CHANGED__INIT;
    struct pl_err err = { 0 };
    char since[32];

    snprintf(since, sizeof since, "%" PRId64, since_us);
    payload.api = (char *)"bench";
    payload.title = since;
    if (pl_pg_begin(db, &err) ||
        pl_outbox_add(db, "api", "bench", FEED_TYPE, &payload.base, &err) || pl_pg_commit(db, &err))
        give_up(&err);
    pl_feed_producer_poke(producer);
    return true;
}

static void
wait_for(const char *what, _Atomic int64_t *value, int64_t wanted)
{
    int64_t until = load_now_us() + PATIENCE_S * 1000000L;

    while (*value < wanted) {
        if (load_now_us() > until) {
            fprintf(stderr, "feed_bench: waited %d s for %s: %" PRId64 " of %" PRId64 "\n",
                    PATIENCE_S, what, *value, wanted);
            exit(EXIT_FAILURE);
        }
        usleep(500);
    }
}

/* Until everything that was written has its position. */
static void
wait_numbered(int64_t wanted)
{
    struct pl_pg *db = open_writer(0);
    struct pl_err err = { 0 };
    _Atomic int64_t head = 0;
    int64_t until = load_now_us() + PATIENCE_S * 1000000L;

    while (head < wanted && load_now_us() < until) {
        PGresult *res = pl_pg_exec(db, &err, "SELECT position FROM feed_head", PL_NO_ARGS);

        if (res == NULL)
            give_up(&err);
        head = pl_pg_int(res, 0, 0);
        PQclear(res);
        usleep(10000);
    }
    wait_for("numbers", &head, wanted);
    close_writer(db);
}

static void
report(const char *mode, int64_t written, double wrote_s, int64_t applied_meanwhile)
{
    double applied_s = (double)(bench->last_us - bench->first_us) / 1e6;

    printf(
        "{\"mode\": \"%s\", \"written\": %" PRId64 ", \"written_per_s\": %.0f, "
        "\"applied_meanwhile_per_s\": %.0f, \"applied\": %" PRId64 ", \"applied_per_s\": %.0f, "
        "\"p50_ms\": %.2f, \"p99_ms\": %.2f, \"source_cpu_us\": %.1f, \"consumer_cpu_us\": %.1f}\n",
        mode, written, (double)written / wrote_s, (double)applied_meanwhile / wrote_s,
        (int64_t)bench->applied,
        (double)(bench->applied - bench->first_batch) / (applied_s > 0 ? applied_s : 1),
        histogram_ms(&bench->times, 0.5), histogram_ms(&bench->times, 0.99),
        load_cpu_s() / (double)written * 1e6,
        bench->cpu_s / (double)(bench->applied ? bench->applied : 1) * 1e6);
}

static void
run_pace(int64_t rate, double seconds)
{
    struct load load = { WRITERS, rate, seconds, 0, open_writer, write_one, close_writer };
    struct load first = { 1, 0, 0, 1, open_writer, write_one, close_writer };
    int64_t written, meanwhile;
    double took;

    bench->go = true;
    load_run(&first, &took); // both ends are awake
    wait_for("the first event", &bench->applied, 1);
    bench->reset = true;
    while (bench->reset)
        usleep(500);
    written = load_run(&load, &took);
    meanwhile = bench->applied;
    wait_for("the last event", &bench->applied, written);
    bench->stop = true;
    wait_for("the consumer's end", &bench->ended, 1);
    report(rate ? "paced" : "unpaced", written, took, meanwhile);
}

static void
run_drain(int64_t count)
{
    struct load load = { WRITERS, 0, 0, count, open_writer, write_one, close_writer };
    int64_t written;
    double took;

    written = load_run(&load, &took);
    wait_numbered(written);
    bench->go = true;
    wait_for("the last event", &bench->applied, written);
    bench->stop = true;
    wait_for("the consumer's end", &bench->ended, 1);
    report("drain", written, took, 0);
}

static void
start_producer(void)
{
    static const struct pl_feed_limits limits = { 250, 7, 30, 10, 100 }; // the settings' defaults
    struct pl_err err = { 0 };

    if (pl_curve_open(names.keys, "alpha", names.plaintext, &err) ||
        pl_feed_producer_start(&producer, "alpha", names.from_dsn, names.address, &limits, &err))
        give_up(&err);
}

int
main(int argc, char *argv[])
{
    bool pace = argc == 4 && strcmp(argv[1], "pace") == 0;
    pid_t child;
    int status;

    if (!pace && !(argc == 3 && strcmp(argv[1], "drain") == 0)) {
        fputs("usage: feed_bench pace RATE SECONDS | drain COUNT\n", stderr);
        return 2;
    }
    bench = mmap(NULL, sizeof *bench, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (bench == MAP_FAILED)
        return 1;
    feed_names_make(&names);
    child = fork(); // before there is any thread
    if (child == 0)
        _exit(feed_hear(bench, &names));
    start_producer();
    if (pace)
        run_pace(atoll(argv[2]), atof(argv[3]));
    else
        run_drain(atoll(argv[2]));
    pl_feed_producer_stop(&producer);
    pl_curve_close();
    waitpid(child, &status, 0);
    feed_names_forget(&names);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}
