/* The Feed end to end: real sockets with CURVE, real database, two replicas on each side.  The
 * service "alpha" hears itself; its second replica and its consumers live in the same process. */
#include "pl_check.h"
#include "pl_curve.h"
#include "pl_feed_apply.h"
#include "pl_feed_consumer.h"
#include "pl_feed_dead.h"
#include "pl_feed_follow.h"
#include "pl_feed_log.h"
#include "pl_feed_producer.h"
#include "pl_feed_reader.h"
#include "pl_pg.h"
#include "pl_service.h"
#include "pl_test_db.h"

#include "events.pb-c.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

NEEDS_ENV("PL_TEST_DB_URL");

#define PATIENCE_MS 30000

static const struct pl_feed_limits limits = { 20, 7, 30, 3, 5 };
static const char EFFECT_TABLE[] =
    "CREATE TABLE effect (n bigint GENERATED ALWAYS AS IDENTITY, position bigint, api text,"
    " title text)";
static const struct pl_embedded effects[] = {
    { "0001_effect.sql", EFFECT_TABLE, sizeof EFFECT_TABLE - 1 },
    { 0 },
};

static struct pl_test_db *from, *to;
static struct pl_pg *out_db, *in_db;
static struct pl_arena *arena;
static struct pl_err err;
static char feed_address[2][64];
static struct pl_feed_producer *producers[2];
static struct pl_feed_consumer_thread *consumers[2];

/* What the listener shall do. */
static _Atomic bool cured, away;
static _Atomic int flaky, cuts, refused;

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

static const struct pl_listener listeners[] = {
    PL_ON("alpha", "governance.api.changed", record, events__api_changed, "records it"),
    { 0 },
};
static const struct pl_service service = { .name = "alpha",
                                           .schema = "alpha",
                                           .listeners = listeners };

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

/* Once: keys, and where the two replicas will be. */
static void
prepare(void)
{
    static char dir[] = "/tmp/pl_feed_test.XXXXXX";
    static char peers[160];
    static bool done;
    const char *const names[] = { "alpha" };
    int ports[2] = { free_port(), free_port() };

    if (done)
        return;
    done = true;
    if (mkdtemp(dir) == NULL || pl_curve_make(dir, names, 1, &err) ||
        pl_curve_open(dir, "alpha", false, &err))
        printf("%s\n", err.text);
    atexit(pl_curve_close);
    for (int i = 0; i < 2; i++)
        snprintf(feed_address[i], sizeof feed_address[i], "tcp://127.0.0.1:%d", ports[i]);
    snprintf(peers, sizeof peers, "tcp://127.0.0.1:%d,tcp://127.0.0.1:%d", ports[0] - 1,
             ports[1] - 1);
    setenv("PLUMB_PEER_ALPHA", peers, 1);
}

static void
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

static int
start_producer(int i)
{
    return pl_feed_producer_start(&producers[i], "alpha", pl_test_db_dsn(from), feed_address[i],
                                  &limits, &err);
}

static int
start_consumer(int i)
{
    return pl_feed_consumer_start(&consumers[i], &service, "alpha", pl_test_db_dsn(to), &limits,
                                  &err);
}

static void
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

static int
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

static int64_t
ask(struct pl_pg *db, const char *sql)
{
    struct pl_err mine = { 0 };
    PGresult *res = pl_pg_exec(db, &mine, sql, PL_NO_ARGS);
    int64_t n = res && PQntuples(res) ? pl_pg_int(res, 0, 0) : -1;

    PQclear(res);
    return n;
}

/* Wait until the consumers' database answers ${wanted}. */
static bool
becomes(const char *sql, int64_t wanted)
{
    int64_t until = pl_now_ms() + PATIENCE_MS;

    while (ask(in_db, sql) != wanted && pl_now_ms() < until)
        poll(NULL, 0, 5);
    return ask(in_db, sql) == wanted;
}

#define EFFECTS "SELECT count(*) FROM effect"
#define CURSOR  "SELECT position FROM feed_cursor"
#define OPEN    "SELECT count(*) FROM dead_letter WHERE state IN ('dead', 'replay')"
#define DISORDER \
    "SELECT count(*) FROM effect a JOIN effect b ON a.n < b.n AND a.position >= b.position"

