/* The counts that /metrics shows are the database's: each replica says the same, and a restart
 * loses none (C-07 to C-10, C-14). */
#include "bridge.h"
#include "store.h"

#include "pl_metric.h"

#include <stdlib.h>
#include <string.h>

PL_COUNTER(inputs_total, "bridge_inputs_total", "inputs created (all replicas)", "");
PL_COUNTER(experiments_total, "bridge_experiments_total", "experiments approved (all replicas)",
           "");
PL_GAUGE(by_status, "bridge_inputs_by_status", "inputs by status (all replicas)", "status");
PL_GAUGE(by_owner, "bridge_inputs_by_owner",
         "inputs by owner, the empty one is nobody (all replicas)", "owner");

#define MOST_OWNERS 900 // the metric keeps 1000 series

/* Owners that have a series; one who has no input any more loses it. */
static struct {
    char *names[MOST_OWNERS];
    size_t count;
} shown;

static bool
is_among(const struct tally *owners, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(owners[i].value, name) == 0)
            return true;
    return false;
}

static void
forget_all_but(const struct tally *owners, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < shown.count; i++) {
        if (is_among(owners, count, shown.names[i])) {
            shown.names[kept++] = shown.names[i];
            continue;
        }
        pl_metric_forget(&by_owner, PL_LABELS(shown.names[i]));
        free(shown.names[i]);
    }
    shown.count = kept;
}

static void
show(const struct tally *owner)
{
    char *name;

    pl_gauge_set(&by_owner, (double)owner->count, owner->value);
    for (size_t i = 0; i < shown.count; i++)
        if (strcmp(shown.names[i], owner->value) == 0)
            return;
    name = strdup(owner->value);
    if (name)
        shown.names[shown.count++] = name;
}

int
count_everything(struct pl_tick *tick)
{
    struct tally *statuses, *owners;
    size_t status_count, owner_count;
    int64_t inputs, experiments;

    if (store_count(tick->db, &inputs, &experiments, &tick->err) ||
        store_count_by_status(tick->db, tick->arena, &statuses, &status_count, &tick->err) ||
        store_count_by_owner(tick->db, tick->arena, &owners, &owner_count, &tick->err))
        return -1;
    pl_gauge_set(&inputs_total, (double)inputs);
    pl_gauge_set(&experiments_total, (double)experiments);
    for (size_t i = 0; i < status_count; i++)
        pl_gauge_set(&by_status, (double)statuses[i].count, statuses[i].value);
    if (owner_count > MOST_OWNERS)
        owner_count = MOST_OWNERS;
    forget_all_but(owners, owner_count);
    for (size_t i = 0; i < owner_count; i++)
        show(&owners[i]);
    return 0;
}
