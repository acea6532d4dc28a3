/* Access tokens of sessions: verified here, without asking; revoked, bound, unknown. */
#include "gateway_fake.h"
#include "token_cache.h"
#include "verifier.h"

#include "governance.pb-c.h"

#include <sodium.h>
#include <time.h>

#include "pl_check.h"

static int asked;
static struct pl_jwt_signer signer;
static struct pl_arena *arena;

static void
serve(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *memory)
{
    Governance__GetApiReply *out = pl_arena_alloc(memory, sizeof *out);
    Governance__Api *api = pl_arena_alloc(memory, sizeof *api);

    if (fake_auth(call, reply, memory)) {
        asked++;
        return;
    }
    governance__get_api_reply__init(out);
    governance__api__init(api);
    api->api = "museum";
    out->api = api;
    *reply = (struct fake_reply){ .code = PL_OK, .message = &out->base, .late = true };
}

static void
begin(void)
{
    static const unsigned char SEED[32] = { 1 };
    struct pl_jwks keys = { .count = 0 };

    gateway_begin(serve);
    arena = pl_arena_new();
    asked = 0;
    pl_jwt_signer_open(&signer, SEED);
    pl_jwks_add(&keys, signer.key);
    verifier_reset();
    verifier_set(&keys, "plumbline", "plumbline");
    verifier_confirm(600000);
}

static void
end(void)
{
    pl_arena_destroy(&arena);
    gateway_end();
    verifier_reset();
}

static char *
token(const char *session, const char *scope, const char *binding, int lives_s)
{
    const struct pl_claims claims = { .issuer = "plumbline",
                                      .audience = "plumbline",
                                      .subject = "user:usr_1",
                                      .session = session,
                                      .scope = scope,
                                      .id = "j",
                                      .binding = binding,
                                      .issued_at = time(NULL) - 1000,
                                      .expires_at = time(NULL) + lives_s };

    return pl_jwt_sign(&signer, &claims, arena);
}

static const struct said *
get(const char *bearer, const char *agent)
{
    return gateway_ask(
        "GET", "/api/v1/apis/museum",
        pl_arena_printf(arena, "Authorization: Bearer %s\r\nUser-Agent: %s\r\n", bearer, agent),
        NULL);
}

TEST(a_session_is_known_without_asking_auth)
{
    const char *good;

    begin();
    good = token("ses_1", "account runs:read", "", 600);
    for (int i = 0; i < 3; i++)
        CHECK_INT(get(good, "a")->status, ==, 200);
    CHECK_STR(fake_seen.subject, "user:usr_1");
    CHECK_INT(asked, ==, 0);
    CHECK_INT(get(token("ses_1", "account", "", 600), "a")->status, ==, 403);
    CHECK_INT(get(token("ses_1", "runs:read", "", -61), "a")->status, ==, 401);
    CHECK_INT(asked, ==, 0);
    end();
}

TEST(a_revoked_session_is_refused_though_it_was_in_the_cache)
{
    const char *good, *other;

    begin();
    good = token("ses_1", "runs:read", "", 600);
    other = token("ses_2", "runs:read", "", 600);
    CHECK_INT(get(good, "a")->status, ==, 200);
    CHECK_INT(get(other, "a")->status, ==, 200);
    verifier_revoke("ses_1", 600);
    token_cache_revoke("ses_1");
    CHECK_INT(get(good, "a")->status, ==, 401);
    CHECK_INT(get(token("ses_1", "runs:read account", "", 600), "a")->status, ==, 401);
    CHECK_INT(get(other, "a")->status, ==, 200);
    end();
}

TEST(while_auth_has_not_been_heard_nobody_guesses)
{
    struct pl_buf keys;
    const struct said *said;

    begin();
    verifier_confirm(0);
    said = get(token("ses_1", "runs:read", "", 600), "a");
    CHECK_INT(said->status, ==, 503);
    CHECK_STR(said_header(said, "Retry-After"), "1");
    CHECK_INT(gateway_ask("GET", "/.well-known/jwks.json", "", NULL)->status, ==, 200);
    verifier_reset();
    CHECK_INT(gateway_ask("GET", "/.well-known/jwks.json", "", NULL)->status, ==, 503);
    keys = (struct pl_buf){ .arena = arena };
    CHECK(!verifier_write_keys(&keys));
    end();
}

/* The hash as auth makes it: of the User-Agent alone, or of "agent\naddress". */
static const char *
bound(const char *policy, const char *text)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char encoded[40];

    crypto_hash_sha256(digest, (const unsigned char *)text, strlen(text));
    sodium_bin2base64(encoded, sizeof encoded, digest, 16,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return token("ses_1", "runs:read", pl_arena_printf(arena, "%s.%s", policy, encoded), 600);
}

TEST(a_bound_session_is_refused_to_other_clients_where_that_is_enforced)
{
    begin();
    CHECK_INT(get(bound("e", "browser/1"), "browser/1")->status, ==, 200);
    CHECK_INT(get(bound("e", "browser/1"), "thief/1")->status, ==, 401);
    CHECK_INT(get(bound("w", "browser/1"), "thief/1")->status, ==, 200);
    CHECK_INT(get(bound("ea", "browser/1\n127.0.0.1"), "browser/1")->status, ==, 200);
    CHECK_INT(get(bound("ea", "browser/1\n192.0.2.7"), "browser/1")->status, ==, 401);
    end();
}

static int
list_tokens_with(const char *scope)
{
    return gateway_ask("GET", "/api/auth/tokens",
                       pl_arena_printf(arena, "Authorization: Bearer %s\r\n",
                                       token("ses_1", scope, "", 600)),
                       NULL)
        ->status;
}

TEST(whoever_may_do_it_with_all_tokens_may_do_it_with_their_own)
{
    begin();
    CHECK_INT(list_tokens_with("runs:read"), ==, 403);
    CHECK_INT(list_tokens_with("tokens:own"), !=, 403);
    CHECK_INT(list_tokens_with("tokens:admin"), !=, 403);
    end();
}
