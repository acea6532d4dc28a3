#include "cache_store.h"

#include "cache_tags.h"
#include "redis_door.h"
#include "settings.h"

#include "pl_embed.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GREETING_MS 1000
#define DAY_MS      "86400000" // longer than any answer lives
#define SHA         40

extern const struct pl_embedded gateway_cache_look[];
extern const struct pl_embedded gateway_cache_keep[];

struct cache_store {
    struct redis_door *door;
    char look[SHA + 1], keep[SHA + 1]; // names of the scripts
    char name[33];                     // of who holds locks
};

/* One question. */
struct look {
    struct cache_store *store;
    cache_seen_fn *done;
    void *arg;
};

// ---- words ----------------------------------------------------------------------------------

#define MOST_WORDS 16

struct words {
    const char *list[MOST_WORDS];
    size_t lengths[MOST_WORDS];
    int count;
};

static void
add_bytes(struct words *self, const void *bytes, size_t length)
{
    self->list[self->count] = bytes;
    self->lengths[self->count++] = length;
}

static void
add_word(struct words *self, const char *word)
{
    add_bytes(self, word, strlen(word));
}

static bool
send_words(struct cache_store *self, int64_t wait_ms, redis_said_fn *done, void *arg,
           const struct words *words)
{
    return redis_door_send(self->door, wait_ms, done, arg, words->count, words->list,
                           words->lengths);
}

// ---- a new connection -----------------------------------------------------------------------

static void
take_name(struct cache_store *self, char name[SHA + 1], const redisReply *reply)
{
    if (reply == NULL || reply->type != REDIS_REPLY_STRING || reply->len != SHA)
        redis_door_blame(self->door, reply ? "a script has no name" : "a script was not taken");
    else
        memcpy(name, reply->str, SHA + 1);
}

static void
on_look_loaded(void *arg, const redisReply *reply)
{
    struct cache_store *self = arg;

    take_name(self, self->look, reply);
}

static void
on_keep_loaded(void *arg, const redisReply *reply)
{
    struct cache_store *self = arg;

    take_name(self, self->keep, reply);
}

static void
load(struct cache_store *self, const struct pl_embedded *script, redis_said_fn *done)
{
    struct words words = { .count = 0 };

    add_word(&words, "SCRIPT");
    add_word(&words, "LOAD");
    add_bytes(&words, script->text, script->size);
    send_words(self, GREETING_MS, done, self, &words);
}

static void
greet(void *arg)
{
    struct cache_store *self = arg;

    load(self, &gateway_cache_look[0], on_look_loaded);
    load(self, &gateway_cache_keep[0], on_keep_loaded);
    cache_store_end(self, cache_tag(NULL, NULL));
}

// ---- looking and keeping --------------------------------------------------------------------

static bool
read_seen(const redisReply *reply, struct cache_seen *out)
{
    static const int TYPES[] = { REDIS_REPLY_STRING, REDIS_REPLY_STRING, REDIS_REPLY_INTEGER,
                                 REDIS_REPLY_INTEGER };

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 4)
        return false;
    for (size_t i = 0; i < 4; i++)
        if (reply->element[i]->type != TYPES[i])
            return false;
    out->bytes = (ProtobufCBinaryData){ reply->element[1]->len, (uint8_t *)reply->element[1]->str };
    out->left_ms = reply->element[2]->integer;
    out->mine = reply->element[3]->integer == 1;
    return (size_t)snprintf(out->generations, sizeof out->generations, "%s",
                            reply->element[0]->str) < sizeof out->generations;
}

static void
on_looked(void *arg, const redisReply *reply)
{
    struct look look = *(struct look *)arg;
    struct cache_seen seen;

    free(arg);
    if (reply && !read_seen(reply, &seen)) {
        redis_door_blame(look.store->door, "a reply of another kind");
        reply = NULL;
    }
    look.done(look.arg, reply ? &seen : NULL);
}

