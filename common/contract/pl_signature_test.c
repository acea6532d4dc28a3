/* Checksums, the signed payload and every way in which a signature must not hold. */
#include "pl_check.h"

#include "pl_checksum.h"

#define SEED  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" // bytes 0, 1, ... 31
#define OTHER "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="

struct fixture {
    struct pl_arena *arena;
    struct pl_err err;
    struct pl_signer signer;
    struct pl_node *checksums, *signature;
};

static struct fixture
set_up(const char *previous)
{
    struct fixture f = { .arena = pl_arena_new() };
    struct pl_checksum sums[2] = { { .path = "b.json", .size = 1 },
                                   { .path = "a.json", .size = 2 } };
    struct pl_node *metadata = pl_node_object(f.arena);

    pl_node_set(f.arena, metadata, "api", pl_node_string(f.arena, "museum"));
    pl_sha256_hex("b", 1, sums[0].sha256);
    pl_sha256_hex("aa", 2, sums[1].sha256);
    f.checksums = pl_checksum_document(f.arena, sums, 2);
    if (pl_signer_open(&f.signer, SEED, &f.err) == 0)
        f.signature =
            pl_signature_document(f.arena, &f.signer, f.checksums, previous, metadata, &f.err);
    return f;
}

static int
verify(struct fixture *f)
{
    f->err = (struct pl_err){ 0 };
    return pl_signature_verify(f->checksums, f->signature, NULL, f->arena, &f->err);
}

static struct pl_node *
text(struct fixture *f, const char *value)
{
    return pl_node_string(f->arena, value);
}

TEST(what_was_signed_verifies)
{
    struct fixture f = set_up(NULL);

    CHECK_INT(verify(&f), ==, 0);
    CHECK(pl_signature_previous(f.signature) == NULL);
    pl_arena_destroy(&f.arena);
}

TEST(the_payload_of_format_2_is_exactly_aggregate_artifacts_and_count)
{
    struct fixture f = set_up("ff");
    struct pl_buf payload = { .arena = f.arena };
    char *wanted = pl_arena_printf(
        f.arena,
        "{\"aggregate_sha256\":\"%s\",\"artifacts\":[{\"path\":\"a.json\",\"sha256\":\"%s\"},"
        "{\"path\":\"b.json\",\"sha256\":\"%s\"}],\"count\":2}",
        pl_node_text(pl_node_get(f.checksums, "aggregate_sha256"), ""),
        pl_node_text(pl_node_pointer(f.checksums, "/artifacts/0/sha256"), ""),
        pl_node_text(pl_node_pointer(f.checksums, "/artifacts/1/sha256"), ""));

    CHECK_INT(pl_checksum_payload(&payload, f.checksums, 2, &f.err), ==, 0);
    CHECK_STR(pl_buf_text(&payload), wanted);
    pl_arena_destroy(&f.arena);
}

TEST(a_set_names_the_one_before_and_that_is_signed)
{
    struct fixture f = set_up("0123");

    CHECK_INT(verify(&f), ==, 0);
    CHECK_STR(pl_signature_previous(f.signature), "0123");
    pl_node_set(f.arena, pl_node_get(f.signature, "metadata"), "previous_aggregate_sha256",
                text(&f, "0124"));
    CHECK_INT(verify(&f), ==, -1);
    CHECK_HAS(f.err.text, "metadata_signature");
    pl_arena_destroy(&f.arena);
}

TEST(a_changed_artifact_hash_is_found_by_the_aggregate)
{
    struct fixture f = set_up(NULL);
    struct pl_node *first = pl_node_pointer(f.checksums, "/artifacts/0");
    char hash[PL_SHA256_HEX];

    pl_sha256_hex("evil", 4, hash);
    pl_node_set(f.arena, first, "sha256", text(&f, hash));
    CHECK_INT(verify(&f), ==, -1);
    CHECK_HAS(f.err.text, "aggregate");
    pl_arena_destroy(&f.arena);
}

