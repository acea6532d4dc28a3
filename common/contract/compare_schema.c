/* compare_schema -- two schemas: type, null, and what the parts in the other files find. */
#include "compare.h"

#include <string.h>

static const struct cmp_rules NARROWED = { CMP_REQUEST_TYPE_NARROWED, CMP_REQUEST_TYPE_WIDENED,
                                           CMP_RESPONSE_TYPE_WIDENED, CMP_RESPONSE_TYPE_NARROWED };
static const struct cmp_rules NULLABLE = { CMP_REQUEST_BECAME_NOT_NULLABLE,
                                           CMP_REQUEST_BECAME_NULLABLE,
                                           CMP_RESPONSE_BECAME_NULLABLE,
                                           CMP_RESPONSE_BECAME_NOT_NULLABLE };
static const struct cmp_rules CONSTRAINT = { CMP_REQUEST_CONSTRAINT_ADDED,
                                             CMP_REQUEST_CONSTRAINT_REMOVED,
                                             CMP_RESPONSE_CONSTRAINT_REMOVED,
                                             CMP_RESPONSE_CONSTRAINT_ADDED };

static unsigned
without_null(unsigned types)
{
    return types & ~(unsigned)CMP_NULL;
}

/* Every number and truth value, written down, is a string too. */
static unsigned
travelling_types(const struct cmp_view *view, bool text)
{
    unsigned types = without_null(view->types);

    return text && (types & CMP_STRING) ? types | CMP_NUMBER | CMP_BOOLEAN : types;
}

/* False if nothing is left in common, so that going deeper would only repeat it. */
static bool
compare_types(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
              const struct cmp_view *h)
{
    unsigned base = travelling_types(b, pair->text), head = travelling_types(h, pair->text);
    const char *where = cmp_pair_words(self, pair);
    const char *from = cmp_types_text(without_null(b->types), self->arena);
    const char *to = cmp_types_text(without_null(h->types), self->arena);

    if (base == head)
        return true;
    if ((base & head) == 0) {
        if (base && head) {
            cmp_changed(self, pair,
                        pair->reply ? CMP_RESPONSE_TYPE_CHANGED : CMP_REQUEST_TYPE_CHANGED,
                        "the type of %s changed from %s to %s", where, from, to);
            cmp_detail(self, pair, "%u %u", base, head);
        }
        return false;
    }
    if (base & ~head) {
        cmp_changed(self, pair, cmp_rule_of(&NARROWED, pair->reply, true),
                    "the type of %s was narrowed from %s to %s", where, from, to);
        cmp_detail(self, pair, "%u %u", base, head);
    }
    if (head & ~base) {
        cmp_changed(self, pair, cmp_rule_of(&NARROWED, pair->reply, false),
                    "the type of %s was widened from %s to %s", where, from, to);
        cmp_detail(self, pair, "%u %u", base, head);
    }
    return true;
}

static void
compare_null(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
             const struct cmp_view *h)
{
    bool base = b->types & CMP_NULL, head = h->types & CMP_NULL;

    // "any type" says nothing of null in particular
    if (base == head || without_null(b->types) == without_null(CMP_ALL) ||
        without_null(h->types) == without_null(CMP_ALL))
        return;
    cmp_changed(self, pair, cmp_rule_of(&NULLABLE, pair->reply, base),
                base ? "%s may no longer be null" : "%s may be null", cmp_pair_words(self, pair));
}

static const struct cmp_extra *
find_extra(const struct cmp_view *view, const char *keyword, int *count)
{
    const struct cmp_extra *found = NULL;

    *count = 0;
    for (int i = 0; i < view->extra_count; i++) {
        if (strcmp(view->extras[i].keyword, keyword) == 0) {
            found = found ? found : &view->extras[i];
            ++*count;
        }
    }
    return found;
}

