#include "limiter_wire.h"

#include "pl_embed.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WORDS (4 + 8 * MAX_QUESTIONS)

extern const struct pl_embedded gateway_limiter[];
extern const struct pl_embedded gateway_count[];

/* The words of one command; numbers are printed into ${room}. */
struct words {
    const char *list[WORDS];
    size_t lengths[WORDS];
    int count;
    char room[MAX_QUESTIONS * (LIMIT_KEY_TEXT + 6 * 21) + 64];
    size_t used;
};

static void
add_word(struct words *self, const char *word)
{
    self->list[self->count] = word;
    self->lengths[self->count++] = strlen(word);
}

static void
add_number(struct words *self, int64_t number)
{
    char *word = self->room + self->used;

    self->used += (size_t)snprintf(word, 21, "%" PRId64, number) + 1;
    add_word(self, word);
}

static void
add_key(struct words *self, struct limit_key key)
{
    char *word = self->room + self->used;

    limit_key_print(key, word);
    self->used += strlen(word) + 1;
    add_word(self, word);
}

bool
limiter_wire_ask(struct redis_link *link, const char *sha, const struct limit_question *questions,
                 int count, int64_t gateways, redis_reply_fn *done, void *arg)
{
    struct words words;

    words.count = 0;
    words.used = 0;
    add_word(&words, sha ? "EVALSHA" : "EVAL");
    add_word(&words, sha ? sha : gateway_limiter[0].text);
    add_number(&words, count);
    for (int i = 0; i < count; i++)
        add_key(&words, questions[i].key);
    add_number(&words, gateways);
    for (int i = 0; i < count; i++) {
        add_number(&words, questions[i].limit.interval_us);
        add_number(&words, questions[i].limit.burst);
        add_number(&words, questions[i].cost);
        add_number(&words, questions[i].wish);
        add_number(&words, questions[i].hold_us);
        add_word(&words, questions[i].shadow ? "1" : "0");
        add_number(&words, questions[i].debt);
    }
    return redis_link_send(link, done, arg, words.count, words.list, words.lengths);
}

bool
limiter_wire_read(const struct redisReply *reply, struct limit_answer *out, int count)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1 + (size_t)count * 5)
        return false;
    for (size_t i = 0; i < reply->elements; i++)
        if (reply->element[i]->type != REDIS_REPLY_INTEGER)
            return false;
    for (int i = 0; i < count; i++) {
        redisReply *const *at = reply->element + 1 + i * 5;

        out[i].verdict = (struct limit_verdict){
            .allowed = at[0]->integer == 1,
            .remaining = at[1]->integer,
            .retry_us = at[2]->integer,
            .reset_us = at[3]->integer,
        };
        out[i].given = at[4]->integer;
    }
    return true;
}

struct limit_question
limiter_wire_probe(void)
{
    return (struct limit_question){ .key = limit_key_make("", "probe", 5),
                                    .limit = { 1000, 1000000 },
                                    .cost = 1 };
}

bool
limiter_wire_count(struct redis_link *link, const char *name, redis_reply_fn *done, void *arg)
{
    const char *words[] = { "EVAL", gateway_count[0].text, "1", "plumb:limit:gateways", name };
    size_t lengths[5];

    for (int i = 0; i < 5; i++)
        lengths[i] = strlen(words[i]);
    return redis_link_send(link, done, arg, 5, words, lengths);
}

bool
limiter_wire_forget(struct redis_link *link, struct limit_key key)
{
    char text[LIMIT_KEY_TEXT];
    const char *words[] = { "DEL", text };

    limit_key_print(key, text);
    return redis_link_send(link, NULL, NULL, 2, words, (size_t[]){ 3, strlen(text) });
}
