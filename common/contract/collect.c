/* collect -- what the pairs found becomes the findings of the diff: each once, with the count of
 * operations it hits, levels overridden, in an order that depends on nothing but the documents. */
#include "match.h"
#include "pl_semver.h"
#include "witness_request.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct row { // a finding, where it comes from, and the operations it hits
    struct pl_finding finding;
    const struct cmp_found *found;
    const char *fingerprint;
    const int *hits;
    int hit_count;
};

struct collector {
    struct cmp *cmp;
    struct row *rows;
    size_t count, room;
    struct cmp_map seen;
    const struct cmp_rows *operations;
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

/* The operations of ${pair} go to those of ${row}; both are sorted. */
static void
join_hits(struct collector *self, struct row *row, const struct cmp_pair *pair)
{
    int *all =
        pl_arena_alloc(self->cmp->arena, (size_t)(row->hit_count + pair->operations) * sizeof *all);
    int i = 0, k = 0, n = 0;

    while (i < row->hit_count || k < pair->operations) {
        int one = i < row->hit_count ? row->hits[i] : INT_MAX;
        int two = k < pair->operations ? pair->hits[k] : INT_MAX;

        i += one <= two;
        k += two <= one;
        all[n++] = one < two ? one : two;
    }
    row->hits = all;
    row->hit_count = n;
}

static struct pl_finding
finding_of(const struct collector *self, const struct cmp_found *found)
{
    return (struct pl_finding){ .rule = &pl_rules[found->rule],
                                .level = found->level ? found->level : pl_rules[found->rule].level,
                                .kind = found->kind,
                                .base = cmp_spot_place(found->base, self->cmp->arena),
                                .head = cmp_spot_place(found->head, self->cmp->arena),
                                .witness = found->witness };
}

/* A schema that travels both ways, or is met in several places, may give the same note more than
 * once: keep the gravest, with the operations of all.  Rows move while they grow, so the map keeps
 * positions (+1). */
static bool
is_repeated(struct collector *self, const struct cmp_found *found, const struct cmp_pair *pair,
            const char *fingerprint)
{
    struct cmp_key key = { found->base.node, found->head.node, strtoull(fingerprint, NULL, 16) };
    void **slot = cmp_map_slot(&self->seen, key);
    struct pl_finding again;
    struct row *row;

    if (*slot == NULL) {
        *slot = (void *)(uintptr_t)(self->count + 1);
        return false;
    }
    row = &self->rows[(uintptr_t)*slot - 1];
    join_hits(self, row, pair);
    again = finding_of(self, found);
    if (again.level > row->finding.level) {
        row->finding = again;
        row->found = found;
    }
    return true;
}

static void
collect_pair(struct collector *self, const struct cmp_pair *pair)
{
    for (const struct cmp_found *found = pair->found; found; found = found->next) {
        const char *fingerprint = cmp_fingerprint(self->cmp, found);
        struct row *row;

        if (is_repeated(self, found, pair, fingerprint))
            continue;
        row = add_row(self);
        row->hits = pair->hits;
        row->hit_count = pair->operations;
        row->found = found;
        row->fingerprint = fingerprint;
        row->finding = finding_of(self, found);
    }
}

static int
by_place(const struct pl_place *a, const struct pl_place *b)
{
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return strcmp(or_empty(a->pointer), or_empty(b->pointer));
}

/* Is it about what the document says for all operations? */
static bool
is_general(const struct pl_finding *finding)
{
    static const char *const MEMBERS[] = { "/servers", "/basePath", "/schemes", "/security" };
    const char *const pointers[] = { finding->base.pointer, finding->head.pointer };

    for (int side = 0; side < 2; side++) {
        bool known = pointers[side] == NULL;

        for (size_t i = 0; !known && i < sizeof MEMBERS / sizeof *MEMBERS; i++) {
            size_t length = strlen(MEMBERS[i]);

            known = strncmp(pointers[side], MEMBERS[i], length) == 0 &&
                    (pointers[side][length] == '\0' || pointers[side][length] == '/');
        }
        if (!known)
            return false;
    }
    return pointers[0] || pointers[1];
}

/* What is said for all stands before the operations. */
static int
first_of(const struct row *row)
{
    return is_general(&row->finding) ? -1 : row->hits[0];
}

static int
by_order(const void *a, const void *b)
{
    const struct row *one = a, *two = b;
    const struct pl_finding *f = &one->finding, *g = &two->finding;
    int order;

    if (first_of(one) != first_of(two))
        return first_of(one) < first_of(two) ? -1 : 1;
    if (f->level != g->level)
        return f->level > g->level ? -1 : 1;
    order = by_place(&f->head, &g->head);
    order = order ? order : by_place(&f->base, &g->base);
    order = order ? order : strcmp(f->rule->id, g->rule->id);
    return order ? order : strcmp(one->found->text, two->found->text);
}

/* Drafts and alphas promise nothing: what happens to them alone is news, no more. */
static bool
hits_unstable_only(const struct collector *self, const struct row *row)
{
    for (int i = 0; i < row->hit_count; i++)
        if (!self->operations->all[row->hits[i]].unstable)
            return false;
    return true;
}

static void
override_levels(struct collector *self, const struct pl_node *overrides)
{
    for (size_t i = 0; i < self->count; i++) {
        struct pl_finding *finding = &self->rows[i].finding;

        if (finding->level > PL_LEVEL_INFO && hits_unstable_only(self, &self->rows[i]))
            finding->level = PL_LEVEL_INFO;
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

/* The sentence and the operations of one row. */
static void
complete(struct collector *self, const struct row *row, struct pl_finding *out)
{
    struct pl_operation_ref *hits =
        pl_arena_alloc(self->cmp->arena, (size_t)row->hit_count * sizeof *hits);

    *out = row->finding;
    for (int i = 0; i < row->hit_count; i++)
        hits[i] = *cmp_row_ref(&self->operations->all[row->hits[i]]);
    out->hits = hits;
    out->operations = row->hit_count;
    if (!is_general(out))
        out->operation = hits[0];
    if ((out->level == PL_LEVEL_ERROR || row->found->rule == CMP_SERVER_REMOVED) &&
        out->witness.kind == PL_WITNESS_NONE && !out->witness.reason)
        cmp_request_witness(self->cmp, row->found, self->operations->all[row->hits[0]].base,
                            &out->witness);
    out->fingerprint = row->fingerprint;
    out->text = row->hit_count > 1 ? pl_arena_printf(self->cmp->arena, "%d operations: %s",
                                                     row->hit_count, row->found->text)
                                   : row->found->text;
}

static void
hand_over(struct collector *self, struct pl_diff *diff)
{
    size_t size = (self->count + 1) * sizeof *diff->findings;

    diff->findings = pl_arena_alloc(self->cmp->arena, size);
    if (self->cmp->options->accepted_count)
        diff->accepted = pl_arena_alloc(self->cmp->arena, size);
    for (size_t i = 0; i < self->count; i++) {
        const struct row *row = &self->rows[i];
        struct pl_finding *finding = &diff->findings[diff->finding_count];

        diff->additive = diff->additive || row->finding.rule->adds;
        if (row->finding.level == PL_LEVEL_NONE)
            continue;
        complete(self, row, finding);
        if (cmp_accepted(self->cmp, row->found, finding)) {
            diff->accepted[diff->accepted_count++] = *finding;
            continue;
        }
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
cmp_collect(struct cmp *cmp, struct pl_diff *diff, const struct cmp_rows *rows)
{
    struct collector self = { .cmp = cmp, .seen = { .arena = cmp->arena }, .operations = rows };

    for (const struct cmp_pair *pair = cmp->first; pair; pair = pair->next)
        if (pair->operations > 0)
            collect_pair(&self, pair);
    override_levels(&self, cmp->options->levels);
    if (self.count)
        qsort(self.rows, self.count, sizeof *self.rows, by_order);
    hand_over(&self, diff);
    diff->different = self.count > 0 || documents_differ(cmp->base->root, cmp->head->root, false);
    diff->required_bump = pl_semver_required(cmp->base->version, false, diff->breaking > 0,
                                             diff->additive, diff->different);
}
