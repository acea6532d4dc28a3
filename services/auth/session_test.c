/* Refresh tokens: one lineage, whatever happens. */
#include "store_fixture.h"

#include "settings.h"

#include "pl_check.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

NEEDS_ENV("PL_TEST_DB_URL");

static struct client *client;
static Auth__Tokens *tokens;

static void
begin(void)
{
    fixture_begin();
    client = client_new();
    client_register(client, "ada", PASSWORD);
    client_login(client, "ada", PASSWORD, &tokens);
    client_become(client, tokens);
}

static void
end(void)
{
    client_destroy(&client);
    fixture_end();
}

#define PARALLEL 50

static char got[PARALLEL][100];

static void *
refresh_once(void *index)
{
    struct client *mine = client_new();
    Auth__Tokens *out = NULL;

    client_refresh(mine, tokens->refresh_token, &out);
    snprintf(got[*(int *)index], sizeof got[0], "%.99s", out ? out->refresh_token : mine->text);
    client_destroy(&mine);
    return NULL;
}

TEST(fifty_refreshes_of_one_token_at_once_bring_one_successor)
{
    pthread_t threads[PARALLEL];
    int index[PARALLEL];

    begin();
    for (int i = 0; i < PARALLEL; i++) {
        index[i] = i;
        pthread_create(&threads[i], NULL, refresh_once, &index[i]);
    }
    for (int i = 0; i < PARALLEL; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < PARALLEL; i++)
        CHECK_STR(got[i], got[0]);
    CHECK_STR(client_sql(client, "SELECT count(*) FROM refresh_spent"), "1");
    CHECK_INT(client_refresh(client, got[0], NULL), ==, PL_OK);
    end();
}

TEST(a_spent_token_ends_its_session_after_the_grace_and_not_before)
{
    Auth__Tokens *second, *third;

    begin();
    CHECK_INT(client_refresh(client, tokens->refresh_token, &second), ==, PL_OK);
    CHECK_INT(client_refresh(client, second->refresh_token, &third), ==, PL_OK);
    CHECK_INT(client_refresh(client, tokens->refresh_token, &second), ==, PL_OK);
    client_sql(client, "UPDATE refresh_spent SET spent_at = now() - interval '21 s' RETURNING 1");
    CHECK_INT(client_refresh(client, tokens->refresh_token, NULL), ==, PL_UNAUTHENTICATED);
    CHECK_INT(client_refresh(client, third->refresh_token, NULL), ==, PL_UNAUTHENTICATED);
    CHECK_STR(client_sql(client, "SELECT revoke_reason FROM session"), "reuse");
    CHECK_STR(client_sql(client, "SELECT string_agg(type, ' ' ORDER BY type) FROM outbox\n"
                                 " WHERE type LIKE 'auth.%re%d'"),
              "auth.refresh.reused auth.session.revoked auth.user.created");
    CHECK_STR(client_sql(client, "SELECT string_agg(result || ' ' || reason, ', ' ORDER BY seq)\n"
                                 "  FROM audit WHERE event = 'refresh'"),
              "success -, success -, fail reused, fail revoked");
    CHECK_STR(client_sql(client, "SELECT count(*) FROM outbox WHERE type = 'auth.refresh'"), "4");
    end();
}

TEST(a_token_that_was_never_given_out_ends_nothing)
{
    char changed[100];

    begin();
    snprintf(changed, sizeof changed, "%s", tokens->refresh_token);
    changed[10] = changed[10] == 'A' ? 'B' : 'A';
    CHECK_INT(client_refresh(client, changed, NULL), ==, PL_UNAUTHENTICATED);
    changed[strlen(changed) - 1] = '\0';
    CHECK_INT(client_refresh(client, changed, NULL), ==, PL_UNAUTHENTICATED);
    CHECK_INT(client_refresh(client, "", NULL), ==, PL_UNAUTHENTICATED);
    CHECK_INT(client_refresh(client, tokens->session, NULL), ==, PL_UNAUTHENTICATED);
    CHECK_INT(client_refresh(client, tokens->refresh_token, NULL), ==, PL_OK);
    end();
}

TEST(nothing_at_rest_is_a_token)
{
    begin();
    CHECK_INT(client_refresh(client, tokens->refresh_token, &tokens), ==, PL_OK);
    for (const char *table = "session"; table; table = *table == 's' ? "refresh_spent" : NULL)
        CHECK_STR(client_sql(client, pl_arena_printf(client->arena,
                                                     "SELECT count(*) FROM %s t\n"
                                                     " WHERE t::text LIKE '%%%s%%'",
                                                     table, tokens->refresh_token + 4)),
                  "0");
    end();
}

TEST(logging_out_disabling_and_a_new_password_end_what_they_should)
{
    Auth__LogoutRequest logout = AUTH__LOGOUT_REQUEST__INIT;
    Auth__ChangePasswordRequest change = AUTH__CHANGE_PASSWORD_REQUEST__INIT;
    Auth__Tokens *other;

    begin();
    client_login(client, "ada", PASSWORD, &other);
    change.current_password = PASSWORD;
    change.new_password = "quite another long password";
    CHECK_INT(client_ask(client, "auth.ChangePassword", &change.base, NULL), ==, PL_OK);
    CHECK_INT(client_refresh(client, other->refresh_token, NULL), ==, PL_UNAUTHENTICATED);
    CHECK_INT(client_refresh(client, tokens->refresh_token, &tokens), ==, PL_OK);
    CHECK_INT(client_ask(client, "auth.ChangePassword", &change.base, NULL), ==, PL_DENIED);
    CHECK_INT(client_ask(client, "auth.Logout", &logout.base, NULL), ==, PL_OK);
    CHECK_INT(client_refresh(client, tokens->refresh_token, NULL), ==, PL_UNAUTHENTICATED);
    CHECK_INT(client_login(client, "ada", change.new_password, &tokens), ==, PL_OK);
    logout.refresh_token = tokens->refresh_token;
    client->who.session = NULL;
    CHECK_INT(client_ask(client, "auth.Logout", &logout.base, NULL), ==, PL_OK);
    CHECK_INT(client_refresh(client, tokens->refresh_token, NULL), ==, PL_UNAUTHENTICATED);
    CHECK_INT(client_login(client, "ada", change.new_password, &tokens), ==, PL_OK);
    client_sql(client, "UPDATE account SET disabled_at = now() RETURNING id");
    CHECK_INT(client_refresh(client, tokens->refresh_token, NULL), ==, PL_UNAUTHENTICATED);
    end();
}

