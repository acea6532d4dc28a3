#include "pl_check.h"
#include "pl_feed_log.h"
#include "pl_service.h"
#include "pl_test_db.h"
#include "pl_trace.h"

#include "events.pb-c.h"

#include <pthread.h>
#include <stdatomic.h>

NEEDS_ENV("PL_TEST_DB_URL");

static struct pl_test_db *test;
static struct pl_arena *arena;
static struct pl_err err;

static struct pl_pg *
open_db(void)
{
    struct pl_err mine = { 0 };
    struct pl_pg *db;

    if (pl_pg_open(&db, pl_test_db_dsn(test), &mine))
        printf("%s (%s)\n", mine.text, mine.detail);
    return db;
}

static struct pl_pg *
set_up(void)
{
    err = (struct pl_err){ 0 };
    arena = pl_arena_new();
    test = pl_test_db_new("feedlog", NULL);
    return open_db();
}

static void
tear_down(struct pl_pg **db)
{
    pl_pg_destroy(db);
    pl_arena_destroy(&arena);
    pl_test_db_destroy(&test);
}

static int
add(struct pl_pg *db, const char *api, struct pl_err *out)
{
    Events__ApiChanged payload = EVENTS__API_CHANGED__INIT;

    payload.api = (char *)api;
    return pl_outbox_add(db, "api", api, "governance.api.changed", &payload.base, out);
}

static int
emit(struct pl_pg *db, const char *api, struct pl_err *out)
{
    if (pl_pg_begin(db, out) || add(db, api, out))
        return -1;
    return pl_pg_commit(db, out);
}

static int64_t
ask(struct pl_pg *db, const char *sql)
{
    PGresult *res = pl_pg_exec(db, &err, sql, PL_NO_ARGS);
    int64_t n = res && PQntuples(res) ? pl_pg_int(res, 0, 0) : -1;

    PQclear(res);
    return n;
}

TEST(an_event_outside_a_transaction_is_refused)
{
    struct pl_pg *db = set_up();

    CHECK_INT(add(db, "a", &err), ==, -1);
    CHECK_INT(err.code, ==, PL_INTERNAL);
    tear_down(&db);
}

