#include "fixture_fake.h"
#include "pl_check.h"
#include "store.h"

#include <pthread.h>

NEEDS_ENV("PL_TEST_DB_URL");

static struct fixture f;

static char *semver[] = { "semver_fail" };
static char *recovered[] = { "stability_recovered" };
static char *mixed[] = { "semver_fail", "stability_recovered" };

/* How many deliveries a notice about ${api} makes. */
static size_t
made_by(const char *id, const char *api, char **now, size_t now_count, char **changed,
        size_t changed_count, const char *policy)
{
    Events__Notice notice = fixture_example();
    size_t before = fixture_deliveries(&f, "")->n_deliveries;

    notice.api = (char *)api;
    notice.reasons = now;
    notice.n_reasons = now_count;
    notice.changed = changed;
    notice.n_changed = changed_count;
    notice.notice_policy = (char *)policy;
    if (fixture_notice(&f, id, &notice))
        return 1000;
    return fixture_deliveries(&f, "")->n_deliveries - before;
}

static void
set_endpoint(const char *name, const char *what)
{
    fixture_sql(&f,
                pl_arena_printf(f.arena, "UPDATE endpoints SET %s WHERE name = '%s'", what, name));
}

TEST(a_webhook_gets_every_run_and_a_chat_only_changes)
{
    fixture_set_up(&f, "1");
    fixture_endpoint(&f, "w", "webhook", NULL);
    CHECK_INT(made_by("e1", "museum", semver, 1, NULL, 0, ""), ==, 1);
    fixture_endpoint(&f, "s", "slack", NULL);
    fixture_endpoint(&f, "t", "teams", NULL);
    CHECK_INT(made_by("e2", "museum", semver, 1, NULL, 0, ""), ==, 1);
    CHECK_INT(made_by("e3", "museum", semver, 1, semver, 1, ""), ==, 3);
    CHECK_INT(made_by("e4", "museum", recovered, 1, recovered, 1, ""), ==, 3);
    CHECK_INT(made_by("e5", "museum", NULL, 0, NULL, 0, ""), ==, 0);
    fixture_tear_down(&f);
}

TEST(the_endpoints_own_policy_wins_then_the_apis_then_the_kinds)
{
    fixture_set_up(&f, "1");
    fixture_endpoint(&f, "w", "webhook", NULL);
    CHECK_INT(made_by("e1", "museum", semver, 1, NULL, 0, "on_change"), ==, 0);
    CHECK_INT(made_by("e2", "museum", semver, 1, semver, 1, "on_change"), ==, 1);
    set_endpoint("w", "policy = 'every_run'");
    CHECK_INT(made_by("e3", "museum", semver, 1, NULL, 0, "on_change"), ==, 1);
    set_endpoint("w", "policy = 'on_change'");
    CHECK_INT(made_by("e4", "museum", semver, 1, NULL, 0, "every_run"), ==, 0);
    set_endpoint("w", "kind = 'slack', policy = ''");
    CHECK_INT(made_by("e5", "museum", semver, 1, NULL, 0, "every_run"), ==, 1);
    CHECK_INT(made_by("e6", "museum", semver, 1, NULL, 0, ""), ==, 0);
    fixture_tear_down(&f);
}

TEST(lists_of_apis_and_events_narrow_what_comes)
{
    fixture_set_up(&f, "1");
    fixture_endpoint(&f, "w", "webhook", NULL);
    set_endpoint("w", "apis = '{museum,zoo}'");
    CHECK_INT(made_by("e1", "museum", semver, 1, NULL, 0, ""), ==, 1);
    CHECK_INT(made_by("e2", "zoo", semver, 1, NULL, 0, ""), ==, 1);
    CHECK_INT(made_by("e3", "park", semver, 1, NULL, 0, ""), ==, 0);
    set_endpoint("w", "events = '{stability_recovered}'");
    CHECK_INT(made_by("e4", "museum", semver, 1, NULL, 0, ""), ==, 0);
    CHECK_INT(made_by("e5", "museum", mixed, 2, NULL, 0, ""), ==, 1);
    // with on_change, only what changed is held against the list
    set_endpoint("w", "policy = 'on_change'");
    CHECK_INT(made_by("e6", "museum", mixed, 2, semver, 1, ""), ==, 0);
    CHECK_INT(made_by("e7", "museum", mixed, 2, recovered, 1, ""), ==, 1);
    fixture_tear_down(&f);
}

