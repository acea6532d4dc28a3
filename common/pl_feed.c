#include "pl_feed.h"

#include "pl_feed_consumer.h"
#include "pl_feed_producer.h"
#include "pl_timer.h"

#include <pthread.h>
#include <string.h>

#define MAX_SOURCES 16

static struct pl_feed_limits limits = { 250, 7, 30, 5, 200 };

// clang-format off
const struct pl_setting pl_feed_settings[] = {
    PL_NUMBER(limits.poll_ms, "PLUMB_FEED_POLL_MS", "250", 10, 10000,
              "how long an event waits for its position if nobody says that it is there"),
    PL_NUMBER(limits.days, "PLUMB_FEED_DAYS", "7", 1, 365,
              "events are kept that long, and until each durable consumer has applied them"),
    PL_NUMBER(limits.max_days, "PLUMB_FEED_MAX_DAYS", "30", 1, 365,
              "events are kept no longer, whoever still waits for them; nor are settled dead "
              "letters"),
    PL_NUMBER(limits.tries, "PLUMB_FEED_TRIES", "5", 1, 100,
              "tries before an event becomes a dead letter"),
    PL_NUMBER(limits.backoff_ms, "PLUMB_FEED_BACKOFF_MS", "200", 1, 60000,
              "wait before the second try; doubles with each further one"),
    { 0 },
};
// clang-format on

static struct pl_feed_producer *producer;
static struct pl_feed_consumer_thread *consumers[MAX_SOURCES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // of `producer`, against a late poke

/* The sources that a service listens to, each once. */
static int
sources_of(const struct pl_service *service, const char *out[MAX_SOURCES])
{
    int count = 0;

    for (const struct pl_listener *l = service->listeners; l && l->source; l++) {
        int i = 0;

        while (i < count && strcmp(out[i], l->source) != 0)
            i++;
        if (i == count && count < MAX_SOURCES)
            out[count++] = l->source;
    }
    return count;
}

int
pl_feed_connections(const struct pl_service *service)
{
    const char *sources[MAX_SOURCES];

    if (service->schema == NULL)
        return 0;
    return 1 + sources_of(service, sources) + pl_timers_count(service->timers);
}

static int
start_all(const struct pl_service *service, const char *dsn, const char *bind, struct pl_err *err)
{
    const char *sources[MAX_SOURCES];
    int count = sources_of(service, sources);

    if (service->schema == NULL)
        return pl_timers_start(service, NULL, err);
    if (pl_feed_producer_start(&producer, service->name, dsn, bind, &limits, err))
        return -1;
    for (int i = 0; i < count; i++)
        if (pl_feed_consumer_start(&consumers[i], service, sources[i], dsn, &limits, err))
            return -1;
    return pl_timers_start(service, dsn, err);
}

int
pl_feed_start(const struct pl_service *service, const char *dsn, const char *bind,
              struct pl_err *err)
{
    if (start_all(service, dsn, bind, err) == 0)
        return 0;
    pl_feed_stop();
    return -1;
}

/* Whoever makes events ends before the producer, so that the last ones are still numbered. */
void
pl_feed_stop(void)
{
    struct pl_feed_producer *ended;

    pl_timers_stop();
    for (int i = 0; i < MAX_SOURCES; i++)
        pl_feed_consumer_stop(&consumers[i]);
    pthread_mutex_lock(&lock);
    ended = producer;
    producer = NULL;
    pthread_mutex_unlock(&lock);
    pl_feed_producer_stop(&ended);
}

void
pl_feed_poke(void)
{
    pthread_mutex_lock(&lock);
    if (producer)
        pl_feed_producer_poke(producer);
    pthread_mutex_unlock(&lock);
}
