#include "compare.h"

#include <stdlib.h>
#include <string.h>

static const struct cmp_operation *
find_exact(const struct cmp_model *model, const struct cmp_operation *like)
{
    int low = 0, high = model->count - 1;

    while (low <= high) {
        int middle = (low + high) / 2;
        const struct cmp_operation *one = &model->operations[middle];
        int order = strcmp(like->ref.path, one->ref.path);

        order = order ? order : strcmp(like->ref.method, one->ref.method);
        if (order == 0)
            return one;
        if (order < 0)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return NULL;
}

/* Template and method agree; only the names of path parameters differ. */
static const struct cmp_operation *
find_renamed(const struct cmp_model *model, const struct cmp_operation *like, const bool *taken)
{
    for (int i = 0; i < model->count; i++) {
        const struct cmp_operation *one = &model->operations[i];

        if (!taken[i] && strcmp(one->key, like->key) == 0 &&
            strcmp(one->ref.method, like->ref.method) == 0)
            return one;
    }
    return NULL;
}

/* One row for each operation of either document, sorted by path and method. */
struct row {
    const struct cmp_operation *base, *head;
    struct cmp_pair *pair;
    bool hit;
};

struct rows {
    struct row *all;
    int count;
};

static const struct pl_operation_ref *
ref_of(const struct row *row)
{
    return row->head ? &row->head->ref : &row->base->ref;
}

static int
by_operation(const void *a, const void *b)
{
    const struct pl_operation_ref *one = ref_of(a), *two = ref_of(b);
    int order = strcmp(one->path, two->path);

    return order ? order : strcmp(one->method, two->method);
}

static struct rows
match_operations(const struct cmp_model *base, const struct cmp_model *head, struct pl_arena *arena)
{
    struct rows rows = {
        pl_arena_alloc(arena, (size_t)(base->count + head->count + 1) * sizeof *rows.all), 0
    };
    bool *taken = pl_arena_alloc(arena, (size_t)head->count + 1);
    const struct cmp_operation **found =
        pl_arena_alloc(arena, (size_t)(base->count + 1) * sizeof *found);

    for (int i = 0; i < base->count; i++) {
        found[i] = find_exact(head, &base->operations[i]);
        if (found[i])
            taken[found[i] - head->operations] = true;
    }
    for (int i = 0; i < base->count; i++) {
        if (found[i] == NULL)
            found[i] = find_renamed(head, &base->operations[i], taken);
        if (found[i])
            taken[found[i] - head->operations] = true;
        rows.all[rows.count++] = (struct row){ &base->operations[i], found[i], NULL, false };
    }
    for (int i = 0; i < head->count; i++)
        if (!taken[i])
            rows.all[rows.count++] = (struct row){ NULL, &head->operations[i], NULL, false };
    if (rows.count)
        qsort(rows.all, (size_t)rows.count, sizeof *rows.all, by_operation);
    return rows;
}

static void
compare_rows(struct cmp *self, struct rows *rows)
{
    for (int i = 0; i < rows->count; i++) {
        struct row *row = &rows->all[i];
        bool reversed = (row->base ? row->base : row->head)->reversed;

        row->pair = cmp_pair(
            self, NULL,
            (struct cmp_pair){ .kind = CMP_PAIR_OPERATION,
                               .reply = reversed,
                               .base = row->base ? row->base->spot : (struct cmp_spot){ 0 },
                               .head = row->head ? row->head->spot : (struct cmp_spot){ 0 },
                               .base_item = row->base,
                               .head_item = row->head },
            (uint64_t)i + 1);
        cmp_walk(self, row->pair, i, &row->hit);
    }
}

static void
list_operations(struct pl_diff *diff, const struct rows *rows, struct pl_arena *arena)
{
    size_t size = (size_t)(rows->count + 1) * sizeof *diff->added;

    diff->added = pl_arena_alloc(arena, size);
    diff->removed = pl_arena_alloc(arena, size);
    diff->changed = pl_arena_alloc(arena, size);
    for (int i = 0; i < rows->count; i++) {
        const struct row *row = &rows->all[i];

        if (row->base == NULL)
            diff->added[diff->added_count++] = row->head->ref;
        else if (row->head == NULL)
            diff->removed[diff->removed_count++] = row->base->ref;
        else if (row->hit)
            diff->changed[diff->changed_count++] = row->head->ref;
    }
    diff->operations_affected = diff->added_count + diff->removed_count + diff->changed_count;
}

static const struct pl_operation_ref *
refs_of(const struct rows *rows, struct pl_arena *arena)
{
    struct pl_operation_ref *refs = pl_arena_alloc(arena, (size_t)(rows->count + 1) * sizeof *refs);

    for (int i = 0; i < rows->count; i++)
        refs[i] = *ref_of(&rows->all[i]);
    return refs;
}

struct pl_diff *
pl_compare(const struct pl_document *base, const struct pl_document *head,
           const struct pl_node *overrides, struct pl_arena *arena)
{
    struct pl_diff *diff = pl_arena_alloc(arena, sizeof *diff);
    struct cmp self = { .arena = arena, .base = base, .head = head };
    struct rows rows;

    diff->required_bump = "none";
    if (base == NULL)
        return diff;
    self.views = (struct cmp_views){ .arena = arena,
                                     .map = { .arena = arena },
                                     .merged = { .arena = arena } };
    self.pairs.arena = self.sames.arena = arena;
    self.base_model = cmp_model(base, arena);
    self.head_model = cmp_model(head, arena);
    rows = match_operations(self.base_model, self.head_model, arena);
    compare_rows(&self, &rows);
    list_operations(diff, &rows, arena);
    cmp_collect(&self, diff, refs_of(&rows, arena), overrides);
    return diff;
}
