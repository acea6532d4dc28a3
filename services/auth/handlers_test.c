#include "auth.h"

#include "pl_check.h"
#include "pl_dispatch.h"
#include "pl_pack.h"
#include "pl_pg.h"
#include "pl_test_db.h"

#include "auth.pb-c.h"

#include <string.h>

NEEDS_ENV("PL_TEST_DB_URL");

extern const struct pl_embedded auth_migrations[];

static const struct pl_service service = { .name = "auth",
                                           .schema = "auth",
                                           .endpoints = auth_endpoints };
static struct pl_test_db *test;
static struct pl_worker worker;
static struct pl_arena *arena;
static Pl__Principal who;
static const char *key;
static char refusal[400];

static void
set_up(void)
{
    struct pl_err err = { 0 };

    test = pl_test_db_new("auth", auth_migrations);
    arena = pl_arena_new();
    worker = (struct pl_worker){ .service = &service, .arena = pl_arena_new() };
    pl__principal__init(&who);
    who.subject = "service:plumb";
    key = NULL;
    CHECK_INT(pl_pg_open(&worker.db, pl_test_db_dsn(test), &err), ==, 0);
}

static void
tear_down(void)
{
    pl_pg_destroy(&worker.db);
    pl_arena_destroy(&worker.arena);
    pl_arena_destroy(&arena);
    pl_test_db_destroy(&test);
}

static enum pl_code
call(const char *operation, const ProtobufCMessage *message, void **reply)
{
    Pl__Request envelope = PL__REQUEST__INIT;
    struct pl_request_frames in = { .caller = "test", .arrived = pl_now_ms() };
    struct pl_reply_frames out;
    Pl__Reply *answer;

    envelope.operation = (char *)operation;
    envelope.has_message = true;
    envelope.message = pl_pack(message, arena);
    envelope.principal = &who;
    envelope.idempotency_key = (char *)key;
    envelope.has_remaining_ms = true;
    envelope.remaining_ms = 60000;
    in.envelope = pl_pack(&envelope.base, arena);
    pl_dispatch(&worker, &in, &out);
    answer = pl_unpack(&pl__reply__descriptor, out.envelope, arena);
    snprintf(refusal, sizeof refusal, "%s", answer->text ? answer->text : "");
    *reply = answer->code == PL_OK
                 ? pl_unpack(pl_dispatch_find(&service, operation, strlen(operation))->reply,
                             answer->message, arena)
                 : NULL;
    pl_arena_reset(worker.arena);
    return (enum pl_code)answer->code;
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
    struct pl_err err = { 0 };
    PGresult *res = pl_pg_exec(worker.db, &err, sql, PL_NO_ARGS);
    char *text = res && PQntuples(res) ? pl_pg_text(res, 0, 0, arena) : "failed";

    PQclear(res);
    return text;
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
    CHECK_STR(ask(pl_arena_printf(arena, "SELECT count(*) FROM token t WHERE t::text LIKE '%%%s%%'",
                                  made->secret + 4)),
              "0");
    tear_down();
}

TEST(nobody_gives_away_more_than_they_have)
{
    char *scopes[] = { "runs:read", "tokens:admin" }, *apis[] = { "museum" };
    Auth__CreateTokenReply *made;

    set_up();
    who.subject = "token:tok_1";
    who.scopes = scopes;
    who.n_scopes = 2;
    CHECK_INT(create("runs:read", NULL, &made), ==, PL_OK);
    CHECK_INT(create("apis:write", NULL, &made), ==, PL_DENIED);
    who.apis = apis;
    who.n_apis = 1;
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
    who.subject = NULL;
    CHECK_INT(create("runs:read", NULL, &made), ==, PL_DENIED);
    who.subject = "services:plumb"; // begins alike, is none
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
    ask(pl_arena_printf(arena,
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
    key = "once";
    CHECK_INT(create("runs:read", NULL, &made), ==, PL_OK);
    CHECK_STR(
        ask(pl_arena_printf(
            arena, "SELECT count(*) FROM idempotency WHERE position('%s'::bytea IN reply) > 0",
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
