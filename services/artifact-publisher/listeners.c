/* listeners.c -- what is heard from the engine becomes rows; the timer does the work. */
#include "publisher.h"

#include "events.pb-c.h"
#include "store.h"

static const char *
or_empty(const char *text)
{
    return text ? text : "";
}

/* governance.api.changed: who may see the api's files from now on. */
int
note_api(struct pl_heard *heard)
{
    const Events__ApiChanged *event = heard->message;
    const char *visibility = event->visibility ? event->visibility : "private";

    return store_put_api(heard->db, or_empty(event->api), visibility, event->archived, &heard->err);
}

/* governance.run.completed: previews have no record, so nothing is published of them. */
int
queue_run(struct pl_heard *heard)
{
    const Events__RunCompleted *event = heard->message;
    const struct job job = { or_empty(event->api), or_empty(event->run), event->seq };

    if (event->preview)
        return 0;
    if (store_add_job(heard->db, &job, &heard->err))
        return -1;
    pl_timers_wake();
    return 0;
}