TEST(one_event_has_one_webhook_id_and_others_have_others)
{
    fixture_set_up(&f, "1");
    fixture_endpoint(&f, "w", "webhook", NULL);
    fixture_endpoint(&f, "v", "webhook", NULL);
    CHECK_INT(made_by("e1", "museum", semver, 1, NULL, 0, ""), ==, 2);
    CHECK_INT(made_by("e1", "museum", semver, 1, NULL, 0, ""), ==, 0);
    CHECK_INT(made_by("e2", "museum", semver, 1, NULL, 0, ""), ==, 2);
    CHECK_STR(fixture_sql(&f, "SELECT count(DISTINCT webhook_id) FROM deliveries"), "2");
    fixture_tear_down(&f);
}

TEST(a_notice_waits_for_the_page_that_it_links_to)
{
    Events__Notice notice = fixture_example();

    fixture_set_up(&f, "1");
    notifier_public_url = "http://plumb.example/";
    fixture_endpoint(&f, "w", "webhook", NULL);
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 0);
    CHECK_STR(fixture_sql(&f, "SELECT due_at - created_at = interval '30 s'\n"
                              "  FROM deliveries"),
              "t");
    CHECK_INT(fixture_published(&f, "p0", "another_run"), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 0);
    CHECK_INT(fixture_published(&f, "p1", "run_1"), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 1);
    CHECK_HAS(receiver_got(f.receiver, 0)->body, "\"url\":\"http://plumb.example/status/museum/\"");
    fixture_tear_down(&f);
}

TEST(artifacts_that_were_there_first_keep_nothing_waiting)
{
    Events__Notice notice = fixture_example();

    fixture_set_up(&f, "1");
    notifier_public_url = "http://plumb.example";
    fixture_endpoint(&f, "w", "webhook", NULL);
    CHECK_INT(fixture_published(&f, "p1", "run_1"), ==, 0);
    CHECK_INT(fixture_published(&f, "p1", "run_1"), ==, 0);
    CHECK_INT(fixture_notice(&f, "e1", &notice), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 1);
    fixture_tear_down(&f);
}

/* One more replica: its own connection and arena. */
static void *
publish_elsewhere(void *arg)
{
    struct fixture other = f;
    struct pl_err err = { 0 };

    other.worker.arena = pl_arena_new();
    if (pl_pg_open(&other.worker.db, pl_test_db_dsn(f.test), &err) == 0)
        *(int *)arg = fixture_published(&other, "p1", "run_1");
    pl_pg_destroy(&other.worker.db);
    pl_arena_destroy(&other.worker.arena);
    return NULL;
}

TEST(notice_and_artifacts_at_the_same_moment_do_not_miss_each_other)
{
    Events__Notice notice = fixture_example();
    struct pl_event event = { .id = "e1" };
    struct pl_heard heard = { 0 };
    pthread_t thread;
    int published = -1;

    fixture_set_up(&f, "1");
    notifier_public_url = "http://plumb.example";
    fixture_endpoint(&f, "w", "webhook", NULL);
    heard = (struct pl_heard){ .self = f.worker.self,
                               .db = f.worker.db,
                               .arena = f.worker.arena,
                               .event = &event,
                               .message = &notice };
    CHECK_INT(pl_pg_begin(heard.db, &heard.err), ==, 0);
    CHECK_INT(queue_notice(&heard), ==, 0);
    CHECK_INT(pthread_create(&thread, NULL, publish_elsewhere, &published), ==, 0);
    while (strcmp(fixture_sql(&f, "SELECT count(*) FROM pg_locks\n"
                                  " WHERE locktype = 'advisory' AND NOT granted\n"
                                  "   AND database = (SELECT oid FROM pg_database\n"
                                  "                    WHERE datname = current_database())"),
                  "1") != 0)
        ; // until the other one stands before the run's lock
    CHECK_INT(pl_pg_commit(heard.db, &heard.err), ==, 0);
    pthread_join(thread, NULL);
    CHECK_INT(published, ==, 0);
    CHECK_INT(fixture_send(&f), ==, 1);
    fixture_tear_down(&f);
}

static int
hear_notice(const char *id, const char *run)
{
    Events__Notice notice = fixture_example();
    struct pl_event event = { .id = (char *)id };
    struct pl_heard heard = { .self = f.worker.self,
                              .db = f.worker.db,
                              .arena = f.worker.arena,
                              .event = &event,
                              .message = &notice };

    notice.run = (char *)run;
    return queue_notice(&heard);
}

