/* The answers in Redis, as two gateways see them. */
#include "cache_store.h"
#include "redis_fixture.h"
#include "settings.h"

#include "pl_check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

NEEDS_ENV("REDIS_SERVER");

static uint64_t tags[] = { 0, 2 };

struct side {
    struct cache_store *store;
    int epoll;
};

static void
turn(struct side *self)
{
    struct epoll_event events[4];
    int count;

    cache_store_flush(self->store);
    count = epoll_wait(self->epoll, events, 4, (int)cache_store_timeout_ms(self->store, 20));
    for (int i = 0; i < count; i++)
        cache_store_ready(self->store, events[i].data.fd, events[i].events);
    cache_store_run(self->store);
}

static struct side
begin(void)
{
    struct side out = { .epoll = epoll_create1(EPOLL_CLOEXEC) };

    tags[0] = cache_tag(NULL, NULL);
    settings.redis = redis_fixture_address();
    settings.cache_wait_ms = 20000;
    settings.cache_lock_ms = 60000;
    out.store = cache_store_new(out.epoll);
    while (!cache_store_is_up(out.store))
        turn(&out);
    return out;
}

static void
end(struct side *self)
{
    cache_store_destroy(&self->store);
    close(self->epoll);
}

struct seen {
    bool told, known, mine;
    char text[64], generations[GENERATIONS_SIZE];
    int64_t left_ms;
};

static void
note(void *arg, const struct cache_seen *from)
{
    struct seen *seen = arg;

    seen->told = true;
    seen->known = from != NULL;
    if (from == NULL)
        return;
    seen->mine = from->mine;
    seen->left_ms = from->left_ms;
    snprintf(seen->text, sizeof seen->text, "%.*s", (int)from->bytes.len, from->bytes.data);
    memcpy(seen->generations, from->generations, sizeof seen->generations);
}

static struct seen
look(struct side *self, const char *name, int64_t stale_ms)
{
    const struct cache_key key =
        cache_key_make("", name, VARY_ALL, NULL, (ProtobufCBinaryData){ 0, NULL });
    struct seen seen = { 0 };

    if (!cache_store_look(self->store, &key, tags, 2, stale_ms, note, &seen))
        abort();
    while (!seen.told)
        turn(self);
    if (!seen.known)
        abort();
    return seen;
}

static void
keep(struct side *self, const char *name, const char *generations, const char *text,
     int64_t life_ms)
{
    const struct cache_key key =
        cache_key_make("", name, VARY_ALL, NULL, (ProtobufCBinaryData){ 0, NULL });

    cache_store_keep(self->store, &key, generations,
                     (ProtobufCBinaryData){ strlen(text), (uint8_t *)(uintptr_t)text }, life_ms);
}

TEST(one_gateway_fetches_and_all_are_served)
{
    struct side one, two;
    struct seen seen;

    redis_start(NULL, NULL);
    one = begin();
    two = begin();
    seen = look(&one, "a", 0);
    CHECK(seen.mine);
    CHECK_STR(seen.text, "");
    CHECK(!look(&two, "a", 0).mine);
    CHECK(look(&two, "b", 0).mine); // another answer, another lock
    keep(&one, "a", seen.generations, "hello", 600000);
    CHECK_STR(look(&one, "a", 0).text, "hello"); // answered behind it
    seen = look(&two, "a", 0);
    CHECK_STR(seen.text, "hello");
    CHECK(!seen.mine);
    CHECK_INT(seen.left_ms, >, 60000);
    CHECK_INT(seen.left_ms, <=, 600000);
    end(&one);
    end(&two);
    redis_kill();
}

TEST(what_is_stale_is_fetched_again_by_one_and_still_there)
{
    struct side one, two;
    struct seen seen;

    redis_start(NULL, NULL);
    one = begin();
    two = begin();
    seen = look(&one, "a", 0);
    keep(&one, "a", seen.generations, "old", 600000);
    seen = look(&one, "a", 900000);
    CHECK(seen.mine);
    CHECK_STR(seen.text, "old");
    seen = look(&two, "a", 900000);
    CHECK(!seen.mine);
    CHECK_STR(seen.text, "old");
    keep(&one, "a", seen.generations, "", 0); // could not be fetched
    look(&one, "a", 0);
    CHECK(look(&two, "a", 900000).mine);
    end(&one);
    end(&two);
    redis_kill();
}

TEST(an_event_ends_what_was_asked_for_before_it_even_if_it_is_kept_after)
{
    struct side one, two;
    struct seen before;

    redis_start(NULL, NULL);
    one = begin();
    two = begin();
    before = look(&one, "a", 0);
    cache_store_end(two.store, 2);
    look(&two, "b", 0); // is answered behind it
    keep(&one, "a", before.generations, "old", 600000);
    CHECK_STR(look(&one, "a", 0).text, "");
    CHECK_STR(look(&two, "a", 0).text, "");
    keep(&one, "a", look(&one, "a", 0).generations, "new", 600000);
    look(&one, "b", 0);
    CHECK_STR(look(&two, "a", 0).text, "new");
    cache_store_end(two.store, 9); // another's
    CHECK_STR(look(&two, "a", 0).text, "new");
    end(&one);
    one = begin(); // who begins may have missed events
    CHECK_STR(look(&two, "a", 0).text, "");
    end(&one);
    end(&two);
    redis_kill();
}

TEST(flushed_scripts_and_values_of_other_kinds_are_survived)
{
    struct side one;
    struct seen seen = { 0 };
    const struct cache_key key =
        cache_key_make("", "a", VARY_ALL, NULL, (ProtobufCBinaryData){ 0, NULL });
    char name[CACHE_KEY_TEXT];

    redis_start(NULL, NULL);
    one = begin();
    cache_key_print(&key, "", name);
    REDIS_SAY("SET", name, "0,0");
    CHECK_STR(look(&one, "a", 0).text, "");
    REDIS_SAY("SCRIPT", "FLUSH");
    do { // five are refused, then a new connection knows them again
        seen.told = false;
        if (cache_store_look(one.store, &key, tags, 2, 0, note, &seen))
            while (!seen.told)
                turn(&one);
        else
            turn(&one);
    } while (!seen.known);
    end(&one);
    redis_kill();
}
