#include "cache_events.h"

#include "cache_rule.h"
#include "cache_tags.h"
#include "contract.h"
#include "mount.h"
#include "settings.h"

#include "pl_feed_follow.h"
#include "pl_log.h"

#include <string.h>

#define MOST_SOURCES 8
#define MOST_TYPES   16

/* What is heard from one service. */
static struct source {
    const char *name;
    const char *types[MOST_TYPES + 1]; // ends with NULL
    struct pl_follow *follow;
} sources[MOST_SOURCES];

static void
on_event(void *arg, const Pl__Event *event)
{
    const struct source *source = arg;

    if (event == NULL) {
        pl_info("cache.events_missed", PL_S("source", source->name));
        cache_tags_end(NULL, NULL);
    } else
        cache_tags_end(event->type, event->aggregateid);
}

static struct source *
find_source(const char *name)
{
    struct source *source = sources;

    while (source < sources + MOST_SOURCES - 1 && source->name && strcmp(source->name, name) != 0)
        source++;
    source->name = name;
    return source;
}

static void
add_events(const struct cache_rule *rule)
{
    for (const char *const *event = rule ? rule->events : NULL; event && *event; event++) {
        struct source *source = find_source(cache_source(*event));
        int i = 0;

        while (i < MOST_TYPES && source->types[i] && strcmp(source->types[i], *event) != 0)
            i++;
        if (i < MOST_TYPES)
            source->types[i] = *event;
    }
}

int
cache_events_start(const struct contract *contract, struct pl_err *err)
{
    memset(sources, 0, sizeof sources);
    if (settings.cache == 0)
        return 0;
    for (int i = 0; i < contract->operation_count; i++)
        add_events(contract->operations[i].cache);
    add_events(mount_cache_rule());
    for (struct source *source = sources; source->name; source++)
        if (pl_feed_follow(&source->follow, source->name, "api-gateway", source->types, on_event,
                           source, err))
            return -1;
    return 0;
}

void
cache_events_stop(void)
{
    for (int i = 0; i < MOST_SOURCES; i++)
        pl_feed_unfollow(&sources[i].follow);
}