/* A batch of the other source, in one transaction. */
static void *
publish_two_elsewhere(void *arg)
{
    bool *done = arg;
    struct pl_err err = { 0 };
    struct pl_pg *db;
    int64_t released;

    if (pl_pg_open(&db, pl_test_db_dsn(f.test), &err) == 0 && pl_pg_begin(db, &err) == 0)
        *done = store_publish_run(db, "run_2", &released, &err) == 0 &&
                store_publish_run(db, "run_1", &released, &err) == 0 && pl_pg_commit(db, &err) == 0;
    pl_pg_destroy(&db);
    return NULL;
}

TEST(two_batches_that_tell_of_the_same_runs_in_different_orders_both_succeed)
{
    struct pl_err err = { 0 };
    pthread_t thread;
    bool published = false;

    fixture_set_up(&f, "1");
    fixture_endpoint(&f, "w", "webhook", NULL);
    CHECK_INT(pl_pg_begin(f.worker.db, &err), ==, 0);
    CHECK_INT(hear_notice("e1", "run_1"), ==, 0);
    CHECK_INT(pthread_create(&thread, NULL, publish_two_elsewhere, &published), ==, 0);
    while (strcmp(fixture_sql(&f, "SELECT count(*) FROM pg_locks\n"
                                  " WHERE locktype = 'advisory' AND NOT granted\n"
                                  "   AND database = (SELECT oid FROM pg_database\n"
                                  "                    WHERE datname = current_database())"),
                  "1") != 0)
        ; // until the other one waits
    CHECK_INT(hear_notice("e2", "run_2"), ==, 0);
    CHECK_INT(pl_pg_commit(f.worker.db, &err), ==, 0);
    pthread_join(thread, NULL);
    CHECK(published);
    fixture_tear_down(&f);
}

TEST(the_setting_makes_an_endpoint_for_the_default_api_and_takes_it_back)
{
    struct pl_err err = { 0 };
    Notifier__Endpoint *endpoint;
    char *id;

    setenv("GOVERNANCE_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1);
    fixture_set_up(&f, "1");
    unsetenv("GOVERNANCE_WEBHOOK_SECRET");
    notifier_webhook = receiver_url(f.receiver, f.arena, "/governance");
    CHECK_INT(environment_endpoint(f.worker.db, f.arena, &err), ==, 0);
    CHECK_INT(environment_endpoint(f.worker.db, f.arena, &err), ==, 0);
    CHECK_STR(fixture_sql(&f, "SELECT count(*) FROM endpoints"), "1");
    id = fixture_sql(&f, "SELECT id FROM endpoints");
    endpoint = fixture_get_endpoint(&f, id);
    CHECK_STR(endpoint->name, "GOVERNANCE_WEBHOOK");
    CHECK_STR(endpoint->policy, "every_run");
    CHECK_INT(endpoint->n_apis, ==, 1);
    CHECK_STR(endpoint->apis[0], "museum");
    CHECK_INT(made_by("e1", "museum", semver, 1, NULL, 0, ""), ==, 1);
    CHECK_INT(made_by("e2", "zoo", semver, 1, NULL, 0, ""), ==, 0);
    CHECK_INT(fixture_send(&f), ==, 1);
    CHECK_STR(receiver_got(f.receiver, 0)->path, "/governance");

    notifier_webhook = receiver_url(f.receiver, f.arena, "/moved"); // a restart with another one
    CHECK_INT(environment_endpoint(f.worker.db, f.arena, &err), ==, 0);
    CHECK_INT(made_by("e3", "museum", semver, 1, NULL, 0, ""), ==, 1);
    CHECK_INT(fixture_send(&f), ==, 1);
    CHECK_STR(receiver_got(f.receiver, 1)->path, "/moved");
    CHECK_STR(fixture_sql(&f, "SELECT count(*) FROM endpoints"), "1");

    notifier_webhook = ""; // and with none: nothing is sent (G-01)
    CHECK_INT(environment_endpoint(f.worker.db, f.arena, &err), ==, 0);
    CHECK(!fixture_get_endpoint(&f, id)->enabled);
    CHECK_INT(made_by("e4", "museum", semver, 1, NULL, 0, ""), ==, 1);
    CHECK_INT(fixture_send(&f), ==, 0);
    notifier_webhook = receiver_url(f.receiver, f.arena, "/moved");
    CHECK_INT(environment_endpoint(f.worker.db, f.arena, &err), ==, 0);
    CHECK(fixture_get_endpoint(&f, id)->enabled);
    fixture_tear_down(&f);
}
