/* What is written down: windows, hours, leases, rings, against a real database. */
#include "sampler.h"
#include "store.h"

#include "pl_check.h"
#include "pl_pg.h"
#include "pl_test_db.h"

#include <string.h>
#include <time.h>

NEEDS_ENV("PL_TEST_DB_URL");

static struct pl_test_db *test;
static struct pl_pg *db;
static struct pl_arena *arena;
static struct pl_err err;

static void
set_up(void)
{
    test = pl_test_db_new("sampler", sampler_migrations);
    arena = pl_arena_new();
    err = (struct pl_err){ 0 };
    CHECK_INT(pl_pg_open(&db, pl_test_db_dsn(test), &err), ==, 0);
}

static void
tear_down(void)
{
    pl_pg_destroy(&db);
    pl_arena_destroy(&arena);
    pl_test_db_destroy(&test);
}

static int64_t
ask(const char *sql)
{
    PGresult *res = pl_pg_exec(db, &err, sql, PL_NO_ARGS);
    int64_t number = res && PQntuples(res) ? pl_pg_int(res, 0, 0) : -1;

    PQclear(res);
    return number;
}

/* ${ok} probes of ${us} each, one more that failed. */
static void
write_window(const char *writer, int64_t begin, int ok, uint32_t us)
{
    struct window window = { .begin = begin,
                             .attempts = ok + 1,
                             .ok = ok,
                             .min_us = us,
                             .max_us = us,
                             .sum_us = (uint64_t)ok * us };

    exp_histogram_add(&window.latency, us, (uint32_t)ok);
    exp_histogram_add(&window.service, us, (uint32_t)ok);
    CHECK_INT(store_put_window(db, "web", writer, &window, arena, &err), ==, 0);
    exp_histogram_clear(&window.latency);
    exp_histogram_clear(&window.service);
}

static void
sum(void *arg, struct window *window)
{
    struct window *out = arg;

    out->attempts += window->attempts;
    out->ok += window->ok;
    exp_histogram_merge(&out->latency, &window->latency);
}

static void
read_all(struct window *out)
{
    *out = (struct window){ 0 };
    CHECK_INT(store_visit_windows(db, "web", 0, INT32_MAX, sum, out, &err), ==, 0);
}

TEST(old_windows_become_hours_and_say_the_same)
{
    int64_t hour = (int64_t)time(NULL) / 3600 * 3600 - 10 * 86400;
    struct pl_tick tick = { 0 };
    struct window before, after;

    set_up();
    sampler_fine_days = 2;
    sampler_retention_days = 90;
    for (int i = 0; i < 12; i++) {
        write_window("a", hour + i * WINDOW_S, 10, 1000 * (uint32_t)(i + 1));
        write_window("b", hour + i * WINDOW_S, 5, 700000);
    }
    write_window("a", hour + 9 * 86400, 3, 1000);   // recent: stays
    write_window("a", hour - 100 * 86400, 3, 1000); // too old: goes
    read_all(&before);
    tick.db = db;
    tick.arena = arena;
    CHECK_INT(trim_history(&tick), ==, 0);
    CHECK_INT(trim_history(&tick), ==, 0);
    CHECK_INT(ask("SELECT count(*) FROM histogram WHERE seconds = 3600"), ==, 1);
    CHECK_INT(ask("SELECT count(*) FROM histogram WHERE seconds = 300"), ==, 1);
    read_all(&after);
    CHECK_INT(before.attempts - 4, ==, after.attempts);
    CHECK_INT(after.ok, ==, 12 * 15 + 3);
    CHECK_INT(after.latency.total, ==, 12 * 15 + 3);
    exp_histogram_clear(&before.latency);
    exp_histogram_clear(&after.latency);
    tear_down();
}

TEST(a_writer_replaces_its_own_window_and_no_other)
{
    struct window all;

    set_up();
    write_window("a", 3600, 1, 1000);
    write_window("b", 3600, 10, 1000);
    write_window("a", 3600, 2, 1000);
    read_all(&all);
    CHECK_INT(all.ok, ==, 12);
    exp_histogram_clear(&all.latency);
    tear_down();
}

static int
held_count(const bool held[SHARDS])
{
    int count = 0;

    for (int i = 0; i < SHARDS; i++)
        count += held[i];
    return count;
}

TEST(a_shard_has_one_holder_and_a_dead_ones_shards_are_taken_over)
{
    bool a[SHARDS] = { 0 }, b[SHARDS] = { 0 }, renewed[SHARDS] = { 0 };
    int64_t alive;

    set_up();
    CHECK_INT(store_claim(db, "a", 60000, 40, a, &err), ==, 0);
    CHECK_INT(store_claim(db, "b", 60000, 40, b, &err), ==, 0);
    CHECK_INT(held_count(a), ==, 40);
    CHECK_INT(held_count(b), ==, SHARDS - 40);
    for (int i = 0; i < SHARDS; i++)
        CHECK(!(a[i] && b[i]));
    memset(a + 10, 0, sizeof a - 10);
    CHECK_INT(store_release(db, "a", a, &err), ==, 0);
    CHECK_INT(store_renew(db, "a", 60000, renewed, &err), ==, 0);
    CHECK_INT(held_count(renewed), ==, held_count(a));
    CHECK_INT(store_claim(db, "b", 60000, SHARDS, b, &err), ==, 0);
    CHECK_INT(held_count(b) + held_count(a), ==, SHARDS);
    ask("UPDATE shard SET until = now() - interval '1 s' WHERE holder = 'a' RETURNING no");
    CHECK_INT(store_claim(db, "b", 60000, SHARDS, b, &err), ==, 0);
    CHECK_INT(held_count(b), ==, SHARDS);
    memset(renewed, 0, sizeof renewed);
    CHECK_INT(store_renew(db, "a", 60000, renewed, &err), ==, 0);
    CHECK_INT(held_count(renewed), ==, 0);
    CHECK_INT(store_beat(db, "a", 60000, &alive, &err), ==, 0);
    CHECK_INT(store_beat(db, "b", 60000, &alive, &err), ==, 0);
    CHECK_INT(alive, ==, 2);
    tear_down();
}

TEST(a_ring_comes_back_as_it_was_written)
{
    struct target target = { .name = "web", .url = "http://x/" };
    struct stored_ring *rings;
    struct ring ring = { 0 };
    int count;

    set_up();
    for (int i = 0; i < 205; i++)
        ring_add(&ring, (struct sample){ .at = 1700000000000 + i,
                                         .us = 4000000000u,
                                         .http = 503,
                                         .outcome = SAMPLE_STATUS,
                                         .cls = CLASS_NA });
    CHECK_INT(store_put_ring(db, &target, 7, &ring, &err), ==, 0);
    CHECK_INT(store_put_announced(db, "web", CLASS_HIGH, &err), ==, 0);
    CHECK_INT(store_list_rings(db, 8, arena, &rings, &count, &err), ==, 0);
    CHECK_INT(count, ==, 0);
    CHECK_INT(store_list_rings(db, 7, arena, &rings, &count, &err), ==, 0);
    CHECK_INT(count, ==, 1);
    CHECK_INT(rings->ring.count, ==, RING_SAMPLES);
    CHECK_INT(ring_at(&rings->ring, 199)->at, ==, 1700000000204);
    CHECK_INT(ring_at(&rings->ring, 0)->us, ==, 4000000000u);
    CHECK_INT(ring_at(&rings->ring, 0)->http, ==, 503);
    CHECK_INT(rings->announced, ==, CLASS_HIGH);
    tear_down();
}
