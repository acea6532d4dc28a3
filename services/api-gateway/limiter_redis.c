#include "limiter_redis.h"

#include "limiter_wire.h"
#include "redis_health.h"
#include "redis_name.h"

#include "pl_embed.h"
#include "pl_metric.h"
#include "pl_service.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define MOST_FAILURES 5
#define PAUSE_MS      200  // between probes, and up to half as much more
#define PROBE_MS      1000 // a probe has so long
#define LOOK_MS       20   // between looks whether a name is found
#define BEAT_MS       1000 // ask at least so often: an idle gateway notices, too

PL_GAUGE(sharing, "gateway_limit_gateways", "gateways that share the limits, as Redis saw last",
         "");
PL_COUNTER(calls, "gateway_limit_redis_calls_total", "questions that the rate limit asked Redis",
           "");

extern const struct pl_embedded gateway_limiter[];

/* One question.  It stays until its reply is here, be it long after its deadline. */
struct ask {
    TAILQ_ENTRY(ask) next;
    struct limiter_redis *owner;
    int64_t deadline_ms;
    limiter_done_fn *done; // NULL: given up
    void *arg;
    bool repeated; // with the whole script
    int count;
    struct limit_question questions[];
};

enum state { RESTING, PROBING, UP };

struct limiter_redis {
    int epoll;
    struct redis_address to;
    char sha[41], name[33]; // of the script; of this reactor among those that share the limit
    int64_t gateways;
    int64_t wait_ms;
    enum state state;
    int64_t due_ms; // RESTING: the next probe; PROBING: its end; UP: the next beat
    struct redis_link *link;
    TAILQ_HEAD(, ask) asked; // by deadline
    int failures;            // in a row
    bool probed;             // the probe is answered, its question being asked at:
    int64_t question_ms;
    struct redis_health health;
    limiter_late_fn *late;
    void *arg;
    char why[160]; // the last failure
};

// ---- asking ---------------------------------------------------------------------------------

static void on_reply(struct redisAsyncContext *context, void *reply, void *arg);

bool
limiter_redis_is_up(const struct limiter_redis *self)
{
    return self->state == UP && self->failures < MOST_FAILURES;
}

bool
limiter_redis_ask(struct limiter_redis *self, const struct limit_question *questions, int count,
                  limiter_done_fn *done, void *arg)
{
    struct ask *ask;

    if (!limiter_redis_is_up(self))
        return false;
    ask = malloc(sizeof *ask + (size_t)count * sizeof *questions);
    if (ask == NULL)
        abort();
    ask->owner = self;
    ask->count = count;
    ask->done = done;
    ask->arg = arg;
    ask->repeated = false;
    memcpy(ask->questions, questions, (size_t)count * sizeof *questions);
    ask->deadline_ms = pl_now_ms() + self->wait_ms;
    pl_inc(&calls);
    if (!limiter_wire_ask(self->link, self->sha, questions, count, self->gateways, on_reply, ask)) {
        free(ask);
        return false;
    }
    TAILQ_INSERT_TAIL(&self->asked, ask, next);
    return true;
}

bool
limiter_redis_forget(struct limiter_redis *self, struct limit_key key)
{
    return limiter_redis_is_up(self) && limiter_wire_forget(self->link, key);
}

int64_t
limiter_redis_gateways(const struct limiter_redis *self)
{
    return self->gateways;
}

/* Answer the one who asked; the reply may still be to come. */
static void
finish(struct ask *ask, const struct limit_answer *answers, const char *why)
{
    limiter_done_fn *done = ask->done;

    if (done == NULL)
        return;
    TAILQ_REMOVE(&ask->owner->asked, ask, next);
    ask->done = NULL;
    done(ask->arg, answers, why);
}

static void
note_failure(struct limiter_redis *self, const char *why)
{
    self->failures++;
    snprintf(self->why, sizeof self->why, "%.*s", (int)sizeof self->why - 1, why);
}

static const char *
words_of(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_ERROR ? reply->str : "a reply of another kind";
}

