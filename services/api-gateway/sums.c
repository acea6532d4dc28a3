#include "sums.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS     1024
#define MOST_SERIES 50000

struct series {
    const char *key; // "name{labels}"
    double value;
    struct series *next, *next_in_bucket;
};

struct family {
    const char *name, *head; // its HELP and TYPE lines
    bool shared;             // every replica says the same number
    struct series *first, **last;
    struct family *next;
};

struct sums {
    struct pl_arena *arena;
    struct family *first, **last;
    struct family *current;
    struct series *buckets[BUCKETS];
    int count;
};

struct sums *
sums_new(struct pl_arena *arena)
{
    struct sums *self = pl_arena_alloc(arena, sizeof *self);

    self->arena = arena;
    self->last = &self->first;
    return self;
}

static struct family *
find_family(struct sums *self, const char *name, size_t length)
{
    struct family *family;

    for (family = self->first; family; family = family->next)
        if (strlen(family->name) == length && strncmp(family->name, name, length) == 0)
            return family;
    family = pl_arena_alloc(self->arena, sizeof *family);
    family->name = pl_arena_memdup(self->arena, name, length);
    family->head = "";
    family->last = &family->first;
    *self->last = family;
    self->last = &family->next;
    return family;
}

/* "# HELP name ..." and "# TYPE name ...": begin a family, keep the lines of the first text. */
static void
add_comment(struct sums *self, const char *line, size_t length)
{
    bool is_help = strncmp(line, "# HELP ", 7) == 0;
    struct family *family;

    if (!is_help && strncmp(line, "# TYPE ", 7) != 0)
        return;
    family = find_family(self, line + 7, strcspn(line + 7, " \n"));
    self->current = family;
    if (strstr(family->head, is_help ? "# HELP " : "# TYPE ") == NULL)
        family->head = pl_arena_printf(self->arena, "%s%.*s\n", family->head, (int)length, line);
    family->shared = strstr(family->head, SUMS_SHARED "\n") != NULL;
}

static uint32_t
hash(const char *key, size_t length)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)key[i]) * 16777619u;
    return h % BUCKETS;
}

static struct series *
find_series(struct sums *self, const char *key, size_t length)
{
    struct series **bucket = &self->buckets[hash(key, length)], *series;

    for (series = *bucket; series; series = series->next_in_bucket)
        if (strlen(series->key) == length && strncmp(series->key, key, length) == 0)
            return series;
    if (self->count++ >= MOST_SERIES || self->current == NULL)
        return NULL;
    series = pl_arena_alloc(self->arena, sizeof *series);
    series->key = pl_arena_memdup(self->arena, key, length);
    series->next_in_bucket = *bucket;
    *bucket = series;
    *self->current->last = series;
    self->current->last = &series->next;
    return series;
}

static void
add_sample(struct sums *self, const char *line, size_t length)
{
    const char *split = memrchr(line, ' ', length);
    struct series *series;
    char *end;
    double value;

    if (split == NULL)
        return;
    value = strtod(split + 1, &end);
    if (end == split + 1 || !isfinite(value))
        return;
    series = find_series(self, line, (size_t)(split - line));
    if (series == NULL)
        return;
    if (self->current && self->current->shared)
        series->value = fmax(series->value, value);
    else
        series->value += value;
}

void
sums_add(struct sums *self, const char *text)
{
    self->current = NULL;
    while (*text) {
        size_t length = strcspn(text, "\n");

        if (*text == '#')
            add_comment(self, text, length);
        else if (length)
            add_sample(self, text, length);
        text += length + (text[length] == '\n');
    }
}

/* The shortest of what reads back as the same number. */
static void
print_value(struct pl_buf *out, double value)
{
    char text[32];

    snprintf(text, sizeof text, "%.15g", value);
    if (strtod(text, NULL) != value)
        snprintf(text, sizeof text, "%.17g", value);
    pl_buf_str(out, text);
}

void
sums_print(const struct sums *self, struct pl_buf *out)
{
    for (const struct family *family = self->first; family; family = family->next) {
        pl_buf_str(out, family->head);
        for (const struct series *series = family->first; series; series = series->next) {
            pl_buf_printf(out, "%s ", series->key);
            print_value(out, series->value);
            pl_buf_char(out, '\n');
        }
    }
}
