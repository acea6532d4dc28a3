/* Pushes at the same time, and one whose connection is cut: the record stays one (RULINGS 21, 22,
 * 45). */
#include "pl_check.h"

#include "engine_test.h"
#include "governance.h"

#include <pthread.h>

NEEDS_ENV("PL_TEST_DB_URL");

#define RUNS "SELECT count(*) FROM run WHERE api = $1"

struct pusher {
    pthread_t thread;
    const char *api, *sha, *version, *paths;
    enum pl_code code;
    bool created;
    char run[64], base[64];
};

static void *
push_once(void *arg)
{
    struct pusher *p = arg;
    struct engine e;
    struct push_answer a;

    engine_open(&e);
    a = engine_push(&e, p->api, p->sha, NULL, engine_document(&e, p->version, p->paths));
    p->code = a.code;
    if (a.run) {
        p->created = a.run->created;
        snprintf(p->run, sizeof p->run, "%s", a.run->id);
        snprintf(p->base, sizeof p->base, "%s", a.run->base_run ? a.run->base_run : "");
    }
    engine_close(&e);
    return NULL;
}

TEST(thirty_parallel_pushes_of_one_sha_give_one_run)
{
    struct engine e;
    struct pusher pushers[30];
    int created = 0;

    engine_open(&e);
    engine_api(&e, "parallel");
    for (int i = 0; i < 30; i++) {
        pushers[i] = (struct pusher){ 0, "parallel", "sha0001", "1.0.0", "a b", 0, 0, "", "" };
        pthread_create(&pushers[i].thread, NULL, push_once, &pushers[i]);
    }
    for (int i = 0; i < 30; i++)
        pthread_join(pushers[i].thread, NULL);
    for (int i = 0; i < 30; i++) {
        CHECK_INT(pushers[i].code, ==, PL_OK);
        CHECK_STR(pushers[i].run, pushers[0].run);
        created += pushers[i].created;
    }
    CHECK_INT(created, ==, 1);
    CHECK_INT(engine_count(&e, RUNS, "parallel"), ==, 1);
    CHECK_STR(engine_events(&e, "parallel"), "api.changed run.completed");
    engine_close(&e);
}

/* The value of a counter without labels. */
static double
counter(struct engine *e, const char *name)
{
    struct pl_buf text = { .arena = e->worker.arena };
    const char *at;

    pl_metric_print(&text);
    at = strstr(pl_buf_text(&text), pl_arena_printf(e->worker.arena, "\n%s ", name));
    return at ? strtod(at + strlen(name) + 2, NULL) : -1;
}

TEST(a_push_that_was_overtaken_is_compared_with_the_one_that_overtook_it)
{
    struct engine e, lock;
    struct pl_err err = { 0 };
    struct pusher two = { 0, "overtaken", "sha0002", "1.1.0", "a b", 0, 0, "", "" };
    struct pusher three = { 0, "overtaken", "sha0003", "1.2.0", "a b c", 0, 0, "", "" };
    double before;

    engine_open(&e);
    engine_open(&lock);
    engine_api(&e, "overtaken");
    engine_push(&e, "overtaken", "sha0001", NULL, engine_document(&e, "1.0.0", "a"));
    before = counter(&e, "governance_recompared_total");

    // both compare with the first run and then stand before the lock
    CHECK_INT(pl_pg_begin(lock.worker.db, &err), ==, 0);
    engine_text(&lock, "SELECT api FROM api WHERE api = $1 FOR UPDATE", "overtaken");
    pthread_create(&two.thread, NULL, push_once, &two);
    pthread_create(&three.thread, NULL, push_once, &three);
    while (engine_count(
               &e,
               "SELECT count(*) FROM pg_stat_activity\n"
               " WHERE datname = current_database() AND wait_event_type = 'Lock' AND $1 <> ''",
               "x") < 2)
        ;
    CHECK_INT(pl_pg_commit(lock.worker.db, &err), ==, 0);
    pthread_join(two.thread, NULL);
    pthread_join(three.thread, NULL);

    CHECK_INT(two.code, ==, PL_OK);
    CHECK_INT(three.code, ==, PL_OK);
    CHECK(strcmp(two.base, three.run) == 0 || strcmp(three.base, two.run) == 0);
    CHECK(counter(&e, "governance_recompared_total") == before + 1);
    CHECK_INT(engine_count(&e, "SELECT runs FROM api WHERE api = $1", "overtaken"), ==, 3);
    engine_close(&lock);
    engine_close(&e);
}

TEST(a_connection_lost_inside_commit_is_unavailable_and_the_retry_records_once)
{
    struct engine e;
    struct push_answer a;
    char *document;

    engine_open(&e);
    engine_api(&e, "cut");
    document = engine_document(&e, "1.0.0", "a");
    engine_owner(&e, "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$\n"
                     "BEGIN PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(60);\n"
                     "RETURN NULL; END $$;\n"
                     "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON run\n"
                     "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()");
    a = engine_push(&e, "cut", "sha0001", NULL, document);
    CHECK_INT(a.code, ==, PL_UNAVAILABLE);
    engine_owner(&e, "DROP TRIGGER cut ON run; DROP FUNCTION cut()");
    a = engine_push(&e, "cut", "sha0001", NULL, document);
    CHECK_INT(a.code, ==, PL_OK);
    CHECK_INT(engine_count(&e, RUNS, "cut"), ==, 1);
    CHECK_STR(engine_events(&e, "cut"), "api.changed run.completed");
    engine_close(&e);
}