TEST(another_client_is_refused_where_the_binding_is_enforced)
{
    begin();
    client->agent = "thief/1";
    settings.binding = "enforce";
    CHECK_INT(client_refresh(client, tokens->refresh_token, NULL), ==, PL_UNAUTHENTICATED);
    client->agent = "test/1";
    CHECK_INT(client_refresh(client, tokens->refresh_token, &tokens), ==, PL_OK);
    client->agent = "thief/1";
    settings.binding = "warn";
    CHECK_INT(client_refresh(client, tokens->refresh_token, NULL), ==, PL_OK);
    end();
}

TEST(one_session_more_than_allowed_ends_the_oldest_and_says_so)
{
    Auth__Tokens *second, *third;

    begin();
    settings.sessions_most = 2;
    CHECK_INT(client_login(client, "ada", PASSWORD, &second), ==, PL_OK);
    CHECK_INT(client_refresh(client, tokens->refresh_token, &tokens), ==, PL_OK);
    CHECK_INT(client_login(client, "ada", PASSWORD, &third), ==, PL_OK);
    CHECK_INT(client_refresh(client, tokens->refresh_token, NULL), ==, PL_UNAUTHENTICATED);
    CHECK_INT(client_refresh(client, second->refresh_token, NULL), ==, PL_OK);
    CHECK_INT(client_refresh(client, third->refresh_token, NULL), ==, PL_OK);
    CHECK_STR(client_sql(client, "SELECT string_agg(revoke_reason, ' ') FROM session"), "cap");
    CHECK_STR(client_sql(client, "SELECT count(*) FROM outbox WHERE type = 'auth.session.revoked'"),
              "1");
    end();
}

/* A kill -9 at the chosen moment of the talk with the database: before anything is sent, and behind
 * anything heard.  libpq calls these two for the C library's. */
static int moments, last_moment; // 0: never

static void
pass_moment(void)
{
    if (++moments == last_moment)
        kill(getpid(), SIGKILL);
}

ssize_t
send(int fd, const void *bytes, size_t length, int flags)
{
    ssize_t (*real)(int, const void *, size_t, int) = dlsym(RTLD_NEXT, "send");

    pass_moment();
    return real(fd, bytes, length, flags);
}

ssize_t
recv(int fd, void *bytes, size_t length, int flags)
{
    ssize_t (*real)(int, void *, size_t, int) = dlsym(RTLD_NEXT, "recv");
    ssize_t heard = real(fd, bytes, length, flags);

    if (heard > 0)
        pass_moment();
    return heard;
}

/* Did it live to its end? */
static bool
refresh_until(int moment)
{
    struct client *mine;
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        mine = client_new();
        moments = 0;
        last_moment = moment;
        _exit(client_refresh(mine, tokens->refresh_token, NULL) == PL_OK ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(a_refresh_that_is_killed_between_any_two_statements_leaves_one_usable_token)
{
    bool lived = false;
    int moment = 0;

    begin();
    while (!lived && moment < 100) {
        lived = refresh_until(++moment);
        CHECK_INT(client_refresh(client, tokens->refresh_token, &tokens), ==, PL_OK);
        CHECK_STR(client_sql(client, "SELECT count(*) FROM session WHERE revoked_at IS NULL"), "1");
        CHECK_STR(client_sql(client, "SELECT (SELECT count(*) FROM refresh_spent) =\n"
                                     "       (SELECT count(*) FROM audit WHERE event = 'refresh')"),
                  "t");
    }
    CHECK(lived);
    CHECK_INT(moment, >, 10);
    CHECK_STR(client_sql(client, "SELECT count(*) FROM audit WHERE result = 'fail'"), "0");
    end();
}

static void
refresh_in_a_process_to_be_killed(const char *token)
{
    struct client *mine = client_new();

    client_refresh(mine, token, NULL);
    _exit(0);
}

/* kill -9 at forty moments of a refresh: whether it had happened or not, the client that heard
 * nothing asks again with what it has, and one token is good afterwards. */
TEST(a_refresh_that_is_killed_at_any_moment_leaves_one_usable_token)
{
    begin();
    for (int i = 0; i < 40; i++) {
        struct timespec moment = { 0, (i * 7 % 40) * 500000 };
        pid_t pid = fork();

        if (pid == 0)
            refresh_in_a_process_to_be_killed(tokens->refresh_token);
        nanosleep(&moment, NULL);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        CHECK_INT(client_refresh(client, tokens->refresh_token, &tokens), ==, PL_OK);
    }
    CHECK_INT(client_refresh(client, tokens->refresh_token, &tokens), ==, PL_OK);
    CHECK_STR(client_sql(client, "SELECT count(*) FROM session WHERE revoked_at IS NULL"), "1");
    end();
}
