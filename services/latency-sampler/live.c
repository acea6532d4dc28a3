#include "live.h"

#include <stdlib.h>
#include <string.h>

const double live_bounds[LIVE_BOUNDS] = { .005, .01, .025, .05, .075, .1, .15, .25, .4,
                                          .5,   .75, .8,   1,   2.5,  5,  7.5, 10 };

void
live_init(struct live *self, struct target *target)
{
    *self = (struct live){ .target = target,
                           .heap_index = -1,
                           .last_ms = -1,
                           .reported = CLASS_GOOD,
                           .stored = CLASS_GOOD };
}

static void
window_free(struct window *window)
{
    exp_histogram_clear(&window->latency);
    exp_histogram_clear(&window->service);
    free(window);
}

void
live_clear(struct live *self)
{
    while (self->windows) {
        struct window *next = self->windows->next;

        window_free(self->windows);
        self->windows = next;
    }
    self->window_count = 0;
}

/* The oldest goes when there are too many: the database was away for too long. */
static void
drop_oldest(struct live *self)
{
    struct window **at = &self->windows;

    while ((*at)->next)
        at = &(*at)->next;
    window_free(*at);
    *at = NULL;
    self->window_count--;
}

static struct window *
window_at(struct live *self, int64_t at_ms)
{
    int64_t begin = at_ms / 1000 / WINDOW_S * WINDOW_S;
    struct window *window;

    for (window = self->windows; window; window = window->next)
        if (window->begin == begin)
            return window;
    window = calloc(1, sizeof *window);
    if (window == NULL)
        abort();
    window->begin = begin;
    window->next = self->windows;
    self->windows = window;
    if (++self->window_count > LIVE_WINDOWS)
        drop_oldest(self);
    return window;
}

static void
observe(struct live *self, bool ok, uint32_t us)
{
    int i = 0;

    while (i < LIVE_BOUNDS && us > live_bounds[i] * 1e6)
        i++;
    self->buckets[ok][i]++;
    self->sums[ok] += us / 1e6;
}

/* Does ${cls} stand for ${need} of the last ${of} samples? */
static bool
prevails(const struct ring *ring, enum sample_class cls, int need, int of)
{
    int seen = 0, alike = 0;

    for (int i = ring->count - 1; i >= 0 && seen < of; i--) {
        const struct sample *sample = ring_at(ring, i);

        if (sample_missed(sample->outcome))
            continue;
        seen++;
        alike += sample->cls == cls;
    }
    return alike >= need;
}

static void
count_success(struct window *window, uint32_t latency_us, uint32_t service_us)
{
    window->min_us = window->ok == 0 || latency_us < window->min_us ? latency_us : window->min_us;
    window->max_us = latency_us > window->max_us ? latency_us : window->max_us;
    window->ok++;
    window->sum_us += latency_us;
    exp_histogram_add(&window->latency, latency_us, 1);
    exp_histogram_add(&window->service, service_us, 1);
}

void
live_record(struct live *self, enum sample_outcome outcome, int http, int64_t at_ms,
            uint32_t latency_us, uint32_t service_us, int need, int of)
{
    enum sample_class cls = sample_classify(outcome, latency_us);
    struct window *window = window_at(self, at_ms);
    bool ok = outcome == SAMPLE_OK;

    ring_add(&self->ring, (struct sample){ .at = at_ms,
                                           .us = latency_us,
                                           .http = (int16_t)http,
                                           .outcome = (uint8_t)outcome,
                                           .cls = (uint8_t)cls });
    window->attempts++;
    if (ok) {
        count_success(window, latency_us, service_us);
        self->last_ms = latency_us / 1000.0;
    }
    self->attempts++;
    self->ok += ok;
    observe(self, ok, latency_us);
    window->dirty = self->dirty = true;
    if (cls != self->reported && prevails(&self->ring, cls, need, of))
        self->reported = cls;
}

void
live_correct(struct live *self, int64_t at_ms, uint32_t latency_us)
{
    struct window *window = window_at(self, at_ms);

    exp_histogram_add(&window->latency, latency_us, 1);
    window->max_us = latency_us > window->max_us ? latency_us : window->max_us;
    window->dirty = true;
}

void
live_miss(struct live *self, enum sample_outcome why, int64_t at_ms)
{
    struct window *window = window_at(self, at_ms);

    ring_add(&self->ring, (struct sample){ .at = at_ms, .outcome = (uint8_t)why, .cls = CLASS_NA });
    window->missed++;
    window->dirty = self->dirty = true;
}
