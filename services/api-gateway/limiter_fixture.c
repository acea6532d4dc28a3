#include "limiter_fixture.h"
#include "redis_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct gateway
new_gateway_at(const char *address, int64_t interval_us, int64_t burst, int64_t wait_ms)
{
    struct gateway out = { .limit = { interval_us, burst }, .epoll = epoll_create1(EPOLL_CLOEXEC) };
    struct redis_address to;
    struct pl_err err = { 0 };

    if (redis_address_parse(&to, address, &err))
        abort();
    out.limiter = limiter_redis_new(out.epoll, &to, wait_ms, NULL, NULL);
    return out;
}

struct gateway
new_gateway(int64_t interval_us, int64_t burst, int64_t wait_ms)
{
    return new_gateway_at(redis_fixture_address(), interval_us, burst, wait_ms);
}

void
end_gateway(struct gateway *self)
{
    limiter_redis_destroy(&self->limiter);
    close(self->epoll);
}

void
turn(struct gateway *self)
{
    struct epoll_event events[4];
    int count;

    limiter_redis_flush(self->limiter);
    count = epoll_wait(self->epoll, events, 4, (int)limiter_redis_timeout_ms(self->limiter));
    for (int i = 0; i < count; i++)
        limiter_redis_ready(self->limiter, events[i].data.fd, events[i].events);
    limiter_redis_run(self->limiter);
}

static void
note(void *arg, const struct limit_answer *answer, const char *why)
{
    struct tally *tally = arg;

    tally->open--;
    if (answer)
        ++*(answer->verdict.allowed ? &tally->allowed : &tally->limited);
    else
        ++*(strcmp(why, "timeout") == 0 ? &tally->timeouts
            : strcmp(why, "error") == 0 ? &tally->errors
                                        : &tally->lost);
}

bool
ask(struct gateway *self, uint64_t client, struct tally *tally)
{
    const struct limit_question question = { .key = { 0, client },
                                             .limit = self->limit,
                                             .cost = 1 };
    bool asked = limiter_redis_ask(self->limiter, &question, 1, note, tally);

    tally->open += asked;
    return asked;
}

void
settle(struct gateway *self, struct tally *tally)
{
    while (tally->open)
        turn(self);
}

/* Until one is asked and answered. */
void
wait_until_up(struct gateway *self)
{
    struct tally tally = { 0 };

    while (tally.allowed + tally.limited == 0) {
        if (!ask(self, 0xabc, &tally))
            turn(self);
        settle(self, &tally);
    }
}

/* Ask until nobody is to be asked any more; the questions are those that were needed. */
struct tally
ask_until_down(struct gateway *self)
{
    struct tally tally = { 0 };

    while (ask(self, 1, &tally))
        settle(self, &tally);
    return tally;
}
