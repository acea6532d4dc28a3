#include "pl_check.h"
#include "sign.h"

#include <sodium.h>

static const char SECRET[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
static const char BODY[] = "{\"test\": 2432232314}";

TEST(the_published_example_verifies)
{
    struct pl_arena *a = pl_arena_new();
    struct pl_err err = { 0 };
    const char *secrets[] = { SECRET };
    char *header;

    CHECK_INT(sign_header(secrets, 1, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY,
                          strlen(BODY), a, &header, &err),
              ==, 0);
    CHECK_STR(header, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    pl_arena_destroy(&a);
}

TEST(two_secrets_give_two_signatures_in_one_header)
{
    struct pl_arena *a = pl_arena_new();
    struct pl_err err = { 0 };
    const char *both[] = { sign_new_secret(a), SECRET }, *first[] = { both[0] };
    char *header, *alone;

    CHECK_INT(sign_header(both, 2, "msg_1", 1, BODY, strlen(BODY), a, &header, &err), ==, 0);
    CHECK_INT(sign_header(first, 1, "msg_1", 1, BODY, strlen(BODY), a, &alone, &err), ==, 0);
    CHECK(strncmp(header, alone, strlen(alone)) == 0);
    CHECK(strncmp(header + strlen(alone), " v1,", 4) == 0);
    CHECK_INT(strlen(header), ==, 2 * strlen(alone) + 1);
    pl_arena_destroy(&a);
}

TEST(id_time_and_body_all_count)
{
    struct pl_arena *a = pl_arena_new();
    struct pl_err err = { 0 };
    const char *secrets[] = { SECRET };
    char *header, *other;

    sign_header(secrets, 1, "msg_1", 1, BODY, strlen(BODY), a, &header, &err);
    sign_header(secrets, 1, "msg_2", 1, BODY, strlen(BODY), a, &other, &err);
    CHECK(strcmp(header, other) != 0);
    sign_header(secrets, 1, "msg_1", 2, BODY, strlen(BODY), a, &other, &err);
    CHECK(strcmp(header, other) != 0);
    sign_header(secrets, 1, "msg_1", 1, BODY, strlen(BODY) - 1, a, &other, &err);
    CHECK(strcmp(header, other) != 0);
    pl_arena_destroy(&a);
}

TEST(a_fresh_secret_is_well_formed_and_never_the_same)
{
    struct pl_arena *a = pl_arena_new();
    struct pl_err err = { 0 };
    char *one = sign_new_secret(a), *two = sign_new_secret(a);

    CHECK_INT(sign_check_secret(one, &err), ==, 0);
    CHECK_INT(strlen(one), ==, 6 + 44);
    CHECK(strcmp(one, two) != 0);
    pl_arena_destroy(&a);
}

TEST(a_secret_of_another_form_is_refused)
{
    static const char *const bad[] = {
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!",
        "whsec_AAAA", // 3 bytes
        // 66 bytes
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct pl_err err = { 0 };

        CHECK_THAT(sign_check_secret(bad[i], &err) == -1, "\"%s\" was taken", bad[i]);
        CHECK_INT(err.code, ==, PL_INVALID);
        CHECK(*bad[i] == '\0' || strlen(bad[i]) < 10 || strstr(err.text, bad[i]) == NULL);
    }
}