/* Redis was restarted or its scripts were flushed: say it again, whole. */
static bool
repeat(struct ask *ask, const redisReply *reply)
{
    if (ask->done == NULL || ask->repeated || reply->type != REDIS_REPLY_ERROR ||
        strncmp(reply->str, "NOSCRIPT", 8) != 0)
        return false;
    ask->repeated = true;
    return limiter_wire_ask(ask->owner->link, NULL, ask->questions, ask->count,
                            ask->owner->gateways, on_reply, ask);
}

static void
tell_late(const struct ask *ask, const struct limit_answer *answers)
{
    bool all = true;

    for (int i = 0; i < ask->count; i++)
        all = all && (answers[i].verdict.allowed || ask->questions[i].shadow);
    for (int i = 0; ask->owner->late && i < ask->count; i++)
        ask->owner->late(ask->owner->arg, &ask->questions[i], all);
}

static void
on_reply(struct redisAsyncContext *context, void *data, void *arg)
{
    struct ask *ask = arg;
    const redisReply *reply = data;
    struct limit_answer answers[MAX_QUESTIONS];

    (void)context;
    if (reply == NULL)
        finish(ask, NULL, "lost");
    else if (repeat(ask, reply))
        return;
    else if (!limiter_wire_read(reply, answers, ask->count)) {
        note_failure(ask->owner, words_of(reply));
        finish(ask, NULL, "error");
    } else if (ask->done) {
        ask->owner->failures = 0;
        finish(ask, answers, NULL);
    } else
        tell_late(ask, answers);
    free(ask);
}

// ---- the breaker ----------------------------------------------------------------------------

static void
rest(struct limiter_redis *self)
{
    self->state = RESTING;
    self->due_ms = pl_now_ms() + PAUSE_MS + randombytes_uniform(PAUSE_MS / 2);
    redis_link_close(&self->link);
    redis_health_tell(&self->health, false, self->why);
}

/* Only who answers as soon as a request needs it is back: else it would be up and down in turns. */
static void
on_probed(struct redisAsyncContext *context, void *data, void *arg)
{
    struct limiter_redis *self = arg;
    const redisReply *reply = data;
    struct limit_answer answer;

    (void)context;
    if (reply && !limiter_wire_read(reply, &answer, 1))
        note_failure(self, words_of(reply));
    else if (reply && pl_now_ms() - self->question_ms > self->wait_ms)
        note_failure(self, "a probe was answered too late");
    else if (reply)
        self->probed = true;
}

/* The script is there: ask it, as a request would. */
static void
on_loaded(struct redisAsyncContext *context, void *data, void *arg)
{
    struct limiter_redis *self = arg;
    const redisReply *reply = data;
    const struct limit_question question = limiter_wire_probe();

    (void)context;
    if (reply && (reply->type != REDIS_REPLY_STRING || reply->len != 40))
        note_failure(self, words_of(reply));
    else if (reply) {
        memcpy(self->sha, reply->str, 41);
        self->question_ms = pl_now_ms();
        limiter_wire_ask(self->link, self->sha, &question, 1, self->gateways, on_probed, self);
    }
}

static void
on_counted(struct redisAsyncContext *context, void *data, void *arg)
{
    struct limiter_redis *self = arg;
    const redisReply *reply = data;

    (void)context;
    if (reply && reply->type == REDIS_REPLY_INTEGER && reply->integer > 0)
        pl_gauge_set(&sharing, (double)(self->gateways = reply->integer));
}

/* False while the host's address is not known. */
static bool
find_host(struct limiter_redis *self, struct redis_address *to)
{
    enum name_state state = redis_name_find(self->to.host, to->host, sizeof to->host);

    if (state == NAME_WANTED)
        self->due_ms = pl_now_ms() + LOOK_MS;
    else if (state == NAME_FAILED) {
        note_failure(self, to->host);
        rest(self);
    }
    return state == NAME_FOUND;
}

