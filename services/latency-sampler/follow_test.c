/* Which set is probed, what is told about it, and when a changed class is announced. */
#include "engine.h"
#include "sampler.h"
#include "store.h"

#include "pl_app.h"
#include "pl_check.h"
#include "pl_conf.h"
#include "pl_pg.h"
#include "pl_test_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

NEEDS_ENV("PL_TEST_DB_URL");

static struct pl_test_db *test;
static struct pl_tick tick;

static void
must(int rc, const struct pl_err *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "test set-up: %s (%s)\n", err->text, err->detail);
    exit(EXIT_FAILURE);
}

static void
set_up(const char *env_targets, const char *file)
{
    struct pl_err err = { 0 };

    setenv("LATENCY_SAMPLE_TARGETS", env_targets, 1);
    setenv("LATENCY_TARGETS_FILE", file, 1);
    test = pl_test_db_new("sampler", sampler_migrations);
    tick = (struct pl_tick){ .arena = pl_arena_new() };
    must(pl_conf_read(sampler_settings, &err), &err);
    must(sampler_start(&err), &err);
    must(pl_pg_open(&tick.db, pl_test_db_dsn(test), &err), &err);
}

static void
tear_down(void)
{
    sampler_stop();
    follow_forget();
    pl_pg_destroy(&tick.db);
    pl_arena_destroy(&tick.arena);
    pl_test_db_destroy(&test);
}

static const char *
ask(const char *sql)
{
    struct pl_err err = { 0 };
    PGresult *res = pl_pg_exec(tick.db, &err, sql, PL_NO_ARGS);
    char *text = res && PQntuples(res) ? pl_pg_text(res, 0, 0, tick.arena) : "failed";

    PQclear(res);
    return text;
}

static const char *
events(void)
{
    return ask("SELECT string_agg(type, ' ' ORDER BY seq)"
               "  FROM outbox JOIN outbox_unnumbered ON outbox_id = id");
}

static const char *
probed(void)
{
    const char *text;
    int count;

    engine_lock();
    engine_targets(&count);
    text = pl_arena_printf(tick.arena, "%s %d", engine_source(), count);
    engine_unlock();
    return text;
}

TEST(the_environment_is_probed_until_a_set_is_persisted_and_each_change_is_told_once)
{
    struct pl_err err = { 0 };

    set_up("a:http://x/,b:http://y/", "");
    CHECK_INT(follow_sets(&tick), ==, 0);
    CHECK_INT(follow_sets(&tick), ==, 0);
    CHECK_STR(probed(), "env 2");
    CHECK_STR(events(), "latency.targets.init");
    CHECK_INT(
        store_put_set(tick.db, "persisted", "[{\"name\":\"c\",\"url\":\"http://z/\"}]", "me", &err),
        ==, 0);
    CHECK_INT(follow_sets(&tick), ==, 0);
    CHECK_STR(probed(), "persisted 1");
    CHECK_INT(store_put_set(tick.db, "runtime", "[]", "me", &err), ==, 0);
    CHECK_INT(follow_sets(&tick), ==, 0);
    CHECK_STR(probed(), "env 0");
    CHECK_STR(events(), "latency.targets.init latency.targets.changed latency.targets.changed");
    tear_down();
}

TEST(a_persisted_set_that_cannot_be_read_is_told_of_and_the_environment_is_probed)
{
    struct pl_err err = { 0 };

    set_up("a:http://x/", "");
    CHECK_INT(store_put_set(tick.db, "persisted", "[{\"name\":", "me", &err), ==, 0);
    CHECK_INT(follow_sets(&tick), ==, 0);
    CHECK_STR(probed(), "env 1");
    CHECK_STR(events(), "latency.targets.malformed latency.targets.init");
    tear_down();
}

