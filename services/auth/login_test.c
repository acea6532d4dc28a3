/* Log in: who may, who may not, and how many guesses there are. */
#include "store_fixture.h"

#include "hashes.h"
#include "settings.h"

#include "pl_check.h"

#include <pthread.h>

NEEDS_ENV("PL_TEST_DB_URL");

TEST(who_registered_logs_in_by_any_spelling_of_the_name)
{
    static const char *const SPELLINGS[] = { "ada", "ADA", " Ada ",
                                             "\xef\xbd\x81\xef\xbd\x84\xef\xbd\x81",
                                             "A\xc2\xad"
                                             "da" };
    struct client *client;
    Auth__Tokens *tokens;

    fixture_begin();
    client = client_new();
    CHECK_INT(client_register(client, "Ada", PASSWORD), ==, PL_OK);
    CHECK_INT(client->status, ==, 201);
    for (size_t i = 0; i < sizeof SPELLINGS / sizeof *SPELLINGS; i++)
        CHECK_THAT(client_login(client, SPELLINGS[i], PASSWORD, &tokens) == PL_OK, "not as \"%s\"",
                   SPELLINGS[i]);
    CHECK_STR(tokens->token_type, "Bearer");
    CHECK(strncmp(tokens->refresh_token, "plr_", 4) == 0);
    CHECK_STR(client_sql(client, "SELECT count(*) FROM account WHERE hashed_password LIKE "
                                 "'$argon2id$%'"),
              "1");
    CHECK_STR(client_sql(client, "SELECT count(*) FROM outbox WHERE type = 'auth.login'"), "5");
    client_destroy(&client);
    fixture_end();
}

TEST(nobody_learns_who_has_an_account)
{
    struct client *client;
    char wrong[400];

    fixture_begin();
    client = client_new();
    CHECK_INT(client_register(client, "ada", PASSWORD), ==, PL_OK);
    CHECK_INT(client_register(client, "ada", "another good long password"), ==, PL_OK);
    CHECK_INT(client->status, ==, 201);
    CHECK_INT(client_login(client, "ada", "another good long password", NULL), ==,
              PL_UNAUTHENTICATED);
    snprintf(wrong, sizeof wrong, "%s", client->text);
    CHECK_INT(client_login(client, "nobody", PASSWORD, NULL), ==, PL_UNAUTHENTICATED);
    CHECK_STR(client->text, wrong);
    client_sql(client, "UPDATE account SET disabled_at = now() RETURNING id");
    CHECK_INT(client_login(client, "ada", PASSWORD, NULL), ==, PL_UNAUTHENTICATED);
    CHECK_STR(client->text, wrong);
    client_destroy(&client);
    fixture_end();
}

#define THREADS 20
#define GUESSES 10

static const char *guessed;

static void *
guess(void *unused)
{
    struct client *client = client_new();

    for (int i = 0; i < GUESSES; i++)
        if (client_login(client, guessed, "this is not the password", NULL) != PL_UNAUTHENTICATED)
            printf("\n  a guess was answered: %s", client->text);
    client_destroy(&client);
    return unused;
}