TEST(a_list_that_adds_up_but_was_not_signed_is_refused)
{
    struct fixture f = set_up(NULL);
    struct pl_checksum sum = { .path = "a.json" };

    pl_sha256_hex("evil", 4, sum.sha256);
    f.checksums = pl_checksum_document(f.arena, &sum, 1);
    CHECK_INT(verify(&f), ==, -1);
    pl_node_set(f.arena, f.signature, "aggregate_sha256",
                pl_node_get(f.checksums, "aggregate_sha256"));
    pl_node_set(f.arena, f.signature, "count", pl_node_integer(f.arena, 1));
    CHECK_INT(verify(&f), ==, -1);
    CHECK_HAS(f.err.text, "does not fit");
    pl_arena_destroy(&f.arena);
}

TEST(a_renamed_artifact_is_refused)
{
    struct fixture f = set_up(NULL);

    pl_node_set(f.arena, pl_node_pointer(f.checksums, "/artifacts/0"), "path", text(&f, "c.json"));
    CHECK_INT(verify(&f), ==, -1);
    pl_arena_destroy(&f.arena);
}

TEST(metadata_of_another_set_does_not_fit)
{
    struct fixture f = set_up(NULL), g = set_up("0123");
    struct pl_checksum sum = { .path = "x.json" };
    struct pl_node *other;

    pl_sha256_hex("x", 1, sum.sha256);
    other = pl_signature_document(f.arena, &f.signer, pl_checksum_document(f.arena, &sum, 1), NULL,
                                  NULL, &f.err);
    pl_node_set(f.arena, f.signature, "metadata", pl_node_get(other, "metadata"));
    pl_node_set(f.arena, f.signature, "metadata_signature",
                pl_node_get(other, "metadata_signature"));
    CHECK_INT(verify(&f), ==, -1);
    CHECK_HAS(f.err.text, "another aggregate");
    pl_arena_destroy(&g.arena);
    pl_arena_destroy(&f.arena);
}

TEST(another_key_is_refused_although_its_own_signature_is_good)
{
    struct fixture f = set_up(NULL);
    struct pl_signer other;
    struct pl_node *signed_by_other;
    const char *trusted = pl_node_text(pl_node_get(f.signature, "public_key"), "");

    CHECK_INT(pl_signer_open(&other, OTHER, &f.err), ==, 0);
    signed_by_other = pl_signature_document(f.arena, &other, f.checksums, NULL, NULL, &f.err);
    CHECK_INT(pl_signature_verify(f.checksums, signed_by_other, NULL, f.arena, &f.err), ==, 0);
    CHECK_INT(pl_signature_verify(f.checksums, signed_by_other, trusted, f.arena, &f.err), ==, -1);
    pl_arena_destroy(&f.arena);
}

TEST(format_1_signs_aggregate_and_count_and_is_recognised)
{
    struct fixture f = set_up(NULL);
    struct pl_buf payload = { .arena = f.arena };

    CHECK_INT(pl_checksum_payload(&payload, f.checksums, 1, &f.err), ==, 0);
    CHECK_HAS(pl_buf_text(&payload), "\"count\":2}");
    CHECK(strstr(pl_buf_text(&payload), "artifacts") == NULL);
    /* A signature of format 2 is none of format 1. */
    pl_node_set(f.arena, f.signature, "signature_format_version", pl_node_integer(f.arena, 1));
    CHECK_INT(verify(&f), ==, -1);
    pl_node_set(f.arena, f.signature, "signature_format_version", pl_node_integer(f.arena, 3));
    CHECK_INT(verify(&f), ==, -1);
    CHECK_HAS(f.err.text, "not known");
    pl_arena_destroy(&f.arena);
}

TEST(a_seed_of_the_wrong_length_is_no_key)
{
    struct pl_signer signer;
    struct pl_err err = { 0 };

    CHECK_INT(pl_signer_open(&signer, "AAEC", &err), ==, -1);
    CHECK_HAS(err.text, "32 bytes");
}
