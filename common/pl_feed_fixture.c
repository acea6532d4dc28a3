#include "pl_feed_fixture.h"

#include "pl_curve.h"
#include "pl_service.h"
#include "pl_test_port.h"

#include "events.pb-c.h"

#include <czmq.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct pl_feed_limits limits = { 20, 7, 30, 3, 5 };
static const char EFFECT_TABLE[] =
    "CREATE TABLE effect (n bigint GENERATED ALWAYS AS IDENTITY, position bigint, api text,"
    " title text)";
static const struct pl_embedded effects[] = {
    { "0001_effect.sql", EFFECT_TABLE, sizeof EFFECT_TABLE - 1 },
    { 0 },
};

struct pl_test_db *from, *to;
struct pl_pg *out_db, *in_db;
struct pl_arena *arena;
struct pl_err err;
static char feed_address[2][64];
struct pl_feed_producer *producers[2];
struct pl_feed_consumer_thread *consumers[2];

_Atomic bool cured, away;
_Atomic int flaky, cuts, refused;

static int
record(struct pl_heard *heard)
{
    static const char SQL[] = "INSERT INTO effect (position, api, title) VALUES ($1, $2, $3)";
    const Events__ApiChanged *message = heard->message;

    if (pl_pg_run(heard->db, &heard->err, SQL,
                  PL_ARGS(PL_INT(heard->event->position), message->api, message->title)))
        return -1;
    if (strcmp(message->title, "poison") == 0 && !cured)
        return pl_fail(&heard->err, CONFLICT, "poison is not digestible");
    if (away) {
        refused++;
        return pl_fail(&heard->err, UNAVAILABLE, "somebody else is away");
    }
    if (flaky > 0 && flaky-- % 3 == 0)
        return pl_fail(&heard->err, INTERNAL, "now and then it fails");
    if (cuts > 0 && cuts-- == 1)
        return pl_pg_run(heard->db, &heard->err, "SELECT pg_terminate_backend(pg_backend_pid())",
                         PL_NO_ARGS);
    return 0;
}

const struct pl_listener listeners[] = {
    PL_ON("alpha", "governance.api.changed", record, events__api_changed, "records it"),
    { 0 },
};
static const struct pl_service service = { .name = "alpha",
                                           .schema = "alpha",
                                           .listeners = listeners };

static char keys_dir[] = "/tmp/pl_feed_test.XXXXXX";

static void
remove_keys(void)
{
    zdir_t *dir = zdir_new(keys_dir, NULL);

    zdir_remove(dir, true);
    zdir_destroy(&dir);
}

/* Once: keys, and where the two replicas will be. */
static void
prepare(void)
{
    static char peers[160];
    static bool done;
    const char *const names[] = { "alpha" };
    int ports[2];

    if (done)
        return;
    done = true;
    for (int i = 0; i < 2; i++)
        ports[i] = pl_test_port();
    if (mkdtemp(keys_dir) == NULL || pl_curve_make(keys_dir, names, 1, &err) ||
        pl_curve_open(keys_dir, "alpha", false, &err))
        printf("%s\n", err.text);
    atexit(remove_keys);
    atexit(pl_curve_close);
    for (int i = 0; i < 2; i++)
        snprintf(feed_address[i], sizeof feed_address[i], "tcp://127.0.0.1:%d", ports[i]);
    snprintf(peers, sizeof peers, "tcp://127.0.0.1:%d,tcp://127.0.0.1:%d", ports[0] - 1,
             ports[1] - 1);
    setenv("PLUMB_PEER_ALPHA", peers, 1);
}

void
set_up(void)
{
    err = (struct pl_err){ 0 };
    prepare();
    cured = away = false;
    flaky = cuts = refused = 0;
    arena = pl_arena_new();
    from = pl_test_db_new("from", NULL);
    to = pl_test_db_new("to", effects);
    pl_pg_open(&out_db, pl_test_db_dsn(from), &err);
    pl_pg_open(&in_db, pl_test_db_dsn(to), &err);
    if (err.code != PL_OK)
        printf("%s (%s)\n", err.text, err.detail);
}

int
start_producer(int i)
{
    return pl_feed_producer_start(&producers[i], "alpha", pl_test_db_dsn(from), feed_address[i],
                                  &limits, &err);
}

int
start_consumer(int i)
{
    return pl_feed_consumer_start(&consumers[i], &service, "alpha", pl_test_db_dsn(to), &limits,
                                  &err);
}

int
start_patient_consumer(int i)
{
    static const struct pl_feed_limits patient = { 20, 7, 30, 3, 60000 };

    return pl_feed_consumer_start(&consumers[i], &service, "alpha", pl_test_db_dsn(to), &patient,
                                  &err);
}

void
tear_down(void)
{
    for (int i = 0; i < 2; i++)
        pl_feed_consumer_stop(&consumers[i]);
    for (int i = 0; i < 2; i++)
        pl_feed_producer_stop(&producers[i]);
    pl_pg_destroy(&out_db);
    pl_pg_destroy(&in_db);
    pl_test_db_destroy(&from);
    pl_test_db_destroy(&to);
    pl_arena_destroy(&arena);
}

int
emit(const char *api, const char *title)
{
    Events__ApiChanged payload = EVENTS__API_CHANGED__INIT;

    payload.api = (char *)api;
    payload.title = (char *)title;
    if (pl_pg_begin(out_db, &err) ||
        pl_outbox_add(out_db, "api", api, "governance.api.changed", &payload.base, &err))
        return -1;
    return pl_pg_commit(out_db, &err);
}

int64_t
ask(struct pl_pg *db, const char *sql)
{
    struct pl_err mine = { 0 };
    PGresult *res = pl_pg_exec(db, &mine, sql, PL_NO_ARGS);
    int64_t n = res && PQntuples(res) ? pl_pg_int(res, 0, 0) : -1;

    PQclear(res);
    return n;
}

bool
becomes(const char *sql, int64_t wanted)
{
    int64_t until = pl_now_ms() + PATIENCE_MS;

    while (ask(in_db, sql) != wanted && pl_now_ms() < until)
        poll(NULL, 0, 5);
    return ask(in_db, sql) == wanted;
}
