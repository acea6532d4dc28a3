#include "exchange.h"
#include "invoke.h"
#include "mount.h"
#include "problem.h"
#include "reactor.h"
#include "settings.h"
#include "sums.h"

#include "pl_caller.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_pack.h"

#define TEXT_TYPE        "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_LIMIT_MS 2000

/* One scrape: how many processes have not said theirs yet. */
struct scrape {
    struct exchange *exchange;
    struct sums *sums;
    int waiting;
};

static void
finish(struct scrape *self)
{
    struct pl_buf out = { .arena = self->exchange->arena };

    if (--self->waiting > 0)
        return;
    sums_print(self->sums, &out);
    answer_bytes(self->exchange, 200, TEXT_TYPE, pl_buf_text(&out), out.length);
    exchange_done(self->exchange);
}

/* A process that does not answer is left out: its numbers are missing, not wrong. */
static void
replied(void *arg, const struct pl_answer *answer)
{
    struct scrape *self = *(struct scrape **)arg;
    const Pl__MetricsReply *reply = NULL;

    if (answer->code == PL_OK)
        reply = pl_unpack(&pl__metrics_reply__descriptor, answer->message, self->exchange->arena);
    else
        pl_debug("scrape.failed", PL_S("code", pl_code_name(answer->code)),
                 PL_S("text", answer->text));
    if (reply && reply->text)
        sums_add(self->sums, reply->text);
    finish(self);
}

static void
add_own(struct sums *sums, struct pl_arena *arena)
{
    struct pl_buf own = { .arena = arena };

    pl_metric_print(&own);
    sums_add(sums, pl_buf_text(&own));
}

void
mount_metrics(struct exchange *self)
{
    static const Pl__MetricsRequest REQUEST = PL__METRICS_REQUEST__INIT;
    struct scrape *scrape = pl_arena_alloc(self->arena, sizeof *scrape);
    struct pl_instance *instances;
    struct scrape **handles; // one pointer a call: pl_caller knows calls by it
    int count;

    if (!settings_public_metrics()) {
        problem(self, PL_NOT_FOUND, "there is nothing at this path");
        return;
    }
    count = pl_caller_instances(reactor_caller(self->reactor), self->arena, &instances);
    handles = pl_arena_alloc(self->arena, (size_t)(count + 1) * sizeof(struct scrape *));
    *scrape = (struct scrape){ self, sums_new(self->arena), count + 1 };
    add_own(scrape->sums, self->arena);
    self->pending = true;
    for (int i = 0; i < count; i++) {
        struct pl_outcall call =
            invoke_call(self, instances[i].service, "pl.Metrics", &REQUEST.base, METRICS_LIMIT_MS);

        handles[i] = scrape;
        call.instance = instances[i].address;
        pl_caller_start(reactor_caller(self->reactor), &call, replied, &handles[i]);
    }
    finish(scrape);
}
