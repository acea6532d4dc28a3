#include "engine_fake.h"
#include "fixture.h"
#include "sample.h"

#include "events.pb-c.h"

#include "pl_check.h"

#include <pthread.h>
#include <sched.h>

NEEDS_ENV("PL_TEST_DB_URL");

static struct published
current(struct fixture *f, const char *run)
{
    struct published set;

    if (store_get_set(f->db, "museum", run, f->arena, &set, &f->err))
        abort();
    return set;
}

static struct pl_node *
file_of(struct fixture *f, int64_t seq, const char *path)
{
    struct artifact file;
    bool found = false;

    if (store_get_file(f->db, "museum", seq, path, f->arena, &file, &found, &f->err) || !found)
        return NULL;
    return pl_json_parse(f->arena, file.bytes, file.size, NULL, &f->err);
}

TEST(a_run_that_is_heard_of_is_published_with_every_file_and_announced)
{
    struct fixture f = fixture_open();
    struct published set;
    struct artifact *files, file;
    bool found;
    int count;

    fixture_hear(&f, 1);
    fixture_publish(&f);
    set = current(&f, "");
    CHECK_INT(set.seq, ==, 1);
    CHECK(set.is_signed);
    CHECK_INT(store_list_files(f.db, "museum", 1, f.arena, &files, &count, &f.err), ==, 0);
    CHECK_INT(count, ==, 20);
    for (int i = 0; i < count; i++) {
        char sum[PL_SHA256_HEX];

        CHECK_INT(store_get_file(f.db, "museum", 1, files[i].path, f.arena, &file, &found, &f.err),
                  ==, 0);
        CHECK(found);
        pl_sha256_hex(file.bytes, file.size, sum);
        CHECK_STR(sum, file.sha256);
    }
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM outbox\n"
                              " WHERE type = 'artifacts.published' AND aggregateid = 'museum'"),
              ==, 1);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM job"), ==, 0);
    fixture_close(&f);
}

TEST(a_run_heard_twice_is_published_once)
{
    struct fixture f = fixture_open();

    fixture_hear(&f, 1);
    fixture_hear(&f, 1);
    fixture_publish(&f);
    fixture_hear(&f, 1);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM job"), ==, 0);
    fixture_publish(&f);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM artifact_set"), ==, 1);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM outbox"), ==, 1);
    fixture_close(&f);
}

/* Every set verifies and signs the aggregate of the one before it. */
static int
broken_links(struct fixture *f, int64_t last)
{
    const char *before = NULL;
    int broken = 0;

    for (int64_t seq = 1; seq <= last; seq++) {
        struct pl_node *sums = file_of(f, seq, "checksums.json");
        struct pl_node *signature = file_of(f, seq, "checksums-signature.json");
        const char *previous = pl_signature_previous(signature);
        struct pl_err err = { 0 };

        broken += pl_signature_verify(sums, signature, NULL, f->arena, &err) != 0;
        broken += before ? previous == NULL || strcmp(previous, before) != 0 : previous != NULL;
        before = pl_node_text(pl_node_get(sums, "aggregate_sha256"), "");
    }
    return broken;
}

TEST(a_preview_is_not_published)
{
    struct fixture f = fixture_open();
    Events__RunCompleted event = EVENTS__RUN_COMPLETED__INIT;
    struct pl_heard heard = { .db = f.db, .arena = f.arena, .message = &event };

    event.api = "museum";
    event.run = "01JD3Z0001";
    event.seq = 1;
    event.preview = event.has_preview = 1;
    CHECK_INT(queue_run(&heard), ==, 0);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM job"), ==, 0);
    event.preview = 0;
    CHECK_INT(queue_run(&heard), ==, 0);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM job"), ==, 1);
    fixture_close(&f);
}

TEST(an_api_is_as_visible_as_was_last_heard)
{
    struct fixture f = fixture_open();
    Events__ApiChanged event = EVENTS__API_CHANGED__INIT;
    struct pl_heard heard = { .db = f.db, .arena = f.arena, .message = &event };

    fixture_hear(&f, 1);
    CHECK_STR(current(&f, "").visibility, "private");
    event.api = "museum";
    event.visibility = "public";
    CHECK_INT(note_api(&heard), ==, 0);
    CHECK_STR(current(&f, "").visibility, "public");
    event.visibility = "badges";
    CHECK_INT(note_api(&heard), ==, 0);
    CHECK_STR(current(&f, "").visibility, "badges");
    event.visibility = "everyone";
    CHECK_INT(note_api(&heard), ==, -1);
    fixture_close(&f);
}