/* Zitadel's GHSA-7h8m-vrxx-vr4m: many at once must not get more looks than one by one. */
static void
guess_in_parallel(const char *login)
{
    pthread_t threads[THREADS];

    guessed = login;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, guess, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

#define LOOKS "SELECT count(*) FROM audit WHERE event = 'login' AND result = 'fail'"

TEST(two_hundred_guesses_at_once_get_five_looks_at_the_password)
{
    struct client *client;
    Auth__Tokens *tokens;

    fixture_begin();
    client = client_new();
    CHECK_INT(client_register(client, "ada", PASSWORD), ==, PL_OK);
    CHECK_INT(client_login(client, "ada", PASSWORD, &tokens), ==, PL_OK);
    guess_in_parallel("ada");
    CHECK_STR(client_sql(client, LOOKS), "5");
    CHECK_STR(client_sql(client, "SELECT count(*) FROM outbox WHERE type = 'auth.lockout'"), "1");
    CHECK_INT(client_login(client, "ADA", PASSWORD, NULL), ==, PL_UNAUTHENTICATED);
    CHECK_INT(client_refresh(client, tokens->refresh_token, &tokens), ==, PL_OK);
    guess_in_parallel("nobody at all"); // and the same for who does not exist
    CHECK_STR(client_sql(client, LOOKS), "10");
    client_destroy(&client);
    fixture_end();
}

TEST(each_further_lock_lasts_twice_as_long_and_the_right_password_begins_anew)
{
    struct client *client;
    char *last = "";

    fixture_begin();
    client = client_new();
    client_register(client, "ada", PASSWORD);
    for (int lock = 0; lock < 8; lock++) {
        for (int i = 0; i < 7; i++)
            client_login(client, "ada", "this is not the password", NULL);
        last = client_sql(client, "SELECT round(extract(epoch FROM locked_until - now()) / 900)\n"
                                  "  FROM attempt WHERE key LIKE 'a:%'");
        if (lock == 0)
            CHECK_STR(last, "1");
        if (lock == 1)
            CHECK_STR(last, "2");
        client_sql(client, "UPDATE attempt SET locked_until = now() RETURNING key");
    }
    CHECK_STR(last, "96"); // 24 hours, not 32
    CHECK_INT(client_login(client, "ada", PASSWORD, NULL), ==, PL_OK);
    CHECK_STR(client_sql(client, "SELECT locks + failures FROM attempt WHERE key LIKE 'a:%'"), "0");
    client_destroy(&client);
    fixture_end();
}

TEST(an_address_that_tries_many_accounts_is_locked_and_others_are_not)
{
    struct client *client;
    char login[20];

    fixture_begin();
    settings.lock_address_failures = 10;
    client = client_new();
    client->address = "2001:db8::1:1";
    client_register(client, "ada", PASSWORD);
    for (int i = 0; i < 20; i++) {
        snprintf(login, sizeof login, "somebody%d", i);
        client_login(client, login, "this is not the password", NULL);
    }
    CHECK_STR(client_sql(client, LOOKS), "10");
    client->address = "2001:db8::ffff:2"; // the same /64
    CHECK_INT(client_login(client, "ada", PASSWORD, NULL), ==, PL_UNAUTHENTICATED);
    client->address = "2001:db8:0:1::1";
    CHECK_INT(client_login(client, "ada", PASSWORD, NULL), ==, PL_OK);
    client_destroy(&client);
    fixture_end();
}

/* A process that is killed while it hashes has counted its guess. */
TEST(a_guess_that_nobody_finished_counts_as_wrong)
{
    struct client *client;

    fixture_begin();
    client = client_new();
    client_register(client, "ada", PASSWORD);
    client_login(client, "ada", "this is not the password", NULL);
    client_sql(client, "UPDATE attempt SET flying = 4, flying_since = now() - interval '61 s'\n"
                       " WHERE key LIKE 'a:%' RETURNING key");
    client->patience_ms = 1000; // a guess too many waits for one of them to end, here in vain
    CHECK_INT(client_login(client, "ada", PASSWORD, NULL), ==, PL_UNAVAILABLE);
    client_destroy(&client);
    fixture_end();
}

TEST(a_hash_with_lower_parameters_is_made_anew_at_the_next_login)
{
    struct client *client;

    fixture_begin();
    client = client_new();
    client_register(client, "ada", PASSWORD);
    settings.hash_kib = 128;
    CHECK_INT(client_login(client, "ada", PASSWORD, NULL), ==, PL_OK);
    CHECK_HAS(client_sql(client, "SELECT hashed_password FROM account"), "m=128,t=1,p=1");
    CHECK_INT(client_login(client, "ada", PASSWORD, NULL), ==, PL_OK);
    client_destroy(&client);
    fixture_end();
}
