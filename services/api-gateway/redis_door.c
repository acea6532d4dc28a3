#include "redis_door.h"

#include "redis_health.h"
#include "redis_name.h"

#include "pl_service.h"

#include <hiredis/hiredis.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define MOST_FAILURES 5
#define PAUSE_MS      200 // between two greetings, and up to JITTER_MS more
#define JITTER_MS     100
#define GREETING_MS   1000
#define LOOK_MS       20   // between looks whether a name is found
#define BEAT_MS       1000 // ask at least so often: who is idle notices, too

/* A command that was sent.  It stays until its reply is here, be it long after its time. */
struct sent {
    TAILQ_ENTRY(sent) next;
    struct redis_door *door;
    int64_t deadline_ms;
    redis_said_fn *done;
    void *arg;
    bool given_up;
};

enum state { SHUT, GREETING, OPEN };

struct redis_door {
    int epoll;
    struct redis_address to;
    redis_greet_fn *greet;
    void *arg;
    enum state state;
    int64_t due_ms; // SHUT: the next try; GREETING: its end; OPEN: the next beat
    struct redis_link *link;
    TAILQ_HEAD(, sent) sent; // not given up
    int failures;            // in a row
    struct redis_health health;
    char why[160]; // the last failure
};

bool
redis_door_is_open(const struct redis_door *self)
{
    return self->state == OPEN && self->failures < MOST_FAILURES;
}

void
redis_door_blame(struct redis_door *self, const char *why)
{
    self->failures++;
    snprintf(self->why, sizeof self->why, "%.*s", (int)sizeof self->why - 1, why);
}

static void
finish(struct sent *sent, const redisReply *reply)
{
    if (sent->given_up)
        return;
    sent->given_up = true;
    TAILQ_REMOVE(&sent->door->sent, sent, next);
    if (sent->done)
        sent->done(sent->arg, reply);
}

static void
on_reply(struct redisAsyncContext *context, void *data, void *arg)
{
    struct sent *sent = arg;
    const redisReply *reply = data;

    (void)context;
    if (reply && reply->type == REDIS_REPLY_ERROR) {
        redis_door_blame(sent->door, reply->str);
        reply = NULL;
    } else if (reply && sent->door->state == OPEN && !sent->given_up)
        sent->door->failures = 0;
    finish(sent, reply);
    free(sent);
}

bool
redis_door_send(struct redis_door *self, int64_t wait_ms, redis_said_fn *done, void *arg, int count,
                const char *const *words, const size_t *lengths)
{
    struct sent *sent;

    if (!redis_door_is_open(self) && self->state != GREETING)
        return false;
    sent = calloc(1, sizeof *sent);
    if (sent == NULL)
        abort();
    *sent = (struct sent){
        .door = self, .done = done, .arg = arg, .deadline_ms = pl_now_ms() + wait_ms
    };
    if (!redis_link_send(self->link, on_reply, sent, count, words, lengths)) {
        free(sent);
        return false;
    }
    TAILQ_INSERT_TAIL(&self->sent, sent, next);
    return true;
}

// ---- open and shut --------------------------------------------------------------------------

static void
shut(struct redis_door *self)
{
    self->state = SHUT;
    self->due_ms = pl_now_ms() + PAUSE_MS + randombytes_uniform(JITTER_MS);
    redis_link_close(&self->link);
    redis_health_tell(&self->health, false, self->why);
}

/* False while the host's address is not known. */
static bool
find_host(struct redis_door *self, struct redis_address *to)
{
    enum name_state state = redis_name_find(self->to.host, to->host, sizeof to->host);

    if (state == NAME_WANTED)
        self->due_ms = pl_now_ms() + LOOK_MS;
    else if (state == NAME_FAILED) {
        redis_door_blame(self, to->host);
        shut(self);
    }
    return state == NAME_FOUND;
}

static void
knock(struct redis_door *self)
{
    struct redis_address to = self->to;

    if (*to.path == '\0' && !find_host(self, &to))
        return;
    self->state = GREETING;
    self->due_ms = pl_now_ms() + GREETING_MS;
    self->failures = 0;
    self->link = redis_link_open(self->epoll, &to);
    self->greet(self->arg);
}

static void
give_up_late(struct redis_door *self, int64_t now)
{
    struct sent *sent, *next;

    for (sent = TAILQ_FIRST(&self->sent); sent; sent = next) {
        next = TAILQ_NEXT(sent, next);
        if (now < sent->deadline_ms)
            continue;
        redis_door_blame(self, "no answer in time");
        finish(sent, NULL);
        next = TAILQ_FIRST(&self->sent); // whoever was told may have sent or ended another
    }
}

static void
on_beat(void *arg, const redisReply *reply)
{
    struct redis_door *self = arg;

    if (reply == NULL && self->state == OPEN)
        self->failures = MOST_FAILURES; // it had all the time
}

static void
beat(struct redis_door *self, int64_t now)
{
    const char *ping = "PING";

    self->due_ms = now + BEAT_MS;
    redis_door_send(self, BEAT_MS, on_beat, self, 1, &ping, (size_t[]){ 4 });
}

void
redis_door_run(struct redis_door *self)
{
    int64_t now = pl_now_ms();

    if (self->link && redis_link_lost(self->link)) {
        redis_door_blame(self, redis_link_lost(self->link));
        shut(self);
    }
    if (self->state == SHUT) {
        if (now >= self->due_ms)
            knock(self);
        return;
    }
    give_up_late(self, now);
    if (self->failures >= (self->state == OPEN ? MOST_FAILURES : 1))
        shut(self);
    else if (self->state == GREETING && TAILQ_EMPTY(&self->sent)) {
        self->state = OPEN;
        self->due_ms = now + BEAT_MS;
        redis_health_tell(&self->health, true, "");
    } else if (self->state == OPEN && now >= self->due_ms)
        beat(self, now);
}

void
redis_door_ready(struct redis_door *self, int fd, uint32_t events)
{
    if (self->link)
        redis_link_ready(self->link, fd, events);
}

void
redis_door_flush(struct redis_door *self)
{
    if (self->link)
        redis_link_flush(self->link);
}

int64_t
redis_door_timeout_ms(const struct redis_door *self, int64_t most)
{
    int64_t now = pl_now_ms(), due = now + most;
    const struct sent *sent;

    if (self->link && redis_link_lost(self->link)) // seen while writing
        return 0;
    if (self->state == GREETING && TAILQ_EMPTY(&self->sent))
        return 0;
    if (self->due_ms < due)
        due = self->due_ms;
    TAILQ_FOREACH(sent, &self->sent, next)
    if (sent->deadline_ms < due)
        due = sent->deadline_ms;
    return due > now ? due - now : 0;
}

// ---- its life -------------------------------------------------------------------------------

struct redis_door *
redis_door_new(int epoll, const struct redis_address *to, redis_greet_fn *greet, void *arg)
{
    struct redis_door *self = calloc(1, sizeof *self);

    if (self == NULL)
        abort();
    *self = (struct redis_door){ .epoll = epoll, .to = *to, .greet = greet, .arg = arg };
    TAILQ_INIT(&self->sent);
    return self;
}

void
redis_door_destroy(struct redis_door **self_p)
{
    struct redis_door *self = *self_p;

    if (self == NULL)
        return;
    self->state = SHUT; // who is told now that there is no reply cannot ask again
    redis_link_close(&self->link);
    redis_health_forget(&self->health);
    free(self);
    *self_p = NULL;
}
