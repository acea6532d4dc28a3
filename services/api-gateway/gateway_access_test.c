/* Who may do what: tokens, scopes, apis, the cache, auth being away. */
#include "gateway_fake.h"
#include "token_cache.h"

#include "governance.pb-c.h"

#include "pl_check.h"

static int verified;

static void
serve(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    Governance__GetApiReply *out = pl_arena_alloc(arena, sizeof *out);
    Governance__Api *api = pl_arena_alloc(arena, sizeof *api);

    if (fake_auth(call, reply, arena)) {
        verified++;
        return;
    }
    governance__get_api_reply__init(out);
    governance__api__init(api);
    api->api = "museum";
    out->api = api;
    *reply = (struct fake_reply){ .code = PL_OK, .message = &out->base, .late = true };
}

static const struct said *
get(const char *token)
{
    char headers[1024];

    snprintf(headers, sizeof headers, "Authorization: %s\r\n", token);
    return gateway_ask("GET", "/api/v1/apis/museum", headers, NULL);
}

TEST(without_a_valid_token_the_answer_is_401_and_says_how)
{
    static const char *const CASES[] = {
        "Bearer wrong",
        "bearer wrong",
        "Basic Z29vZDpnb29k",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "good",
        "Bearer good\r\nAuthorization: Bearer good",
    };
    const struct said *said;

    gateway_begin(serve);
    said = gateway_text("GET /api/v1/apis/museum HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_INT(said->status, ==, 401);
    CHECK_STR(said_header(said, "WWW-Authenticate"), "Bearer realm=\"plumbline\"");
    CHECK_HAS(said->body, "urn:plumbline:problem:unauthenticated");
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        said = get(CASES[i]);
        CHECK_THAT(said->status == 401, "%s is %d", CASES[i], said->status);
        CHECK_HAS(said_header(said, "WWW-Authenticate"), "error=\"invalid_token\"");
    }
    CHECK_INT(get("Bearer good")->status, ==, 200);
    CHECK_INT(get("bearer  good")->status, ==, 200);
    gateway_end();
}

TEST(a_missing_scope_is_named)
{
    const struct said *said;

    gateway_begin(serve);
    CHECK_INT(get("Bearer reader")->status, ==, 200);
    said = gateway_ask("PUT", "/api/v1/apis/museum",
                       "Authorization: Bearer reader\r\nContent-Type: application/json\r\n", "{}");
    CHECK_INT(said->status, ==, 403);
    CHECK_HAS(said->body, "the scope apis:write is needed");
    CHECK_HAS(said_header(said, "WWW-Authenticate"), "scope=\"apis:write\"");
    gateway_end();
}

TEST(a_token_limited_to_some_apis_is_refused_elsewhere)
{
    const struct said *said;

    gateway_begin(serve);
    CHECK_INT(get("Bearer museum")->status, ==, 200);
    said = gateway_ask("GET", "/api/v1/apis/other", "Authorization: Bearer museum\r\n", NULL);
    CHECK_INT(said->status, ==, 403);
    CHECK_HAS(said->body, "other");
    gateway_end();
}

TEST(auth_is_asked_once_until_the_token_is_revoked)
{
    gateway_begin(serve);
    verified = 0;
    for (int i = 0; i < 5; i++)
        CHECK_INT(get("Bearer good")->status, ==, 200);
    CHECK_INT(verified, ==, 1);
    token_cache_revoke("good");
    CHECK_INT(get("Bearer good")->status, ==, 200);
    CHECK_INT(verified, ==, 2);
    for (int i = 0; i < 3; i++)
        CHECK_INT(get("Bearer wrong")->status, ==, 401);
    CHECK_INT(verified, ==, 5); // what is not valid is not kept
    gateway_end();
}

TEST(with_auth_away_known_tokens_go_on_and_others_are_503)
{
    const struct said *said;

    gateway_begin(serve);
    CHECK_INT(get("Bearer good")->status, ==, 200);
    said = get("Bearer away");
    CHECK_INT(said->status, ==, 503);
    CHECK_STR(said_header(said, "Retry-After"), "1");
    CHECK_INT(get("Bearer good")->status, ==, 200);
    gateway_end();
}

TEST(the_service_learns_who_asks)
{
    gateway_begin(serve);
    CHECK_INT(get("Bearer reader")->status, ==, 200);
    CHECK_STR(fake_seen.subject, "token:reader");
    CHECK_STR(fake_seen.service, "governance-engine");
    gateway_end();
}
