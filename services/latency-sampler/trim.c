/* Old history: hours instead of five minutes, then nothing. */
#include "sampler.h"
#include "store.h"

#include <time.h>

#define DAY_S         86400
#define HOURS_AT_ONCE 200

static void
add(void *arg, struct window *window)
{
    struct window *sum = arg;

    if (window->ok)
        sum->min_us = sum->ok == 0 || window->min_us < sum->min_us ? window->min_us : sum->min_us;
    sum->max_us = window->max_us > sum->max_us ? window->max_us : sum->max_us;
    sum->attempts += window->attempts;
    sum->ok += window->ok;
    sum->missed += window->missed;
    sum->sum_us += window->sum_us;
    exp_histogram_merge(&sum->latency, &window->latency);
    exp_histogram_merge(&sum->service, &window->service);
}

static int
merge(struct pl_tick *tick, const struct stored_hour *hour)
{
    struct window sum = { .begin = hour->begin };
    int failed = store_begin(tick->db, &tick->err) ||
                 store_visit_windows(tick->db, hour->target, hour->begin, hour->begin + 3600, add,
                                     &sum, &tick->err) ||
                 store_merge_hour(tick->db, hour, &sum, tick->arena, &tick->err) ||
                 store_commit(tick->db, &tick->err);

    exp_histogram_clear(&sum.latency);
    exp_histogram_clear(&sum.service);
    if (failed)
        store_rollback(tick->db);
    return failed ? -1 : 0;
}

int
trim_history(struct pl_tick *tick)
{
    int64_t now = (int64_t)time(NULL);
    struct stored_hour *hours;
    int count;

    if (store_old_hours(tick->db, now - sampler_fine_days * DAY_S, HOURS_AT_ONCE, tick->arena,
                        &hours, &count, &tick->err))
        return -1;
    for (int i = 0; i < count; i++)
        if (merge(tick, &hours[i]))
            return -1;
    tick->again = count == HOURS_AT_ONCE;
    if (store_trim_windows(tick->db, now - sampler_retention_days * DAY_S, &tick->err))
        return -1;
    return store_trim_rings(tick->db, &tick->err);
}
