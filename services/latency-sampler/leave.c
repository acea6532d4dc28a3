/* What a sampler that is told to stop does last: it writes down what it has measured and says that
 * it is gone, so that nobody waits for its lease to end or takes it for a living one. */
#include "engine.h"
#include "sampler.h"
#include "store.h"

#include "pl_app.h"
#include "pl_log.h"

static int
leave(struct pl_tick *tick)
{
    if (store_open(&tick->db, pl_app_dsn, &tick->err) || flush_samples(tick))
        return -1;
    engine_stop(); // before anybody else probes what this one gives back
    return store_leave(tick->db, sampler_instance, &tick->err);
}

void
sampler_leave(void)
{
    struct pl_tick tick = { .arena = pl_arena_new() };

    if (pl_app_dsn && *pl_app_dsn && follow_has_begun() && leave(&tick))
        pl_warn("sampler.left_unsaid", PL_S("text", tick.err.text));
    store_close(&tick.db);
    pl_arena_destroy(&tick.arena);
    sampler_stop();
}
