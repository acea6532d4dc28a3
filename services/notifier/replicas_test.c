/* Several senders at once, as replicas have them: nothing is sent twice, nothing is forgotten. */
#include "fixture_fake.h"
#include "pl_check.h"
#include "store.h"

#include <pthread.h>
#include <stdatomic.h>

NEEDS_ENV("PL_TEST_DB_URL");

#define SENDERS 4
#define NOTICES 25

static struct fixture f;
static atomic_bool stop;
static atomic_int failed;

/* What one thread of one replica owns. */
static void
open_replica(struct fixture *other)
{
    struct pl_err err = { 0 };

    *other = f;
    other->worker.self = NULL;
    other->worker.db = NULL;
    other->arena = pl_arena_new();
    other->worker.arena = pl_arena_new();
    if (pl_pg_open(&other->worker.db, pl_test_db_dsn(f.test), &err) ||
        notifier_open(&other->worker.self, &err))
        failed++;
}

static void
close_replica(struct fixture *other)
{
    notifier_close(&other->worker.self);
    pl_pg_destroy(&other->worker.db);
    pl_arena_destroy(&other->worker.arena);
    pl_arena_destroy(&other->arena);
}

static void *
send_until_stopped(void *arg)
{
    struct fixture other;

    open_replica(&other);
    while (!stop)
        if (fixture_send(&other) < 0)
            failed++;
    close_replica(&other);
    return arg;
}

static void *
hear_the_same(void *arg)
{
    Events__Notice notice = fixture_example();
    struct fixture other;

    open_replica(&other);
    for (int i = 0; i < NOTICES; i++)
        if (fixture_notice(&other, pl_arena_printf(other.arena, "e%d", i), &notice))
            failed++;
    close_replica(&other);
    return arg;
}

static void
in_threads(pthread_t threads[SENDERS], void *(*what)(void *))
{
    for (int i = 0; i < SENDERS; i++)
        if (pthread_create(&threads[i], NULL, what, NULL))
            exit(1);
}

static void
join(pthread_t threads[SENDERS])
{
    for (int i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
}

TEST(replicas_make_and_send_each_delivery_once)
{
    pthread_t hearing[SENDERS], sending[SENDERS];

    fixture_set_up(&f, "1");
    fixture_endpoint(&f, "a", "webhook", NULL);
    fixture_endpoint(&f, "b", "webhook", NULL);
    in_threads(sending, send_until_stopped);
    in_threads(hearing, hear_the_same);
    join(hearing);
    CHECK_INT(receiver_wait(f.receiver, 2 * NOTICES), ==, 0);
    while (strcmp(fixture_sql(&f, "SELECT count(*) FROM deliveries WHERE state <> 'delivered'"),
                  "0") != 0)
        ; // until the last answer is written down
    stop = true;
    join(sending);
    CHECK_INT(failed, ==, 0);
    CHECK_INT(receiver_count(f.receiver), ==, 2 * NOTICES);
    CHECK_STR(fixture_sql(&f, "SELECT count(*) FROM deliveries"), "50");
    CHECK_STR(fixture_sql(&f, "SELECT count(DISTINCT webhook_id) FROM deliveries"), "25");
    CHECK_STR(fixture_sql(&f, "SELECT max(attempts) FROM deliveries"), "1");
    CHECK_STR(fixture_sql(&f, "SELECT count(*) FROM outbox"), "50");
    fixture_tear_down(&f);
}

TEST(a_sender_that_was_overtaken_changes_nothing)
{
    Events__Notice notice = fixture_example();
    struct pl_err err = { 0 };
    struct verdict verdict = { .state = "dead",
                               .attempt = { .at = "",
                                            .trigger = "auto",
                                            .error_class = "serverError",
                                            .error = "late",
                                            .peer = "",
                                            .answer = "" } };
    struct job *first, *second;
    bool lost;

    fixture_set_up(&f, "1");
    fixture_endpoint(&f, "a", "webhook", NULL);
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(store_claim(f.worker.db, 60000, 2, 0, f.arena, &first, &err), ==, 0);
    CHECK(first != NULL);
    CHECK_INT(store_claim(f.worker.db, 60000, 2, 0, f.arena, &second, &err), ==, 0);
    CHECK(second == NULL);
    fixture_sql(&f, "UPDATE deliveries SET due_at = now()");
    CHECK_INT(store_claim(f.worker.db, 60000, 2, 0, f.arena, &second, &err), ==, 0);
    CHECK_INT(second->attempt, ==, 2);
    CHECK_STR(second->webhook_id, first->webhook_id);
    CHECK_INT(store_finish(f.worker.db, first, &verdict, &lost, &err), ==, 0);
    CHECK(lost);
    CHECK_STR(fixture_sql(&f, "SELECT state FROM deliveries"), "sending");
    verdict.state = "delivered";
    CHECK_INT(store_finish(f.worker.db, second, &verdict, &lost, &err), ==, 0);
    CHECK(!lost);
    CHECK_STR(fixture_sql(&f, "SELECT state FROM deliveries"), "delivered");
    CHECK_STR(fixture_sql(&f, "SELECT count(*) FROM outbox"), "1");
    fixture_tear_down(&f);
}

TEST(no_more_than_two_are_on_their_way_to_one_endpoint)
{
    Events__Notice notice = fixture_example();
    struct pl_err err = { 0 };
    struct job *job;

    fixture_set_up(&f, "1");
    fixture_endpoint(&f, "a", "webhook", NULL);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fixture_notice(&f, pl_arena_printf(f.arena, "e%d", i), &notice), ==, 0);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(store_claim(f.worker.db, 60000, 2, 5, f.arena, &job, &err), ==, 0);
        CHECK(job != NULL);
    }
    CHECK_INT(store_claim(f.worker.db, 60000, 2, 5, f.arena, &job, &err), ==, 0);
    CHECK(job == NULL);
    fixture_endpoint(&f, "b", "webhook", NULL); // a slow one blocks nobody else
    CHECK_INT(fixture_notice(&f, "e9", &notice), ==, 0);
    CHECK_INT(store_claim(f.worker.db, 60000, 2, 5, f.arena, &job, &err), ==, 0);
    CHECK(job != NULL);
    CHECK_STR(job->endpoint.name, "b");
    fixture_tear_down(&f);
}

TEST(what_is_old_and_finished_is_forgotten)
{
    Events__Notice notice = fixture_example();
    struct pl_err err = { 0 };

    fixture_set_up(&f, "1");
    fixture_endpoint(&f, "a", "webhook", NULL);
    CHECK_INT(fixture_notice(&f, "old", &notice), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 1);
    fixture_sql(&f, "UPDATE deliveries SET finished_at = now() - interval '31 days'");
    CHECK_INT(fixture_notice(&f, "waiting", &notice), ==, 0);
    fixture_sql(&f, "UPDATE deliveries SET created_at = now() - interval '31 days'");
    CHECK_INT(store_forget(f.worker.db, 30, &err), ==, 0);
    CHECK_STR(fixture_sql(&f, "SELECT string_agg(event_id, ',') FROM deliveries"), "waiting");
    CHECK_STR(fixture_sql(&f, "SELECT count(*) FROM attempts"), "0");
    fixture_tear_down(&f);
}
