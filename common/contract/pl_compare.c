#include "compare.h"
#include "match.h"
#include "verdict.h"

static void
compare_rows(struct cmp *self, struct cmp_rows *rows, struct pl_diff *diff)
{
    for (int i = 0; i < rows->count; i++) {
        struct cmp_row *row = &rows->all[i];
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
        cmp_walk(self, row->pair);
    }
    cmp_verdicts(self, diff);
    for (int i = 0; i < rows->count; i++)
        cmp_count(self, rows->all[i].pair, i, &rows->all[i].hit);
}

static void
list_operations(struct pl_diff *diff, const struct cmp_rows *rows, struct pl_arena *arena)
{
    size_t size = (size_t)(rows->count + 1) * sizeof *diff->added;

    diff->added = pl_arena_alloc(arena, size);
    diff->removed = pl_arena_alloc(arena, size);
    diff->changed = pl_arena_alloc(arena, size);
    for (int i = 0; i < rows->count; i++) {
        const struct cmp_row *row = &rows->all[i];

        if (row->base == NULL)
            diff->added[diff->added_count++] = row->head->ref;
        else if (row->head == NULL)
            diff->removed[diff->removed_count++] = row->base->ref;
        else if (row->hit)
            diff->changed[diff->changed_count++] = row->head->ref;
    }
    diff->operations_affected = diff->added_count + diff->removed_count + diff->changed_count;
}

struct pl_diff *
pl_compare(const struct pl_document *base, const struct pl_document *head,
           const struct pl_node *overrides, struct pl_arena *arena)
{
    const struct pl_compare_options options = { .levels = overrides };

    return pl_compare_with(base, head, &options, arena);
}

struct pl_diff *
pl_compare_with(const struct pl_document *base, const struct pl_document *head,
                const struct pl_compare_options *options, struct pl_arena *arena)
{
    static const struct pl_compare_options USUAL = { 0 };
    struct pl_diff *diff = pl_arena_alloc(arena, sizeof *diff);
    struct cmp self = {
        .arena = arena, .base = base, .head = head, .options = options ? options : &USUAL
    };
    struct cmp_rows rows;

    diff->required_bump = "none";
    diff->note = head->note || base == NULL ? head->note : base->note;
    if (base == NULL)
        return diff;
    self.views = (struct cmp_views){ .arena = arena,
                                     .map = { .arena = arena },
                                     .merged = { .arena = arena } };
    self.pairs.arena = self.sames.arena = arena;
    self.base_model = cmp_model(base, self.options->strip_base, arena);
    self.head_model = cmp_model(head, self.options->strip_head, arena);
    rows = cmp_match(&self);
    compare_rows(&self, &rows, diff);
    list_operations(diff, &rows, arena);
    cmp_collect(&self, diff, &rows);
    return diff;
}