/* Connect, and go the whole way once: a Redis that is loading, full or read-only fails it. */
static void
probe(struct limiter_redis *self)
{
    struct redis_address to = self->to;
    const char *load[] = { "SCRIPT", "LOAD", gateway_limiter[0].text };
    const size_t lengths[] = { 6, 4, gateway_limiter[0].size };

    if (*to.path == '\0' && !find_host(self, &to))
        return;
    self->state = PROBING;
    self->due_ms = pl_now_ms() + PROBE_MS;
    self->failures = 0;
    self->probed = false;
    self->link = redis_link_open(self->epoll, &to);
    if (redis_link_send(self->link, on_loaded, self, 3, load, lengths))
        limiter_wire_count(self->link, self->name, on_counted, self);
}

static void
check_probe(struct limiter_redis *self, int64_t now)
{
    if (self->failures > 0)
        rest(self);
    else if (self->probed) {
        self->state = UP;
        self->due_ms = now + BEAT_MS;
        redis_health_tell(&self->health, true, "");
    } else if (now >= self->due_ms) {
        note_failure(self, "a probe was not answered");
        rest(self);
    }
}

static void
ignore(void *arg, const struct limit_answer *answers, const char *why)
{
    (void)arg;
    (void)answers;
    (void)why;
}

static void
check_asked(struct limiter_redis *self, int64_t now)
{
    struct ask *ask;

    while ((ask = TAILQ_FIRST(&self->asked)) && now >= ask->deadline_ms) {
        note_failure(self, "no answer in time");
        finish(ask, NULL, "timeout");
    }
    if (self->failures >= MOST_FAILURES)
        rest(self);
    else if (now >= self->due_ms) {
        const struct limit_question question = limiter_wire_probe();

        self->due_ms = now + BEAT_MS;
        limiter_wire_count(self->link, self->name, on_counted, self);
        limiter_redis_ask(self, &question, 1, ignore, NULL);
    }
}

void
limiter_redis_run(struct limiter_redis *self)
{
    int64_t now = pl_now_ms();

    if (self->link && redis_link_lost(self->link)) {
        note_failure(self, redis_link_lost(self->link));
        rest(self);
    }
    if (self->state == UP)
        check_asked(self, now);
    else if (self->state == PROBING)
        check_probe(self, now);
    else if (now >= self->due_ms)
        probe(self);
}

void
limiter_redis_flush(struct limiter_redis *self)
{
    if (self->link)
        redis_link_flush(self->link);
}

void
limiter_redis_ready(struct limiter_redis *self, int fd, uint32_t events)
{
    if (self->link)
        redis_link_ready(self->link, fd, events);
}

int64_t
limiter_redis_timeout_ms(const struct limiter_redis *self)
{
    const struct ask *first = TAILQ_FIRST(&self->asked);
    int64_t due = self->due_ms, left;

    if (self->link && redis_link_lost(self->link)) // seen while writing
        return 0;
    if (first && first->deadline_ms < due)
        due = first->deadline_ms;
    left = due - pl_now_ms();
    return left > 0 ? left : 0;
}

// ---- its life -------------------------------------------------------------------------------

struct limiter_redis *
limiter_redis_new(int epoll, const struct redis_address *to, int64_t wait_ms, limiter_late_fn *late,
                  void *arg)
{
    struct limiter_redis *self = calloc(1, sizeof *self);
    unsigned char name[16];

    if (self == NULL)
        abort();
    self->epoll = epoll;
    self->to = *to;
    self->wait_ms = wait_ms;
    self->late = late;
    self->arg = arg;
    self->gateways = 1;
    randombytes_buf(name, sizeof name);
    sodium_bin2hex(self->name, sizeof self->name, name, sizeof name);
    TAILQ_INIT(&self->asked);
    return self;
}

void
limiter_redis_destroy(struct limiter_redis **self_p)
{
    struct limiter_redis *self = *self_p;

    if (self == NULL)
        return;
    self->state = RESTING; // who is told now that it is lost cannot ask again
    redis_link_close(&self->link);
    redis_health_forget(&self->health);
    free(self);
    *self_p = NULL;
}
