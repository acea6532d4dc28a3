#include "match.h"

#include <stdlib.h>
#include <string.h>

/* A text of each operation by which it may be found; NULL: by none. */
typedef const char *key_fn(const struct cmp_operation *operation);

static const char *
by_path(const struct cmp_operation *operation)
{
    return operation->path;
}

static const char *
by_template(const struct cmp_operation *operation)
{
    return operation->key;
}

static const char *
by_address(const struct cmp_operation *operation)
{
    return operation->full_key;
}

struct entry {
    const char *text, *method;
    int number; // in the model
};

struct index {
    struct entry *all;
    int count;
};

static int
by_text(const void *a, const void *b)
{
    const struct entry *one = a, *two = b;
    int order = strcmp(one->text, two->text);

    order = order ? order : strcmp(one->method, two->method);
    return order ? order : (one->number > two->number) - (one->number < two->number);
}

static struct index
make_index(const struct cmp_model *model, key_fn *key, const bool *taken, struct pl_arena *arena)
{
    struct index out = { pl_arena_alloc(arena, (size_t)(model->count + 1) * sizeof *out.all), 0 };

    for (int i = 0; i < model->count; i++) {
        const struct cmp_operation *one = &model->operations[i];

        if (!taken[i] && key(one))
            out.all[out.count++] = (struct entry){ key(one), one->ref.method, i };
    }
    if (out.count)
        qsort(out.all, (size_t)out.count, sizeof *out.all, by_text);
    return out;
}

/* The first of that text and method that is not taken, or -1. */
static int
look_up(const struct index *index, const char *text, const char *method, const bool *taken)
{
    const struct entry wanted = { text, method, -1 };
    int low = 0, high = index->count;

    while (low < high) {
        int middle = (low + high) / 2;

        if (by_text(&index->all[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < index->count; low++) {
        const struct entry *one = &index->all[low];

        if (strcmp(one->text, text) != 0 || strcmp(one->method, method) != 0)
            return -1;
        if (!taken[one->number])
            return one->number;
    }
    return -1;
}

struct matching {
    struct cmp *cmp;
    int *found; // for each operation of the base document its number in the head document, or -1
    bool *taken;
};

static void
match_by(struct matching *self, key_fn *key)
{
    const struct cmp_model *base = self->cmp->base_model, *head = self->cmp->head_model;
    struct index index = { 0 };

    for (int i = 0; i < base->count; i++) {
        const struct cmp_operation *one = &base->operations[i];

        if (self->found[i] >= 0 || key(one) == NULL)
            continue;
        if (index.all == NULL) // most documents need only the first
            index = make_index(head, key, self->taken, self->cmp->arena);
        self->found[i] = look_up(&index, key(one), one->ref.method, self->taken);
        if (self->found[i] >= 0)
            self->taken[self->found[i]] = true;
    }
}

const struct cmp_operation *
cmp_operation_by_id(const struct cmp_model *model, const char *id)
{
    const struct cmp_operation *found = NULL;

    for (int i = 0; *id && i < model->count; i++) {
        if (strcmp(model->operations[i].ref.operation_id, id) != 0)
            continue;
        if (found)
            return NULL;
        found = &model->operations[i];
    }
    return found;
}

static void
match_by_id(struct matching *self)
{
    const struct cmp_model *base = self->cmp->base_model, *head = self->cmp->head_model;

    for (int i = 0; i < base->count; i++) {
        const struct cmp_operation *one = &base->operations[i], *other;

        if (self->found[i] >= 0 || cmp_operation_by_id(base, one->ref.operation_id) != one)
            continue;
        other = cmp_operation_by_id(head, one->ref.operation_id);
        if (other == NULL || self->taken[other - head->operations])
            continue;
        self->found[i] = (int)(other - head->operations);
        self->taken[self->found[i]] = true;
    }
}

const struct pl_operation_ref *
cmp_row_ref(const struct cmp_row *row)
{
    return row->head ? &row->head->ref : &row->base->ref;
}

static int
by_operation(const void *a, const void *b)
{
    const struct pl_operation_ref *one = cmp_row_ref(a), *two = cmp_row_ref(b);
    int order = strcmp(one->path, two->path);

    return order ? order : strcmp(one->method, two->method);
}

/* A callback of an operation that is itself new or gone: said with the operation. */
static bool
goes_with_parent(const struct cmp_rows *rows, const struct cmp_operation *callback)
{
    for (int i = 0; callback->parent && i < rows->count; i++) {
        const struct cmp_row *row = &rows->all[i];

        if ((row->base && row->head == NULL && row->base->spot.node == callback->parent) ||
            (row->head && row->base == NULL && row->head->spot.node == callback->parent))
            return true;
    }
    return false;
}

static void
drop_callbacks(struct cmp_rows *rows)
{
    int kept = 0;

    for (int i = 0; i < rows->count; i++) {
        const struct cmp_row *row = &rows->all[i];
        const struct cmp_operation *alone = row->base == NULL   ? row->head
                                            : row->head == NULL ? row->base
                                                                : NULL;

        if (alone == NULL || !goes_with_parent(rows, alone))
            rows->all[kept++] = *row;
    }
    rows->count = kept;
}

static struct cmp_rows
rows_of(const struct matching *self)
{
    const struct cmp_model *base = self->cmp->base_model, *head = self->cmp->head_model;
    size_t most = (size_t)(base->count + head->count + 1);
    struct cmp_rows rows = { pl_arena_alloc(self->cmp->arena, most * sizeof *rows.all), 0 };

    for (int i = 0; i < base->count; i++)
        rows.all[rows.count++] = (struct cmp_row){
            .base = &base->operations[i],
            .head = self->found[i] >= 0 ? &head->operations[self->found[i]] : NULL,
        };
    for (int i = 0; i < head->count; i++)
        if (!self->taken[i])
            rows.all[rows.count++] = (struct cmp_row){ .head = &head->operations[i] };
    drop_callbacks(&rows);
    for (int i = 0; i < rows.count; i++) {
        struct cmp_row *row = &rows.all[i];

        row->unstable = cmp_is_unstable((row->base ? row->base : row->head)->spot.node);
    }
    if (rows.count)
        qsort(rows.all, (size_t)rows.count, sizeof *rows.all, by_operation);
    return rows;
}

struct cmp_rows
cmp_match(struct cmp *self)
{
    struct matching matching = { .cmp = self };
    int count = self->base_model->count;

    matching.found = pl_arena_alloc(self->arena, (size_t)(count + 1) * sizeof *matching.found);
    matching.taken = pl_arena_alloc(self->arena, (size_t)self->head_model->count + 1);
    for (int i = 0; i < count; i++)
        matching.found[i] = -1;
    match_by(&matching, by_path);
    match_by(&matching, by_template);
    match_by(&matching, by_address);
    if (self->options->match_operation_id)
        match_by_id(&matching);
    return rows_of(&matching);
}
