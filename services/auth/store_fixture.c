#include "store_fixture.h"

#include "auth.h"
#include "hashes.h"
#include "keys.h"
#include "passwords.h"
#include "settings.h"

#include "pl_log.h"
#include "pl_test_call.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct pl_embedded auth_migrations[];

static const struct pl_service service = { .name = "auth",
                                           .schema = "auth",
                                           .endpoints = auth_endpoints };
static struct pl_test_db *test;

static void
must(int failed, const struct pl_err *err)
{
    if (failed == 0)
        return;
    printf("\n  the fixture failed: %s %s\n", err->text, err->detail);
    exit(EXIT_FAILURE);
}

void
fixture_begin(void)
{
    struct pl_err err = { 0 };

    pl_log_level(PL_ERROR);
    settings = (struct settings){ .issuer = "plumbline",
                                  .audience = "plumbline",
                                  .binding = "warn",
                                  .registration = "on",
                                  .register_role = "viewer",
                                  .keys_file = "",
                                  .auth_secret = "",
                                  .secret_key = "a secret of the tests, long enough",
                                  .access_s = 1800,
                                  .refresh_s = 604800,
                                  .grace_s = 20,
                                  .session_days = 90,
                                  .sessions_most = 100,
                                  .hash_ops = 1,
                                  .hash_kib = 64,
                                  .hash_threads = 2,
                                  .hash_queue = 1000,
                                  .password_min = 15,
                                  .lock_failures = 5,
                                  .lock_address_failures = 1000,
                                  .lock_window_s = 900,
                                  .lock_s = 900,
                                  .lock_longest_s = 86400,
                                  .audit_days = 90 };
    must(sodium_init() < 0, &err);
    must(passwords_open(&err) || keys_open(&err) || hashes_open(&err), &err);
    test = pl_test_db_new("auth", auth_migrations);
}

void
fixture_end(void)
{
    pl_test_db_destroy(&test);
}

struct client *
client_new(void)
{
    struct client *self = calloc(1, sizeof *self);

    self->arena = pl_arena_new();
    self->address = "192.0.2.1";
    self->agent = "test/1";
    self->patience_ms = 120000;
    pl__principal__init(&self->who);
    pl_test_worker_open(&self->worker, &service, test);
    return self;
}

void
client_destroy(struct client **self_p)
{
    struct client *self = *self_p;

    pl_test_worker_close(&self->worker);
    pl_arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}

enum pl_code
client_ask(struct client *self, const char *operation, const ProtobufCMessage *request, void *reply)
{
    Pl__Request how = PL__REQUEST__INIT;
    const Pl__Reply *said;
    void *answer;

    how.principal = &self->who;
    how.idempotency_key = (char *)self->key;
    how.client_address = (char *)self->address;
    how.client_agent = (char *)self->agent;
    how.has_remaining_ms = true;
    how.remaining_ms = self->patience_ms;
    said = pl_test_call(&self->worker, &how, operation, request, self->arena, &answer);
    snprintf(self->text, sizeof self->text, "%s", said->text ? said->text : "");
    self->status = said->http ? said->http->status : 0;
    if (reply && answer)
        *(void **)reply = answer;
    return (enum pl_code)said->code;
}

enum pl_code
client_register(struct client *self, const char *login, const char *password)
{
    Auth__RegisterUserRequest request = AUTH__REGISTER_USER_REQUEST__INIT;

    request.login = (char *)login;
    request.password = (char *)password;
    return client_ask(self, "auth.RegisterUser", &request.base, NULL);
}

enum pl_code
client_login(struct client *self, const char *login, const char *password, Auth__Tokens **out)
{
    Auth__LoginRequest request = AUTH__LOGIN_REQUEST__INIT;
    Auth__LoginReply *reply = NULL;
    enum pl_code code;

    request.login = (char *)login;
    request.password = (char *)password;
    code = client_ask(self, "auth.Login", &request.base, &reply);
    if (out)
        *out = reply ? reply->tokens : NULL;
    return code;
}

enum pl_code
client_refresh(struct client *self, const char *token, Auth__Tokens **out)
{
    Auth__RefreshRequest request = AUTH__REFRESH_REQUEST__INIT;
    Auth__RefreshReply *reply = NULL;
    enum pl_code code;

    request.refresh_token = (char *)token;
    code = client_ask(self, "auth.Refresh", &request.base, &reply);
    if (out)
        *out = reply ? reply->tokens : NULL;
    return code;
}

void
client_become(struct client *self, const Auth__Tokens *tokens)
{
    char *account =
        client_sql(self, pl_arena_printf(self->arena, "SELECT account FROM session WHERE id = '%s'",
                                         tokens->session));

    self->who.subject = pl_arena_printf(self->arena, "user:%s", account);
    self->who.session = tokens->session;
}

char *
client_sql(struct client *self, const char *sql)
{
    return pl_test_sql(&self->worker, sql, self->arena);
}