TEST(every_event_has_its_effect_once_and_in_order_whatever_fails_on_the_way)
{
    char title[16];

    set_up();
    flaky = 20;
    cuts = 60;
    for (int i = 0; i < 2; i++) {
        CHECK_INT(start_producer(i), ==, 0);
        CHECK_INT(start_consumer(i), ==, 0);
    }
    for (int i = 0; i < 150; i++) {
        snprintf(title, sizeof title, "%d", i);
        CHECK_INT(emit("a", title), ==, 0);
        if (i == 50)
            pl_feed_consumer_stop(&consumers[0]); // whoever has the lease, the other goes on
        if (i == 80)
            pl_feed_producer_stop(&producers[1]);
        if (i == 100)
            CHECK_INT(start_consumer(0), ==, 0);
        if (i == 120)
            CHECK_INT(start_producer(1), ==, 0);
    }
    CHECK(becomes(CURSOR, 150));
    CHECK_INT(ask(in_db, EFFECTS), ==, 150);
    CHECK_INT(ask(in_db, "SELECT count(DISTINCT title) FROM effect"), ==, 150);
    CHECK_INT(ask(in_db, DISORDER), ==, 0);
    CHECK_INT(ask(in_db, OPEN), ==, 0);
    CHECK_INT(cuts, ==, 0);
    tear_down();
}

TEST(a_consumer_whose_connection_is_cut_in_the_middle_of_a_batch_gets_it_again)
{
    set_up();
    for (int i = 0; i < 20; i++)
        CHECK_INT(emit("a", "x"), ==, 0);
    cuts = 10; // inside the batch, after nine effects of it
    CHECK_INT(start_producer(0), ==, 0);
    CHECK_INT(start_consumer(0), ==, 0);
    CHECK(becomes(CURSOR, 20));
    CHECK_INT(ask(in_db, EFFECTS), ==, 20);
    CHECK_INT(cuts, ==, 0);
    CHECK_INT(ask(in_db, "SELECT count(*) FROM feed_attempt"), ==, 0);
    tear_down();
}

/* A replica that has lost its lease without noticing, with the same batch in hand. */
TEST(a_batch_that_another_replica_has_applied_meanwhile_has_no_second_effect)
{
    static const _Atomic bool stopping;
    struct pl_feed_apply apply = { .listeners = listeners,
                                   .pair = { "alpha", "alpha" },
                                   .tries = 3,
                                   .backoff_ms = 1,
                                   .wake = -1,
                                   .stopping = &stopping };
    struct pl_feed_apply late;
    Pl__Batch batch = PL__BATCH__INIT;
    int numbered;

    set_up();
    emit("a", "x");
    emit("a", "y");
    CHECK_INT(pl_feed_number(out_db, &numbered, &err), ==, 0);
    batch.from = 1;
    batch.to = 2;
    CHECK_INT(pl_feed_read(out_db, "alpha", 1, 2, arena, &batch.events, &batch.n_events, &err), ==,
              0);
    apply.db = in_db;
    apply.arena = arena;
    CHECK_INT(pl_feed_cursor(in_db, &apply.pair, &apply.cursor, &err), ==, 0);
    late = apply;
    CHECK_INT(pl_feed_apply(&apply, &batch, &err), ==, 0);
    CHECK_INT(apply.cursor, ==, 2);
    CHECK_INT(pl_feed_apply(&late, &batch, &err), ==, -1);
    CHECK(late.moved);
    err = (struct pl_err){ 0 };
    late.careful_to = 100; // and one by one neither
    CHECK_INT(pl_feed_apply(&late, &batch, &err), ==, -1);
    CHECK(late.moved);
    CHECK_INT(ask(in_db, EFFECTS), ==, 2);
    CHECK_INT(ask(in_db, "SELECT count(*) FROM feed_attempt"), ==, 0);
    CHECK_INT(ask(in_db, OPEN), ==, 0);
    tear_down();
}

