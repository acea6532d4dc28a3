#include "pl_check.h"
#include "seal.h"

static const char KEY[] = "0123456789abcdef0123456789abcdef";

TEST(what_was_sealed_opens_again)
{
    struct pl_arena *a = pl_arena_new();
    struct pl_err err = { 0 };
    struct sealed box, again;
    char *text;

    CHECK_INT(seal_key(KEY, true, &err), ==, 0);
    box = seal(a, "https://hooks.example.com/secret");
    again = seal(a, "https://hooks.example.com/secret");
    CHECK_INT(unseal(a, box, &text, &err), ==, 0);
    CHECK_STR(text, "https://hooks.example.com/secret");
    CHECK(box.length == again.length && memcmp(box.bytes, again.bytes, box.length) != 0);
    CHECK(memmem(box.bytes, box.length, "hooks", 5) == NULL);
    pl_arena_destroy(&a);
}

TEST(nothing_seals_to_nothing)
{
    struct pl_arena *a = pl_arena_new();
    struct pl_err err = { 0 };
    char *text = "x";

    CHECK(seal(a, NULL).bytes == NULL);
    CHECK_INT(unseal(a, (struct sealed){ 0 }, &text, &err), ==, 0);
    CHECK(text == NULL);
    pl_arena_destroy(&a);
}

TEST(an_altered_box_or_another_key_opens_nothing)
{
    struct pl_arena *a = pl_arena_new();
    struct pl_err err = { 0 };
    struct sealed box;
    char *text;

    CHECK_INT(seal_key(KEY, false, &err), ==, 0);
    box = seal(a, "secret");
    for (size_t i = 0; i < box.length; i++) {
        unsigned char *altered = (unsigned char *)pl_arena_memdup(a, box.bytes, box.length);

        altered[i] ^= 1;
        err = (struct pl_err){ 0 };
        CHECK_INT(unseal(a, (struct sealed){ altered, box.length }, &text, &err), ==, -1);
        CHECK(text == NULL);
        err = (struct pl_err){ 0 };
        CHECK_INT(unseal(a, (struct sealed){ box.bytes, i }, &text, &err), ==, i == 0 ? 0 : -1);
    }
    CHECK_INT(seal_key("another key", false, &err), ==, 0);
    CHECK_INT(unseal(a, box, &text, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_INTERNAL);
    pl_arena_destroy(&a);
}

TEST(production_refuses_a_missing_short_or_well_known_key)
{
    static const char *const bad[] = { NULL, "", "short",
                                       "plumbline-development-key-not-for-production" };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct pl_err err = { 0 };

        CHECK_INT(seal_key(bad[i], true, &err), ==, -1);
        CHECK_HAS(err.text, "PLUMB_SECRET_KEY");
        err = (struct pl_err){ 0 };
        CHECK_INT(seal_key(bad[i], false, &err), ==, 0);
    }
}

TEST(an_id_from_a_seed_is_stable_and_others_are_not)
{
    struct pl_arena *a = pl_arena_new();
    char *id = id_from(a, "msg", "event-1"), *other = new_id(a, "msg");

    CHECK_STR(id_from(a, "msg", "event-1"), id);
    CHECK(strcmp(id_from(a, "msg", "event-2"), id) != 0);
    CHECK_INT(strlen(id), ==, 30);
    CHECK(strchr(id, '.') == NULL);
    CHECK_INT(strlen(other), ==, 30);
    CHECK(strcmp(new_id(a, "msg"), other) != 0);
    pl_arena_destroy(&a);
}