TEST(an_event_keeps_the_trace_that_it_was_emitted_in)
{
    struct pl_pg *db = set_up();
    Pl__Event **events;
    size_t count;
    int64_t head;
    int numbered;

    pl_trace_set("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "foo=1,bar=2");
    CHECK_INT(emit(db, "a", &err), ==, 0);
    pl_trace_set(NULL, NULL);
    CHECK_INT(emit(db, "b", &err), ==, 0);
    CHECK_INT(pl_feed_number(db, &numbered, &head, &err), ==, 0);
    CHECK_INT(pl_feed_read(db, "x", 1, 10, arena, &events, &count, &err), ==, 0);
    CHECK_INT(count, ==, 2);
    CHECK_STR(events[0]->traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    CHECK_STR(events[0]->tracestate, "foo=1,bar=2");
    CHECK_STR(events[1]->traceparent, "");
    CHECK_STR(events[1]->tracestate, "");
    tear_down(&db);
}

TEST(an_event_over_64_KiB_is_refused)
{
    static char huge[70000];
    struct pl_pg *db = set_up();

    memset(huge, 'x', sizeof huge - 1);
    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(add(db, huge, &err), ==, -1);
    CHECK_HAS(err.text, "more than 65536");
    tear_down(&db);
}

TEST(a_row_with_a_lower_id_that_commits_later_is_not_skipped)
{
    struct pl_pg *db = set_up(), *slow = open_db();
    Pl__Event **events;
    size_t count;
    int64_t head = 0;
    int numbered;

    CHECK_INT(pl_pg_begin(slow, &err), ==, 0);
    CHECK_INT(add(slow, "slow", &err), ==, 0);
    CHECK_INT(pl_pg_run(slow, &err, "SELECT 1", PL_NO_ARGS), ==, 0); // takes it to the server
    CHECK_INT(emit(db, "quick", &err), ==, 0);
    CHECK_INT(pl_feed_number(db, &numbered, &head, &err), ==, 0);
    CHECK_INT(numbered, ==, 1);
    CHECK_INT(pl_pg_commit(slow, &err), ==, 0);
    CHECK_INT(pl_feed_number(db, &numbered, &head, &err), ==, 0);
    CHECK_INT(numbered, ==, 1);
    CHECK_INT(head, ==, 2);
    CHECK_INT(pl_feed_read(db, "x", 1, 10, arena, &events, &count, &err), ==, 0);
    CHECK_INT(count, ==, 2);
    CHECK_STR(events[0]->aggregateid, "quick");
    CHECK_STR(events[1]->aggregateid, "slow");
    CHECK_INT(events[1]->position, ==, 2);
    CHECK_INT(ask(db, "SELECT count(*) FROM outbox_unnumbered"), ==, 0);
    pl_pg_destroy(&slow);
    tear_down(&db);
}

TEST(an_event_whose_transaction_is_rolled_back_never_existed)
{
    struct pl_pg *db = set_up();
    int64_t head = 0;
    int numbered;

    CHECK_INT(pl_pg_begin(db, &err), ==, 0);
    CHECK_INT(add(db, "a", &err), ==, 0);
    pl_pg_rollback(db);
    CHECK_INT(emit(db, "b", &err), ==, 0);
    CHECK_INT(pl_feed_number(db, &numbered, &head, &err), ==, 0);
    CHECK_INT(numbered, ==, 1);
    CHECK_INT(ask(db, "SELECT position FROM feed"), ==, 1);
    tear_down(&db);
}

#define WRITERS 4
#define EACH    100

static _Atomic int writing;
static _Atomic int failures;

static void *
write_events(void *arg)
{
    struct pl_err mine = { 0 };
    struct pl_pg *db = open_db();

    (void)arg;
    for (int i = 0; i < EACH; i++)
        if (emit(db, "a", &mine))
            failures++;
    pl_pg_destroy(&db);
    writing--;
    return NULL;
}

static void *
number_events(void *arg)
{
    struct pl_err mine = { 0 };
    struct pl_pg *db = open_db();
    struct pl_feed_state state = { .waiting = true };
    int64_t head = 0;
    int numbered;

    (void)arg;
    while (writing > 0 || state.waiting)
        if (pl_feed_number(db, &numbered, &head, &mine) || pl_feed_state(db, &state, &mine)) {
            failures++;
            break;
        }
    pl_pg_destroy(&db);
    return NULL;
}

TEST(two_replicas_number_at_once_without_gaps_and_each_row_once)
{
    struct pl_pg *db = set_up();
    pthread_t threads[WRITERS + 2];

    writing = WRITERS;
    failures = 0;
    for (int i = 0; i < WRITERS; i++)
        pthread_create(&threads[i], NULL, write_events, NULL);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[WRITERS + i], NULL, number_events, NULL);
    for (int i = 0; i < WRITERS + 2; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(failures, ==, 0);
    CHECK_INT(ask(db, "SELECT max(position) FROM feed"), ==, WRITERS * EACH);
    CHECK_INT(ask(db, "SELECT count(DISTINCT position) FROM feed"), ==, WRITERS * EACH);
    CHECK_INT(ask(db, "SELECT count(DISTINCT outbox_id) FROM feed"), ==, WRITERS * EACH);
    CHECK_INT(ask(db, "SELECT position FROM feed_head"), ==, WRITERS * EACH);
    CHECK_INT(ask(db, "SELECT count(*) FROM outbox_unnumbered"), ==, 0);
    tear_down(&db);
}

TEST(old_events_go_when_everybody_has_them_and_in_the_end_in_any_case)
{
    struct pl_pg *db = set_up();
    int64_t head = 0;
    int numbered;
    bool more;

    for (int i = 0; i < 4; i++)
        CHECK_INT(emit(db, "a", &err), ==, 0);
    CHECK_INT(pl_feed_number(db, &numbered, &head, &err), ==, 0);
    CHECK_INT(pl_feed_register(db, "slow", 0, NULL, 1, arena, &err), ==, 0);
    CHECK_INT(pl_feed_retire(db, 7, 30, &more, &err), ==, 0);
    CHECK_INT(ask(db, "SELECT count(*) FROM feed"), ==, 4);
    CHECK_INT(pl_pg_script(db,
                           "UPDATE outbox o SET created_at = now() - interval '8 days'\n"
                           "  FROM feed f WHERE f.outbox_id = o.id AND f.position <= 3",
                           &err),
              ==, 0);
    CHECK_INT(pl_feed_retire(db, 7, 30, &more, &err), ==, 0);
    CHECK_INT(ask(db, "SELECT min(position) FROM feed"), ==, 2);
    CHECK_INT(ask(db, "SELECT count(*) FROM outbox"), ==, 3);
    CHECK_INT(ask(db, "SELECT retired FROM feed_head"), ==, 1);
    CHECK_INT(pl_feed_acked(db, "slow", 2, &err), ==, 0);
    CHECK_INT(pl_feed_retire(db, 7, 30, &more, &err), ==, 0);
    CHECK_INT(ask(db, "SELECT min(position) FROM feed"), ==, 3);
    CHECK_INT(pl_pg_script(db,
                           "UPDATE outbox o SET created_at = now() - interval '31 days'\n"
                           "  FROM feed f WHERE f.outbox_id = o.id AND f.position <= 3",
                           &err),
              ==, 0);
    CHECK_INT(pl_feed_retire(db, 7, 30, &more, &err), ==, 0);
    CHECK_INT(ask(db, "SELECT retired FROM feed_head"), ==, 3);
    CHECK_INT(ask(db, "SELECT count(*) FROM outbox"), ==, 1);
    CHECK_INT(emit(db, "a", &err), ==, 0);
    CHECK_INT(pl_feed_number(db, &numbered, &head, &err), ==, 0);
    CHECK_INT(ask(db, "SELECT max(position) FROM feed"), ==, 5);
    tear_down(&db);
}

TEST(a_consumer_is_listed_with_its_lag_and_can_be_dropped)
{
    struct pl_pg *db = set_up();
    struct pl_feed_consumer *consumers;
    char *types[] = { "governance.notice" };
    int64_t head;
    int numbered, count;

    CHECK_INT(emit(db, "a", &err), ==, 0);
    CHECK_INT(emit(db, "a", &err), ==, 0);
    CHECK_INT(pl_feed_number(db, &numbered, &head, &err), ==, 0);
    CHECK_INT(pl_feed_register(db, "notifier", 1, types, 0, arena, &err), ==, 0);
    CHECK_INT(pl_feed_acked(db, "notifier", 1, &err), ==, 0);
    CHECK_INT(pl_feed_acked(db, "notifier", 0, &err), ==, 0); // late: never backwards
    CHECK_INT(pl_feed_consumers(db, arena, &consumers, &count, &err), ==, 0);
    CHECK_INT(count, ==, 1);
    CHECK_INT(consumers[0].acked, ==, 1);
    CHECK_INT(consumers[0].lag, ==, 1);
    CHECK_STR(consumers[0].types[0], "governance.notice");
    CHECK_INT(pl_feed_drop(db, "notifier", &err), ==, 0);
    CHECK_INT(pl_feed_drop(db, "notifier", &err), ==, -1);
    CHECK_INT(err.code, ==, PL_NOT_FOUND);
    tear_down(&db);
}

TEST(a_dead_letter_goes_when_it_was_settled_long_ago_and_stays_as_long_as_it_was_not)
{
    struct pl_pg *db = set_up();
    bool more;

    CHECK_INT(
        pl_pg_script(db,
                     "INSERT INTO dead_letter (source, consumer, position, event_id, type,\n"
                     "  aggregatetype, aggregateid, time, traceparent, payload, attempts,\n"
                     "  reason, state, changed_at)\n"
                     "SELECT 's', 'c', n, '', '', '', '', '', '', '', 1, '', state,\n"
                     "       now() - make_interval(days => age)\n"
                     "  FROM (VALUES (1, 'dead', 31), (2, 'replay', 31), (3, 'replayed', 31),\n"
                     "               (4, 'skipped', 31), (5, 'skipped', 29)) v (n, state, age)",
                     &err),
        ==, 0);
    CHECK_INT(pl_feed_retire(db, 7, 30, &more, &err), ==, 0);
    CHECK(!more);
    CHECK_INT(ask(db, "SELECT count(*) FROM dead_letter"), ==, 3);
    CHECK_INT(ask(db, "SELECT count(*) FROM dead_letter WHERE position IN (1, 2, 5)"), ==, 3);
    tear_down(&db);
}

TEST(old_idempotency_keys_go_and_whoever_has_many_is_asked_again_at_once)
{
    struct pl_pg *db = set_up();
    bool more;

    CHECK_INT(pl_pg_script(db,
                           "INSERT INTO idempotency\n"
                           "SELECT 'me', 'op', n::text, repeat('0', 64), NULL,\n"
                           "       now() - interval '25 hours' FROM generate_series(1, 1001) n;\n"
                           "INSERT INTO idempotency VALUES ('me', 'op', 'new', repeat('0', 64))",
                           &err),
              ==, 0);
    CHECK_INT(pl_feed_retire(db, 7, 30, &more, &err), ==, 0);
    CHECK(more);
    CHECK_INT(pl_feed_retire(db, 7, 30, &more, &err), ==, 0);
    CHECK(!more);
    CHECK_INT(ask(db, "SELECT count(*) FROM idempotency"), ==, 1);
    tear_down(&db);
}
