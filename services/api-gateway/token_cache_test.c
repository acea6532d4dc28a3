#include "token_cache.h"

#include "pl_check.h"

static void
put(struct token_cache *cache, const char *token, const char *id, int64_t lives_s, int64_t now)
{
    Pl__Principal who = PL__PRINCIPAL__INIT;
    char *scopes[] = { "runs:read" };

    who.subject = (char *)id;
    who.scopes = scopes;
    who.n_scopes = 1;
    token_cache_put(cache, token, id, &who, lives_s, now, token_cache_epoch(cache));
}

static const char *
subject(struct token_cache *cache, const char *token, int64_t now, struct pl_arena *arena)
{
    const Pl__Principal *who = token_cache_get(cache, token, now, arena);

    return who ? who->subject : "nobody";
}

TEST(a_token_is_known_for_thirty_seconds_at_most)
{
    struct token_cache *cache = token_cache_new();
    struct pl_arena *arena = pl_arena_new();

    put(cache, "secret", "t-1", -1, 1000);
    CHECK_STR(subject(cache, "secret", 1000, arena), "t-1");
    CHECK_STR(subject(cache, "secret", 30999, arena), "t-1");
    CHECK_STR(subject(cache, "secret", 31000, arena), "nobody");
    CHECK_STR(subject(cache, "Secret", 1000, arena), "nobody");
    put(cache, "short", "t-2", 5, 1000);
    CHECK_STR(subject(cache, "short", 5999, arena), "t-2");
    CHECK_STR(subject(cache, "short", 6000, arena), "nobody");
    put(cache, "over", "t-3", 0, 1000);
    CHECK_STR(subject(cache, "over", 1000, arena), "nobody");
    pl_arena_destroy(&arena);
    token_cache_destroy(&cache);
}

TEST(the_whole_principal_comes_back)
{
    struct token_cache *cache = token_cache_new();
    struct pl_arena *arena = pl_arena_new();
    const Pl__Principal *who;

    put(cache, "secret", "t-1", -1, 1000);
    who = token_cache_get(cache, "secret", 1000, arena);
    CHECK_INT(who->n_scopes, ==, 1);
    CHECK_STR(who->scopes[0], "runs:read");
    pl_arena_destroy(&arena);
    token_cache_destroy(&cache);
}

TEST(a_revoked_token_is_forgotten_everywhere_and_the_others_are_not)
{
    struct token_cache *one = token_cache_new(), *two = token_cache_new();
    struct pl_arena *arena = pl_arena_new();

    put(one, "secret", "t-1", -1, 1000);
    put(two, "secret", "t-1", -1, 1000);
    put(two, "other", "t-2", -1, 1000);
    token_cache_revoke("t-1");
    CHECK_STR(subject(one, "secret", 1000, arena), "nobody");
    CHECK_STR(subject(two, "secret", 1000, arena), "nobody");
    CHECK_STR(subject(two, "other", 1000, arena), "t-2");
    token_cache_revoke(NULL);
    CHECK_STR(subject(two, "other", 1000, arena), "nobody");
    pl_arena_destroy(&arena);
    token_cache_destroy(&one);
    token_cache_destroy(&two);
}

TEST(an_answer_that_a_revocation_has_overtaken_is_not_kept)
{
    struct token_cache *cache = token_cache_new();
    struct pl_arena *arena = pl_arena_new();
    uint64_t asked_at = token_cache_epoch(cache);
    Pl__Principal who = PL__PRINCIPAL__INIT;

    token_cache_revoke("t-9");
    token_cache_put(cache, "secret", "t-9", &who, -1, 1000, asked_at);
    CHECK(token_cache_get(cache, "secret", 1000, arena) == NULL);
    pl_arena_destroy(&arena);
    token_cache_destroy(&cache);
}

TEST(a_full_cache_forgets_and_never_mixes_up)
{
    struct token_cache *cache = token_cache_new();
    struct pl_arena *arena = pl_arena_new();
    char token[32], id[32];
    int known = 0;

    for (int i = 0; i < 10000; i++) {
        sprintf(token, "token-%d", i);
        sprintf(id, "t-%d", i);
        put(cache, token, id, -1, 1000);
    }
    for (int i = 0; i < 10000; i++) {
        const char *who;

        sprintf(token, "token-%d", i);
        sprintf(id, "t-%d", i);
        who = subject(cache, token, 1000, arena);
        known += strcmp(who, id) == 0;
        CHECK(strcmp(who, id) == 0 || strcmp(who, "nobody") == 0);
    }
    CHECK_INT(known, >, 3000);
    pl_arena_destroy(&arena);
    token_cache_destroy(&cache);
}
