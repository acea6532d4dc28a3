#include "pl_check.h"
#include "pl_idempotency.h"
#include "pl_pg.h"
#include "pl_test_db.h"

#include <pthread.h>
#include <stdatomic.h>

NEEDS_ENV("PL_TEST_DB_URL");

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct pl_test_db *test;

struct request {
    const char *hash;
    const char *answer;
    bool fail; // the handler fails: everything is rolled back
    bool replayed;
    char got[32];
    struct pl_err err;
};

static _Atomic int handled;

/* What the dispatcher does for one call. */
static int
serve(struct request *request)
{
    struct pl_arena *arena = pl_arena_new();
    ProtobufCBinaryData old = { 0 };
    ProtobufCBinaryData reply = { strlen(request->answer), (uint8_t *)request->answer };
    struct pl_pg *db;
    int status = -1;

    if (pl_pg_open(&db, pl_test_db_dsn(test), &request->err) || pl_pg_begin(db, &request->err) ||
        pl_idempotency_claim(db, "token:1", "x.Do", "key", request->hash, &request->replayed, &old,
                             arena, &request->err))
        goto out;
    if (request->replayed) {
        snprintf(request->got, sizeof request->got, "%.*s", (int)old.len, (char *)old.data);
    } else {
        handled++;
        snprintf(request->got, sizeof request->got, "%s", request->answer);
        if (request->fail ||
            pl_idempotency_store(db, "token:1", "x.Do", "key", reply, &request->err))
            goto out;
    }
    status = pl_pg_commit(db, &request->err);
out:
    pl_pg_rollback(db);
    pl_pg_destroy(&db);
    pl_arena_destroy(&arena);
    return status;
}

static void *
serve_in_thread(void *arg)
{
    serve(arg);
    return NULL;
}

TEST(the_same_request_twice_runs_once_and_answers_the_same)
{
    struct request first = { HASH_A, "one", false, false, "", { 0 } };
    struct request second = { HASH_A, "two", false, false, "", { 0 } };

    test = pl_test_db_new("idem", NULL);
    handled = 0;
    CHECK_INT(serve(&first), ==, 0);
    CHECK_INT(serve(&second), ==, 0);
    CHECK(second.replayed);
    CHECK_STR(second.got, "one");
    CHECK_INT(handled, ==, 1);
    pl_test_db_destroy(&test);
}

TEST(another_request_under_the_same_key_is_a_conflict)
{
    struct request first = { HASH_A, "one", false, false, "", { 0 } };
    struct request other = { HASH_B, "two", false, false, "", { 0 } };

    test = pl_test_db_new("idem", NULL);
    CHECK_INT(serve(&first), ==, 0);
    CHECK_INT(serve(&other), ==, -1);
    CHECK_INT(other.err.code, ==, PL_CONFLICT);
    pl_test_db_destroy(&test);
}

TEST(a_request_that_failed_leaves_its_key_free)
{
    struct request first = { HASH_A, "one", true, false, "", { 0 } };
    struct request again = { HASH_A, "two", false, false, "", { 0 } };

    test = pl_test_db_new("idem", NULL);
    CHECK_INT(serve(&first), ==, -1);
    CHECK_INT(serve(&again), ==, 0);
    CHECK(!again.replayed);
    CHECK_STR(again.got, "two");
    pl_test_db_destroy(&test);
}

TEST(a_key_of_yesterday_may_be_used_again)
{
    struct request first = { HASH_A, "one", false, false, "", { 0 } };
    struct request other = { HASH_B, "two", false, false, "", { 0 } };
    struct pl_err err = { 0 };
    struct pl_pg *db;

    test = pl_test_db_new("idem", NULL);
    CHECK_INT(serve(&first), ==, 0);
    pl_pg_open(&db, pl_test_db_dsn(test), &err);
    pl_pg_script(db, "UPDATE idempotency SET created_at = now() - interval '25 hours'", &err);
    pl_pg_destroy(&db);
    CHECK_INT(serve(&other), ==, 0);
    CHECK(!other.replayed);
    pl_test_db_destroy(&test);
}

TEST(of_many_at_once_one_runs_and_all_get_its_answer)
{
    struct request requests[8];
    pthread_t threads[8];
    const char *answer = NULL;

    test = pl_test_db_new("idem", NULL);
    handled = 0;
    for (int i = 0; i < 8; i++) {
        requests[i] = (struct request){ HASH_A, i % 2 ? "odd" : "even", false, false, "", { 0 } };
        pthread_create(&threads[i], NULL, serve_in_thread, &requests[i]);
    }
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 8; i++)
        if (!requests[i].replayed)
            answer = requests[i].got;
    CHECK_INT(handled, ==, 1);
    for (int i = 0; i < 8; i++)
        CHECK_STR(requests[i].got, answer);
    pl_test_db_destroy(&test);
}
