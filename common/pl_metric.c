#include "pl_metric.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SERIES 1000
#define MAX_BOUNDS 24

/* One combination of label values.  `key` is them as they are printed: a="x",b="y". */
struct pl_series {
    char *key;
    double value; // sum of a histogram
    uint64_t observations;
    uint64_t buckets[MAX_BOUNDS];
    struct pl_series *next;
    // How it is found without printing; not of "other", which has many values.
    uint64_t hash;
    char *values; // each with its NUL
    int value_count;
    struct pl_series *same_bucket;
};

const double pl_seconds[] = { .005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 0 };

static struct pl_metric *metrics;
/* One lock for all: counting is a few nanoseconds beside a call's microseconds. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Families print in the order of their names, whatever order the linker chose. */
void
pl_metric_register(struct pl_metric *metric)
{
    struct pl_metric **at = &metrics;

    while (*at && strcmp((*at)->name, metric->name) < 0)
        at = &(*at)->next;
    metric->next = *at;
    *at = metric;
}

static size_t
escape(char *out, size_t room, const char *value)
{
    size_t used = 0;

    for (; *value && used + 3 < room; value++) {
        if (*value == '\\' || *value == '"')
            out[used++] = '\\';
        if (*value == '\n') {
            out[used++] = '\\';
            out[used++] = 'n';
        } else {
            out[used++] = *value;
        }
    }
    out[used] = '\0';
    return used;
}

/* Print the labels of one series; every value becomes ${instead} if that is given. */
static void
print_key(char *out, size_t room, const char *names, const char *const *values, const char *instead)
{
    size_t used = 0;

    *out = '\0';
    for (; *names; names += strspn(names, ",")) {
        size_t length = strcspn(names, ",");
        const char *value = *values ? *values++ : "";

        if (used + length + 8 > room)
            return;
        if (used)
            out[used++] = ',';
        memcpy(out + used, names, length);
        used += length;
        memcpy(out + used, "=\"", 2);
        used += 2;
        used += escape(out + used, room - used - 2, instead ? instead : value);
        out[used++] = '"';
        out[used] = '\0';
        names += length;
    }
}

static struct pl_series *
look_up(struct pl_metric *metric, const char *key)
{
    for (struct pl_series *s = metric->series; s; s = s->next)
        if (strcmp(s->key, key) == 0)
            return s;
    return NULL;
}

/* FNV-1a over the values and their NULs. */
static uint64_t
hash_of(const char *const *labels)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *labels; labels++)
        for (const char *c = *labels;; c++) {
            hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
            if (*c == '\0')
                break;
        }
    return hash;
}

static bool
has_values(const struct pl_series *series, const char *const *labels)
{
    const char *value = series->values;

    for (int i = 0; i < series->value_count; i++) {
        if (labels[i] == NULL || strcmp(labels[i], value) != 0)
            return false;
        value += strlen(value) + 1;
    }
    return labels[series->value_count] == NULL;
}

static struct pl_series **
bucket(struct pl_metric *metric, uint64_t hash)
{
    return &metric->known[hash % PL_METRIC_BUCKETS];
}

static void
remember(struct pl_metric *metric, struct pl_series *series, const char *const *labels,
         uint64_t hash)
{
    size_t size = 0, used = 0;

    for (const char *const *label = labels; *label; label++)
        size += strlen(*label) + 1;
    series->values = malloc(size + 1);
    if (series->values == NULL)
        abort();
    for (; *labels; labels++, series->value_count++) {
        memcpy(series->values + used, *labels, strlen(*labels) + 1);
        used += strlen(*labels) + 1;
    }
    series->hash = hash;
    series->same_bucket = *bucket(metric, hash);
    *bucket(metric, hash) = series;
}

static void
destroy(struct pl_metric *metric, struct pl_series *series)
{
    struct pl_series **at = bucket(metric, series->hash);

    while (*at && *at != series)
        at = &(*at)->same_bucket;
    if (*at)
        *at = series->same_bucket;
    free(series->values);
    free(series->key);
    free(series);
}

