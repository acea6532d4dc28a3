#include "limiter_redis.h"

#include "limiter_name.h"

#include "pl_embed.h"
#include "pl_health.h"
#include "pl_service.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define MOST_FAILURES 5
#define PAUSE_MS      200 // between probes, and up to JITTER_MS more
#define JITTER_MS     100
#define PROBE_MS      1000 // a probe has so long
#define LOOK_MS       20   // between looks whether a name is found
#define BEAT_MS       1000 // ask at least so often: an idle gateway notices, too
#define PROBE_CLIENT  (UINT64_MAX - 1)

extern const struct pl_embedded gateway_limiter[];

/* One question.  It stays until its reply is here, be it long after its deadline. */
struct ask {
    TAILQ_ENTRY(ask) next;
    struct limiter_redis *owner;
    uint64_t client;
    int64_t deadline_ms;
    limiter_done_fn *done; // NULL: given up
    void *arg;
    bool repeated; // with the whole script
};

enum state { RESTING, PROBING, UP };

struct limiter_redis {
    int epoll;
    struct limiter_address to;
    char interval[24], burst[24], sha[41];
    int64_t wait_ms;
    enum state state;
    int64_t due_ms; // RESTING: the next probe; PROBING: its end; UP: the next beat
    struct limiter_link *link;
    TAILQ_HEAD(, ask) asked; // by deadline
    int failures;            // in a row
    bool probed;             // the probe is answered
    bool told, told_up;      // what pl_health knows
    char why[160];           // the last failure
};

static atomic_int limiters, limiters_up; // that have said how they are

/* What /health, the log and plumb_dependency_up show: all reactors' links together. */
static void
tell(struct limiter_redis *self, bool up)
{
    int all, good;

    if (self->told && self->told_up == up)
        return;
    all = atomic_fetch_add(&limiters, !self->told) + !self->told;
    good = atomic_fetch_add(&limiters_up, up ? 1 : -self->told) + (up ? 1 : -self->told);
    self->told = true;
    self->told_up = up;
    pl_health_set("redis", good == all ? "ok" : good ? "degraded" : "down", up ? "" : self->why);
}

// ---- asking ---------------------------------------------------------------------------------

static void on_reply(struct redisAsyncContext *context, void *reply, void *arg);

/* By its name, or whole, which also makes the name known. */
static bool
send_script(struct limiter_redis *self, uint64_t client, bool whole, limiter_reply_fn *done,
            void *arg)
{
    char key[48];
    const char *words[] = { whole ? "EVAL" : "EVALSHA",
                            whole ? gateway_limiter[0].text : self->sha,
                            "1",
                            key,
                            self->interval,
                            self->burst,
                            "1" };
    size_t lengths[7];

    snprintf(key, sizeof key, "plumb:limit:client:%016" PRIx64, client);
    for (int i = 0; i < 7; i++)
        lengths[i] = strlen(words[i]);
    return limiter_link_send(self->link, done, arg, 7, words, lengths);
}

bool
limiter_redis_ask(struct limiter_redis *self, uint64_t client, limiter_done_fn *done, void *arg)
{
    struct ask *ask;

    if (self->state != UP || self->failures >= MOST_FAILURES)
        return false;
    ask = calloc(1, sizeof *ask);
    if (ask == NULL)
        abort();
    *ask = (struct ask){ .owner = self, .client = client, .done = done, .arg = arg };
    ask->deadline_ms = pl_now_ms() + self->wait_ms;
    if (!send_script(self, client, false, on_reply, ask)) {
        free(ask);
        return false;
    }
    TAILQ_INSERT_TAIL(&self->asked, ask, next);
    return true;
}

/* Answer the one who asked; the reply may still be to come. */
static void
finish(struct ask *ask, const struct limit_verdict *verdict, const char *why)
{
    limiter_done_fn *done = ask->done;

    if (done == NULL)
        return;
    TAILQ_REMOVE(&ask->owner->asked, ask, next);
    ask->done = NULL;
    done(ask->arg, verdict, why);
}

static bool
read_verdict(const redisReply *reply, struct limit_verdict *out)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 4)
        return false;
    for (size_t i = 0; i < 4; i++)
        if (reply->element[i]->type != REDIS_REPLY_INTEGER)
            return false;
    *out = (struct limit_verdict){
        .allowed = reply->element[0]->integer == 1,
        .remaining = reply->element[1]->integer,
        .retry_us = reply->element[2]->integer,
        .reset_us = reply->element[3]->integer,
    };
    return true;
}

static void
note_failure(struct limiter_redis *self, const char *why)
{
    self->failures++;
    snprintf(self->why, sizeof self->why, "%s", why);
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
    return send_script(ask->owner, ask->client, true, on_reply, ask);
}

