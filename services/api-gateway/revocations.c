#include "revocations.h"

#include "token_cache.h"

#include "pl_arena.h"
#include "pl_feed_reader.h"
#include "pl_log.h"
#include "pl_pack.h"

#include "events.pb-c.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOK_MS 1000 // how soon a lost connection is noticed

static char *types[] = { "auth.token.revoked" };
static pthread_t thread;
static int wake = -1;
static atomic_bool stopping;

static void
forget(const Pl__Event *event, struct pl_arena *arena)
{
    const Events__TokenChanged *changed = NULL;

    if (event->has_data)
        changed = pl_unpack(&events__token_changed__descriptor, event->data, arena);
    // an event that cannot be read is still a revocation of something
    token_cache_revoke(changed ? changed->token : NULL);
    pl_info("token.forgotten", PL_S("token", changed ? changed->token : "(all)"));
}

static void
apply(struct pl_feed_reader *reader, const Pl__Batch *batch, struct pl_arena *arena)
{
    for (size_t i = 0; i < batch->n_events; i++)
        forget(batch->events[i], arena);
    pl_feed_reader_applied(reader, batch->to);
    pl_arena_reset(arena);
}

static void *
listen_for_them(void *unused)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_feed_reader *reader =
        pl_feed_reader_new("auth", "api-gateway", 1, types, false, PL_FEED_NEW_ONLY);
    bool live = false;

    while (!stopping) {
        const Pl__Batch *batch = pl_feed_reader_next(reader, wake, LOOK_MS);
        bool now = pl_feed_reader_live(reader);

        if (now && !live)
            token_cache_revoke(NULL); // who knows what was missed
        live = now;
        if (batch)
            apply(reader, batch, arena);
    }
    pl_feed_reader_destroy(&reader);
    pl_arena_destroy(&arena);
    return unused;
}

int
revocations_start(struct pl_err *err)
{
    stopping = false;
    wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake >= 0 && pthread_create(&thread, NULL, listen_for_them, NULL) == 0)
        return 0;
    pl_fail(err, INTERNAL, "cannot listen for revocations");
    return pl_err_detail(err, "%s", strerror(errno));
}

void
revocations_stop(void)
{
    const uint64_t one = 1;

    if (wake < 0)
        return;
    stopping = true;
    if (write(wake, &one, sizeof one) == sizeof one)
        pthread_join(thread, NULL);
    close(wake);
    wake = -1;
}
