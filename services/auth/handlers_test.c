#include "store_fixture.h"

#include "pl_check.h"

#include <string.h>

NEEDS_ENV("PL_TEST_DB_URL");

static struct client *client;

static void
set_up(void)
{
    fixture_begin();
    client = client_new();
    client->who.subject = "service:plumb";
}

static void
tear_down(void)
{
    client_destroy(&client);
    fixture_end();
}

static enum pl_code
call(const char *operation, const ProtobufCMessage *message, void **reply)
{
    *reply = NULL;
    return client_ask(client, operation, message, reply);
}

static enum pl_code
create(char *scope, char *api, Auth__CreateTokenReply **reply)
{
    Auth__CreateTokenRequest request = AUTH__CREATE_TOKEN_REQUEST__INIT;

    request.name = "ci";
    request.scopes = &scope;
    request.n_scopes = 1;
    request.apis = &api;
    request.n_apis = api != NULL;
    return call("auth.CreateToken", &request.base, (void **)reply);
}

static enum pl_code
verify(char *secret, Auth__VerifyTokenReply **reply)
{
    Auth__VerifyTokenRequest request = AUTH__VERIFY_TOKEN_REQUEST__INIT;

    request.secret = secret;
    return call("auth.VerifyToken", &request.base, (void **)reply);
}

static char *
ask(const char *sql)
{
    return client_sql(client, sql);
}

TEST(a_token_is_shown_once_kept_as_a_hash_and_says_what_it_may_do)
{
    Auth__CreateTokenReply *made;
    Auth__VerifyTokenReply *known;

    set_up();
    CHECK_INT(create("runs:write", "museum", &made), ==, PL_OK);
    CHECK(strncmp(made->secret, "plt_", 4) == 0 && strlen(made->secret) > 40);
    CHECK_INT(verify(made->secret, &known), ==, PL_OK);
    CHECK_STR(known->token, made->token->id);
    CHECK_STR(known->principal->scopes[0], "runs:write");
    CHECK_STR(known->principal->apis[0], "museum");
    CHECK(strncmp(known->principal->subject, "token:", 6) == 0);
    CHECK_STR(ask(pl_arena_printf(client->arena,
                                  "SELECT count(*) FROM token t WHERE t::text LIKE '%%%s%%'",
                                  made->secret + 4)),
              "0");
    tear_down();
}

TEST(nobody_gives_away_more_than_they_have)
{
    char *scopes[] = { "runs:read", "tokens:admin" }, *apis[] = { "museum" };
    Auth__CreateTokenReply *made;

    set_up();
    client->who.subject = "token:tok_1";
    client->who.scopes = scopes;
    client->who.n_scopes = 2;
    CHECK_INT(create("runs:read", NULL, &made), ==, PL_OK);
    CHECK_INT(create("apis:write", NULL, &made), ==, PL_DENIED);
    client->who.apis = apis;
    client->who.n_apis = 1;
    CHECK_INT(create("runs:read", NULL, &made), ==, PL_DENIED);
    CHECK_INT(create("runs:read", "zoo", &made), ==, PL_DENIED);
    CHECK_INT(create("runs:read", "museum", &made), ==, PL_OK);
    CHECK_STR(ask("SELECT count(*) FROM token"), "2");
    tear_down();
}

TEST(a_call_from_nobody_is_denied_and_ends_no_process)
{
    Auth__CreateTokenReply *made;

    set_up();
    client->who.subject = NULL;
    CHECK_INT(create("runs:read", NULL, &made), ==, PL_DENIED);
    client->who.subject = "services:plumb"; // begins alike, is none
    CHECK_INT(create("runs:read", NULL, &made), ==, PL_DENIED);
    tear_down();
}

TEST(a_revoked_or_expired_token_is_refused_and_the_revocation_announced_once)
{
    Auth__DeleteTokenRequest request = AUTH__DELETE_TOKEN_REQUEST__INIT;
    Auth__CreateTokenReply *made, *old;
    Auth__VerifyTokenReply *known;
    void *nothing;

    set_up();
    CHECK_INT(create("runs:read", NULL, &made), ==, PL_OK);
    CHECK_INT(create("runs:read", NULL, &old), ==, PL_OK);
    ask(pl_arena_printf(client->arena,
                        "UPDATE token SET expires_at = now() - interval '1 s'"
                        " WHERE id = '%s' RETURNING id",
                        old->token->id));
    request.id = made->token->id;
    CHECK_INT(call("auth.DeleteToken", &request.base, &nothing), ==, PL_OK);
    CHECK_INT(call("auth.DeleteToken", &request.base, &nothing), ==, PL_OK);
    CHECK_INT(verify(made->secret, &known), ==, PL_UNAUTHENTICATED);
    CHECK_INT(verify(old->secret, &known), ==, PL_UNAUTHENTICATED);
    CHECK_INT(verify("plt_guess", &known), ==, PL_UNAUTHENTICATED);
    CHECK_STR(ask("SELECT count(*) FROM outbox WHERE type = 'auth.token.revoked'"), "1");
    request.id = NULL;
    CHECK_INT(call("auth.DeleteToken", &request.base, &nothing), ==, PL_NOT_FOUND);
    tear_down();
}

TEST(a_repeated_key_does_not_show_the_secret_again)
{
    Auth__CreateTokenReply *made;

    set_up();
    client->key = "once";
    CHECK_INT(create("runs:read", NULL, &made), ==, PL_OK);
    CHECK_STR(ask(pl_arena_printf(
                  client->arena,
                  "SELECT count(*) FROM idempotency WHERE position('%s'::bytea IN reply) > 0",
                  made->secret)),
              "0");
    CHECK_INT(create("runs:read", NULL, &made), ==, PL_CONFLICT);
    CHECK_STR(ask("SELECT count(*) FROM token"), "1");
    tear_down();
}

TEST(tokens_are_listed_in_pages_newest_first)
{
    Auth__ListTokensRequest request = AUTH__LIST_TOKENS_REQUEST__INIT;
    Auth__CreateTokenReply *made;
    Auth__ListTokensReply *page;

    set_up();
    for (int i = 0; i < 3; i++)
        CHECK_INT(create("runs:read", NULL, &made), ==, PL_OK);
    request.has_limit = true;
    request.limit = 2;
    CHECK_INT(call("auth.ListTokens", &request.base, (void **)&page), ==, PL_OK);
    CHECK_INT(page->n_tokens, ==, 2);
    CHECK_STR(page->tokens[0]->id, made->token->id);
    request.cursor = page->next_cursor;
    CHECK_INT(call("auth.ListTokens", &request.base, (void **)&page), ==, PL_OK);
    CHECK_INT(page->n_tokens, ==, 1);
    CHECK(page->next_cursor == NULL);
    request.cursor = "x";
    CHECK_INT(call("auth.ListTokens", &request.base, (void **)&page), ==, PL_MALFORMED);
    request.cursor = NULL;
    request.limit = INT64_MAX;
    CHECK_INT(call("auth.ListTokens", &request.base, (void **)&page), ==, PL_MALFORMED);
    tear_down();
}
