#include "pl_keyring.h"

#include <sodium.h>

#include "pl_check.h"

static struct pl_err err;

TEST(the_old_key_signs_until_the_new_one_may_and_verifies_longer)
{
    struct pl_keyring ring = { 0 };
    unsigned char first[32];

    CHECK(sodium_init() >= 0);
    CHECK_INT(pl_keyring_rotate(&ring, 1000, 60, 1920, &err), ==, 0);
    CHECK(pl_keyring_signer(&ring, 1000) == &ring.keys[0]);
    memcpy(first, ring.keys[0].seed, 32);
    CHECK_INT(pl_keyring_rotate(&ring, 5000, 60, 1920, &err), ==, 0);
    CHECK_INT(ring.count, ==, 2);
    CHECK(memcmp(ring.keys[0].seed, ring.keys[1].seed, 32) != 0);
    CHECK(pl_keyring_signer(&ring, 5059) == &ring.keys[0]);
    CHECK(pl_keyring_signer(&ring, 5060) == &ring.keys[1]);
    CHECK_INT(ring.keys[0].verify_until, ==, 5000 + 60 + 1920);
    CHECK_INT(pl_keyring_rotate(&ring, 7000, 60, 1920, &err), ==, 0);
    CHECK_INT(ring.count, ==, 2); // the first has gone
    CHECK(memcmp(ring.keys[0].seed, first, 32) != 0);
}

TEST(rotating_without_overlap_ends_the_old_keys_at_once)
{
    struct pl_keyring ring = { 0 };

    pl_keyring_rotate(&ring, 1000, 0, 0, &err);
    pl_keyring_rotate(&ring, 2000, 0, 0, &err);
    CHECK_INT(ring.keys[0].verify_until, ==, 2000);
    CHECK(pl_keyring_signer(&ring, 2000) == &ring.keys[1]);
}

TEST(what_is_written_is_read_back_and_damage_is_named)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf text = { .arena = arena };
    struct pl_keyring ring = { 0 }, read;

    pl_keyring_rotate(&ring, 1000, 60, 1920, &err);
    pl_keyring_rotate(&ring, 2000, 60, 1920, &err);
    pl_keyring_write(&text, &ring);
    CHECK_INT(pl_keyring_parse(&read, pl_buf_text(&text), &err), ==, 0);
    CHECK_INT(read.count, ==, 2);
    CHECK(memcmp(&read, &ring, sizeof ring) == 0);
    CHECK_INT(pl_keyring_parse(&read, "# nothing\n\n", &err), ==, -1);
    err = (struct pl_err){ 0 };
    CHECK_INT(pl_keyring_parse(&read, "0 0 c2hvcnQ=\n", &err), ==, -1);
    CHECK_HAS(err.text, "line 1");
    pl_arena_destroy(&arena);
}