static void
on_reply(struct redisAsyncContext *context, void *data, void *arg)
{
    struct ask *ask = arg;
    const redisReply *reply = data;
    struct limit_verdict verdict;

    (void)context;
    if (reply == NULL)
        finish(ask, NULL, "lost");
    else if (repeat(ask, reply))
        return;
    else if (!read_verdict(reply, &verdict)) {
        note_failure(ask->owner, words_of(reply));
        finish(ask, NULL, "error");
    } else if (ask->done) {
        ask->owner->failures = 0;
        finish(ask, &verdict, NULL);
    }
    free(ask);
}

// ---- the breaker ----------------------------------------------------------------------------

static void
rest(struct limiter_redis *self)
{
    self->state = RESTING;
    self->due_ms = pl_now_ms() + PAUSE_MS + randombytes_uniform(JITTER_MS);
    limiter_link_close(&self->link);
    tell(self, false);
}

static void
on_loaded(struct redisAsyncContext *context, void *data, void *arg)
{
    struct limiter_redis *self = arg;
    const redisReply *reply = data;

    (void)context;
    if (reply && reply->type == REDIS_REPLY_STRING && reply->len == 40)
        memcpy(self->sha, reply->str, 41);
    else if (reply)
        note_failure(self, words_of(reply));
}

static void
on_probed(struct redisAsyncContext *context, void *data, void *arg)
{
    struct limiter_redis *self = arg;
    const redisReply *reply = data;
    struct limit_verdict verdict;

    (void)context;
    if (reply && read_verdict(reply, &verdict))
        self->probed = true;
    else if (reply)
        note_failure(self, words_of(reply));
}

/* False while the host's address is not known. */
static bool
find_host(struct limiter_redis *self, struct limiter_address *to)
{
    enum name_state state = limiter_name_find(self->to.host, to->host, sizeof to->host);

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
    struct limiter_address to = self->to;
    const char *load[] = { "SCRIPT", "LOAD", gateway_limiter[0].text };
    const size_t lengths[] = { 6, 4, gateway_limiter[0].size };

    if (*to.path == '\0' && !find_host(self, &to))
        return;
    self->state = PROBING;
    self->due_ms = pl_now_ms() + PROBE_MS;
    self->failures = 0;
    self->probed = false;
    self->link = limiter_link_open(self->epoll, &to);
    if (limiter_link_send(self->link, on_loaded, self, 3, load, lengths))
        send_script(self, PROBE_CLIENT, true, on_probed, self);
}

static void
check_probe(struct limiter_redis *self, int64_t now)
{
    if (self->failures > 0)
        rest(self);
    else if (self->probed) {
        self->state = UP;
        self->due_ms = now + BEAT_MS;
        tell(self, true);
    } else if (now >= self->due_ms) {
        note_failure(self, "a probe was not answered");
        rest(self);
    }
}

static void
ignore(void *arg, const struct limit_verdict *verdict, const char *why)
{
    (void)arg;
    (void)verdict;
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
        self->due_ms = now + BEAT_MS;
        limiter_redis_ask(self, PROBE_CLIENT, ignore, NULL);
    }
}

void
limiter_redis_run(struct limiter_redis *self)
{
    int64_t now = pl_now_ms();

    if (self->link && limiter_link_lost(self->link)) {
        note_failure(self, limiter_link_lost(self->link));
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
        limiter_link_flush(self->link);
}

void
limiter_redis_ready(struct limiter_redis *self, int fd, uint32_t events)
{
    if (self->link)
        limiter_link_ready(self->link, fd, events);
}

int64_t
limiter_redis_timeout_ms(const struct limiter_redis *self)
{
    const struct ask *first = TAILQ_FIRST(&self->asked);
    int64_t due = self->due_ms, left;

    if (self->link && limiter_link_lost(self->link)) // seen while writing
        return 0;
    if (first && first->deadline_ms < due)
        due = first->deadline_ms;
    left = due - pl_now_ms();
    return left > 0 ? left : 0;
}

// ---- its life -------------------------------------------------------------------------------

struct limiter_redis *
limiter_redis_new(int epoll, const struct limiter_address *to, const struct limit *limit,
                  int64_t wait_ms)
{
    struct limiter_redis *self = calloc(1, sizeof *self);

    if (self == NULL)
        abort();
    self->epoll = epoll;
    self->to = *to;
    self->wait_ms = wait_ms;
    snprintf(self->interval, sizeof self->interval, "%" PRId64, limit->interval_us);
    snprintf(self->burst, sizeof self->burst, "%" PRId64, limit->burst);
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
    limiter_link_close(&self->link);
    if (self->told) {
        atomic_fetch_sub(&limiters, 1);
        atomic_fetch_sub(&limiters_up, self->told_up);
    }
    free(self);
    *self_p = NULL;
}