TEST(poison_is_set_aside_with_what_follows_it_and_everything_else_goes_on)
{
    struct pl_dead_letter *dead;
    int count;

    set_up();
    emit("a", "before");
    emit("bad", "poison");
    emit("bad", "behind it");
    emit("a", "after");
    CHECK_INT(start_producer(0), ==, 0);
    CHECK_INT(start_consumer(0), ==, 0);
    CHECK(becomes(CURSOR, 4));
    emit("bad", "much later");
    CHECK(becomes(CURSOR, 5));
    CHECK_INT(ask(in_db, "SELECT count(*) FROM effect WHERE api = 'a'"), ==, 2);
    CHECK_INT(ask(in_db, "SELECT count(*) FROM effect WHERE api = 'bad'"), ==, 0);
    CHECK_INT(pl_feed_dead_list(in_db, 0, 10, arena, &dead, &count, &err), ==, 0);
    CHECK_INT(count, ==, 3);
    CHECK_INT(dead[0].attempts, ==, limits.tries);
    CHECK_STR(dead[0].reason, "poison is not digestible");
    CHECK_INT(dead[1].attempts, ==, 0);
    CHECK_INT(pl_feed_dead_replay(in_db, dead[1].id, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_CONFLICT);
    err = (struct pl_err){ 0 };

    /* Not cured yet: it stays, and so do those behind it. */
    CHECK_INT(pl_feed_dead_replay(in_db, dead[0].id, &err), ==, 0);
    CHECK(becomes("SELECT attempts FROM dead_letter WHERE position = 2 AND state = 'dead'",
                  limits.tries + 1));
    CHECK_INT(ask(in_db, OPEN), ==, 3);

    cured = true;
    CHECK_INT(pl_feed_dead_replay(in_db, dead[0].id, &err), ==, 0);
    CHECK(becomes(OPEN, 0));
    CHECK_INT(ask(in_db, "SELECT count(*) FROM effect WHERE api = 'bad'"), ==, 3);
    CHECK_INT(ask(in_db, "SELECT count(*) FROM effect a JOIN effect b ON a.n < b.n"
                         " AND a.api = b.api AND a.position >= b.position"),
              ==, 0);
    tear_down();
}

TEST(a_dead_letter_that_is_skipped_lets_those_behind_it_go_on)
{
    struct pl_dead_letter *dead;
    int count;

    set_up();
    emit("bad", "poison");
    emit("bad", "behind it");
    CHECK_INT(start_producer(0), ==, 0);
    CHECK_INT(start_consumer(0), ==, 0);
    CHECK(becomes(CURSOR, 2));
    CHECK_INT(pl_feed_dead_list(in_db, 0, 10, arena, &dead, &count, &err), ==, 0);
    CHECK_INT(pl_feed_dead_skip(in_db, dead[0].id, &err), ==, 0);
    CHECK(becomes(OPEN, 0));
    CHECK_INT(ask(in_db, EFFECTS), ==, 1);
    CHECK_INT(ask(in_db, "SELECT position FROM effect"), ==, 2);
    CHECK_INT(pl_feed_dead_skip(in_db, dead[0].id, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_NOT_FOUND);
    tear_down();
}

/* As after a holder that died: its lease is over, and was not given back. */
static int
leave_unclean_lease(void)
{
    return pl_pg_script(in_db,
                        "INSERT INTO feed_lease (source, consumer, holder, expires_at, clean)"
                        " VALUES ('alpha', 'alpha', 'gone', now(), false)",
                        &err);
}

TEST(an_event_that_ends_the_process_each_time_is_not_tried_for_ever)
{
    set_up();
    emit("bad", "poison");
    emit("a", "x");
    /* What three starts have left that each died inside the handler. */
    CHECK_INT(leave_unclean_lease(), ==, 0);
    CHECK_INT(pl_pg_script(in_db, "INSERT INTO feed_attempt VALUES ('alpha', 'alpha', 1, 3)", &err),
              ==, 0);
    cured = true; // so that only the count of tries can stop it
    CHECK_INT(start_producer(0), ==, 0);
    CHECK_INT(start_consumer(0), ==, 0);
    CHECK(becomes(CURSOR, 2));
    CHECK_INT(ask(in_db, EFFECTS), ==, 1);
    CHECK_INT(ask(in_db, "SELECT count(*) FROM dead_letter WHERE position = 1"
                         " AND reason LIKE 'the process ended%'"),
              ==, 1);
    tear_down();
}

static void
check_unavailable(bool careful)
{
    set_up();
    away = true;
    emit("a", "x");
    if (careful)
        CHECK_INT(leave_unclean_lease(), ==, 0);
    CHECK_INT(start_producer(0), ==, 0);
    CHECK_INT(start_consumer(0), ==, 0);
    for (int64_t until = pl_now_ms() + PATIENCE_MS; refused < 4 && pl_now_ms() < until;)
        poll(NULL, 0, 5);
    CHECK_INT(refused, >=, 4); // more than limits.tries
    away = false;
    CHECK(becomes(CURSOR, 1));
    CHECK_INT(ask(in_db, EFFECTS), ==, 1);
    CHECK_INT(ask(in_db, "SELECT count(*) FROM dead_letter"), ==, 0);
    tear_down();
}

TEST(unavailable_never_counts_as_a_try_of_a_batch)
{
    check_unavailable(false);
}

TEST(unavailable_never_counts_as_a_try_of_one_event)
{
    check_unavailable(true);
}

TEST(one_replica_has_the_lease_until_it_gives_it_back_or_lets_it_run_out)
{
    const struct pl_feed_pair pair = { "alpha", "alpha" };
    bool held, clean;

    set_up();
    CHECK_INT(pl_feed_lease(in_db, &pair, "one", &held, &clean, &err), ==, 0);
    CHECK(held && clean);
    CHECK_INT(pl_feed_lease(in_db, &pair, "two", &held, &clean, &err), ==, 0);
    CHECK(!held);
    CHECK_INT(pl_feed_lease(in_db, &pair, "one", &held, &clean, &err), ==, 0);
    CHECK(held && clean);
    CHECK_INT(pl_feed_release(in_db, &pair, "two", &err), ==, 0);
    CHECK_INT(pl_feed_lease(in_db, &pair, "two", &held, &clean, &err), ==, 0);
    CHECK(!held);
    CHECK_INT(pl_feed_release(in_db, &pair, "one", &err), ==, 0);
    CHECK_INT(pl_feed_lease(in_db, &pair, "two", &held, &clean, &err), ==, 0);
    CHECK(held && clean);
    CHECK_INT(
        pl_pg_script(in_db, "UPDATE feed_lease SET expires_at = now() - interval '1 second'", &err),
        ==, 0);
    CHECK_INT(pl_feed_lease(in_db, &pair, "one", &held, &clean, &err), ==, 0);
    CHECK(held && !clean);
    tear_down();
}

TEST(events_of_other_types_move_the_cursor_and_are_not_sent)
{
    Events__IssueChanged other = EVENTS__ISSUE_CHANGED__INIT;

    set_up();
    for (int i = 0; i < 300; i++) {
        CHECK_INT(pl_pg_begin(out_db, &err), ==, 0);
        CHECK_INT(pl_outbox_add(out_db, "api", "a", "governance.issue.opened", &other.base, &err),
                  ==, 0);
        CHECK_INT(pl_pg_commit(out_db, &err), ==, 0);
    }
    emit("a", "x");
    CHECK_INT(start_producer(0), ==, 0);
    CHECK_INT(start_consumer(0), ==, 0);
    CHECK(becomes(CURSOR, 301));
    CHECK_INT(ask(in_db, EFFECTS), ==, 1);
    tear_down();
}

static _Atomic int followed, followed_other, missed;

static void
follow(void *arg, const Pl__Event *event)
{
    (void)arg;
    if (event == NULL)
        missed++;
    else if (strcmp(event->type, "governance.api.changed") == 0)
        followed++;
    else
        followed_other++;
}

TEST(a_follower_hears_what_is_new_from_two_replicas_once)
{
    static const char *const types[] = { "governance.api.changed", NULL };
    struct pl_follow *self;
    int64_t until = pl_now_ms() + PATIENCE_MS;

    set_up();
    followed = followed_other = missed = 0;
    emit("a", "old");
    CHECK_INT(start_producer(0), ==, 0);
    CHECK_INT(start_producer(1), ==, 0);
    CHECK_INT(pl_feed_follow(&self, "alpha", "alpha", types, follow, NULL, &err), ==, 0);
    /* It hears the first one that is emitted after it was heard itself. */
    while (followed == 0 && pl_now_ms() < until) {
        emit("a", "are you there");
        poll(NULL, 0, 50);
    }
    CHECK_INT(followed, >=, 1);
    for (int64_t before = 0; before != followed; poll(NULL, 0, 100))
        before = followed;
    followed = 0;
    for (int i = 0; i < 100; i++)
        emit("a", "x");
    while (followed < 100 && pl_now_ms() < until)
        poll(NULL, 0, 5);
    emit("a", "last");
    while (followed < 101 && pl_now_ms() < until)
        poll(NULL, 0, 5);
    pl_feed_unfollow(&self);
    CHECK_INT(followed, ==, 101);
    CHECK_INT(followed_other, ==, 0);
    CHECK_INT(missed, ==, 0);
    CHECK_INT(ask(out_db, "SELECT count(*) FROM feed_consumer"), ==, 0);
    tear_down();
}

TEST(nobody_registers_under_the_name_of_another_service)
{
    struct pl_feed_reader *reader;
    int64_t until = pl_now_ms() + PATIENCE_MS;

    set_up();
    emit("a", "x");
    reader = pl_feed_reader_new("alpha", "mallory", 0, NULL, true, 0);
    CHECK_INT(start_producer(0), ==, 0);
    CHECK(pl_feed_reader_next(reader, -1, 300) == NULL);
    CHECK_INT(start_consumer(0), ==, 0);
    CHECK(becomes(CURSOR, 1));
    while (ask(out_db, "SELECT count(*) FROM feed_consumer WHERE consumer = 'alpha'") != 1 &&
           pl_now_ms() < until)
        poll(NULL, 0, 5);
    CHECK_INT(ask(out_db, "SELECT count(*) FROM feed_consumer"), ==, 1);
    CHECK(pl_feed_reader_next(reader, -1, 0) == NULL);
    pl_feed_reader_destroy(&reader);
    tear_down();
}
