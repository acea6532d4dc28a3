/* The answers that one reactor keeps while Redis is away. */
#include "cache_local.h"

#include "pl_check.h"

#include <string.h>

static struct cache_key
key(int number)
{
    struct cache_key out = { { 0 } };

    memcpy(out.bytes, &number, sizeof number);
    return out;
}

static ProtobufCBinaryData
bytes(const char *text)
{
    return (ProtobufCBinaryData){ strlen(text), (uint8_t *)(uintptr_t)text };
}

static bool
has(struct cache_local *cache, int number, uint64_t generation, int64_t now_ms)
{
    const struct cache_key k = key(number);
    int64_t left_ms;

    return cache_local_look(cache, &k, generation, now_ms, &left_ms).len > 0;
}

static void
put(struct cache_local *cache, int number, const char *text)
{
    const struct cache_key k = key(number);

    cache_local_keep(cache, &k, 7, bytes(text), 1000, 500);
}

TEST(an_answer_lives_its_time_under_its_generation)
{
    struct cache_local *cache = cache_local_new(10000);
    const struct cache_key k = key(1);
    int64_t left_ms;

    put(cache, 1, "one");
    put(cache, 1, "ONE");
    CHECK_INT(cache_local_look(cache, &k, 7, 1100, &left_ms).len, ==, 3);
    CHECK_INT(memcmp(cache_local_look(cache, &k, 7, 1100, &left_ms).data, "ONE", 3), ==, 0);
    CHECK_INT(left_ms, ==, 400);
    CHECK(!has(cache, 2, 7, 1100));
    CHECK(has(cache, 1, 7, 1499));
    CHECK(!has(cache, 1, 7, 1500));
    put(cache, 1, "one");
    CHECK(!has(cache, 1, 8, 1100));
    CHECK(!has(cache, 1, 7, 1100)); // what ended does not come back
    cache_local_destroy(&cache);
}

TEST(without_room_what_was_not_asked_for_longest_goes)
{
    struct cache_local *cache = cache_local_new(5000);
    static char large[6000];

    memset(large, 'x', sizeof large - 1);
    put(cache, 99, large);
    CHECK(!has(cache, 99, 7, 1100));
    large[1500] = '\0';
    for (int i = 1; i <= 3; i++)
        put(cache, i, large);
    CHECK(has(cache, 1, 7, 1100));
    put(cache, 4, large);
    CHECK(has(cache, 1, 7, 1100) && has(cache, 3, 7, 1100) && has(cache, 4, 7, 1100));
    CHECK(!has(cache, 2, 7, 1100));
    cache_local_destroy(&cache);
}