TEST(a_file_of_targets_is_imported_once_and_a_malformed_one_is_told_of)
{
    char path[] = "/tmp/latency_targets.XXXXXX";
    int fd = mkstemp(path);

    CHECK_INT(dprintf(fd, "{\"targets\":[{\"name\":\"f\",\"url\":\"tcp://x:1\"}]}"), >, 0);
    set_up("a:http://x/", path);
    CHECK_INT(follow_sets(&tick), ==, 0);
    CHECK_STR(probed(), "persisted 1");
    tear_down();
    CHECK_INT(dprintf(fd, "}"), ==, 1);
    set_up("a:http://x/", path);
    CHECK_INT(follow_sets(&tick), ==, 0);
    CHECK_STR(probed(), "env 1");
    CHECK_STR(events(), "latency.targets.malformed latency.targets.init");
    tear_down();
    close(fd);
    unlink(path);
}

static void
record(enum sample_outcome outcome, uint32_t us)
{
    struct live *live;
    int count;

    engine_lock();
    live = engine_targets(&count);
    live_record(live, outcome, 200, (int64_t)time(NULL) * 1000, us, us, 3, 5);
    engine_unlock();
}

TEST(a_class_is_announced_when_it_has_changed_for_good_and_once)
{
    set_up("a:http://x/", "");
    CHECK_INT(follow_sets(&tick), ==, 0);
    record(SAMPLE_OK, 1000);
    record(SAMPLE_TIMEOUT, 5000000);
    CHECK_INT(flush_samples(&tick), ==, 0);
    CHECK_STR(events(), "latency.targets.init");
    record(SAMPLE_TIMEOUT, 5000000);
    record(SAMPLE_TIMEOUT, 5000000);
    CHECK_INT(flush_samples(&tick), ==, 0);
    CHECK_INT(flush_samples(&tick), ==, 0);
    CHECK_STR(events(), "latency.targets.init latency.class.changed");
    CHECK_STR(ask("SELECT class FROM announced"), "na");
    CHECK_STR(ask("SELECT attempts || ' ' || ok FROM histogram"), "4 1");
    tear_down();
}

TEST(what_was_measured_of_a_target_is_written_down_before_another_set_takes_its_place)
{
    struct pl_err err = { 0 };

    set_up("a:http://x/", "");
    CHECK_INT(follow_sets(&tick), ==, 0);
    record(SAMPLE_OK, 1000);
    CHECK_INT(store_put_set(tick.db, "runtime", "[]", "me", &err), ==, 0);
    CHECK_INT(follow_sets(&tick), ==, 0);
    CHECK_STR(probed(), "env 0");
    CHECK_STR(ask("SELECT target || ' ' || attempts FROM histogram"), "a 1");
    tear_down();
}

TEST(an_instance_that_has_not_looked_for_others_yet_is_not_seen_by_them)
{
    set_up("a:http://x/", "");
    CHECK_INT(hold_shards(&tick), ==, 0);
    CHECK_STR(ask("SELECT count(*)::text FROM instance"), "0");
    CHECK_INT(follow_sets(&tick), ==, 0);
    CHECK_INT(hold_shards(&tick), ==, 0);
    CHECK_STR(ask("SELECT count(*)::text FROM instance"), "1");
    tear_down();
}

TEST(who_is_told_to_stop_writes_down_what_it_has_and_is_seen_no_more)
{
    set_up("a:http://x/", "");
    CHECK_INT(follow_sets(&tick), ==, 0);
    CHECK_INT(hold_shards(&tick), ==, 0);
    CHECK_STR(ask("SELECT (count(*) > 0)::text FROM shard WHERE holder <> ''"), "true");
    record(SAMPLE_OK, 1000);
    pl_app_dsn = pl_test_db_dsn(test);
    sampler_leave();
    pl_app_dsn = "";
    CHECK_STR(ask("SELECT count(*)::text FROM instance"), "0");
    CHECK_STR(ask("SELECT count(*)::text FROM shard WHERE holder <> ''"), "0");
    CHECK_STR(ask("SELECT target || ' ' || attempts FROM histogram"), "a 1");
    tear_down();
}
