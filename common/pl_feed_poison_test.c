#include "pl_check.h"
#include "pl_feed_dead.h"
#include "pl_feed_fixture.h"

#include <poll.h>

NEEDS_ENV("PL_TEST_DB_URL");

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

TEST(whoever_waits_long_before_the_next_try_keeps_the_lease)
{
    set_up();
    emit("bad", "poison");
    CHECK_INT(start_producer(0), ==, 0);
    CHECK_INT(start_patient_consumer(0), ==, 0);
    CHECK(becomes("SELECT attempts FROM feed_attempt", 1));
    CHECK_INT(
        pl_pg_script(in_db, "UPDATE feed_lease SET expires_at = now() + interval '60 ms'", &err),
        ==, 0);
    CHECK(becomes("SELECT count(*) FROM feed_lease WHERE expires_at > now() + interval '5 s'", 1));
    CHECK_INT(ask(in_db, "SELECT attempts FROM feed_attempt"), ==, 1);
    tear_down();
}
