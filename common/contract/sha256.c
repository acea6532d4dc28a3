#include "sha256.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static bool
has_instructions(void)
{
    unsigned a, b, c, d, more;

    if (!__get_cpuid(1, &a, &b, &c, &d) || !__get_cpuid_count(7, 0, &a, &more, &d, &d))
        return false;
    return (c & bit_SSSE3) && (c & bit_SSE4_1) && (more & bit_SHA);
}

/* The 64 rounds over blocks of 64 bytes.  The instructions want the state as (a b e f) and
 * (c d g h), highest word first. */
WITH_SHA static void
rounds(__m128i *abef, __m128i *cdgh, const unsigned char *at, size_t blocks)
{
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

    for (; blocks > 0; blocks--, at += 64) {
        __m128i before0 = *abef, before1 = *cdgh, w[4];

#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            __m128i sum;

            if (i < 4)
                w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)at + i), big_endian);
            else
                w[i & 3] = _mm_sha256msg2_epu32(
                    _mm_add_epi32(_mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]),
                                  _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4)),
                    w[(i + 3) & 3]);
            sum = _mm_add_epi32(w[i & 3], _mm_loadu_si128((const __m128i *)K + i));
            *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, sum);
            *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(sum, 0x0e));
        }
        *abef = _mm_add_epi32(*abef, before0);
        *cdgh = _mm_add_epi32(*cdgh, before1);
    }
}

/* What is left of the text, the bit 1, zeros, and the length in bits: one block or two. */
static size_t
pad(unsigned char out[128], const unsigned char *rest, size_t length, uint64_t all)
{
    size_t blocks = length < 56 ? 1 : 2;

    memset(out, 0, 128);
    memcpy(out, rest, length);
    out[length] = 0x80;
    for (int i = 0; i < 8; i++)
        out[blocks * 64 - 1 - (size_t)i] = (unsigned char)(all * 8 >> (8 * i));
    return blocks;
}

WITH_SHA static void
by_instructions(const unsigned char *bytes, size_t length, unsigned char out[32])
{
    __m128i abef = _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c);
    __m128i cdgh = _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19);
    const size_t whole = length / 64;
    unsigned char last[128];
    uint32_t words[8];

    rounds(&abef, &cdgh, bytes, whole);
    rounds(&abef, &cdgh, last, pad(last, bytes + whole * 64, length % 64, length));
    words[0] = (uint32_t)_mm_extract_epi32(abef, 3);
    words[1] = (uint32_t)_mm_extract_epi32(abef, 2);
    words[2] = (uint32_t)_mm_extract_epi32(cdgh, 3);
    words[3] = (uint32_t)_mm_extract_epi32(cdgh, 2);
    words[4] = (uint32_t)_mm_extract_epi32(abef, 1);
    words[5] = (uint32_t)_mm_extract_epi32(abef, 0);
    words[6] = (uint32_t)_mm_extract_epi32(cdgh, 1);
    words[7] = (uint32_t)_mm_extract_epi32(cdgh, 0);
    for (int i = 0; i < 32; i++)
        out[i] = (unsigned char)(words[i / 4] >> (24 - 8 * (i % 4)));
}

void
sha256(const void *bytes, size_t length, unsigned char out[32])
{
    static _Atomic int known; // 0: not asked yet

    if (known == 0)
        known = has_instructions() ? 1 : 2;
    if (known == 1)
        by_instructions(length ? bytes : "", length, out);
    else
        crypto_hash_sha256(out, bytes, length);
}

#else

void
sha256(const void *bytes, size_t length, unsigned char out[32])
{
    crypto_hash_sha256(out, bytes, length);
}

#endif