/* Keywords that are only compared as a whole: each is a condition more. */
static void
compare_extras(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
               const struct cmp_view *h)
{
    for (int i = 0; i < b->extra_count; i++) {
        const struct cmp_extra *one = &b->extras[i];
        int here, there;
        const struct cmp_extra *other = find_extra(h, one->keyword, &there);

        if (find_extra(b, one->keyword, &here) != one)
            continue;
        if (other == NULL) {
            cmp_found(self, pair, cmp_rule_of(&CONSTRAINT, pair->reply, false), "removed",
                      one->spot, pair->head, "`%s` was removed from %s", one->keyword,
                      cmp_spot_words(pair->base, self->arena));
            cmp_about(pair, one->keyword);
        } else if (here != 1 || there != 1 || !cmp_same(self, one->spot, other->spot)) {
            cmp_found(self, pair, CMP_CONSTRAINT_CHANGED, "changed", one->spot, other->spot,
                      "`%s` of %s changed", one->keyword, cmp_pair_words(self, pair));
            cmp_about(pair, one->keyword);
        }
    }
    for (int i = 0; i < h->extra_count; i++) {
        const struct cmp_extra *one = &h->extras[i];
        int here, there;

        if (find_extra(b, one->keyword, &there) == NULL &&
            find_extra(h, one->keyword, &here) == one) {
            cmp_found(self, pair, cmp_rule_of(&CONSTRAINT, pair->reply, true), "added", pair->base,
                      one->spot, "`%s` was added to %s", one->keyword, cmp_pair_words(self, pair));
            cmp_about(pair, one->keyword);
        }
    }
}

static void
compare_items(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
              const struct cmp_view *h)
{
    if (b->items.node && h->items.node)
        cmp_pair_schemas(self, pair, b->items, h->items, pair->reply);
    else if (h->items.node && cmp_view(&self->views, h->items)->types != CMP_ALL)
        cmp_found(self, pair, cmp_rule_of(&CONSTRAINT, pair->reply, true), "added", pair->base,
                  h->items, "the items of %s are restricted now", cmp_pair_words(self, pair));
    else if (b->items.node && cmp_view(&self->views, b->items)->types != CMP_ALL)
        cmp_found(self, pair, cmp_rule_of(&CONSTRAINT, pair->reply, false), "removed", b->items,
                  pair->head, "the items of %s are no longer restricted",
                  cmp_spot_words(pair->base, self->arena));
}

/* Not about values: said once, whichever direction comes first. */
static void
compare_notes(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
              const struct cmp_view *h)
{
    const char *where = cmp_pair_words(self, pair);
    const struct pl_node *from = b->default_value.node, *to = h->default_value.node;

    if (!b->deprecated && h->deprecated)
        cmp_changed(self, pair, CMP_DEPRECATED, "%s is deprecated", where);
    if (b->deprecated && !h->deprecated)
        cmp_changed(self, pair, CMP_REACTIVATED, "%s is no longer deprecated", where);
    cmp_announced(self, pair, where);
    if (!pair->reply && pair->text != CMP_TEXT_WHOLE && (from || to) &&
        !(from && to && pl_node_equal(from, to))) {
        cmp_changed(self, pair, CMP_DEFAULT_CHANGED, "the default of %s changed from %s to %s",
                    where, cmp_value_text(from, self->arena), cmp_value_text(to, self->arena));
        cmp_detail(self, pair, "%s %s", cmp_value_whole(from, self->arena),
                   cmp_value_whole(to, self->arena));
    }
    cmp_discriminator(self, pair, b->discriminator, h->discriminator);
}

static bool
compare_never(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
              const struct cmp_view *h)
{
    if (b->never != h->never)
        cmp_changed(self, pair, cmp_rule_of(&CONSTRAINT, pair->reply, h->never),
                    h->never ? "no value is allowed for %s any more" : "values are allowed for %s",
                    cmp_pair_words(self, pair));
    return b->never || h->never;
}

void
cmp_schema(struct cmp *self, struct cmp_pair *pair)
{
    const struct cmp_view *b = cmp_view(&self->views, pair->base);
    const struct cmp_view *h = cmp_view(&self->views, pair->head);

    if (compare_never(self, pair, b, h))
        return;
    compare_notes(self, pair, b, h);
    compare_null(self, pair, b, h);
    if (b->union_count || h->union_count) {
        cmp_schema_unions(self, pair, b, h);
        return;
    }
    if (!compare_types(self, pair, b, h))
        return;
    cmp_schema_parts(self, pair, b, h);
}

void
cmp_schema_parts(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                 const struct cmp_view *h)
{
    cmp_schema_values(self, pair, b, h);
    cmp_schema_limits(self, pair, b, h);
    if (b->types & h->types & CMP_OBJECT)
        cmp_schema_object(self, pair, b, h);
    if (b->types & h->types & CMP_ARRAY)
        compare_items(self, pair, b, h);
    compare_extras(self, pair, b, h);
}
