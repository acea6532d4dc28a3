/* A table of forged and malformed tokens: each is refused, none ends the process (RFC 8725, and the
 * playbooks of those who attack JWTs).  Rows are rightly signed by our own key, so that what they
 * say is the only thing wrong with them: %K is its kid, %X the key, %I the issuer. */
#include "jwt_attacks.h"
#include "jwt_fixture.h"

#include "pl_check.h"

static const char GOOD_HEADER[] = "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"%K\"}";
static const char GOOD_CLAIMS[] =
    "{\"iss\":\"%I\",\"aud\":\"plumbline\",\"sub\":\"user:usr_1\",\"sid\":\"ses_1\","
    "\"scope\":\"runs:read\",\"iat\":1799999990,\"exp\":1800001790,\"jti\":\"j\"}";

static char *
fill_in(const char *text)
{
    struct pl_buf out = { .arena = arena };

    for (; *text; text++)
        if (text[0] == '%' && text[1] == 'K')
            pl_buf_str(&out, signer.kid), text++;
        else if (text[0] == '%' && text[1] == 'I')
            pl_buf_str(&out, ISSUER), text++;
        else if (text[0] == '%' && text[1] == 'X')
            pl_buf_str(&out, fixture_base64(signer.key, 32)), text++;
        else
            pl_buf_char(&out, *text);
    return (char *)pl_buf_text(&out);
}

static char *
token_of(const char *header, const char *claims)
{
    const char *h = fill_in(header), *c = fill_in(claims);

    return fixture_token(h, strlen(h), c, strlen(c));
}

static int
accepted(const char *name, const char *token, size_t length)
{
    if (fixture_refusal(token, length))
        return 0;
    printf("\n  accepted: %s", name);
    return 1;
}

TEST(each_forged_header_and_claim_is_refused)
{
    int wrong = 0, count = 0;

    fixture_open();
    CHECK(fixture_refusal(token_of(GOOD_HEADER, GOOD_CLAIMS),
                          strlen(token_of(GOOD_HEADER, GOOD_CLAIMS))) == NULL);
    for (size_t i = 0; i < sizeof HEADERS / sizeof *HEADERS; i++, count++) {
        const char *token = token_of(HEADERS[i].json, GOOD_CLAIMS);

        wrong += accepted(HEADERS[i].name, token, strlen(token));
    }
    for (size_t i = 0; i < sizeof CLAIMS / sizeof *CLAIMS; i++, count++) {
        const char *token = token_of(GOOD_HEADER, CLAIMS[i].json);

        wrong += accepted(CLAIMS[i].name, token, strlen(token));
    }
    printf("(%d) ", count);
    CHECK_INT(count, >=, 150);
    CHECK_INT(wrong, ==, 0);
    pl_arena_destroy(&arena);
}

/* 2^252 + 27742317777372353535851937790883648493, little-endian: S + L verifies, too, where a
 * verifier does not look. */
static const unsigned char L[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                     0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                     0,    0,    0,    0,    0,    0,    0,    0,
                                     0,    0,    0,    0,    0,    0,    0,    0x10 };

static char *
with_signature(const char *token, const void *signature, size_t length)
{
    const char *dot = strrchr(token, '.');

    return pl_arena_printf(arena, "%.*s.%s", (int)(dot - token), token,
                           length ? fixture_base64(signature, length) : "");
}

TEST(each_forged_signature_is_refused)
{
    unsigned char signature[65] = { 0 }, other[64], mac[32];
    const char *token, *dot, *forged[12];
    int wrong = 0, n = 0;
    unsigned carry = 0;

    fixture_open();
    token = token_of(GOOD_HEADER, GOOD_CLAIMS);
    dot = strrchr(token, '.');
    CHECK_INT(sodium_base642bin(signature, 64, dot + 1, strlen(dot + 1), NULL, NULL, NULL,
                                sodium_base64_VARIANT_URLSAFE_NO_PADDING),
              ==, 0);
    forged[n++] = with_signature(token, signature, 0);
    forged[n++] = with_signature(token, signature, 32);
    forged[n++] = with_signature(token, signature, 63);
    forged[n++] = with_signature(token, signature, 65);
    memcpy(other, signature, 64);
    for (int i = 0; i < 32; i++) {
        carry += (unsigned)signature[32 + i] + L[i];
        other[32 + i] = (unsigned char)carry;
        carry >>= 8;
    }
    forged[n++] = with_signature(token, other, 64);
    memset(other, 0, sizeof other);
    forged[n++] = with_signature(token, other, 64);
    other[0] = 1; // R is the neutral element
    forged[n++] = with_signature(token, other, 64);
    memset(other, 0xff, sizeof other);
    forged[n++] = with_signature(token, other, 64);
    // the public key as the secret of an HMAC
    crypto_auth_hmacsha256(mac, (const unsigned char *)token, (size_t)(dot - token), signer.key);
    forged[n++] = with_signature(token, mac, sizeof mac);
    for (int i = 0; i < n; i++)
        wrong += accepted(pl_arena_printf(arena, "signature %d", i), forged[i], strlen(forged[i]));
    CHECK_INT(wrong, ==, 0);
    pl_arena_destroy(&arena);
}

TEST(each_other_spelling_of_a_good_token_is_refused)
{
    static const char *const SPELLINGS[] = { " %s", "%s ",  "%s\n",   "%s=",  "%s==",   "%s.",
                                             ".%s", "%s.x", "\"%s\"", "%s\t", "%s%%00", "%s\r\n" };
    const char *token;
    int wrong = 0;

    fixture_open();
    token = token_of(GOOD_HEADER, GOOD_CLAIMS);
    for (size_t i = 0; i < sizeof SPELLINGS / sizeof *SPELLINGS; i++) {
        char *other = pl_arena_alloc(arena, strlen(token) + 20);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(other, strlen(token) + 20, SPELLINGS[i], token);
#pragma GCC diagnostic pop
        wrong += accepted(SPELLINGS[i], other, strlen(other));
    }
    wrong += accepted("a NUL behind", token, strlen(token) + 1);
    wrong += accepted("nothing", "", 0);
    wrong += accepted("dots", "..", 2);
    wrong += accepted("more dots", "....", 4);
    CHECK_INT(wrong, ==, 0);
    pl_arena_destroy(&arena);
}

/* Every single byte changed to its neighbours in value, and every shorter beginning. */
TEST(a_token_that_differs_in_one_character_or_is_cut_is_refused)
{
    const char *token;
    size_t length;
    int wrong = 0;

    fixture_open();
    token = token_of(GOOD_HEADER, GOOD_CLAIMS);
    length = strlen(token);
    for (size_t i = 0; i < length; i++) {
        char *other = pl_arena_strdup(arena, token);

        other[i] = (char)(other[i] ^ 1);
        wrong += accepted("one bit", other, length);
        other[i] = (char)(token[i] | 0x80);
        wrong += accepted("not ASCII", other, length);
        wrong += accepted("cut", token, i);
        pl_arena_reset(arena);
        token = token_of(GOOD_HEADER, GOOD_CLAIMS);
    }
    CHECK_INT(wrong, ==, 0);
    pl_arena_destroy(&arena);
}

TEST(a_megabyte_is_refused_before_it_is_read)
{
    char *token;

    fixture_open();
    token = pl_arena_alloc(arena, 1 << 20);
    memset(token, 'A', 1 << 20);
    CHECK_STR(fixture_refusal(token, 1 << 20), "it is too long");
    token[100] = token[2000] = '.';
    CHECK(fixture_refusal(token, PL_JWT_LONGEST) != NULL);
    pl_arena_destroy(&arena);
}
