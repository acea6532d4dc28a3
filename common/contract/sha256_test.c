#include "sha256.h"

#include "pl_check.h"

#include <sodium.h>
#include <string.h>

TEST(digests_are_those_of_libsodium_for_texts_of_all_short_lengths_and_places)
{
    unsigned char text[1100], ours[32], theirs[32];

    randombytes_buf(text, sizeof text);
    for (size_t from = 0; from < 17; from++)
        for (size_t length = 0; length <= 300; length++) {
            sha256(text + from, length, ours);
            crypto_hash_sha256(theirs, text + from, length);
            CHECK(memcmp(ours, theirs, sizeof ours) == 0);
        }
    sha256(text, sizeof text, ours);
    crypto_hash_sha256(theirs, text, sizeof text);
    CHECK(memcmp(ours, theirs, sizeof ours) == 0);
}

TEST(the_digest_of_abc_is_that_of_FIPS_180)
{
    unsigned char digest[32];
    char hex[65];

    sha256("abc", 3, digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    CHECK_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256(NULL, 0, digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    CHECK_STR(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