TEST(sets_are_published_in_the_order_of_the_runs_and_form_a_chain)
{
    struct fixture f = fixture_open();

    fixture_hear(&f, 3);
    fixture_hear(&f, 1);
    fixture_hear(&f, 2);
    fixture_publish(&f);
    CHECK_INT(current(&f, "").seq, ==, 3);
    CHECK_INT(broken_links(&f, 3), ==, 0);
    fixture_close(&f);
}

TEST(a_job_is_taken_by_one_replica_until_its_lease_ends)
{
    struct fixture f = fixture_open();
    struct job job;
    bool found;

    fixture_hear(&f, 1);
    CHECK_INT(store_claim_job(f.db, 30, f.arena, &job, &found, &f.err), ==, 0);
    CHECK(found);
    CHECK_STR(job.run, "01JD3Z0001");
    CHECK_INT(store_claim_job(f.db, 30, f.arena, &job, &found, &f.err), ==, 0);
    CHECK(!found);
    fixture_sql(&f, "UPDATE job SET next_try_at = now()");
    CHECK_INT(store_claim_job(f.db, 30, f.arena, &job, &found, &f.err), ==, 0);
    CHECK(found);
    fixture_close(&f);
}

TEST(an_engine_that_is_away_is_waited_for_without_end)
{
    struct fixture f = fixture_open();

    engine.fails = PL_UNAVAILABLE;
    fixture_hear(&f, 1);
    for (int i = 0; i < 10; i++)
        fixture_publish(&f);
    CHECK_INT(fixture_int(&f, "SELECT attempts FROM job"), ==, 0);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM job WHERE next_try_at > now()"), ==, 1);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM artifact_set"), ==, 0);
    engine.fails = PL_OK;
    fixture_publish(&f);
    CHECK_INT(current(&f, "").seq, ==, 1);
    fixture_close(&f);
}

TEST(a_run_is_not_even_tried_before_the_one_before_it)
{
    struct fixture f = fixture_open();

    engine.fails = PL_UNAVAILABLE;
    engine.fails_for = 1;
    fixture_hear(&f, 1);
    fixture_hear(&f, 2);
    fixture_publish(&f);
    CHECK_INT(fixture_int(&f, "SELECT waits FROM job WHERE seq = 1"), ==, 1);
    CHECK_INT(fixture_int(&f, "SELECT waits FROM job WHERE seq = 2"), ==, 0);
    CHECK_INT(engine.records, ==, 1);
    fixture_close(&f);
}

TEST(a_run_that_cannot_be_published_is_given_up_and_the_next_goes_on)
{
    struct fixture f = fixture_open();

    engine.fails = PL_NOT_FOUND;
    engine.fails_for = 1;
    fixture_hear(&f, 1);
    fixture_hear(&f, 2);
    fixture_publish(&f);
    CHECK_INT(current(&f, "").seq, ==, 0);
    fixture_publish(&f);
    fixture_publish(&f);
    fixture_publish(&f);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM job WHERE state = 'dead' AND seq = 1"), ==, 1);
    CHECK_INT(current(&f, "").seq, ==, 2);
    fixture_close(&f);
}

TEST(the_pointer_only_moves_up)
{
    struct fixture f = fixture_open();

    fixture_hear(&f, 2);
    fixture_publish(&f);
    fixture_hear(&f, 1);
    fixture_publish(&f);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM artifact_set"), ==, 2);
    CHECK_INT(current(&f, "").seq, ==, 2);
    CHECK_INT(current(&f, "01JD3Z0001").seq, ==, 1);
    fixture_close(&f);
}

TEST(a_history_that_was_missed_is_caught_up_and_old_histories_never_change)
{
    struct fixture f = fixture_open();
    struct artifact file;
    char sum[PL_SHA256_HEX];
    bool found;

    fixture_hear(&f, 2);
    fixture_hear(&f, 30);
    fixture_publish(&f);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM history_line"), ==, 30);
    fixture_hear(&f, 7);
    fixture_publish(&f);
    for (int64_t seq = 2; seq <= 30; seq += seq == 2 ? 5 : 23) {
        int lines = 0;

        CHECK_INT(store_get_file(f.db, "museum", seq, "stability-history.jsonl", f.arena, &file,
                                 &found, &f.err),
                  ==, 0);
        pl_sha256_hex(file.bytes, file.size, sum);
        CHECK_STR(sum, file.sha256);
        for (const char *c = file.bytes; *c; c++)
            lines += *c == '\n';
        CHECK_INT(lines, ==, seq);
    }
    fixture_close(&f);
}