bool
cache_store_look(struct cache_store *self, const struct cache_key *key, const uint64_t *tags,
                 int count, int64_t stale_ms, cache_seen_fn *done, void *arg)
{
    char entry[CACHE_KEY_TEXT], lock[CACHE_KEY_TEXT], names[MOST_TAGS][CACHE_KEY_TEXT];
    char keys[8], stale[24], lives[24];
    struct words words = { .count = 0 };
    struct look *look;

    if (!cache_store_is_up(self))
        return false;
    snprintf(keys, sizeof keys, "%d", 2 + count);
    snprintf(stale, sizeof stale, "%" PRId64, stale_ms);
    snprintf(lives, sizeof lives, "%" PRId64, settings.cache_lock_ms);
    cache_key_print(key, "", entry);
    cache_key_print(key, "lock:", lock);
    add_word(&words, "EVALSHA");
    add_word(&words, self->look);
    add_word(&words, keys);
    add_word(&words, entry);
    add_word(&words, lock);
    for (int i = 0; i < count; i++) {
        cache_tag_print(tags[i], names[i]);
        add_word(&words, names[i]);
    }
    add_word(&words, stale);
    add_word(&words, lives);
    add_word(&words, self->name);
    look = malloc(sizeof *look);
    if (look == NULL)
        abort();
    *look = (struct look){ self, done, arg };
    if (send_words(self, settings.cache_wait_ms, on_looked, look, &words))
        return true;
    free(look);
    return false;
}

void
cache_store_keep(struct cache_store *self, const struct cache_key *key, const char *generations,
                 ProtobufCBinaryData bytes, int64_t life_ms)
{
    char entry[CACHE_KEY_TEXT], lock[CACHE_KEY_TEXT], lives[24];
    struct words words = { .count = 0 };

    snprintf(lives, sizeof lives, "%" PRId64, life_ms);
    cache_key_print(key, "", entry);
    cache_key_print(key, "lock:", lock);
    add_word(&words, "EVALSHA");
    add_word(&words, self->keep);
    add_word(&words, "2");
    add_word(&words, entry);
    add_word(&words, lock);
    add_word(&words, self->name);
    add_word(&words, lives);
    add_word(&words, generations);
    add_bytes(&words, bytes.data ? (const void *)bytes.data : "", bytes.len);
    send_words(self, GREETING_MS, NULL, NULL, &words);
}

void
cache_store_end(struct cache_store *self, uint64_t tag)
{
    struct words raise = { .count = 0 }, bound = { .count = 0 };
    char name[CACHE_KEY_TEXT];

    cache_tag_print(tag, name);
    add_word(&raise, "INCR");
    add_word(&raise, name);
    add_word(&bound, "PEXPIRE");
    add_word(&bound, name);
    add_word(&bound, DAY_MS);
    send_words(self, GREETING_MS, NULL, NULL, &raise);
    send_words(self, GREETING_MS, NULL, NULL, &bound);
}

bool
cache_store_is_up(const struct cache_store *self)
{
    return redis_door_is_open(self->door);
}

// ---- its life -------------------------------------------------------------------------------

void
cache_store_ready(struct cache_store *self, int fd, uint32_t events)
{
    redis_door_ready(self->door, fd, events);
}

void
cache_store_run(struct cache_store *self)
{
    redis_door_run(self->door);
}

void
cache_store_flush(struct cache_store *self)
{
    redis_door_flush(self->door);
}

int64_t
cache_store_timeout_ms(const struct cache_store *self, int64_t most)
{
    return redis_door_timeout_ms(self->door, most);
}

struct cache_store *
cache_store_new(int epoll)
{
    struct pl_err err = { 0 };
    struct redis_address to;
    unsigned char name[16];
    struct cache_store *self;

    if (*settings.redis == '\0' || redis_address_parse(&to, settings.redis, &err))
        return NULL;
    self = calloc(1, sizeof *self);
    if (self == NULL)
        abort();
    randombytes_buf(name, sizeof name);
    sodium_bin2hex(self->name, sizeof self->name, name, sizeof name);
    self->door = redis_door_new(epoll, &to, greet, self);
    return self;
}

void
cache_store_destroy(struct cache_store **self_p)
{
    if (*self_p == NULL)
        return;
    redis_door_destroy(&(*self_p)->door);
    free(*self_p);
    *self_p = NULL;
}