/* What is counted again and again is found by its hash; only a new series is printed. */
static struct pl_series *
find(struct pl_metric *metric, const char *const *labels)
{
    char key[1024];
    struct pl_series *series;
    uint64_t hash = hash_of(labels);
    bool full = metric->count >= MAX_SERIES;

    for (series = *bucket(metric, hash); series; series = series->same_bucket)
        if (series->hash == hash && has_values(series, labels))
            return series;
    print_key(key, sizeof key, metric->labels, labels, NULL);
    series = look_up(metric, key);
    if (series == NULL && full) {
        print_key(key, sizeof key, metric->labels, labels, "other");
        series = look_up(metric, key);
    }
    if (series)
        return series;
    series = calloc(1, sizeof *series);
    if (series == NULL || (series->key = strdup(key)) == NULL)
        abort();
    series->next = metric->series;
    metric->series = series;
    metric->count++;
    if (!full)
        remember(metric, series, labels, hash);
    return series;
}

void
pl_metric_add(struct pl_metric *metric, double n, const char *const *labels)
{
    pthread_mutex_lock(&lock);
    find(metric, labels)->value += n;
    pthread_mutex_unlock(&lock);
}

void
pl_metric_set(struct pl_metric *metric, double n, const char *const *labels)
{
    pthread_mutex_lock(&lock);
    find(metric, labels)->value = n;
    pthread_mutex_unlock(&lock);
}

void
pl_metric_observe(struct pl_metric *metric, double seconds, const char *const *labels)
{
    struct pl_series *series;

    pthread_mutex_lock(&lock);
    series = find(metric, labels);
    series->value += seconds;
    series->observations++;
    for (int i = 0; metric->bounds[i] > 0; i++)
        if (seconds <= metric->bounds[i])
            series->buckets[i]++;
    pthread_mutex_unlock(&lock);
}

void
pl_metric_forget(struct pl_metric *metric, const char *const *labels)
{
    char key[1024];

    print_key(key, sizeof key, metric->labels, labels, NULL);
    pthread_mutex_lock(&lock);
    for (struct pl_series **at = &metric->series; *at; at = &(*at)->next)
        if (strcmp((*at)->key, key) == 0) {
            struct pl_series *gone = *at;

            *at = gone->next;
            metric->count--;
            destroy(metric, gone);
            break;
        }
    pthread_mutex_unlock(&lock);
}

static void
print_number(struct pl_buf *out, double value)
{
    if (value == floor(value) && fabs(value) < 1e15)
        pl_buf_printf(out, " %.0f\n", value);
    else
        pl_buf_printf(out, " %.9g\n", value);
}

static void
print_sample(struct pl_buf *out, const struct pl_metric *metric, const char *suffix,
             const char *key, const char *le, double value)
{
    pl_buf_printf(out, "%s%s", metric->name, suffix);
    if (*key || le)
        pl_buf_printf(out, "{%s%s%s%s%s}", key, *key && le ? "," : "", le ? "le=\"" : "",
                      le ? le : "", le ? "\"" : "");
    print_number(out, value);
}

static void
print_series(struct pl_buf *out, const struct pl_metric *metric, const struct pl_series *s)
{
    char le[32];

    if (metric->kind != PL_METRIC_HISTOGRAM) {
        print_sample(out, metric, "", s->key, NULL, s->value);
        return;
    }
    for (int i = 0; metric->bounds[i] > 0; i++) {
        snprintf(le, sizeof le, "%g", metric->bounds[i]);
        print_sample(out, metric, "_bucket", s->key, le, (double)s->buckets[i]);
    }
    print_sample(out, metric, "_bucket", s->key, "+Inf", (double)s->observations);
    print_sample(out, metric, "_sum", s->key, NULL, s->value);
    print_sample(out, metric, "_count", s->key, NULL, (double)s->observations);
}

void
pl_metric_print(struct pl_buf *out)
{
    static const char *const kinds[] = { "counter", "gauge", "histogram" };
    static const struct pl_series none = { .key = (char *)"" };

    pthread_mutex_lock(&lock);
    for (const struct pl_metric *m = metrics; m; m = m->next) {
        pl_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name,
                      kinds[m->kind]);
        if (m->collect) {
            pthread_mutex_unlock(&lock); // it has a lock of its own, under which others count
            m->collect(out);
            pthread_mutex_lock(&lock);
            continue;
        }
        for (const struct pl_series *s = m->series; s; s = s->next)
            print_series(out, m, s);
        if (m->series == NULL && *m->labels == '\0')
            print_series(out, m, &none);
    }
    pthread_mutex_unlock(&lock);
}
