/* collect -- what the pairs found becomes the findings of the diff: each once, with the count of
 * operations it hits, levels overridden, in an order that depends on nothing but the documents. */
#include "compare.h"
#include "pl_semver.h"

#include <stdlib.h>
#include <string.h>

struct row { // a finding and what it is sorted by
    struct pl_finding finding;
    int operation;
    const char *text; // without the count
};

struct collector {
    struct cmp *cmp;
    struct row *rows;
    size_t count, room;
    struct cmp_map seen;
    const struct pl_operation_ref *operations;
};

static const char *
or_empty(const char *text)
{
    return text ? text : "";
}

static struct row *
add_row(struct collector *self)
{
    if (self->count == self->room) {
        size_t room = self->room ? self->room * 2 : 64;
        struct row *rows = pl_arena_alloc(self->cmp->arena, room * sizeof *rows);

        if (self->count)
            memcpy(rows, self->rows, self->count * sizeof *rows);
        self->rows = rows;
        self->room = room;
    }
    return &self->rows[self->count++];
}

/* A schema that travels both ways may give the same note twice: keep one, with the larger count.
 * Rows move while they grow, so the map keeps positions (+1). */
static bool
is_repeated(struct collector *self, const struct cmp_found *found, const struct cmp_pair *pair)
{
    struct cmp_key key = { found->base.node, found->head.node, (uint64_t)found->rule };
    void **slot = cmp_map_slot(&self->seen, key);
    struct row *row;

    if (*slot == NULL) {
        *slot = (void *)(uintptr_t)(self->count + 1);
        return false;
    }
    row = &self->rows[(uintptr_t)*slot - 1];
    if (strcmp(row->text, found->text) != 0)
        return false;
    if (pair->first_operation < row->operation)
        row->operation = pair->first_operation;
    if (pair->operations > row->finding.operations)
        row->finding.operations = pair->operations;
    return true;
}

static void
collect_pair(struct collector *self, const struct cmp_pair *pair)
{
    for (const struct cmp_found *found = pair->found; found; found = found->next) {
        struct row *row;

        if (is_repeated(self, found, pair))
            continue;
        row = add_row(self);
        row->operation = pair->first_operation;
        row->text = found->text;
        row->finding = (struct pl_finding){ .rule = &pl_rules[found->rule],
                                            .level = pl_rules[found->rule].level,
                                            .kind = found->kind,
                                            .base = cmp_spot_place(found->base, self->cmp->arena),
                                            .head = cmp_spot_place(found->head, self->cmp->arena),
                                            .operations = pair->operations,
                                            .witness = found->witness };
    }
}

static int
by_place(const struct pl_place *a, const struct pl_place *b)
{
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return strcmp(or_empty(a->pointer), or_empty(b->pointer));
}

static int
by_order(const void *a, const void *b)
{
    const struct row *one = a, *two = b;
    const struct pl_finding *f = &one->finding, *g = &two->finding;
    int order;

    if (one->operation != two->operation)
        return one->operation < two->operation ? -1 : 1;
    if (f->level != g->level)
        return f->level > g->level ? -1 : 1;
    order = by_place(&f->head, &g->head);
    order = order ? order : by_place(&f->base, &g->base);
    order = order ? order : strcmp(f->rule->id, g->rule->id);
    return order ? order : strcmp(one->text, two->text);
}

static void
override_levels(struct collector *self, const struct pl_node *overrides)
{
    for (size_t i = 0; i < self->count; i++) {
        struct pl_finding *finding = &self->rows[i].finding;

        pl_level_parse(pl_node_text(pl_node_get(overrides, finding->rule->id), NULL),
                       &finding->level);
    }
}

static void
count_finding(struct pl_diff *diff, const struct pl_finding *finding)
{
    diff->breaking += finding->level == PL_LEVEL_ERROR;
    diff->warnings += finding->level == PL_LEVEL_WARN;
    diff->infos += finding->level == PL_LEVEL_INFO;
}

static void
hand_over(struct collector *self, struct pl_diff *diff)
{
    diff->findings = pl_arena_alloc(self->cmp->arena, (self->count + 1) * sizeof *diff->findings);
    for (size_t i = 0; i < self->count; i++) {
        struct row *row = &self->rows[i];
        struct pl_finding *finding = &diff->findings[diff->finding_count];

        diff->additive = diff->additive || row->finding.rule->adds;
        if (row->finding.level == PL_LEVEL_NONE)
            continue;
        *finding = row->finding;
        finding->operation = self->operations[row->operation];
        finding->text = finding->operations > 1
                            ? pl_arena_printf(self->cmp->arena, "%d operations: %s",
                                              finding->operations, row->text)
                            : row->text;
        count_finding(diff, finding);
        diff->finding_count++;
    }
}

/* Is anything but the version number different? */
static bool
documents_differ(const struct pl_node *base, const struct pl_node *head, bool in_info)
{
    if (base->count != head->count)
        return true;
    for (uint32_t i = 0; i < base->count; i++) {
        const struct pl_member *one = &base->members[i];
        const struct pl_node *other = pl_node_get(head, one->key);
        bool info = !in_info && strcmp(one->key, "info") == 0;

        if (other == NULL)
            return true;
        if (in_info && strcmp(one->key, "version") == 0)
            continue;
        if (info && one->value->kind == PL_OBJECT && other->kind == PL_OBJECT) {
            if (documents_differ(one->value, other, true))
                return true;
        } else if (!pl_node_equal(one->value, other)) {
            return true;
        }
    }
    return false;
}

void
cmp_collect(struct cmp *cmp, struct pl_diff *diff, const struct pl_operation_ref *operations,
            const struct pl_node *overrides)
{
    struct collector self = { .cmp = cmp,
                              .seen = { .arena = cmp->arena },
                              .operations = operations };

    for (const struct cmp_pair *pair = cmp->first; pair; pair = pair->next)
        if (pair->first_operation >= 0)
            collect_pair(&self, pair);
    override_levels(&self, overrides);
    if (self.count)
        qsort(self.rows, self.count, sizeof *self.rows, by_order);
    hand_over(&self, diff);
    diff->different = self.count > 0 || documents_differ(cmp->base->root, cmp->head->root, false);
    diff->required_bump = pl_semver_required(cmp->base->version, false, diff->breaking > 0,
                                             diff->additive, diff->different);
}
