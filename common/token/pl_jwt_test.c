/* What is accepted, and what a key set is. */
#include "jwt_fixture.h"

#include "pl_check.h"

TEST(what_was_signed_is_accepted_and_read_back)
{
    struct pl_claims claims, in;
    char *token;

    fixture_open();
    in = fixture_claims();
    in.binding = "w.abc";
    token = pl_jwt_sign(&signer, &in, arena);
    CHECK(pl_jwt_verify(token, strlen(token), &keys, &RULES, arena, &claims) == NULL);
    CHECK_STR(claims.subject, "user:usr_1");
    CHECK_STR(claims.session, "ses_1");
    CHECK_STR(claims.scope, "runs:read account");
    CHECK_STR(claims.binding, "w.abc");
    CHECK_INT(claims.expires_at, ==, NOW + 1790);
    pl_arena_destroy(&arena);
}

TEST(the_name_of_rfc_9864_and_a_list_of_audiences_are_accepted)
{
    char header[200];
    static const char CLAIMS[] =
        "{\"iss\":\"" ISSUER "\",\"aud\":[\"other\",\"plumbline\"],\"sub\":\"u\",\"sid\":\"s\","
        "\"scope\":\"\",\"iat\":1799999990,\"exp\":1800000100,\"jti\":\"j\"}";
    char *token;

    fixture_open();
    snprintf(header, sizeof header, "{\"kid\":\"%s\",\"typ\":\"at+jwt\",\"alg\":\"Ed25519\"}",
             signer.kid);
    token = fixture_token(header, strlen(header), CLAIMS, strlen(CLAIMS));
    CHECK(fixture_refusal(token, strlen(token)) == NULL);
    pl_arena_destroy(&arena);
}

TEST(a_minute_of_leeway_and_not_more)
{
    struct pl_claims claims;
    struct pl_jwt_rules rules = RULES;
    char *token;

    fixture_open();
    claims = fixture_claims();
    token = pl_jwt_sign(&signer, &claims, arena);
    rules.now = NOW + 1790 + 59;
    CHECK(pl_jwt_verify(token, strlen(token), &keys, &rules, arena, &claims) == NULL);
    rules.now++;
    CHECK_STR(pl_jwt_verify(token, strlen(token), &keys, &rules, arena, &claims), "it has expired");
    rules.now = NOW - 10 - 60;
    CHECK(pl_jwt_verify(token, strlen(token), &keys, &rules, arena, &claims) == NULL);
    rules.now--;
    CHECK_STR(pl_jwt_verify(token, strlen(token), &keys, &rules, arena, &claims),
              "it is not valid yet");
    pl_arena_destroy(&arena);
}

/* RFC 8037 appendix A.3. */
TEST(the_thumbprint_is_that_of_the_rfc)
{
    unsigned char key[32];
    char kid[PL_KID_ROOM];

    CHECK_INT(sodium_base642bin(key, sizeof key, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", 43,
                                NULL, NULL, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
              ==, 0);
    pl_jwk_thumbprint(key, kid);
    CHECK_STR(kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(a_key_set_is_written_and_read_and_other_keys_in_it_are_passed_over)
{
    static const char MIXED[] =
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"},"
        "{\"kty\":\"oct\",\"k\":\"AAAA\"},"
        "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"enc\","
        "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"},"
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"mine\","
        "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";
    struct pl_err err = { 0 };
    struct pl_buf out;
    struct pl_jwks read;

    fixture_open();
    out = (struct pl_buf){ .arena = arena };
    pl_jwks_write(&out, &keys);
    CHECK_INT(pl_jwks_parse(&read, out.data, out.length, &err), ==, 0);
    CHECK_INT(read.count, ==, 1);
    CHECK_STR(read.keys[0].kid, keys.keys[0].kid);
    CHECK_INT(pl_jwks_parse(&read, MIXED, strlen(MIXED), &err), ==, 0);
    CHECK_INT(read.count, ==, 1);
    CHECK_STR(read.keys[0].kid, "mine");
    CHECK_INT(pl_jwks_parse(&read, "{\"keys\":[]}", 11, &err), ==, -1);
    CHECK_INT(pl_jwks_parse(&read, "[]", 2, &err), ==, -1);
    pl_arena_destroy(&arena);
}