TEST(a_history_without_the_run_itself_is_not_published)
{
    struct fixture f = fixture_open();

    engine.lost = true;
    fixture_hear(&f, 4);
    fixture_publish(&f);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM artifact_set"), ==, 0);
    CHECK_INT(fixture_int(&f, "SELECT attempts FROM job"), ==, 1);
    fixture_close(&f);
}

TEST(a_document_is_asked_for_once_however_many_runs_show_it)
{
    struct fixture f = fixture_open();
    struct pl_node *first, *third;

    engine.one_document = true;
    for (int seq = 1; seq <= 3; seq++)
        fixture_hear(&f, seq);
    fixture_publish(&f);
    CHECK_INT(engine.documents, ==, 1);
    first = file_of(&f, 1, "openapi.json");
    third = file_of(&f, 3, "openapi.json");
    CHECK(first != NULL);
    CHECK(pl_node_equal(first, third));
    fixture_close(&f);
}

TEST(whoever_was_overtaken_writes_nothing)
{
    struct fixture f = fixture_open();
    const struct job job = { "museum", "01JD3Z0002", 2 };
    struct publication *from = sample_publication(f.arena);
    struct artifact_set *set = sample_set(from, f.arena);
    struct before before;

    fixture_hear(&f, 2);
    CHECK_INT(store_get_before(f.db, &job, f.arena, &before, &f.err), ==, 0);
    fixture_hear(&f, 1);
    CHECK_INT(store_publish_set(f.db, &job, &before, set, NULL, 0, NULL, &f.err), ==, -1);
    CHECK_INT(f.err.code, ==, PL_CONFLICT);
    fixture_publish(&f);
    f.err = (struct pl_err){ 0 };
    CHECK_INT(store_publish_set(f.db, &job, &before, set, NULL, 0, NULL, &f.err), ==, -1);
    CHECK_INT(f.err.code, ==, PL_CONFLICT);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM artifact_set"), ==, 2);
    fixture_close(&f);
}

static void *
replica(void *arg)
{
    struct pl_pg *db = fixture_connect();
    int64_t due = 1, dead = 0;
    struct pl_err err = { 0 };

    (void)arg;
    while (due && store_count_jobs(db, &due, &dead, &err) == 0) {
        struct pl_tick tick = { .db = db, .arena = pl_arena_new() };

        publish_due(&tick);
        if (!tick.again)
            sched_yield();
        pl_arena_destroy(&tick.arena);
    }
    pl_pg_destroy(&db);
    return NULL;
}

TEST(two_replicas_publish_each_set_once_and_the_chain_holds)
{
    struct fixture f = fixture_open();
    pthread_t threads[2];

    for (int seq = 1; seq <= 16; seq++)
        fixture_hear(&f, seq);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, replica, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM artifact_set"), ==, 16);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM outbox"), ==, 16);
    CHECK_INT(fixture_int(&f, "SELECT count(*) FROM artifact_set\n"
                              " WHERE previous_seq IS DISTINCT FROM nullif(seq - 1, 0)"),
              ==, 0);
    CHECK_INT(broken_links(&f, 16), ==, 0);
    CHECK_INT(current(&f, "").seq, ==, 16);
    fixture_close(&f);
}

TEST(without_a_key_a_set_is_published_unsigned_and_says_so)
{
    struct fixture f = fixture_open();
    struct artifact file;
    bool found;

    publisher_signer = NULL;
    fixture_hear(&f, 1);
    fixture_publish(&f);
    CHECK(!current(&f, "").is_signed);
    CHECK(file_of(&f, 1, "checksums-signature.json") == NULL);
    CHECK_INT(store_get_file(f.db, "museum", 1, "index.html", f.arena, &file, &found, &f.err), ==,
              0);
    CHECK_HAS(file.bytes, "Not signed.");
    fixture_close(&f);
}
