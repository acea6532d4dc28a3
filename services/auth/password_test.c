/* Which passwords are good enough, and in which form texts are compared. */
#include "names.h"
#include "passwords.h"
#include "settings.h"

#include "pl_check.h"

static struct pl_arena *arena;

static const char *
refusal(const char *password)
{
    return passwords_refusal(name_password(password, arena), "adalovelace", "ada@example.com",
                             arena);
}

TEST(a_password_is_long_uncommon_and_not_made_of_names_and_nothing_else)
{
    static const char *const BAD[] = {
        "",
        "short",
        "14 characters!",
        "passwordpassword",
        "Password1234567890",
        "baseball1234567890",
        "123456789012345",
        "aaaaaaaaaaaaaaaaaaaa",
        "abababababababababab",
        "abcdefghijklmnopqrst",
        "plumblineplumbline",
        "AdaLovelace12345",
        "ada@example.com1234",
        "!!!!iloveyou!!!!",
    };
    static const char *const GOOD[] = {
        "correct horse battery staple",
        "tr0ub4dor&3 is not long",
        "a horse, a battery",
        "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f \xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x90\xb4 horse x",
        "my plumbline needs a second line",
        "               x               y",
    };
    struct pl_err err = { 0 };

    settings.password_min = 15;
    arena = pl_arena_new();
    CHECK_INT(passwords_open(&err), ==, 0);
    CHECK_INT(passwords_listed(), >=, 10000);
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        CHECK_THAT(refusal(BAD[i]), "\"%s\" is taken", BAD[i]);
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
        CHECK_THAT(refusal(GOOD[i]) == NULL, "\"%s\": %s", GOOD[i], refusal(GOOD[i]));
    pl_arena_destroy(&arena);
}

TEST(two_spellings_of_a_password_are_one_and_64_characters_are_not_too_many)
{
    char longest[1026];

    arena = pl_arena_new();
    // A with a ring: composed, from two, and the sign for angstrom
    CHECK_STR(name_password("\xc3\x85", arena), name_password("A\xcc\x8a", arena));
    CHECK_STR(name_password("\xc3\x85", arena), name_password("\xe2\x84\xab", arena));
    CHECK(strcmp(name_password("a", arena), name_password("A", arena)) != 0);
    memset(longest, 'x', sizeof longest);
    longest[1024] = '\0';
    CHECK_INT(strlen(name_password(longest, arena)), ==, 1024);
    longest[1024] = 'x';
    longest[1025] = '\0';
    CHECK(name_password(longest, arena) == NULL);
    CHECK(name_password("\xff", arena) == NULL);
    pl_arena_destroy(&arena);
}

TEST(names_are_plain_and_addresses_have_one_at)
{
    arena = pl_arena_new();
    CHECK_STR(name_fold("\tADA.Lovelace \n", arena), "ada.lovelace");
    CHECK(name_is_user("ada") && name_is_user("a.b-c_d") && name_is_user("0x"));
    CHECK(!name_is_user("a") && !name_is_user(".ada") && !name_is_user("ada@x"));
    CHECK(!name_is_user("ad a") && !name_is_user("\xd0\xb0"
                                                 "da"));
    CHECK(name_is_email("ada@example.com") && !name_is_email("ada@") && !name_is_email("@x"));
    CHECK(!name_is_email("a@b@c") && !name_is_email("a b@c") && !name_is_email("a\"@c"));
    pl_arena_destroy(&arena);
}
