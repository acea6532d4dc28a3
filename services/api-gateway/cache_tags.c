#include "cache_tags.h"

#include "cache_key.h"

#include "pl_metric.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#define SLOTS 4096
#define QUEUE 256

PL_COUNTER(ended, "gateway_cache_invalidations_total", "events that ended kept answers", "event");

static _Atomic uint64_t generations[SLOTS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t queue[QUEUE];
static int queued; // QUEUE: some did not fit

static void
end(uint64_t tag)
{
    atomic_fetch_add(&generations[tag % SLOTS], 1);
    pthread_mutex_lock(&lock);
    if (queued < QUEUE)
        queue[queued++] = tag;
    if (queued == QUEUE) // too many to name them
        queue[0] = cache_tag(NULL, NULL);
    pthread_mutex_unlock(&lock);
}

void
cache_tags_end(const char *event, const char *aggregate)
{
    end(cache_tag(event, NULL));
    if (event && aggregate)
        end(cache_tag(event, aggregate));
    pl_inc(&ended, event ? event : "missed");
}

int
cache_tags_of(const struct cache_rule *rule, const char *api, uint64_t tags[MOST_TAGS])
{
    int count = 0;

    tags[count++] = cache_tag(NULL, NULL);
    for (const char *const *event = rule->events; *event; event++)
        tags[count++] = cache_tag(*event, api);
    return count;
}

uint64_t
cache_tags_generation(const uint64_t *tags, int count)
{
    uint64_t sum = 0;

    for (int i = 0; i < count; i++)
        sum += generations[tags[i] % SLOTS];
    return sum;
}

bool
cache_tags_take(uint64_t *tag)
{
    bool found;

    pthread_mutex_lock(&lock);
    found = queued > 0;
    if (queued == QUEUE) { // the first stands for all
        *tag = queue[0];
        queued = 0;
    } else if (found)
        *tag = queue[--queued];
    pthread_mutex_unlock(&lock);
    return found;
}
