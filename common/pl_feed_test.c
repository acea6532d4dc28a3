#include "pl_check.h"
#include "pl_feed_apply.h"
#include "pl_feed_fixture.h"
#include "pl_feed_follow.h"
#include "pl_feed_log.h"
#include "pl_feed_reader.h"

#include "events.pb-c.h"

#include <poll.h>
#include <pthread.h>

NEEDS_ENV("PL_TEST_DB_URL");

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
    int64_t head;
    int numbered;

    set_up();
    emit("a", "x");
    emit("a", "y");
    CHECK_INT(pl_feed_number(out_db, &numbered, &head, &err), ==, 0);
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

static _Atomic bool enough;

static void *
write_without_pause(void *arg)
{
    Events__ApiChanged payload = EVENTS__API_CHANGED__INIT;
    struct pl_err mine = { 0 };
    struct pl_pg *db;

    (void)arg;
    payload.api = payload.title = "x";
    pl_pg_open(&db, pl_test_db_dsn(from), &mine);
    while (!enough && mine.code == PL_OK)
        if (pl_pg_begin(db, &mine) == 0 &&
            pl_outbox_add(db, "api", "x", "governance.api.changed", &payload.base, &mine) == 0)
            pl_pg_commit(db, &mine);
    pl_pg_destroy(&db);
    return NULL;
}

TEST(a_feed_that_is_written_to_without_a_pause_streams_meanwhile)
{
    pthread_t writers[12];
    bool moved;

    set_up();
    enough = false;
    for (int i = 0; i < 12; i++)
        pthread_create(&writers[i], NULL, write_without_pause, NULL);
    start_producer(0);
    start_consumer(0);
    moved = becomes("SELECT (position > 0)::int FROM feed_cursor", 1);
    enough = true;
    for (int i = 0; i < 12; i++)
        pthread_join(writers[i], NULL);
    CHECK(moved);
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

static _Atomic int greeted, followed, followed_other, missed;

static void
follow(void *arg, const Pl__Event *event)
{
    (void)arg;
    if (event == NULL)
        missed++;
    else if (memmem(event->data.data, event->data.len, "there", 5))
        greeted++;
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
    greeted = followed = followed_other = missed = 0;
    emit("a", "it was there before");
    CHECK_INT(start_producer(0), ==, 0);
    CHECK_INT(start_producer(1), ==, 0);
    CHECK_INT(pl_feed_follow(&self, "alpha", "alpha", types, follow, NULL, &err), ==, 0);
    /* It hears the first one that is emitted after it was heard itself. */
    while (greeted == 0 && pl_now_ms() < until) {
        emit("a", "are you there");
        poll(NULL, 0, 50);
    }
    CHECK_INT(greeted, >=, 1);
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
